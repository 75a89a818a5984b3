"""Address headers as people's programs write them to Address facts. Never raises; no person is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tickets.facts.mail import Address
from tickets.parse.charsets import without_controls
from tickets.parse.encoded_words import ENCODED_WORD_START, charsets_named, decoded_value, encoded_word_end
from tickets.parse.headers import unfolded_value

MAX_ADDRESSES = 1000
_PLAIN = re.compile(rb"[^\"(<>,;:=\\]+|=|\\.?|[>:]")
_QUOTED = re.compile(rb"\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_AT_WORD = re.compile(r"(?:\"[^\"]{1,64}\"|[^\s<>()\[\]\",;:]+)@[^\s<>()\",;:]+")
_BARE = re.compile(rb"[^\s@<>\"\x80-\xff]+@[^\s@<>\"\x80-\xff]+")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\s@<>\"]{1,64}")


@dataclass(slots=True)
class _Box:
    """The pieces of one mailbox while it is read."""

    phrase: list[bytes] = field(default_factory=list)
    comments: list[bytes] = field(default_factory=list)
    angle: bytes | None = None

    def empty(self) -> bool:
        return self.angle is None and not self.comments and not b"".join(self.phrase).strip()


def addresses(value: bytes, hints: tuple[str, ...] = (), *, trust_comments: bool = False) -> tuple[Address, ...]:
    """The mailboxes of a raw header value, in order, at most MAX_ADDRESSES; the members of groups are among them.

    The name comes from the phrase, or else from a comment; the address from the angle brackets, or else from the
    first word with an @. A single word without an @ ("MAILER-DAEMON") is an address too. `trust_comments`: an address
    that stands only in a comment counts; good enough to know a sender, not to add a recipient.
    """
    line = unfolded_value(value)
    known = (*charsets_named(line), *hints)
    found = [one for box in _boxes(line) for one in _each(box, known, trust_comments=trust_comments)]
    if b"=?" in line and b"@" not in line:
        # Some programs encode the whole header, brackets and all.
        whole = decoded_value(line, hints).encode("utf-8", "replace")
        again = [_address(box, ("utf-8",), trust_comments=trust_comments) for box in _boxes(whole.replace(b"=?", b""))]
        found = again if any("@" in one.email for one in again) else found
    return tuple(one for one in found if one.email or one.name)[:MAX_ADDRESSES]


def _boxes(line: bytes) -> list[_Box]:
    boxes: list[_Box] = []
    box, at, closed_quotes = _Box(), 0, True
    while at < len(line) and len(boxes) <= MAX_ADDRESSES:
        sign = line[at : at + 1]
        if sign in {b",", b";"}:
            boxes.append(box)
            box, at = _Box(), at + 1
        elif sign == b'"' and closed_quotes:
            at, closed_quotes = _quotation(line, at, box)
        elif sign == b"(":
            comment, at = _comment(line, at)
            box.comments.append(comment)
        elif sign == b"<":
            at = _angle(line, at, box)
        else:
            at = _word(line, at, box)
    boxes.append(box)
    return [one for one in boxes if not one.empty()]


def _quotation(line: bytes, at: int, box: _Box) -> tuple[int, bool]:
    """Where the text in quotes that starts at `at` ends, and whether it has an end."""
    quoted = _QUOTED.match(line, at)
    if quoted is None:
        return at + 1, False
    # "joe bloggs"@example.org: these quotes belong to the address.
    local = line[quoted.end() : quoted.end() + 1] == b"@"
    box.phrase.append(quoted.group() if local else _unescaped(quoted.group(1)))
    return quoted.end(), True


def _word(line: bytes, at: int, box: _Box) -> int:
    """One stretch of plain text or one encoded word, in which commas and brackets mean nothing."""
    if ENCODED_WORD_START.match(line, at):
        end = encoded_word_end(line, at)
        if end > 0:
            box.phrase.append(line[at:end])
            return end
    match = _PLAIN.match(line, at)
    if match is None:
        box.phrase.append(line[at : at + 1])
        return at + 1
    if match.group() == b":" and box.angle is None and b"@" not in b"".join(box.phrase):
        box.phrase.clear()  # the name of a group
    elif match.group() != b">":
        box.phrase.append(match.group())
    return match.end()


def _angle(line: bytes, at: int, box: _Box) -> int:
    end = line.find(b">", at)
    inner = line[at + 1 :] if end < 0 else line[at + 1 : end]
    if b"<" in inner and b"@" in inner.rpartition(b"<")[2]:
        inner = inner.rpartition(b"<")[2]  # "<<a@b>>", "<name <a@b>"
    if box.angle is None or (b"@" in inner and b"@" not in box.angle):
        box.angle = inner
    return len(line) if end < 0 else end + 1


def _comment(line: bytes, at: int) -> tuple[bytes, int]:
    """The text of the comment that starts at `at`, comments inside it included, and where it ends."""
    depth, start = 0, at
    for match in re.compile(rb"[()]|\\.").finditer(line, at):
        if match.group() == b"(":
            depth += 1
        elif match.group() == b")":
            depth -= 1
        if depth == 0:
            return _unescaped(line[start + 1 : match.start()]), match.end()
    return line[start + 1 :], len(line)


def _unescaped(text: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", text)


def _each(box: _Box, hints: tuple[str, ...], *, trust_comments: bool) -> list[Address]:
    """The one address of a box; several where somebody wrote spaces between addresses and no commas."""
    bare = b"".join(box.phrase).split() if box.angle is None else []
    if len(bare) > 1 and all(_BARE.fullmatch(word) for word in bare):
        return [Address(_spoken(word.decode("ascii"))) for word in bare]
    return [_address(box, hints, trust_comments=trust_comments)]


def _address(box: _Box, hints: tuple[str, ...], *, trust_comments: bool) -> Address:
    phrase = _clean(decoded_value(b"".join(box.phrase), hints))
    comment = _clean(" ".join(decoded_value(piece, hints) for piece in box.comments))
    if box.angle is not None and box.angle.strip():
        email = decoded_value(box.angle, hints).removeprefix("mailto:")
        return Address(_spoken(email), phrase or comment)
    inside = _AT_WORD.search(phrase)
    if inside:
        rest = _clean(phrase[: inside.start()] + " " + phrase[inside.end() :])
        return Address(_spoken(inside.group()), rest or comment)
    inside = _AT_WORD.search(comment)
    if inside and trust_comments:
        return Address(_spoken(inside.group()), phrase)
    if box.angle is not None:
        return Address("", phrase or comment)
    if comment and _WORD.fullmatch(phrase):
        return Address(phrase, comment)
    return Address(phrase, "") if phrase.isascii() and _WORD.fullmatch(phrase) else Address("", phrase or comment)


def _spoken(email: str) -> str:
    """The address without route, quotes around it or a full stop after it."""
    email = email.strip()
    while len(email) > 1 and email[0] in "'\"" and (email[-1] == email[0] or email.count(email[0]) == 1):
        email = email.strip(email[0]).strip()
    email = email.rstrip("'\" ").rstrip(".")
    return email.rpartition(":")[2] if email.startswith("@") and ":" in email else email


def _clean(name: str) -> str:
    """A display name on one line, without the quotes that programs put around quotes."""
    name = _SPACES.sub(" ", without_controls(name)).strip()
    for quote in ("'", '"'):
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1].strip()
    return name[:300]
