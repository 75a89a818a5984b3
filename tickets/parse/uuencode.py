"""Text with uuencoded files in it to where they stand and what they hold."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

_BEGIN = re.compile(r"^begin(-base64)? [0-7]{3,4} (\S[^\r\n]{0,200})\r?\n", re.MULTILINE)
_EDGE = re.compile(r"^(?:begin(?:-base64)? [0-7]{3,4} \S|end[ \t]*\r?$)", re.MULTILINE)
_END = re.compile(r"^end[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UuFile:
    """A file that stands at [start, end) of the text."""

    start: int
    end: int
    name: str
    data: bytes


def uu_files(text: str) -> list[UuFile]:
    """The whole uuencoded files in `text`; a block without `end` or with a line that is not uuencoded is plain text.

    Each `end` belongs to the nearest `begin` before it, so that every line is looked at once.
    """
    found: list[UuFile] = []
    begin: re.Match[str] | None = None
    for edge in _EDGE.finditer(text):
        if edge.group().startswith("begin"):
            begin = _BEGIN.match(text, edge.start())
        elif begin is not None:
            data = _data(text[begin.end() : edge.start()], mime=begin.group(1) is not None)
            if data is not None:
                found.append(UuFile(begin.start(), edge.end(), begin.group(2).strip(), data))
            begin = None
    return found


def uudecoded(content: bytes) -> bytes:
    """The first file in a part that is uuencoded as a whole; the content as it is where there is none."""
    text = content.decode("latin-1")
    begin = _BEGIN.search(text)
    end = _END.search(text, begin.end()) if begin else None
    block = text[begin.end() if begin else 0 : end.start() if end else None]
    data = _data(block, mime=False)
    return content if data is None else data


def _data(block: str, *, mime: bool) -> bytes | None:
    try:
        lines = block.encode("ascii").splitlines()
        if mime:
            return binascii.a2b_base64(b"".join(lines))
        return b"".join(_line(line) for line in lines)
    except (UnicodeError, binascii.Error, ValueError):
        return None


def _line(line: bytes) -> bytes:
    """One line: the first sign tells how many bytes; mail systems cut spaces and some encoders add a check sign."""
    line = line.rstrip()
    if not line or line == b"`":
        return b""
    count = (line[0] - 32) & 63
    if not 32 < line[0] <= 96 or len(line) - 1 > (count + 2) // 3 * 4 + 2:
        raise ValueError("not a line of uuencode")
    return binascii.a2b_uu(line[: 1 + (count + 2) // 3 * 4].ljust(1 + (count + 2) // 3 * 4))
