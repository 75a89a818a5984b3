"""Who asks and a query string in; the tickets of the queue it names, narrowed and in their order, out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from django.db.models import DateTimeField, F, Q, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.http import QueryDict

from hosts.models import User
from hosts.views.keyset import Page, keyset_page
from tickets.forms.queue import QueueForm
from tickets.models import SavedQueue, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.services import house, queues
from tickets.views.desk import agent_of

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
SORTS = ("active_at", "created_at", "subject", "urgency", "due")
SORTS_OF_MANY = ("active_at",)
"""Of queues with a million tickets: sorted by anything else, all of them would be read for each page."""
SAVED = "saved-"
ALL = "all"
MANY = (ALL, "closed")


@dataclass(frozen=True, slots=True)
class Rows:
    """A queue as it was asked for. `column` is a column or annotation that is never null."""

    name: str
    saved: SavedQueue | None
    form: QueueForm
    tickets: TicketQuerySet
    column: str
    descending: bool
    sorts: tuple[str, ...] = SORTS

    def page(self, query: QueryDict, size: int) -> Page[Ticket]:
        """A page of it with the people of each ticket, from the cursor in the query string."""
        shown = keyset_page(
            self.tickets,
            self.column,
            descending=self.descending,
            before=query.get("before", ""),
            after=query.get("after", ""),
            size=size,
            read_by=_sortable(Ticket.objects.with_people(), self.column),
        )
        nameless = [ticket.contact for ticket in shown.rows if not ticket.contact.name]
        prefetch_related_objects(nameless, "addresses")
        house.put_names(shown.rows)
        return shown

    def value_of(self, ticket: Ticket) -> Any:
        """What the ticket is sorted by; None where the queue cannot be sorted with it."""
        if self.column == "due":
            return ticket.due_at or ticket.sla_due_at or NEVER
        return ticket.priority.urgency if self.column == "urgency" else getattr(ticket, self.column)


def rows_of(user: User, query: QueryDict) -> Rows:
    """The queue that the query names, or the one the agent starts with. A name of nobody's gives the open one."""
    agent = agent_of(user)
    name = query.get("queue", "") or (agent.default_queue if agent else "") or "open"
    saved = _saved(user, name)
    if saved is None and name not in (*queues.QUEUES, ALL):
        name = "open"
    wanted = _with_filters(query, saved) if saved else query
    form = QueueForm(wanted, user=user)
    base = str(saved.filters.get("queue", ALL)) if saved else name
    tickets = queues.queue_of(user, base) if base in queues.QUEUES else Ticket.objects.visible_to(user)
    sorts = SORTS_OF_MANY if base in MANY and not wanted.get("q", "").strip() else SORTS
    column, descending = order_of(wanted, saved, sorts)
    narrowed = _sortable(cast(TicketQuerySet, form.narrowed(tickets)), column)
    return Rows(name, saved, form, narrowed, column, descending, sorts)


def order_of(query: QueryDict, saved: SavedQueue | None, sorts: tuple[str, ...]) -> tuple[str, bool]:
    """The column, one of `sorts`, and whether it falls; the newest activity first where nothing is said."""
    wanted = query.get("sort", "") or (saved.sort if saved else "") or "-active_at"
    column = wanted.removeprefix("-")
    return (column, wanted.startswith("-")) if column in sorts else ("active_at", True)


def queues_of(user: User) -> list[SavedQueue]:
    """The person's own queues and those shared with everybody."""
    agent = agent_of(user)
    mine = Q(owner=agent) if agent else Q()
    return list(SavedQueue.objects.filter(mine | Q(is_shared=True)).select_related("owner__user").order_by("name"))


def _saved(user: User, name: str) -> SavedQueue | None:
    pk = name.removeprefix(SAVED)
    if not name.startswith(SAVED) or not pk.isdecimal():
        return None
    return next((row for row in queues_of(user) if row.pk == int(pk)), None)


def _with_filters(query: QueryDict, saved: SavedQueue) -> QueryDict:
    """The query with what the queue keeps, where the query itself says nothing of that field."""
    both = query.copy()
    for name, values in saved.filters.items():
        if name not in both and name != "queue":
            both.setlist(name, values if isinstance(values, list) else [str(values)])
    return both


def _sortable(tickets: TicketQuerySet, column: str) -> TicketQuerySet:
    """With the column, where it is none of the table's."""
    return tickets.annotate(**{column: _sorted_by()[column]}) if column in _sorted_by() else tickets


def _sorted_by() -> dict[str, Any]:
    far = Value(NEVER, output_field=DateTimeField())
    return {"urgency": F("priority__urgency"), "due": Coalesce("due_at", "sla_due_at", far)}
