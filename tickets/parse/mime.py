"""The bytes of a mail to its tree of parts, in one pass over the boundary lines; no part is decoded here.

The time is linear in the size of the mail: nesting, boundary-like lines and damage cost nothing extra.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.parse.headers import Fields, fields_of, part_bounds
from tickets.parse.parameters import Parameterised, parameterised

MAX_PARTS = 2000
"""Beyond it nothing is split any more; the last part holds all the rest."""
MAX_DEPTH = 50
"""Parts nested deeper are children of the part at this depth; nothing of them is lost."""
PART_HEADER_LIMIT = 64 * 1024

_DASHES = re.compile(rb"^--[^\r\n]+", re.MULTILINE)
_SLOPPY_TYPES = {  # RFC 1049 and its heirs
    "multipart": "multipart/mixed",
    "text": "text/plain", "plain": "text/plain", "html": "text/html", "text/": "text/plain", "text/text": "text/plain",
    "text/x-plain": "text/plain", "text/ascii": "text/plain", "text/htm": "text/html", "text/x-html": "text/html",
    "application/xhtml+xml": "text/html",
}  # fmt: skip
_SEEN_BOUNDARY = re.compile(
    rb"^--([^\r\n]{1,200}?)[ \t]*\r?\n(?:content-[a-z-]{3,40}[ \t]*:)", re.MULTILINE | re.IGNORECASE
)


@dataclass(slots=True)
class Part:
    """One part: its header fields, and either children (multipart) or the stretch [start, end) of the mail."""

    fields: Fields
    content_type: Parameterised
    start: int
    end: int
    multipart: bool = False
    children: list[Part] = field(default_factory=list)

    @property
    def type(self) -> str:
        """media/sub in lower case; text/plain where there is none that can be read."""
        return self.content_type.value

    @property
    def boundary(self) -> bytes:
        """What divides the children, b"" where the part names nothing."""
        return self.content_type.parameters.get("boundary", "").encode("utf-8", "replace").strip()

    @property
    def disposition(self) -> Parameterised:
        """The Content-Disposition; its value is "" where there is none."""
        return parameterised(self.fields.first("content-disposition"))

    def leaves(self) -> Iterator[Part]:
        """The parts without children, in their order. A multipart without any child counts as one."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


class _Splitter:
    """The multiparts that are open at a point of the mail, and where each boundary leads."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.stack: list[Part] = []
        self.places: dict[bytes, list[int]] = {}
        self.count = 0

    def open(self, part: Part) -> None:
        part.multipart = True
        self.places.setdefault(part.boundary, []).append(len(self.stack))
        self.stack.append(part)

    def leave_open(self, height: int) -> None:
        while len(self.stack) > height:
            boundary = self.stack.pop().boundary
            self.places[boundary].pop()
            if not self.places[boundary]:
                del self.places[boundary]

    def meaning(self, line: bytes) -> tuple[int, bool] | None:
        """(place in the stack, whether it closes) of a line that begins with two dashes; None for any other line."""
        word = line.rstrip(b" \t")[2:]
        if word in self.places:
            return self.places[word][-1], False
        # Behind the two dashes at the end there may be anything (RFC 2046, 5.1.1: the beginning of the line counts).
        end = word.find(b"-- ")
        word = word if end < 0 else word[: end + 2]
        if word.endswith(b"--") and word[:-2] in self.places:
            return self.places[word[:-2]][-1], True
        return None

    def end_within_line(self, part: Part) -> bool:
        """Whether the last part ends with a closing boundary that does not begin a line; then it is cut off."""
        content = self.raw[part.start : part.end].rstrip()
        for each in self.stack:
            mark = b"--" + each.boundary + b"--"
            if content.endswith(mark):
                part.end = part.start + len(content) - len(mark)
                return True
        return False

    def next_boundary(self, at: int, end: int) -> tuple[re.Match[bytes], int, bool] | None:
        for match in _DASHES.finditer(self.raw, at, end):
            meaning = self.meaning(match.group())
            if meaning is not None:
                return match, *meaning
        return None

    def begin(self, start: int) -> Part:
        """The part whose header begins at `start`. A boundary or the end of the mail ends a header too."""
        raw = self.raw
        window = min(len(raw), start + PART_HEADER_LIMIT)
        early = self.next_boundary(start, window)
        window = early[0].start() if early else window
        end, content = part_bounds(raw, start, window)
        self.count += 1
        fields = fields_of(raw[start:end], only=b"content-")
        digest = self.stack[-1].type == "multipart/digest"
        part = part_of(fields, content, len(raw), default="message/rfc822" if digest else "text/plain")
        self.stack[min(len(self.stack), MAX_DEPTH) - 1].children.append(part)
        return part


def split(raw: bytes, root: Part) -> bool:
    """Hang the parts of the mail under `root`; True where all was there, False where a closing boundary is missing."""
    splitter = _Splitter(raw)
    if not _divided(root):
        return True
    splitter.open(root)
    current: Part | None = None
    at = root.start
    while splitter.stack:
        found = splitter.next_boundary(at, len(raw))
        if found is None:
            return current is not None and splitter.end_within_line(current)
        match, place, closes = found
        if current is not None:
            current.end = max(current.start, _before_line_break(raw, match.start()))
        splitter.leave_open(place if closes else place + 1)
        at, current = _after_line_break(raw, match.end()), None
        if not closes:
            current = splitter.begin(at)
            at = current.start
            if splitter.count >= MAX_PARTS:
                return False
            if _divided(current):
                splitter.open(current)
    return True


def part_of(fields: Fields, start: int, end: int, *, default: str) -> Part:
    """A part that is not divided yet; `default` is its type where the header names none."""
    content_type = parameterised(fields.first("content-type"))
    value = _SLOPPY_TYPES.get(content_type.value, content_type.value)
    return Part(fields, Parameterised(value if "/" in value else default, content_type.parameters), start, end)


def with_boundary_that_occurs(raw: bytes, root: Part) -> None:
    """Where the header names no boundary, or one that stands nowhere: the one that the parts are really divided by."""
    if not root.type.startswith("multipart/"):
        return
    named = root.content_type.parameters.get("boundary", "")
    for boundary in (named, named.strip("'\"")):
        line = b"--" + boundary.encode("utf-8", "replace").strip()
        if boundary and (raw.startswith(line, root.start) or raw.find(b"\n" + line, root.start) >= 0):
            break
    else:
        seen = _SEEN_BOUNDARY.search(raw, root.start)
        boundary = seen.group(1).decode("utf-8", "replace") if seen else named
    root.content_type = Parameterised(root.type, {**root.content_type.parameters, "boundary": boundary})


def _divided(part: Part) -> bool:
    return part.type.startswith("multipart/") and part.boundary != b""


def _before_line_break(raw: bytes, at: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if raw[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if raw[at - 1 : at] == b"\n" else at


def _after_line_break(raw: bytes, at: int) -> int:
    if raw[at : at + 2] == b"\r\n":
        return at + 2
    return at + 1 if raw[at : at + 1] in {b"\n", b"\r"} else at
