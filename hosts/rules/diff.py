"""Two versions of a file in, the rows of a readable diff out. Never raises on any bytes.

Lines are compared after decoding as UTF-8 (bytes that are not UTF-8 are shown as \\xNN). A file with NUL bytes is
binary: the diff says only that it differs. Where the work would grow beyond bounds (very large files, or many equal
lines in many places), what lies between the common beginning and end is shown as replaced, so that the time stays
linear. A last line without a newline differs from the same line with one.
Secrets of keys in a file that is no secret itself are hidden (`concealed`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from hosts.rules.concealed import concealed

CONTEXT_LINES = 3
MANY_LINES = 20_000
MOST_WORK = 2_000_000
BARE = "\0"  # stands behind a last line without newline; no line can hold it, since such a file is binary
LONG_LINE = 2_000
Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; `is_marked` where it differs from the line's partner."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the diff. `kind`: " " as before, "-" goes, "+" comes, "~" so many lines left out (`folded`).

    Numbers count from 1 and are None where the side has no such line.
    """

    kind: str
    old_number: int | None = None
    new_number: int | None = None
    pieces: tuple[Piece, ...] = ()
    folded: int = 0

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes in one file. `note` says why there are no rows where there are none."""

    rows: tuple[Row, ...]
    added: int
    removed: int
    is_binary: bool = False
    ends_without_newline: bool = False

    def pairs(self) -> Iterator[tuple[Row | None, Row | None]]:
        """The rows side by side: (old, new); None where a side is empty."""
        gone: list[Row] = []
        come: list[Row] = []
        for row in self.rows:
            if row.kind == "-":
                gone.append(row)
            elif row.kind == "+":
                come.append(row)
            else:
                yield from _beside(gone, come)
                gone, come = [], []
                yield row, row
        yield from _beside(gone, come)


def file_diff(old: bytes | None, new: bytes | None, *, context: int | None = CONTEXT_LINES) -> Diff:
    """The diff from `old` to `new`; None stands for a file that is not there, and as `context` for folding nothing."""
    if b"\0" in (old or b"") or b"\0" in (new or b""):
        return Diff((), 0, 0, is_binary=True)
    before, after = _lines(old), _lines(new)
    rows: list[Row] = []
    added = removed = 0
    for tag, i1, i2, j1, j2 in _slid(list(_opcodes(before, after)), before, after):
        if tag == "equal":
            both = zip(range(i1, i2), range(j1, j2), strict=True)
            rows += [Row(" ", i + 1, j + 1, (Piece(before[i].removesuffix(BARE)),)) for i, j in both]
            continue
        removed += i2 - i1
        added += j2 - j1
        rows += _changed(before, after, (i1, i2, j1, j2))
    bare = bool(new) and not (new or b"").endswith(b"\n")
    shown = rows if context is None else _folded(rows, context)
    return Diff(tuple(shown), added, removed, ends_without_newline=bare)


def _lines(content: bytes | None) -> list[str]:
    if not content:
        return []
    text = concealed(content).decode("utf-8", "backslashreplace")
    return (text[:-1] if text.endswith("\n") else text + BARE).split("\n")


def _opcodes(before: list[str], after: list[str]) -> Iterator[Opcode]:
    """Like difflib's, but with the common beginning and end taken off first and a bound on the work."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_end, new_end = len(before) - tail, len(after) - tail
    if head:
        yield "equal", 0, head, 0, head
    if _is_too_much(before[head:old_end], after[head:new_end]):
        yield "replace", head, old_end, head, new_end
    elif old_end > head or new_end > head:
        matcher = SequenceMatcher(None, before[head:old_end], after[head:new_end], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            yield tag, i1 + head, i2 + head, j1 + head, j2 + head
    if tail:
        yield "equal", old_end, len(before), new_end, len(after)


def _is_too_much(before: list[str], after: list[str]) -> bool:
    """Whether difflib could take long: its work grows with the pairs of equal lines, and again with their runs."""
    if len(before) + len(after) > MANY_LINES:
        return True
    there = Counter(after)
    return sum(there[line] for line in before) > MOST_WORK


def _slid(ops: list[Opcode], before: list[str], after: list[str]) -> Iterator[Opcode]:
    """A block that came or went as far down as it means the same, so that it begins where a reader would begin it."""
    for index, (tag, i1, i2, j1, j2) in enumerate(ops):
        following = ops[index + 1] if index + 1 < len(ops) else None
        if tag not in ("insert", "delete") or following is None or following[0] != "equal":
            yield tag, i1, i2, j1, j2
            continue
        lines, start, end = (after, j1, j2) if tag == "insert" else (before, i1, i2)
        room = following[2] - following[1]
        by = 0
        while by < room and lines[start + by] == lines[end + by]:
            by += 1
        if by:
            yield "equal", i1, i1 + by, j1, j1 + by
        yield tag, i1 + by, i2 + by, j1 + by, j2 + by
        _, next_i1, next_i2, next_j1, next_j2 = following
        ops[index + 1] = ("equal", next_i1 + by, next_i2, next_j1 + by, next_j2)


def _changed(before: list[str], after: list[str], span: tuple[int, int, int, int]) -> list[Row]:
    i1, i2, j1, j2 = span
    partners = min(i2 - i1, j2 - j1) if i2 - i1 == j2 - j1 else 0
    gone: list[Row] = []
    come: list[Row] = []
    for offset in range(i2 - i1):
        other = after[j1 + offset] if offset < partners else None
        gone.append(Row("-", i1 + offset + 1, None, _marked(before[i1 + offset], other)))
    for offset in range(j2 - j1):
        other = before[i1 + offset] if offset < partners else None
        come.append(Row("+", None, j1 + offset + 1, _marked(after[j1 + offset], other)))
    return gone + come


def _marked(line: str, other: str | None) -> tuple[Piece, ...]:
    """The line in pieces: the one middle part that differs from its partner is marked."""
    line = line.removesuffix(BARE)
    if other is None or max(len(line), len(other)) > LONG_LINE:
        return (Piece(line),)
    other = other.removesuffix(BARE)
    shorter = min(len(line), len(other))
    head = 0
    while head < shorter and line[head] == other[head]:
        head += 1
    tail = 0
    while tail < shorter - head and line[-1 - tail] == other[-1 - tail]:
        tail += 1
    while head and line[head - 1].isalnum():  # whole words and numbers, so that 20 -> 40 is not a mark on one digit
        head -= 1
    while tail and line[-tail].isalnum():
        tail -= 1
    if head + tail == 0:
        return (Piece(line),)
    middle = line[head : len(line) - tail]
    parts = (Piece(line[:head]), Piece(middle, is_marked=True), Piece(line[len(line) - tail :]))
    return tuple(piece for piece in parts if piece.text)


def _folded(rows: list[Row], context: int) -> Iterator[Row]:
    """The rows with long unchanged runs replaced by one row that says how many."""
    near: set[int] = set()
    for index, row in enumerate(rows):
        if row.kind != " ":
            near.update(range(index - context, index + context + 1))
    hidden = 0
    for index, row in enumerate(rows):
        if index in near or row.kind != " ":
            if hidden:
                yield Row("~", folded=hidden)
                hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield Row("~", folded=hidden)


def _beside(gone: list[Row], come: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    for index in range(max(len(gone), len(come))):
        yield (
            gone[index] if index < len(gone) else None,
            come[index] if index < len(come) else None,
        )
