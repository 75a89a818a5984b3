"""Words of any bytes in, tokens of printable ASCII out: what the host reads line by line and passes on unharmed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

NOTHING = "\\c"
LABEL_CHARACTERS = 300

_ODD = re.compile(rb"[^!-\[\]-~]")


def raw(word: str) -> bytes:
    """The bytes of a word as the host has them; bytes that are no UTF-8 come and go as surrogates."""
    return word.encode("utf-8", "surrogateescape")


def token(word: bytes) -> str:
    """The word without blanks, backslashes and bytes outside ASCII: those are `\\0ooo` for printf's `%b`."""
    if word in (b"", b"-"):
        return "\\0055" if word else NOTHING
    return _ODD.sub(lambda odd: b"\\0%03o" % odd.group()[0], word).decode("ascii")


def line_of(argv: Sequence[str]) -> bytes:
    """A command as a person would type it, for the log; long ones are cut."""
    line = shlex.join(argv)
    return raw(line if len(line) <= LABEL_CHARACTERS else f"{line[:LABEL_CHARACTERS]}…")
