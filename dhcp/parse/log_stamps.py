"""What syslog or the journal writes before a message in, its time in UTC out, or None.

Read are `Nov 23 06:14:02` (no year, the host's clock, taken as UTC unless `now` has another zone), ISO 8601 as rsyslog
and `journalctl -o short-iso` write it (and Kea, without a zone: that of `now`), and seconds since 1970 (`journalctl -o
short-unix`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_CLASSIC = re.compile(r"(?:<\d+>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:\s|$)")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d+))?\s?(Z|[+-]\d\d:?\d\d)?(?=\s|$)")
_UNIX = re.compile(r"(\d{9,11})\.(\d{1,6})(?:\s|$)")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_AHEAD = timedelta(days=2)


def stamp_time(stamp: str, now: datetime | None = None) -> datetime | None:
    """A stamp without a year is of the last twelve months before `now`."""
    try:
        if found := _ISO.match(stamp):
            zone = (found[3] or "").replace("Z", "+00:00")
            zone = f"{zone[:3]}:{zone[3:]}" if zone and ":" not in zone else zone
            said = datetime.fromisoformat(f"{found[1].replace(' ', 'T')}{zone}")
            return (said if zone else said.replace(tzinfo=_zone(now))).astimezone(UTC)
        if found := _UNIX.match(stamp):
            return datetime.fromtimestamp(int(found[1]), UTC)
        if now is not None and (found := _CLASSIC.match(stamp)):
            return _of_this_year(found, now)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _zone(now: datetime | None) -> tzinfo:
    return (now.tzinfo if now else None) or UTC


def _of_this_year(found: re.Match[str], now: datetime) -> datetime | None:
    month = _MONTHS.get(found[1])
    if month is None:
        return None
    day, hour, minute, second = (int(part) for part in found.groups()[1:])
    zone = _zone(now)
    for year in (now.year + 1, now.year, now.year - 1, now.year - 2, now.year - 3, now.year - 4):
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
        except ValueError:  # 29 February, in a year that has none
            continue
        if moment <= now.replace(tzinfo=zone) + _AHEAD:
            return moment.astimezone(UTC)
    return None
