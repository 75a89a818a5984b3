"""When promised minutes of work are over, by hand-computed clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tickets.facts.schedule import WorkingHours
from tickets.rules.sla import due

NINE_TO_SIX = ((9 * 60, 18 * 60),)
WEEK = (*(NINE_TO_SIX,) * 5, (), ())
SEOUL = WorkingHours("Asia/Seoul", WEEK)
BERLIN = WorkingHours("Europe/Berlin", ((),) * 6 + (((0, 1440),),))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "hours", "wanted"),
    [
        pytest.param("2026-11-20T17:00+09:00", 60, None, "2026-11-20T18:00+09:00", id="around the clock"),
        pytest.param("2026-11-20T10:00+09:00", 60, SEOUL, "2026-11-20T11:00+09:00", id="within the hours"),
        pytest.param("2026-11-20T17:30+09:00", 60, SEOUL, "2026-11-23T09:30+09:00", id="over a weekend"),
        pytest.param("2026-11-21T12:00+09:00", 60, SEOUL, "2026-11-23T10:00+09:00", id="begun on a Saturday"),
        pytest.param("2026-11-20T03:00+09:00", 540, SEOUL, "2026-11-20T18:00+09:00", id="ends with the day"),
        pytest.param("2026-11-19T23:59+00:00", 2, SEOUL, "2026-11-20T09:02+09:00", id="another zone than the schedule"),
        pytest.param("2026-11-20T10:00+09:00", 0, SEOUL, "2026-11-20T10:00+09:00", id="at once"),
        pytest.param("2026-03-29T00:00+01:00", 1380, BERLIN, "2026-03-30T00:00+02:00", id="a day of 23 hours"),
        pytest.param("2026-10-25T00:00+02:00", 1500, BERLIN, "2026-10-26T00:00+01:00", id="a day of 25 hours"),
        pytest.param(
            "2026-11-20T10:00+00:00", 60, WorkingHours("UTC", ((),) * 7), "2026-11-20T11:00+00:00", id="no hours at all"
        ),
        pytest.param(
            "2026-11-20T10:00+00:00", 60, WorkingHours("Mars/Base", WEEK), "2026-11-20T11:00+00:00", id="no such zone"
        ),
    ],
)
def test_the_time_is_over_when_so_much_was_worked(
    start: str, minutes: int, hours: WorkingHours | None, wanted: str
) -> None:
    assert due(at(start), minutes, hours) == at(wanted)


def test_nobody_works_on_a_day_off() -> None:
    hours = WorkingHours("Asia/Seoul", WEEK, frozenset({date(2026, 11, 23)}))
    assert due(at("2026-11-20T17:30+09:00"), 60, hours) == at("2026-11-24T09:30+09:00")


def test_a_break_is_not_counted() -> None:
    hours = WorkingHours("UTC", (((9 * 60, 12 * 60), (13 * 60, 18 * 60)),) * 7)
    assert due(at("2026-11-20T11:30+00:00"), 60, hours) == at("2026-11-20T13:30+00:00")
