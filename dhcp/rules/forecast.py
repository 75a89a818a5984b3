"""How many addresses were in use over the last two weeks in, in how many days there are none left out.

Networks breathe with the week, so a Monday is compared with a Monday: the busiest moment of each of the last seven
days with that of the same day a week before. The pace is the median of these differences: one odd day changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from dhcp.facts.fullness import Forecast, Point

WEEK = 7
LEAST_PAIRS = 5
"""Days of the week that must be known of both weeks, and that must say the same: less is no trend."""
FARTHEST_DAYS = 365
"""What is farther away is not said: nobody knows."""


def forecast(points: Iterable[Point], *, now: datetime) -> Forecast | None:
    """None where too little is known, where nothing grows, or where it takes longer than a year.

    The day of `now` counts as the seventh of the last week, although it is not over.
    """
    known = [point for point in points if now - timedelta(days=2 * WEEK) < point.at <= now]
    if not known:
        return None
    latest = max(known, key=lambda point: point.at)
    peaks = _peaks(known, now)
    this_week = [peak for days_ago, peak in peaks.items() if days_ago < WEEK]
    if latest.defined and latest.active >= latest.defined:
        return Forecast(0, 0.0)
    growth = [peaks[day] - peaks[day + WEEK] for day in range(WEEK) if day in peaks and day + WEEK in peaks]
    each_week = float(median(growth)) if len(growth) >= LEAST_PAIRS else 0.0
    if each_week <= 0 or sum(more > 0 for more in growth) < LEAST_PAIRS:
        return None
    days = max(1, ceil((latest.defined - max(this_week)) / each_week * WEEK))
    return Forecast(days, each_week) if days <= FARTHEST_DAYS else None


def _peaks(points: list[Point], now: datetime) -> dict[int, int]:
    """The most that were in use on each day, by how many days it is ago."""
    today: date = now.date()
    found: dict[int, int] = {}
    for point in points:
        ago = (today - point.at.date()).days
        found[ago] = max(found.get(ago, 0), point.active)
    return found
