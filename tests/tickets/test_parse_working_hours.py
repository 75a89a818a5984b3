"""Hours as people type them."""

from __future__ import annotations

import pytest

from hosts.errors import BadInput
from tickets.parse.working_hours import days_off, working_hours


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("", [], id="a day off"),
        pytest.param("9-18", [["09:00", "18:00"]], id="whole hours"),
        pytest.param("09:00–12:00, 13:30 - 18:00", [["09:00", "12:00"], ["13:30", "18:00"]], id="with a lunch break"),
        pytest.param("13:00~18:00; 9:00~12:00", [["09:00", "12:00"], ["13:00", "18:00"]], id="in any order"),
        pytest.param("00:00-24:00", [["00:00", "24:00"]], id="the whole day"),
        pytest.param("09:00-12:00,12:00-18:00", [["09:00", "12:00"], ["12:00", "18:00"]], id="one right after another"),
    ],
)
def test_hours_are_read_as_they_are_typed(text: str, spans: list[list[str]]) -> None:
    assert working_hours(text) == spans


@pytest.mark.parametrize("text", ["9", "nine", "18-9", "9-9", "9:60-10", "9-25", "9-12, 11-13", "9-12-13"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        working_hours(text)


def test_what_was_read_reads_the_same_again() -> None:
    spans = working_hours("8:15-11:45, 13-17:30")
    assert working_hours(", ".join("-".join(span) for span in spans)) == spans


def test_days_off_stand_in_order_once_each_and_without_remarks() -> None:
    assert days_off("2026-12-25 Christmas\n\n2026-10-09\n2026-12-25") == ["2026-10-09", "2026-12-25"]


@pytest.mark.parametrize("text", ["25.12.2026", "2026-02-30", "tomorrow"])
def test_what_is_no_date_is_named(text: str) -> None:
    with pytest.raises(BadInput, match=text[:4]):
        days_off(text)
