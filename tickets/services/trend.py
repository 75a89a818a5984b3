"""Who asks in; how many tickets were opened and how many were solved on each of the last days out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from hosts.models import User
from tickets.models import Ticket

DAYS = 14


@dataclass(frozen=True, slots=True)
class DayOfDesk:
    """A day where the reader is: tickets that began on it, and tickets that were resolved or closed on it for good."""

    day: date
    opened: int
    solved: int


def last_days(user: User) -> list[DayOfDesk]:
    """The last two weeks up to today, of what `user` may see. Two queries.

    Whatever happens to a ticket is an activity, so that the index of activity leads to all of them.
    """
    today = timezone.localdate()
    first = today - timedelta(days=DAYS - 1)
    since = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    recent = Ticket.objects.visible_to(user).filter(active_at__gte=since).order_by()
    opened, solved = (_by_day(recent, column, since) for column in ("created_at", "resolved_at"))
    days = [first + timedelta(days=number) for number in range(DAYS)]
    return [DayOfDesk(day, opened.get(day, 0), solved.get(day, 0)) for day in days]


def _by_day(recent: QuerySet[Ticket], column: str, since: datetime) -> dict[date, int]:
    rows = recent.filter(**{f"{column}__gte": since}).annotate(day=TruncDate(column)).values_list("day")
    return dict(rows.annotate(n=Count("pk")))
