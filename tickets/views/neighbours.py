"""A ticket and the query of a queue in; the tickets before and after it in that queue out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet, Subquery
from django.http import QueryDict

from hosts.models import User
from tickets.models import Ticket
from tickets.views.queue_rows import Rows, rows_of


@dataclass(frozen=True, slots=True)
class Around:
    """The number of the ticket above and below in the queue, "" at its ends."""

    before: str
    after: str


def neighbours(user: User, ticket: Ticket, query: str) -> Around | None:
    """What stands above and below in the queue one came from; None where one came from none."""
    if not query:
        return None
    rows = rows_of(user, QueryDict(query))
    value = rows.value_of(ticket)
    if value is None:
        return Around("", "")
    sides = (not rows.descending, rows.descending)
    asked = [Subquery(_next(rows, value, ticket.pk, falls=falls)) for falls in sides]
    before, after = Ticket.objects.filter(pk=ticket.pk).values_list(*asked).get()
    return Around(before or "", after or "")


def _next(rows: Rows, value: Any, pk: int, *, falls: bool) -> QuerySet[Ticket, str]:
    side = "lt" if falls else "gt"
    beyond = Q(**{f"{rows.column}__{side}": value}) | Q(**{rows.column: value, f"pk__{side}": pk})
    beyond &= Q(**{f"{rows.column}__{side}e": value})  # where an index begins: with OR alone it is read from its end
    order = [F(name).desc() if falls else F(name).asc() for name in (rows.column, "pk")]
    return rows.tickets.filter(beyond).order_by(*order).values_list("number", flat=True)[:1]
