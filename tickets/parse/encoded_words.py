"""Header values with encoded words (RFC 2047), legal and illegal, to text. Never raises."""

from __future__ import annotations

import binascii
import re

from tickets.parse.charsets import decoded, without_controls
from tickets.parse.headers import unfolded_value

# Looser than the RFC: words of any length, with spaces in them, inside quotes, or glued to other text.
ENCODED_WORD_START = re.compile(rb"=\?(?=[^?\s=]{0,40}(?: ?[^?\s=]{1,20})?\?[BbQq]\?)")
_WORD = re.compile(rb"([^?]{0,60})\?([BbQq])\?")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_MORE_THAN_ASCII = re.compile(rb"=\?|\x1b|\0")
_SPACES = re.compile(r"\s+")


def encoded_word_end(value: bytes, start: int) -> int:
    """Where the encoded word that starts at `start` ends, -1 where it has no end."""
    head = _WORD.match(value, start + 2)
    if head is None:
        return -1
    end = value.find(b"?=", head.end())
    # In Q the text may begin with "=": then the first "?=" found is "?" of the head, which head.end() has passed.
    return end + 2 if end >= 0 else -1


def charsets_named(value: bytes) -> tuple[str, ...]:
    """The charsets that the encoded words in `value` name."""
    words = (_WORD.match(value, match.end()) for match in ENCODED_WORD_START.finditer(value))
    return tuple(word.group(1).decode("latin-1") for word in words if word)


def decoded_value(value: bytes, hints: tuple[str, ...] = ()) -> str:
    """A raw header value as one line of text.

    Neighbouring words of one charset are joined before they are decoded, because senders cut characters in two.
    Raw eight-bit text is decoded by evidence, `hints` being charsets named elsewhere in the mail.
    """
    line = unfolded_value(value)
    if line.isascii() and _MORE_THAN_ASCII.search(line) is None:  # as most are
        return _in_one_line(line.decode("ascii"))
    known = (*charsets_named(line), *hints)
    text = "".join(_decoded_runs(_pieces(line), known))
    return _in_one_line(text.replace("\ufeff", ""))


def _in_one_line(text: str) -> str:
    return _SPACES.sub(" ", without_controls(text)).strip()


Piece = tuple[bytes, str, bytes] | bytes
"""(charset, "B" or "Q", payload) of an encoded word, or raw text."""


def _pieces(line: bytes) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for match in ENCODED_WORD_START.finditer(line):
        if match.start() < at:
            continue
        end = encoded_word_end(line, match.start())
        if end < 0:
            break
        head = _WORD.match(line, match.end())
        if head is None:
            continue
        between = line[at : match.start()]
        if between.strip() or not pieces:
            pieces.append(between)
        pieces.append((head.group(1), head.group(2).decode("ascii").upper(), line[head.end() : end - 2]))
        at = end
    pieces.append(line[at:])
    return pieces


def _decoded_runs(pieces: list[Piece], hints: tuple[str, ...]) -> list[str]:
    out: list[str] = []
    run, run_charset = b"", b""
    for piece in pieces:
        if isinstance(piece, tuple) and (not run or piece[0].lower() == run_charset):
            run, run_charset = run + _payload(piece), piece[0].lower()
            continue
        if run:
            out.append(_word_text(run, run_charset, hints))
            run = b""
        if isinstance(piece, tuple):
            run, run_charset = _payload(piece), piece[0].lower()
        else:
            out.append(decoded(piece, "", hints))
    if run:
        out.append(_word_text(run, run_charset, hints))
    return out


def _word_text(run: bytes, charset: bytes, hints: tuple[str, ...]) -> str:
    return decoded(run, charset.decode("latin-1"), hints)


def _payload(piece: tuple[bytes, str, bytes]) -> bytes:
    _, kind, payload = piece
    if kind == "Q":
        return binascii.a2b_qp(payload.replace(b"\r", b"").replace(b"\n", b""), header=True)
    letters = _NOT_BASE64.sub(b"", payload)
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
