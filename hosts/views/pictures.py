"""Rows in; small pictures as numbers out: strips and bars whose places are computed here and drawn as SVG.

Each picture carries its numbers, so that a page can show them as a table as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from hosts.choices import ChangeState, HostState, Tone
from hosts.models import Change, Host
from hosts.rules.progress import BAD_ENDS, GOOD_ENDS, tone_of

DAYS_SHOWN = 14
SYSTEMS_SHOWN = 5
STEPS_OF_AXIS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a strip: per cent from the left and per cent wide, and the query that leads to what it counts."""

    label: str
    count: int
    tone: str
    x: float
    width: float
    query: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the change picture. Heights are per cent of the axis."""

    day: date
    good: int
    warn: int
    bad: int
    good_height: float
    warn_height: float
    bad_height: float
    x: float

    @property
    def total(self) -> int:
        """All changes that ended that day."""
        return self.good + self.warn + self.bad

    @property
    def good_y(self) -> float:
        """Where the good part begins, from the top."""
        return 100 - self.good_height

    @property
    def warn_y(self) -> float:
        """Where the part that needs attention begins."""
        return self.good_y - self.warn_height

    @property
    def bad_y(self) -> float:
        """Where the broken part begins."""
        return self.warn_y - self.bad_height


def hosts_by_state(hosts: QuerySet[Host]) -> list[Part]:
    """How many hosts are in which state, the good ones first; empty states are left out."""
    counted = dict(hosts.order_by().values_list("state").annotate(n=Count("pk")))
    order = (
        HostState.REACHABLE,
        HostState.NEW,
        HostState.KEY_OFFERED,
        HostState.UNREACHABLE,
        HostState.KEY_CHANGED,
    )
    rows = [(str(state.label), counted.get(state, 0), tone_of(state).value, f"state={state}") for state in order]
    return _strip(row for row in rows if row[1])


def hosts_by_system(hosts: QuerySet[Host]) -> list[Part]:
    """The most frequent systems as bars; the widest fills the picture."""
    rows = hosts.exclude(os_name="").order_by().values_list("os_name").annotate(n=Count("pk")).order_by("-n", "os_name")
    found = list(rows[:SYSTEMS_SHOWN])
    most = found[0][1] if found else 1
    return [
        Part(name, count, Tone.RUNNING.value, 0, 100 * count / most, urlencode({"system": name}))
        for name, count in found
    ]


def hosts_by_last_contact(hosts: QuerySet[Host], now: datetime) -> list[Part]:
    """How long ago the hosts were last heard of."""
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    counted = hosts.aggregate(
        hour=Count("pk", filter=Q(last_seen_at__gte=hour)),
        day=Count("pk", filter=Q(last_seen_at__lt=hour, last_seen_at__gte=day)),
        older=Count("pk", filter=Q(last_seen_at__lt=day)),
        never=Count("pk", filter=Q(last_seen_at__isnull=True)),
    )
    rows = (
        (_("Within the hour"), counted["hour"], Tone.GOOD.value, ""),
        (_("Within a day"), counted["day"], Tone.ATTENTION.value, ""),
        (_("Longer ago"), counted["older"], Tone.BROKEN.value, ""),
        (_("Never"), counted["never"], Tone.NEUTRAL.value, ""),
    )
    return _strip(row for row in rows if row[1])


def changes_by_day(changes: QuerySet[Change]) -> dict[str, Any]:
    """Changes that ended on each of the last days by how they ended, with the top of the axis."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS_SHOWN - 1)
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    rows = (
        changes.filter(finished_at__gte=begin)
        .exclude(state=ChangeState.DISCARDED)
        .order_by()
        .annotate(day=TruncDate("finished_at"))
        .values_list("day")
        .annotate(
            good=Count("pk", filter=Q(state__in=GOOD_ENDS)),
            warn=Count("pk", filter=Q(state__in=(ChangeState.REFUSED, ChangeState.ROLLED_BACK))),
            bad=Count("pk", filter=Q(state__in=BAD_ENDS - {ChangeState.REFUSED, ChangeState.ROLLED_BACK})),
        )
    )
    counted = {day: (good, warn, bad) for day, good, warn, bad in rows}
    most = max((sum(numbers) for numbers in counted.values()), default=0)
    top = top_of_axis(most)
    days = []
    for number in range(DAYS_SHOWN):
        day = first + timedelta(days=number)
        good, warn, bad = counted.get(day, (0, 0, 0))
        high, middle, low = (100 * count / top for count in (good, warn, bad))
        days.append(Day(day, good, warn, bad, high, middle, low, 100 * number / DAYS_SHOWN))
    return {"days": days, "top": top, "total": sum(day.total for day in days), "width": 70 / DAYS_SHOWN}


def top_of_axis(most: int) -> int:
    """The round number at which an axis ends that has to show `most`; at least 1."""
    return next((step for step in STEPS_OF_AXIS if step >= most), most) or 1


def _strip(rows: Iterable[tuple[str, int, str, str]]) -> list[Part]:
    kept = list(rows)
    total = sum(count for _label, count, _tone, _query in kept) or 1
    parts, x = [], 0.0
    for label, count, tone, query in kept:
        width = 100 * count / total
        parts.append(Part(label, count, tone, x, width, query))
        x += width
    return parts
