"""A start and so many minutes of work in, when they are over out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tickets.facts.schedule import WorkingHours

MOST_DAYS = 3660
DAY_END = 24 * 60


def due(start: datetime, minutes: int, hours: WorkingHours | None) -> datetime:
    """The moment, in UTC, when `minutes` have passed since `start` (aware).

    Only minutes within `hours` count; with None, or hours that never come, every minute does. What a clock skips or
    repeats where summer time begins or ends is counted as it passes.
    """
    begin = start.astimezone(UTC)
    left = timedelta(minutes=minutes)
    if hours is None or not any(hours.week):
        return begin + left
    zone = _zone(hours.time_zone)
    day = begin.astimezone(zone).date()
    for number in range(MOST_DAYS):
        for opens, closes in _spans(day + timedelta(days=number), hours, zone):
            worked_from = max(opens, begin)
            if worked_from >= closes:
                continue
            if closes - worked_from >= left:
                return worked_from + left
            left -= closes - worked_from
    return begin + timedelta(minutes=minutes)


def _spans(day: date, hours: WorkingHours, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    if day in hours.days_off:
        return []
    return [(_at(day, opens, zone), _at(day, closes, zone)) for opens, closes in hours.week[day.weekday()]]


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute >= DAY_END:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
