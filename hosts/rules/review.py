"""Two versions of a file in, the lines that a review page draws out: coloured, marked, folded, one or two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hosts.rules.diff import CONTEXT_LINES, Diff, Row, file_diff
from hosts.rules.highlight import Span, family, spans

MOST_LINES = 1_500
SHORTEST_FOLD = 4
LOOKS = {" ": "same", "-": "m", "+": "p", "~": "fold"}
SIGNS = {"-": "−", "+": "+"}


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a line. `look`: same, m (goes), p (comes), none (this side has no such line)."""

    look: str
    number: int | None = None
    sign: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One drawn line. In one column `old` holds it all; in two columns `new` is the right half.

    A fold has `hidden` lines, the rows `low` to `high` of the whole diff.
    """

    look: str
    old_number: int | None = None
    new_number: int | None = None
    sign: str = ""
    spans: tuple[Span, ...] = ()
    left: Half | None = None
    right: Half | None = None
    low: int = 0
    high: int = 0

    @property
    def hidden(self) -> int:
        """How many lines a fold stands for."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Review:
    """The drawn lines of one file. `left_out` lines at the end are not drawn because there are too many."""

    lines: tuple[Line, ...]
    added: int
    removed: int
    is_binary: bool
    ends_without_newline: bool
    left_out: int = 0


def review(old: bytes | None, new: bytes | None, path: str, *, wide: bool, most: int = MOST_LINES) -> Review:
    """The difference of a file as a page shows it; `wide` is side by side."""
    diff = file_diff(old, new, context=None)
    rows = list(_folded(diff.rows))
    drawn = _drawn(rows[:most], path, wide=wide)
    return Review(
        tuple(drawn), diff.added, diff.removed, diff.is_binary, diff.ends_without_newline, max(0, len(rows) - most)
    )


def unfolded(
    old: bytes | None, new: bytes | None, path: str, low: int, high: int, *, wide: bool, most: int = MOST_LINES
) -> list[Line]:
    """The lines `low` to `high` of the whole diff, as a fold names them; too many end in a fold for the rest."""
    rows = file_diff(old, new, context=None).rows
    low, high = max(0, low), min(high, len(rows))
    cut = min(high, low + most)
    lines = _drawn(rows[low:cut], path, wide=wide)
    return [*lines, Line("fold", low=cut, high=high)] if cut < high else lines


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    """Runs of unchanged rows away from any change become one "~" row, whose numbers are the indexes it stands for."""
    near: set[int] = set()
    for index, row in enumerate(rows):
        if row.kind != " ":
            near.update(range(index - CONTEXT_LINES, index + CONTEXT_LINES + 1))
    start: int | None = None
    for index, row in enumerate(rows):
        if index in near:
            if start is not None:
                yield from _fold(rows, start, index)
                start = None
            yield row
        elif start is None:
            start = index
    if start is not None:
        yield from _fold(rows, start, len(rows))


def _fold(rows: Sequence[Row], start: int, end: int) -> Iterable[Row]:
    if end - start < SHORTEST_FOLD:
        return rows[start:end]
    return (Row("~", start, end, folded=end - start),)


def _drawn(rows: Sequence[Row], path: str, *, wide: bool) -> list[Line]:
    pattern = family(path)

    def coloured(row: Row) -> tuple[Span, ...]:
        return tuple(spans([(piece.text, piece.is_marked) for piece in row.pieces], pattern))

    if not wide:
        return [_fold_line(row) if row.kind == "~" else _one(row, coloured(row)) for row in rows]
    lines = []
    for old, new in Diff(tuple(rows), 0, 0).pairs():
        if old is not None and old.kind == "~":
            lines.append(_fold_line(old))
            continue
        left = Half(LOOKS[old.kind], old.old_number, SIGNS.get(old.kind, ""), coloured(old)) if old else Half("none")
        right = Half(LOOKS[new.kind], new.new_number, SIGNS.get(new.kind, ""), coloured(new)) if new else Half("none")
        lines.append(Line("pair", left=left, right=right))
    return lines


def _one(row: Row, cut: tuple[Span, ...]) -> Line:
    return Line(LOOKS[row.kind], row.old_number, row.new_number, SIGNS.get(row.kind, ""), cut)


def _fold_line(row: Row) -> Line:
    return Line("fold", low=row.old_number or 0, high=row.new_number or 0)
