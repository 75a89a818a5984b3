"""The bytes of a file in, the same without the secrets that stand in it out: for diffs and pages, never for hosts."""

from __future__ import annotations

import re

HIDDEN = b'"(hidden)"'
_SECRET = re.compile(
    rb"""(\bsecret\s+)(?:"[^"\n]*"|[^\s";{}]+)(?=\s*;)   # of a TSIG key: dhcpd, BIND
    |("(?:secret|password)"\s*:\s*)"(?:[^"\\\n]|\\.)*"    # of a key or a database in JSON: Kea""",
    re.VERBOSE | re.IGNORECASE,
)


def concealed(data: bytes) -> bytes:
    """Lines stay lines. What is kept secret by its whole file never comes here."""
    return _SECRET.sub(lambda found: (found[1] or found[2]) + HIDDEN, data)
