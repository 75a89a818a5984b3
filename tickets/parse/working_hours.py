"""Hours and days off as people type them in, the shape that a schedule keeps out."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words

_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*[-–~]\s*(\d{1,2})(?::(\d{2}))?")
DAY_END = 24 * 60


def working_hours(text: str) -> list[list[str]]:
    """[["09:00", "12:00"], ...] of "9-12, 13:00–18:00", in order of the clock; nothing for an empty text.

    BadInput for what is no span, ends before it begins, or overlaps another one. 24:00 is the end of the day.
    """
    spans = sorted(_span(piece.strip()) for piece in re.split(r"[,;\n]", text) if piece.strip())
    for (_, end), (begin, _later) in pairwise(spans):
        if begin < end:
            raise BadInput(
                words(
                    gettext_noop("%(first)s and %(second)s overlap. Write each hour once."),
                    first=_clock(end),
                    second=_clock(begin),
                )
            )
    return [[_clock(begin), _clock(end)] for begin, end in spans]


def days_off(text: str) -> list[str]:
    """ISO dates of lines such as "2026-12-25", in order and each once; BadInput names a line that is no date.

    What stands behind the date is a remark for people and is not kept.
    """
    found = set()
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            found.add(date.fromisoformat(line.split()[0]).isoformat())
        except ValueError:
            raise BadInput(
                words(gettext_noop("“%(line)s” is no date. Write one a line, such as 2026-12-25."), line=line[:40])
            ) from None
    return sorted(found)


def _span(piece: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(piece)
    begin, end = (_minutes(match[1], match[2]), _minutes(match[3], match[4])) if match else (0, 0)
    if not 0 <= begin < end <= DAY_END:
        raise BadInput(words(gettext_noop("“%(text)s” are no hours. Write 09:00-12:00, 13:00-18:00."), text=piece[:40]))
    return begin, end


def _minutes(hours: str, minutes: str | None) -> int:
    past = int(minutes or 0)
    return int(hours) * 60 + past if past < 60 else -1


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
