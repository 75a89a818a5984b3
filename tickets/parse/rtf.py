"""The compressed RTF that Outlook sends as a body (MS-OXRTFCP) to RTF, and RTF to its text, or to the HTML that it was
made of (MS-OXRTFEX). Never raises; damage ends the reading.
"""

from __future__ import annotations

import html
import re
import struct
from dataclasses import dataclass, field, replace

from tickets.parse.charsets import codec_of, decoded

LONGEST = 20_000_000
"""Bytes of RTF that are unpacked; a body that is longer is cut there."""

_SEED = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    rb"SymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4096
_PACKED, _PLAIN = b"LZFu", b"MELA"
_TOKEN = re.compile(
    rb"\\(?:([A-Za-z]{1,32})(-?\d{1,9})? ?|'([0-9A-Fa-f]{2})|([^A-Za-z]))|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_NOT_SHOWN = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"listtable", b"xe")
)
_SIGNS = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—",
}  # fmt: skip
_ESCAPED = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}


def uncompressed(data: bytes) -> bytes:
    """RTF, b"" where `data` is neither packed nor plain in the way of MS-OXRTFCP."""
    if len(data) < 16:
        return b""
    _, size, kind = struct.unpack_from("<II4s", data)
    if kind == _PLAIN:
        return data[16 : 16 + size]
    return _unpacked(data, min(size, LONGEST)) if kind == _PACKED else b""


def _unpacked(data: bytes, size: int) -> bytes:
    """Eight pieces follow each byte of flags: a byte as it is, or a place and a length in what came before."""
    out = bytearray(_SEED)
    at = 16
    while at < len(data) and len(out) < len(_SEED) + size:
        flags, at = data[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            if at + 2 > len(data):
                return bytes(out[len(_SEED) :])
            word, at = struct.unpack_from(">H", data, at)[0], at + 2
            place, length = word >> 4, (word & 15) + 2
            back = (len(out) - place) % _WINDOW
            if back == 0 or back > len(out):
                return bytes(out[len(_SEED) :])
            for _ in range(length):
                out.append(out[-back])
    return bytes(out[len(_SEED) : len(_SEED) + size])


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the brace closes."""

    hidden: bool = False
    in_tag: bool = False
    unicode_skip: int = 1


@dataclass(slots=True)
class _Reader:
    codec: str = "cp1252"
    from_html: bool = False
    only_rtf: bool = False
    out: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    group: _Group = field(default_factory=_Group)
    stack: list[_Group] = field(default_factory=list)
    skip: int = 0
    starred: bool = False

    def word(self, name: bytes, number: int | None) -> None:
        """A control word. `number` is the one written behind it."""
        starred, self.starred = self.starred, False
        if name == b"ansicpg" and number:
            self.codec = codec_of(f"cp{number}") or self.codec
        elif name == b"fromhtml":
            self.from_html = number != 0
        elif name == b"htmlrtf":
            self.only_rtf = number != 0
        elif name == b"uc":
            self.group = replace(self.group, unicode_skip=min(max(number or 0, 0), 10))
        elif name == b"u" and number is not None:
            self.say(chr(number % 65536))
            self.skip = self.group.unicode_skip
        elif starred and name in {b"htmltag", b"mhtmltag"}:
            self.group = replace(self.group, hidden=self.group.hidden or name == b"mhtmltag", in_tag=True)
        elif starred or name in _NOT_SHOWN:
            self.group = replace(self.group, hidden=True)
        elif name in _SIGNS:
            self.say(_SIGNS[name])

    def brace(self, sign: bytes) -> None:
        """A group begins or ends."""
        self.flush()
        self.skip = 0
        if sign == b"{":
            self.stack.append(self.group)
        elif self.stack:
            self.group = self.stack.pop()

    def bytes_of(self, data: bytes) -> None:
        """Text in the code page of the document; the stand-ins for a Unicode letter are passed over."""
        passed = min(self.skip, len(data))
        self.skip -= passed
        self.raw += data[passed:]

    def flush(self) -> None:
        """Bytes that belong together become text together, since letters may have two."""
        if self.raw:
            text, self.raw = decoded(bytes(self.raw), self.codec), bytearray()
            self.say(text)

    def say(self, text: str) -> None:
        """Text that is seen, or a tag."""
        if self.raw:
            self.flush()
        if self.group.hidden or (self.from_html and self.only_rtf):
            return
        self.out.append(html.escape(text, quote=False) if self.from_html and not self.group.in_tag else text)


def rtf_body(data: bytes) -> tuple[str, str]:
    """(text, HTML) of RTF; one of them is ""."""
    reader = _Reader()
    for token in _TOKEN.finditer(data[:LONGEST]):
        word, number, pair, escaped, brace, plain = token.groups()
        if plain is not None or pair is not None:
            reader.bytes_of(bytes.fromhex(pair.decode()) if pair is not None else plain)
            continue
        reader.flush()
        if word is not None:
            reader.word(word, int(number) if number is not None else None)
        elif brace is not None:
            reader.brace(brace)
        elif escaped == b"*":
            reader.starred = True
        elif escaped is not None:
            reader.say(_ESCAPED.get(escaped, ""))
    reader.flush()
    text = "".join(reader.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return ("", text.strip()) if reader.from_html else (text.strip(), "")
