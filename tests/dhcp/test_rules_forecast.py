"""When a network is full at this pace, and when somebody is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.facts.fullness import Counts, Forecast, Point, Thresholds
from dhcp.rules.forecast import forecast
from dhcp.rules.fullness import is_alarmed, thresholds, tone

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def days(*active: int, defined: int = 1000) -> list[Point]:
    """The busiest moment of each day, the last one today; and a quiet night."""
    ago = [NOW - timedelta(days=n) for n in reversed(range(len(active)))]
    noon = [Point(at.replace(hour=12), number, defined) for at, number in zip(ago, active, strict=True)]
    return [*noon, *(Point(at.replace(hour=3), 1, defined) for at in ago)]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], None),
        (days(*range(100, 200, 10)), None),
        (days(*[500] * 14), None),
        (days(*range(500, 360, -10)), None),
        (days(*range(100, 240, 10)), Forecast(77, 70.0)),
        (days(*range(860, 1000, 10)), Forecast(1, 70.0)),
        (days(*[200, 210, 220, 230, 240, 50, 40] * 2), None),
        (days(*[200, 210, 220, 230, 240, 50, 40], *[300, 310, 320, 330, 340, 60, 50]), Forecast(47, 100.0)),
        (days(*[200] * 7, *[200, 200, 200, 200, 200, 200, 900]), None),
        (days(*[500] * 7, *[501] * 7), None),
        ([*days(*([500] * 14))[:-14], Point(NOW, 1000, 1000)], Forecast(0, 0.0)),
        (days(100, 100, 100, 100, 100, 100, 100, 110, 110, 110, 110, defined=200), None),
    ],
    ids=[
        "nothing known",
        "ten days are too few for five pairs",
        "the same every day",
        "falling",
        "ten more each day",
        "nearly full",
        "weekdays and weekends, and no growth",
        "weekdays and weekends that both grow",
        "one odd day",
        "one more each week is too slow to say",
        "full now",
        "four pairs only",
    ],
)
def test_a_forecast_is_made_where_there_is_a_trend(points: list[Point], said: Forecast | None) -> None:
    assert forecast(points, now=NOW) == said


@given(st.integers(1, 60), st.integers(1, 300), st.lists(st.integers(0, 300), min_size=7, max_size=7))
def test_of_a_pace_that_is_kept_the_day_is_right(pace: int, start: int, week: list[int]) -> None:
    peaks = [start + week[n % 7] + pace * (n // 7) for n in range(14)]
    defined = max(peaks) + 1 + pace
    found = forecast(days(*peaks, defined=defined), now=NOW)
    assert found is not None
    assert found.more_each_week == pace
    on_that_day = max(peaks) + pace * found.full_in_days / 7
    assert defined <= on_that_day < defined + pace / 7 + 0.001


@pytest.mark.parametrize(
    ("percent", "alarm", "was", "now"),
    [
        (94.9, 95, False, False),
        (95.0, 95, False, True),
        (92.0, 95, True, True),
        (90.0, 95, True, False),
        (100.0, 0, False, False),
        (100.0, 0, True, False),
    ],
    ids=["below", "reached", "a little less", "five less", "nobody wants to know", "no longer wanted"],
)
def test_an_alarm_goes_on_until_a_network_is_clearly_less_full(
    percent: float, alarm: int, was: bool, now: bool
) -> None:
    assert is_alarmed(percent, alarm, was_alarmed=was) is now


def test_the_nearest_threshold_that_is_said_counts() -> None:
    assert thresholds((None, 50), (70, None), (80, 95)) == Thresholds(70, 50)
    assert thresholds((0, 0), (80, 95)) == Thresholds(0, 0)
    assert [tone(percent, Thresholds(80, 95)) for percent in (10, 80, 95)] == ["calm", "warn", "alarm"]
    assert tone(100, Thresholds(0, 0)) == "calm"


def test_counts_of_pools_add_up() -> None:
    both = Counts(100, 50, 40, 10, 5, 2, 3) + Counts(100, 10, 10)
    assert (both.defined, both.active, both.held, both.free, both.percent) == (200, 60, 50, 133, 30.0)
    assert Counts().percent == 0.0
