"""The content of a part and its Content-Transfer-Encoding to the bytes that were meant. Never raises."""

from __future__ import annotations

import binascii
import re

from tickets.parse.uuencode import uudecoded

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")  # RFC 4648, 5
_PADDED_END = re.compile(rb"=[=\s]*")
_LINES_OF_BASE64 = re.compile(rb"(?:[ \t]*[A-Za-z0-9+/]{2,}={0,2}[ \t]*(?:\r?\n|\Z))+")
_PADDING = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\Z)")
_LAST_LINE = re.compile(rb"=[ \t]*(?:\r?\n|\Z)")
_BETWEEN_WORDS = re.compile(rb"[^ \t\r\n][ \t]+(?=[^ \t\r\n])")
_MAX_PIECES = 1000


def transferred(content: bytes, encoding: bytes) -> bytes:
    """`content` decoded. An encoding that nobody knows ("UTF-8", "7bit") leaves it as it is."""
    name = re.sub(rb"[\s\"'_-]|x-(?=[bqu])", b"", encoding.lower())
    if name.startswith(b"base64"):
        return content if _never_encoded(content) else base64_decoded(content)
    if name.startswith(b"quotedprintable"):
        return binascii.a2b_qp(_PADDING.sub(b"", content))  # RFC 2045, 6.7, rule 3
    if name.startswith((b"uuencode", b"uue")):
        return uudecoded(content)
    return content


def _never_encoded(content: bytes) -> bool:
    """Whether somebody wrote "base64" above plain text: many signs of its beginning are none of base64's."""
    end = _LAST_LINE.search(content)
    sample = content[: min(end.start(), 4096) if end else 4096].strip()
    foreign = len(sample.translate(None, _BASE64 + b" \t\r\n-_"))
    between = len(_BETWEEN_WORDS.findall(sample))
    return foreign > 0 and (foreign + between) * 10 > len(sample)


def base64_decoded(content: bytes) -> bytes:
    """Base64 with anything in it: foreign bytes are passed over, a missing end is made up, joined pieces are decoded
    one by one, and plain lines that a mailing list put below the padding are kept as they are.
    """
    end = _PADDED_END.search(content)
    rest = content[end.end() :] if end else b""
    if rest.strip() and _LINES_OF_BASE64.fullmatch(rest) is None:
        return _decoded(content[: end.end() if end else None]) + b"\n" + rest
    return _decoded(content)


def _decoded(content: bytes) -> bytes:
    if b"+" not in content and b"/" not in content:
        content = content.translate(_FROM_URL_SAFE)
    letters = content.translate(None, _NOT_BASE64)
    pieces = [piece for piece in letters.rstrip(b"=").split(b"=", _MAX_PIECES) if piece]
    return b"".join(_piece(piece) for piece in pieces)


def _piece(letters: bytes) -> bytes:
    letters = letters.replace(b"=", b"")
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
