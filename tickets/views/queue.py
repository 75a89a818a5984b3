"""The query string in; the tickets of a queue and what came meanwhile out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hosts.views.shell import fragment, page, person
from tickets.models import Agent, SavedQueue, Ticket
from tickets.rules.timers import Timer, timer
from tickets.services import viewing
from tickets.views.desk import agent_of, desk, queue_crumb
from tickets.views.queue_rows import Rows, rows_of
from tickets.views.rail import choices, due_of
from tickets.views.shelves import TITLES, saved_shelves, shelves_of

PAGE_SIZE = 50
MOST_NEWS = 99
COLUMNS = (
    ("contact", gettext_lazy("From")),
    ("agent", gettext_lazy("Agent")),
    ("status", gettext_lazy("Status")),
    ("due", gettext_lazy("Due")),
    ("active", gettext_lazy("Activity")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket as a row of the queue."""

    ticket: Ticket
    timer: Timer | None
    is_unread: bool


@require_safe
@desk
def listed(request: HttpRequest) -> HttpResponse:
    """What waits for us? A queue, a page of it."""
    user = person(request)
    agent = agent_of(user)
    rows = rows_of(user, request.GET)
    shown = rows.page(request.GET, agent.page_size if agent else PAGE_SIZE)
    chips, has_filters = list(rows.form.chips()), request.GET.get("filters") == "1"
    context = {
        "rows": rows,
        "form": rows.form,
        "columns": COLUMNS,
        "hidden_columns": _hidden(rows.saved),
        "has_filters": has_filters,
        "filter_fields": _filter_fields(rows) if has_filters else (),
        "shown": shown,
        "lines": _lines(shown.rows, agent),
        "chips": chips,
        "shelves": shelves_of(user),
        "saved_shelves": saved_shelves(user),
        "current": rows.name,
        "queue_title": rows.saved.name if rows.saved else TITLES.get(rows.name, rows.name),
        "is_fresh": not shown.rows and not chips and not Ticket.objects.visible_to(user).exists(),
        "sorts": _sort_links(request.GET, rows),
        "older": _with(request.GET, after=shown.after),
        "newer": _with(request.GET, before=shown.before),
        "query": request.GET.urlencode() or f"queue={rows.name}",
        "loaded_at": timezone.now().isoformat(),
        "choices": choices(),
        "agent": agent,
        "owns_saved": _owns(rows.saved, agent),
    }
    title = str(context["queue_title"])
    return page(request, "tickets/queue.html", context, title=title, crumbs=(queue_crumb(),))


@require_safe
@desk
def filters(request: HttpRequest) -> HttpResponse:
    """What a queue can be narrowed by: seldom opened, and with hundreds of boxes longer than the queue itself."""
    rows = rows_of(person(request), request.GET)
    return fragment(request, "tickets/_filters.html", {"filter_fields": _filter_fields(rows)})


@require_safe
@desk
def news(request: HttpRequest) -> HttpResponse:
    """How many tickets of this queue moved since the page was loaded, and the counts at the side anew."""
    user = person(request)
    query = QueryDict(request.GET.get("query", ""))
    since = parse_datetime(request.GET.get("since", "")) or timezone.now()
    rows = rows_of(user, query)
    fresh = rows.tickets.filter(active_at__gt=since).order_by()[: MOST_NEWS + 1].count()
    context = {
        "fresh": fresh,
        "is_many": fresh > MOST_NEWS,
        "query": query.urlencode(),
        "shelves": shelves_of(user),
        "current": rows.name,
    }
    return fragment(request, "tickets/_news.html", context)


def _lines(tickets: list[Ticket], agent: Agent | None) -> list[Line]:
    """Each ticket with what is left of its time, and whether a customer wrote something the agent has not seen."""
    now = timezone.now()
    unread = viewing.unread(agent, tickets)
    return [
        Line(
            ticket,
            None if ticket.is_finished else timer(ticket.reopened_at or ticket.created_at, due_of(ticket), now),
            ticket.pk in unread and not ticket.is_finished,
        )
        for ticket in tickets
    ]


def _filter_fields(rows: Rows) -> list[BoundField]:
    return [field for field in rows.form if field.name != "q"]


def _owns(saved: SavedQueue | None, agent: Agent | None) -> bool:
    return saved is not None and agent is not None and saved.owner_id == agent.pk


def _hidden(saved: SavedQueue | None) -> frozenset[str]:
    """The columns that a saved queue leaves out; one that keeps none shows all, as the browser remembers them."""
    names = {name for name, _words in COLUMNS}
    return frozenset(names - set(saved.columns)) if saved is not None and saved.columns else frozenset()


def _sort_links(query: QueryDict, rows: Rows) -> dict[str, dict[str, Any]]:
    """For each sortable head: the query string of a click on it, and how it is sorted now (aria-sort)."""
    links = {}
    for each in rows.sorts:
        is_now = each == rows.column
        falls = not rows.descending if is_now else each in ("active_at", "created_at")
        now = ("descending" if rows.descending else "ascending") if is_now else "none"
        links[each] = {"query": _with(query, sort=f"-{each}" if falls else each), "now": now}
    return links


def _with(query: QueryDict, **values: str) -> str:
    """The query string with values set; the page begins anew."""
    changed = query.copy()
    for gone in ("before", "after"):
        changed.pop(gone, None)
    for name, value in values.items():
        changed[name] = value
    return changed.urlencode()
