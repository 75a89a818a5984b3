"""ISO-2022-JP as mail programs really write it: with the NEC and IBM characters of code page 932."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDO]|\([BJIH]|&@\x1b\$B)")


def decoded_iso_2022_jp(data: bytes) -> str:
    """`data` as text; what is in no table becomes U+FFFD. Bytes that are eight bits wide count as code page 932."""
    try:
        return data.decode("iso2022_jp")
    except UnicodeError:
        pass
    pieces, mode, at = [], b"(B", 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_piece(data[at : match.start()], mode))
        mode, at = match.group(1), match.end()
    pieces.append(_piece(data[at:], mode))
    return "".join(pieces)


def _piece(data: bytes, mode: bytes) -> str:
    if mode in {b"$@", b"$B", b"$(@", b"$(B", b"&@\x1b$B"}:
        return "".join(_two_byte_line(line) for line in re.split(rb"(\r?\n)", data))
    if mode == b"(I":  # half-width katakana
        return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in data).decode("cp932", "replace")
    if mode.startswith(b"$("):
        return (b"\x1b" + mode + data + b"\x1b(B").decode("iso2022_jp_3", "replace")
    return data.decode("cp932", "replace")


def _two_byte_line(line: bytes) -> str:
    """Pairs of JIS rows and cells through Shift_JIS to text. A line break ends a run that nobody ended."""
    if line in {b"\n", b"\r\n"}:
        return line.decode("ascii")
    out = bytearray()
    at = 0
    while at < len(line):
        pair = line[at : at + 2]
        if len(pair) == 2 and 0x21 <= pair[0] <= 0x7E and 0x21 <= pair[1] <= 0x7E:
            out += _shift_jis(pair[0], pair[1])
            at += 2
        else:
            out.append(line[at])
            at += 1
    return out.decode("cp932", "replace")


def _shift_jis(row: int, cell: int) -> bytes:
    """JIS X 0208 row and cell (0x21 to 0x7E each) as Shift_JIS."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    if row % 2:
        return bytes((lead, cell + 0x1F + (cell >= 0x60)))
    return bytes((lead, cell + 0x7E))
