"""What stands between quotes in the files of ISC DHCP in, the bytes it stands for out (common/conflex.c, 4.4)."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_OCTAL_ONLY = re.compile(rb"[^\\]*+(?:\\[0-3][0-7]{2}[^\\]*+)*+")
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b"}
_HEX = re.compile(r"[0-9a-f]{1,2}")


def unescaped(written: bytes) -> bytes:
    """What a quoted text stands for: \\ooo octal, \\xhh, \\n \\r \\t \\b, any other character itself."""
    if b"\\" not in written:
        return written
    if _OCTAL_ONLY.fullmatch(written):  # as dhcpd writes them; Python's own reader is four times as fast
        return written.decode("unicode_escape").encode("latin-1")
    return _ESCAPE.sub(_one_escape, written)


def _one_escape(found: re.Match[bytes]) -> bytes:
    octal, hexadecimal, letter = found.groups()
    if letter:
        return _LETTERS.get(letter, letter)
    return bytes([int(octal, 8) & 255 if octal else int(hexadecimal, 16)])


def hex_of(written: str) -> str | None:
    """ "01:00:16:..." of a text in quotes (its letters are bytes), or of hex numbers with colons; None for others."""
    if written.startswith('"'):
        return unescaped(written[1:-1].encode("latin-1", "replace")).hex(":")
    parts = written.lower().split(":")
    return ":".join(part.zfill(2) for part in parts) if all(map(_HEX.fullmatch, parts)) else None
