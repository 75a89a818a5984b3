"""Who asks in; the queues at the side, with how many tickets are in each, out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from hosts.models import User
from tickets.models import Agent
from tickets.services import queues
from tickets.views.queue_rows import SAVED, queues_of

TITLES = {
    "open": _("Open"),
    "answered": _("Answered"),
    "overdue": _("Overdue"),
    "mine": _("Mine"),
    "teams": _("My teams"),
    "unassigned": _("Unassigned"),
    "resolved": _("Resolved"),
    "closed": _("Closed"),
    "all": _("All tickets"),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A queue at the side: its name in a query string, its words, and how many are in it where that is known."""

    name: str
    title: Any
    count: int | None = None
    owner: Agent | None = None


def shelves_of(user: User) -> list[Shelf]:
    """The queues that everybody has."""
    counts = queues.counts(user)
    return [Shelf(name, title, counts.get(name)) for name, title in TITLES.items()]


def saved_shelves(user: User) -> list[Shelf]:
    """One's own queues and those that colleagues share."""
    return [Shelf(f"{SAVED}{row.pk}", row.name, owner=row.owner) for row in queues_of(user)]
