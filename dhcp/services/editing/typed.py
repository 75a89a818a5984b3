"""Texts of forms in, values of columns out, or BadInput with the field. People write decimal; dhcpd may read octal."""

from __future__ import annotations

import re

from dhcp.facts.check import Place
from dhcp.facts.server import INFINITE
from dhcp.rules.written import number
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words

_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_TIME = re.compile(r"([0-9]+)\s*([a-z]*)")
_MAC = re.compile(r"[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5,19}|[0-9a-f]{12}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}", re.IGNORECASE)


def lease_seconds_of(typed: str, field: str) -> int | None:
    """Seconds, or 10 m, 8 h, 7 d; "infinite" and -1 are INFINITE; "" says nothing.

    A leading zero (octal to dhcpd), 0x (hex) and what is beyond 32 bits are refused, since dhcpd reads them otherwise.
    """
    text = typed.strip().lower()
    if not text:
        return None
    if text in ("infinite", "-1"):
        return INFINITE
    for found in number(text, Place("statement", "", field)):
        said = gettext_noop("%(title)s. %(why)s %(what_to_do)s Nothing was saved.")
        finding = found.finding
        raise BadInput(words(said, title=finding.title, why=finding.why, what_to_do=finding.what_to_do), field=field)
    match = _TIME.fullmatch(text)
    seconds = int(match[1]) * _UNITS.get(match[2], 0) if match and len(match[1]) < 20 else 0
    if not match or match[2] not in _UNITS or seconds > INFINITE:
        said = gettext_noop("“%(text)s” is no lease time. Write seconds, or such as 8 h or 7 d, or infinite.")
        raise BadInput(words(said, text=typed[:60]), field=field)
    return seconds


def mac_of(typed: str) -> str:
    """In lower case with colons, from any usual spelling; what is none is refused."""
    text = typed.strip()
    if not text:
        return ""
    if not _MAC.fullmatch(text):
        said = gettext_noop("“%(text)s” is no MAC address. Write six pairs of hex digits with colons between them.")
        raise BadInput(words(said, text=text[:60]), field="mac")
    parts = re.split("[:-]", text) if re.search("[:-]", text) else re.findall("..", text.replace(".", ""))
    return ":".join(part.zfill(2) for part in parts).lower()
