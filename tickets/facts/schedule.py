"""Working hours as the rules count with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When somebody works. `week` has seven days from Monday, each with (begin, end) in minutes after midnight.

    1440 is the end of the day. `time_zone` is a name of the IANA data base; nobody works on `days_off`.
    """

    time_zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    days_off: frozenset[date] = frozenset()
