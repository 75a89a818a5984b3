"""A header block to fields: bytes with stray lines, folding and damage in, (name, raw value) pairs out."""

from __future__ import annotations

import re
from dataclasses import dataclass

FIELD_LIMIT = 64 * 1024
"""Bytes of one value that are read; headers that are longer are spam or an attack."""
MAX_FIELDS = 2000

# RFC 5322 allows any printable character in a name; a space before the colon is an old habit (obs-optional).
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_MBOX_LINE = re.compile(rb"\A>?From (?![ \t]*:)[^\r\n]*(?:\r?\n|\r|\Z)")
_LEADING_BLANK = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*")
# A line of spaces ends a header too, but not where a folded line or a well-known field comes after it: then it is a
# folded line with nothing in it (obs-FWS of RFC 5322, 4.2).
_BLANK = re.compile(
    rb"^(?:[ \t]+\r?\n(?![ \t]+[^ \t\r\n]|(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|reply-to"
    rb"|x-[a-z-]+|received|sender|references|in-reply-to|list-[a-z-]+|return-path):)|\r?(?:\n|\Z)|[ \t]+\Z)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(slots=True)
class Fields:
    """Header fields in their order: names in lower case, values as raw bytes with the folding still in them."""

    items: list[tuple[str, bytes]]

    def first(self, name: str) -> bytes:
        """The first value of `name` (lower case), b"" where there is none."""
        return next((value for key, value in self.items if key == name), b"")

    def all(self, name: str) -> list[bytes]:
        """All values of `name` (lower case)."""
        return [value for key, value in self.items if key == name]


def header_bounds(raw: bytes) -> tuple[int, int, int]:
    """(start, end, start of the body) of a mail's header; an mbox line and blank lines before it are passed over.

    Where the blank line is missing, the header ends before the first line after which no field comes any more.
    """
    start = 0
    for pattern in (_LEADING_BLANK, _MBOX_LINE):
        match = pattern.match(raw[start : start + FIELD_LIMIT])
        start += match.end() if match else 0
    blank = _BLANK.search(raw, start)
    end, body = (blank.start(), blank.end()) if blank else (len(raw), len(raw))
    stop = _last_field_end(raw[start : min(end, start + 16 * FIELD_LIMIT)])
    if stop is not None and end - start <= 16 * FIELD_LIMIT:
        return start, start + stop, start + stop
    return start, end, body


def part_bounds(raw: bytes, start: int, window: int) -> tuple[int, int]:
    """(end of the header, start of the content) of a part that begins at `start` and ends at `window` at the latest.

    Without the blank line, or without any field before it, what is no field belongs to the content.
    """
    blank = _BLANK.search(raw, start, window)
    if blank is not None and blank.start() == window > start:  # the end itself, and no line
        blank = None
    end, content = (blank.start(), blank.end()) if blank else (window, window)
    block = raw[start:end]
    if block.strip() and not any(_is_field(line) for line in block.splitlines()):
        return start, start
    stop = None if blank else _last_field_end(block)
    return (end, content) if stop is None else (start + stop, start + stop)


def _last_field_end(block: bytes) -> int | None:
    """Where text begins that stands in the header block below all fields; None where there is no such text."""
    at, stop, odd = 0, 0, False
    for line in block.splitlines(keepends=True):
        at += len(line)
        if _is_field(line):
            stop, odd = at, False
        elif line[:1] in {b" ", b"\t"} and not odd:
            stop = at
        else:
            odd = True
    return stop if odd and stop else None


def _is_field(line: bytes) -> bool:
    match = _FIELD.match(line)
    return match is not None and not (match.group(1).lower() in {b"http", b"https"} and match.group(2)[:2] == b"//")


def fields_of(block: bytes, *, only: bytes = b"") -> Fields:
    """The fields in `block`; lines that are neither a field nor a continuation are passed over.

    `only`: the beginning of the names that are wanted (lower case).
    """
    items: list[tuple[str, list[bytes], int]] = []
    current: list[bytes] | None = None
    length = 0
    for line in block.splitlines(keepends=True):
        if line[:1] in {b" ", b"\t"}:
            if current is not None and length < FIELD_LIMIT:
                current.append(line)
                length += len(line)
            continue
        match = _FIELD.match(line)
        if match is None or len(items) >= MAX_FIELDS:
            continue  # a stray line does not end the field before it: its continuation may follow
        current = None
        name = match.group(1).lower()
        if name.startswith(only):
            current, length = [match.group(2)], len(line)
            items.append((name.decode("latin-1"), current, 0))
    return Fields([(name, b"".join(lines)[:FIELD_LIMIT].rstrip(b"\r\n")) for name, lines, _ in items])


def unfolded_value(value: bytes) -> bytes:
    """A raw value on one line: line breaks taken out, the space after them kept (RFC 5322, 2.2.3)."""
    return value.replace(b"\r", b"").replace(b"\n", b"").strip(b" \t")
