"""The queues of the desk: which tickets are in each, and how many; those that somebody made are saved here."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from hosts.errors import BadInput, NotAllowed
from hosts.facts.words import gettext_noop, words
from hosts.models import User
from hosts.services.audit import Actor, differences, note, snapshot
from tickets.choices import TicketState
from tickets.models import Agent, SavedQueue, TeamMember, Ticket
from tickets.models.read_once import known_of, once
from tickets.services.access import agent_of

OPEN = Q(state=TicketState.OPEN)
_NOTHING = Q(pk__in=())
_CONDITIONS: dict[str, Callable[[Agent | None], Q]] = {
    "open": lambda agent: OPEN & Q(is_answered=False),
    "answered": lambda agent: OPEN & Q(is_answered=True),
    "overdue": lambda agent: OPEN & Q(is_overdue=True),
    "mine": lambda agent: OPEN & (Q(agent=agent) if agent else _NOTHING),
    "teams": lambda agent: OPEN & Q(team__in=_teams(agent)),
    "unassigned": lambda agent: OPEN & Q(agent=None, team=None),
    "resolved": lambda agent: Q(state=TicketState.RESOLVED),
    "closed": lambda agent: Q(state=TicketState.CLOSED, merged_into=None),
}
QUEUES = tuple(_CONDITIONS)
COUNTED = ("open", "answered", "overdue", "mine", "teams", "unassigned", "resolved")
"""Closed tickets are as many as there ever were and nobody works them off: they are not counted."""
MOST_COUNTED = 10_000
WAITING = "waiting"


def queue_of(user: User, name: str) -> QuerySet[Ticket]:
    """The tickets of a queue that the person may see. KeyError for a name that is none of QUEUES."""
    return Ticket.objects.visible_to(user).filter(_CONDITIONS[name](agent_of(user)))


def counts(user: User) -> dict[str, int]:
    """{queue: how many} for COUNTED, in one walk over the open tickets and one over the resolved ones.

    Open tickets are few, however many there were: their index is walked once for all queues. A count stops at
    MOST_COUNTED, which stands for “more than that”.
    """
    found = once(("counts", user.pk), lambda: _counted(user))
    return {name: found[name] for name in COUNTED}


def waiting(user: User, most: int) -> int:
    """How many open tickets wait for an answer of this person: their own and those of nobody; not more than `most`."""
    counted: dict[str, int] | None = known_of(("counts", user.pk))
    if counted is not None:
        return min(counted[WAITING], most)
    rows = Ticket.objects.visible_to(user).filter(_waiting(agent_of(user))).order_by()
    return rows[:most].count()


def _waiting(agent: Agent | None) -> Q:
    nobody = Q(agent=None, team=None)
    return OPEN & Q(is_answered=False) & (nobody | Q(agent=agent) if agent else nobody)


def _counted(user: User) -> dict[str, int]:
    agent = agent_of(user)
    visible = Ticket.objects.visible_to(user).order_by()
    of_open = [name for name in COUNTED if name != "resolved"]
    found: dict[str, int] = visible.filter(OPEN).aggregate(
        **{name: Count("pk", filter=_CONDITIONS[name](agent)) for name in of_open},
        **{WAITING: Count("pk", filter=_waiting(agent))},
    )
    resolved = visible.filter(_CONDITIONS["resolved"](agent))[:MOST_COUNTED].count()
    return {**found, "resolved": resolved}


@transaction.atomic
def save_queue(row: SavedQueue, *, by: Actor) -> SavedQueue:
    """Create or change a queue of one's own; only administrators change those of others."""
    _require_own(row, by)
    old = SavedQueue.objects.filter(pk=row.pk).first() if row.pk else None
    before = snapshot(old) if old is not None else None
    if not isinstance(row.filters, dict) or not isinstance(row.columns, list):
        raise BadInput(words(gettext_noop("A queue keeps filters by name, and a list of columns.")), field="filters")
    row.full_clean(exclude=["filters", "columns"])  # a queue may keep none of them
    row.save()
    note(by, "create" if before is None else "change", row, details=differences(row, before or {}))
    return row


@transaction.atomic
def delete_queue(row: SavedQueue, *, by: Actor) -> None:
    """Delete a queue; its tickets stay where they are."""
    _require_own(row, by)
    note(by, "delete", row)
    row.delete()


def _require_own(row: SavedQueue, by: Actor) -> None:
    if by.user is not None and not by.user.is_superuser and row.owner.user_id != by.user.pk:
        raise NotAllowed(words(gettext_noop("This queue belongs to somebody else. Save a copy under your own name.")))


def _teams(agent: Agent | None) -> QuerySet[TeamMember, int | None]:
    return TeamMember.objects.filter(agent=agent).values_list("team", flat=True)
