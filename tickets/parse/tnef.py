"""TNEF (winmail.dat of Outlook, MS-OXTNEF) to the files and the text in it. Never raises; damage ends the reading."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.parse.charsets import decoded
from tickets.parse.rtf import rtf_body, uncompressed

SIGNATURE = 0x223E9F78
_ATTACHMENT_LEVEL = 2
_ATT_TITLE, _ATT_DATA, _ATT_PROPS, _ATT_RENDER = 0x18010, 0x6800F, 0x69005, 0x69002
_MSG_PROPS, _MSG_CODEPAGE, _MSG_BODY = 0x69003, 0x69007, 0x2800C
_PR_BODY, _PR_BODY_HTML, _PR_RTF = 0x1000, 0x1013, 0x1009
_PR_LONG_NAME, _PR_NAME, _PR_MIME, _PR_DATA, _PR_CID = 0x3707, 0x3704, 0x370E, 0x3701, 0x3712
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x1E, 0x1F, 0xD, 0x102})
_MAX_FILES = 1000


@dataclass(slots=True)
class TnefFile:
    """A file in a TNEF stream; `name`, `type` and `content_id` are "" where it does not say."""

    name: str = ""
    type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What was found before the end or the damage."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def tnef(data: bytes) -> Tnef | None:
    """The content of a TNEF stream; None for anything else."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE:
        return None
    found = Tnef()
    charset = ""
    for level, attribute, value in _attributes(data):
        if attribute == _MSG_CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif level == _ATTACHMENT_LEVEL:
            _read_attachment(found, attribute, value, charset)
        elif attribute == _MSG_BODY:
            found.text = _text(value, charset)
        elif attribute == _MSG_PROPS:
            _read_message(found, value, charset)
    found.files = [one for one in found.files if one.data]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(level, attribute, value) until the end or until a length that cannot be."""
    at = 6
    while at + 9 <= len(data):
        level, attribute, length = struct.unpack_from("<BII", data, at)
        if level not in {1, 2} or at + 9 + length > len(data):
            return
        yield level, attribute, data[at + 9 : at + 9 + length]
        at += 9 + length + 2  # a checksum follows


def _read_attachment(found: Tnef, attribute: int, value: bytes, charset: str) -> None:
    if attribute == _ATT_RENDER and len(found.files) < _MAX_FILES:
        found.files.append(TnefFile())
    if not found.files:
        return
    file = found.files[-1]
    if attribute == _ATT_TITLE:
        file.name = file.name or _text(value, charset)
    elif attribute == _ATT_DATA:
        file.data = value
    elif attribute == _ATT_PROPS:
        known = dict(_properties(value, charset))
        file.name = _said(known.get(_PR_LONG_NAME)) or file.name or _said(known.get(_PR_NAME))
        file.type = _said(known.get(_PR_MIME))
        file.content_id = _said(known.get(_PR_CID))
        embedded = known.get(_PR_DATA)
        if not file.data and isinstance(embedded, bytes):
            file.data = embedded[16:]  # an identifier of the interface stands before an embedded object


def _read_message(found: Tnef, value: bytes, charset: str) -> None:
    known = dict(_properties(value, charset))
    body, markup = known.get(_PR_BODY), known.get(_PR_BODY_HTML)
    found.text = found.text or _said(body)
    found.html = decoded(markup, charset) if isinstance(markup, bytes) else _said(markup)
    packed = known.get(_PR_RTF)
    if not found.text and not found.html and isinstance(packed, bytes):
        found.text, found.html = rtf_body(uncompressed(packed))


def _said(value: str | bytes | None) -> str:
    return value if isinstance(value, str) else ""


def _text(value: bytes, charset: str) -> str:
    return decoded(value.rstrip(b"\0"), charset).strip()


def _properties(data: bytes, charset: str) -> Iterator[tuple[int, str | bytes]]:
    """(id, value) of the MAPI properties that hold text or bytes; stops at the first that cannot be read."""
    try:
        count, at = struct.unpack_from("<I", data)[0], 4
        for _ in range(min(count, 5000)):
            kind, identity = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4, identity)
            number = 1
            if kind & 0x1000 or kind in _VARIABLE:
                number, at = struct.unpack_from("<I", data, at)[0], at + 4
            kind &= 0xEFFF
            for _ in range(min(number, 5000)):
                value, at = _value(data, at, kind)
                if kind in {0x1E, 0x1F}:
                    yield (
                        identity,
                        _text(value, charset) if kind == 0x1E else value.decode("utf-16-le", "replace").strip("\0"),
                    )
                elif kind in _VARIABLE:
                    yield identity, value
    except (struct.error, KeyError):
        return


def _after_name(data: bytes, at: int, identity: int) -> int:
    """Named properties carry a GUID and a number or a name before their value."""
    if identity < 0x8000:
        return at
    by_name = struct.unpack_from("<I", data, at + 16)[0]
    at += 20
    if not by_name:
        return at + 4
    length: int = struct.unpack_from("<I", data, at)[0]
    return at + 4 + _padded(length)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    if kind in _VARIABLE:
        length: int = struct.unpack_from("<I", data, at)[0]
        at += 4
        if at + length > len(data):
            raise struct.error("the value is cut off")
        return data[at : at + length], at + _padded(length)
    size = _FIXED[kind]
    return data[at : at + size], at + size


def _padded(length: int) -> int:
    return (length + 3) // 4 * 4
