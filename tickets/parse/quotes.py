"""The text of a mail to the stretches that only repeat an earlier mail. Nothing is cut: only positions are told."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.choices import FoldKind
from tickets.facts.mail import Fold, unfolded
from tickets.facts.marker import REPLY_LINE
from tickets.parse.quote_habits import (
    ATTRIBUTION,
    ATTRIBUTION_START,
    LABEL_FROM,
    LABEL_OTHER,
    ONLY_A_RULE,
    SEPARATOR,
)

_LONGEST_LINE = 1000
_MAX_LINES = 20_000
_LABELS_LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines with the place of each in the text; `starts` has one more than `lines`.

    `marked` and `unmarked` count, from each line to the end, those that begin with ">" and those with other words.
    """

    lines: list[str]
    starts: list[int]
    marked: list[int]
    unmarked: list[int]


def text_folds(text: str, others: tuple[Fold, ...] = ()) -> tuple[Fold, ...]:
    """What of `text` is quoted, together with `others` (folds that are known already), in order.

    Recognised are our reply line, the header blocks and divider lines of Outlook, Naver and Daum, the attributions of
    Gmail, Apple Mail and Thunderbird in the languages of quote_habits, and lines that begin with ">". An answer that
    stands between or below quoted lines stays visible. Where nothing would stay visible, nothing is folded: then
    the quotation is the message.
    """
    quote = _quoted(text)
    if quote is None:
        return others
    apart = [one for one in others if one.end <= quote.start or one.start >= quote.end]
    folds = tuple(sorted((*apart, quote), key=lambda one: one.start))
    return folds if unfolded(text, folds).strip() else others


def _quoted(text: str) -> Fold | None:
    lines = _split(text)
    cut, kind = _cut(lines)
    if cut is not None and _anything(lines, 0, cut):
        return Fold(lines.starts[cut], len(text), kind)
    return _marked_block(lines)


def _split(text: str) -> _Lines:
    lines, starts, at = [], [0], 0
    for line in text.split("\n")[:_MAX_LINES]:
        lines.append(line[:_LONGEST_LINE])
        at += len(line) + 1
        starts.append(min(at, len(text)))
    marked, unmarked = [0], [0]
    for line in reversed(lines):
        quoted = line.lstrip().startswith(">")
        marked.append(marked[-1] + quoted)
        unmarked.append(unmarked[-1] + (bool(line.strip()) and not quoted))
    return _Lines(lines, starts, marked[::-1], unmarked[::-1])


def _anything(lines: _Lines, start: int, end: int) -> bool:
    return any(line.strip() for line in lines.lines[start:end])


def _cut(lines: _Lines) -> tuple[int | None, FoldKind]:
    """The first line from which on everything is an earlier mail."""
    for at, line in enumerate(lines.lines):
        if "##-" in line and REPLY_LINE.search(line):
            return _with_attribution(lines, at), FoldKind.MARKER
        if SEPARATOR.fullmatch(line) and (not ONLY_A_RULE.fullmatch(line) or _labels_follow(lines, at + 1)):
            return at, FoldKind.QUOTE
        if LABEL_FROM.fullmatch(line) and _other_labels(lines, at + 1) >= 2 and not line.lstrip().startswith(">"):
            return at, FoldKind.QUOTE
        length = _attribution(lines, at)
        if length and _rest_is_quoted(lines, at + length):
            return at, FoldKind.QUOTE
    return None, FoldKind.QUOTE


def _labels_follow(lines: _Lines, at: int) -> bool:
    """Whether the next line with something on it is the first label of a block."""
    for place in range(at, min(at + 3, len(lines.lines))):
        if lines.lines[place].strip():
            return LABEL_FROM.fullmatch(lines.lines[place]) is not None and _other_labels(lines, place + 1) >= 1
    return False


def _other_labels(lines: _Lines, at: int) -> int:
    return sum(1 for line in lines.lines[at : at + _LABELS_LOOKED_AT] if LABEL_OTHER.fullmatch(line))


def _attribution(lines: _Lines, at: int) -> int:
    """How many lines from `at` on are one attribution; 0 for none."""
    line = lines.lines[at]
    if line.lstrip().startswith(">"):
        return 0
    if ATTRIBUTION.fullmatch(line):
        return 1
    if not ATTRIBUTION_START.match(line):
        return 0
    for count in (2, 3):
        joined = " ".join(piece.strip() for piece in lines.lines[at : at + count])
        if ATTRIBUTION.fullmatch(joined[:_LONGEST_LINE]):
            return count
    return 0


def _rest_is_quoted(lines: _Lines, at: int) -> bool:
    """Whether below an attribution nothing is new: either all lines are marked with ">", or none is (Gmail's app,
    Naver and Outlook do not mark them).
    """
    at = min(at, len(lines.lines))
    return (lines.marked[at] == 0) != (lines.unmarked[at] == 0)


def _with_attribution(lines: _Lines, at: int) -> int:
    """The line where the attribution above our reply line begins, or the reply line itself."""
    first = at
    while first > 0 and at - first < 4 and not lines.lines[first - 1].strip(" \t>"):
        first -= 1
    for count in (1, 2, 3):
        if first - count >= 0 and _attribution(lines, first - count) == count:
            return first - count
    return at


def _marked_block(lines: _Lines) -> Fold | None:
    """The one block of lines marked with ">" and its attribution; None where answers stand between quoted lines."""
    marked = [at for at, line in enumerate(lines.lines) if line.startswith(">") or line.lstrip().startswith("> ")]
    if len(marked) < 2:
        return None
    start, end = marked[0], marked[-1] + 1
    inside = [line for line in lines.lines[start:end] if line.strip()]
    if len(inside) != len(marked):
        return None
    start = _with_attribution(lines, start)
    return Fold(lines.starts[start], lines.starts[end], FoldKind.QUOTE)
