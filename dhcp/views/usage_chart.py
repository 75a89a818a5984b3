"""Samples of how full a network was in; a picture as numbers out: a line over time, its axes, and what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dhcp.facts.fullness import Forecast
from hosts.views.pictures import STEPS_OF_AXIS

WIDTH, HEIGHT = 720, 160
AHEAD = timedelta(days=7)
MOST_POINTS = 240
TABLE_ROWS = 14
Sample = tuple[datetime, int, int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Coordinates in a box of WIDTH by HEIGHT, zero at the bottom. `line` and `ahead` are points of a polyline."""

    line: str
    area: str
    ahead: str
    size_y: float
    now_x: float
    top: int
    middle: int
    begins: datetime
    ends: datetime
    now: datetime
    days: list[tuple[datetime, int, int]]
    width: int = WIDTH
    height: int = HEIGHT


def usage_chart(samples: Sequence[Sample], forecast: Forecast | None, now: datetime) -> Chart | None:
    """None where there is nothing to draw yet: two samples make a line."""
    if len(samples) < 2:
        return None
    shown = _thinned(samples)
    begins, last = shown[0][0], shown[-1]
    ends = now + (AHEAD if forecast else timedelta())
    size = last[2]
    most = max(max(active for _at, active, _size in shown), max(size for _at, _active, size in shown), 1)
    top = next((step for step in _steps() if step >= most), most)
    seconds = max((ends - begins).total_seconds(), 1.0)

    def place(at: datetime, count: float) -> str:
        x = WIDTH * (at - begins).total_seconds() / seconds
        return f"{x:.1f},{HEIGHT - HEIGHT * min(count, top) / top:.1f}"

    points = [place(at, active) for at, active, _size in shown]
    ahead = ""
    if forecast:
        later = last[1] + forecast.more_each_week * AHEAD.days / 7
        ahead = f"{points[-1]} {place(ends, later)}"
    ends_x, begin_x = points[-1].split(",")[0], points[0].split(",")[0]
    area = f"{begin_x},{HEIGHT} {' '.join(points)} {ends_x},{HEIGHT}"
    now_x = WIDTH * (now - begins).total_seconds() / seconds
    return Chart(
        " ".join(points),
        area,
        ahead,
        HEIGHT - HEIGHT * size / top,
        now_x,
        top,
        top // 2,
        begins,
        ends,
        now,
        _days(samples),
    )


def _steps() -> list[int]:
    return [*STEPS_OF_AXIS, *(step * 10**power for power in range(4, 20) for step in (2, 5, 10))]


def _thinned(samples: Sequence[Sample]) -> list[Sample]:
    """At most MOST_POINTS, the fullest of those that fall on one place."""
    each = max(1, -(-len(samples) // MOST_POINTS))
    groups = [samples[at : at + each] for at in range(0, len(samples), each)]
    kept = [max(group, key=lambda sample: sample[1]) for group in groups]
    kept[-1] = samples[-1]
    return kept


def _days(samples: Sequence[Sample]) -> list[Sample]:
    """The fullest sample of each day, the newest day first: the numbers behind the picture."""
    days: dict[object, Sample] = {}
    for sample in samples:
        known = days.get(sample[0].date())
        if known is None or sample[1] >= known[1]:
            days[sample[0].date()] = sample
    return list(days.values())[::-1][:TABLE_ROWS]
