"""A ticket in; what stands beside its conversation out: times, person, machines, choices for its properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from hosts.models import Host, User
from tickets.choices import TicketSource, TicketState
from tickets.models import Agent, Collaborator, Draft, Entry, Follower, Referral, Task, Ticket, TicketLink
from tickets.rules.timers import Timer, timer
from tickets.services import house

MOST_MACHINES = 6
MOST_OTHERS = 5


def timers(ticket: Ticket) -> dict[str, Timer | None]:
    """The two promises: to the first response and to the end. A date set by hand goes before the SLA's."""
    now = timezone.now()
    ended_at = (ticket.resolved_at or ticket.closed_at) if ticket.is_finished else None
    return {
        "first": timer(ticket.created_at, ticket.first_response_due_at, now, done_at=ticket.first_response_at),
        "whole": timer(ticket.reopened_at or ticket.created_at, due_of(ticket), now, done_at=ended_at),
    }


def due_of(ticket: Ticket) -> Any:
    """When the ticket is due, if it is."""
    return ticket.due_at or ticket.sla_due_at


@dataclass(frozen=True, slots=True)
class There:
    """Which of the things that a ticket may have it has, and how many entries."""

    names: frozenset[str]
    entries: int

    def __contains__(self, name: str) -> bool:
        return name in self.names


def what_is_there(ticket: Ticket, agent: Agent | None) -> There:
    """In one query: most tickets have few of these things, and the others are not asked for."""
    here = OuterRef("pk")
    named = {
        "tasks": Task.objects.filter(ticket=here),
        "collaborators": Collaborator.objects.filter(ticket=here),
        "referrals": Referral.objects.filter(ticket=here),
        "followers": Follower.objects.filter(ticket=here),
        "links_to": TicketLink.objects.filter(first=here),
        "links_from": TicketLink.objects.filter(second=here),
        "merged": Ticket.objects.filter(merged_into=here),
        "hosts": Ticket.hosts.through.objects.filter(ticket=here),
        "drafts": Draft.objects.filter(ticket=here, agent=agent),
    }
    entries = Entry.objects.filter(ticket=here).order_by().values("ticket").annotate(count=Count("pk")).values("count")
    asked = [*(Exists(rows) for rows in named.values()), Subquery(entries)]
    *found, count = Ticket.objects.filter(pk=ticket.pk).values_list(*asked).get()
    return There(frozenset(name for name, is_there in zip(named, found, strict=True) if is_there), count or 0)


def rail(ticket: Ticket, user: User, there: There) -> dict[str, Any]:
    """Everything at the right of a ticket, in a fixed number of queries. `there` is what it has of `what_is_there`."""

    def rows(name: str, found: QuerySet[Any]) -> list[Any]:
        return list(found) if name in there else []

    people = ticket.collaborators.select_related("contact").prefetch_related("contact__addresses").order_by("pk")
    tasks = ticket.tasks.select_related("agent__user", "team", "department").order_by("closed_at", "id")
    referrals = ticket.referrals.select_related("agent__user", "team", "department").order_by("pk")
    return {
        "timers": timers(ticket),
        "machines": machines(ticket, user, has_own="hosts" in there),
        "others": others(ticket, user),
        "tasks": rows("tasks", tasks),
        "collaborators": rows("collaborators", people),
        "referrals": rows("referrals", referrals),
        "followers": rows("followers", ticket.followers.select_related("agent__user").order_by("pk")),
        "links": linked(ticket, user) if "links_to" in there or "links_from" in there else [],
        "merged": rows("merged", ticket.merged.order_by("pk")[:50]),
    }


def machines(ticket: Ticket, user: User, *, has_own: bool = True) -> dict[str, Any]:
    """The hosts that the ticket names, then the others of its organization; those that the person may see."""
    if not user.has_perm("hosts.view_host"):
        return {"rows": [], "has_more": False}
    named = Q(tickets=ticket)
    if ticket.organization_id:
        named |= Q(organization=ticket.organization_id)
    if not has_own and not ticket.organization_id:
        return {"rows": [], "has_more": False, "named": set()}
    mine = set(ticket.hosts.values_list("pk", flat=True)) if has_own else set()
    found = list(Host.objects.visible_to(user).filter(named).distinct().order_by("name")[: 50 + 1])
    found.sort(key=lambda host: host.pk not in mine)
    rows = [(host, host.pk in mine) for host in found[:MOST_MACHINES]]
    return {"rows": rows, "has_more": len(found) > MOST_MACHINES, "named": mine}


def others(ticket: Ticket, user: User) -> dict[str, Any]:
    """The other tickets of the same person, and how many are open."""
    theirs = Ticket.objects.visible_to(user).filter(contact=ticket.contact_id).exclude(pk=ticket.pk)
    all_of_them = theirs.order_by().values("contact")
    are_open = Q(state=TicketState.OPEN)
    open_ones = all_of_them.annotate(count=Count("pk", filter=are_open)).values("count")
    rest = all_of_them.annotate(count=Count("pk", filter=~are_open)).values("count")
    shown = theirs.annotate(open_ones=Subquery(open_ones), rest=Subquery(rest)).order_by("-id")
    found = list(shown[:MOST_OTHERS])
    house.put_names(found)
    first: Any = next(iter(found), None)  # each row says the same
    return {"rows": found, "open": first.open_ones if first else 0, "rest": first.rest if first else 0}


def linked(ticket: Ticket, user: User) -> list[Ticket]:
    """Tickets that belong together with this one."""
    pairs = TicketLink.objects.filter(Q(first=ticket) | Q(second=ticket)).values_list("first", "second")
    keys = {key for pair in pairs for key in pair} - {ticket.pk}  # asked first: in one query, all tickets are read
    rows = Ticket.objects.visible_to(user).filter(pk__in=keys) if keys else Ticket.objects.none()
    return list(rows.select_related("status").order_by("pk"))


def choices() -> dict[str, Any]:
    """What the properties of a ticket can be set to."""
    return {
        "statuses": [row for row in house.statuses() if row.state != TicketState.DELETED],
        "priorities": list(house.priorities()),
        "departments": [row for row in house.departments() if not row.is_archived],
        "topics": [row for row in house.topics() if not row.is_archived],
        "agents": [row for row in house.agents() if row.user.is_active],
        "teams": [row for row in house.teams() if row.is_active],
        "slas": [row for row in house.slas() if row.is_active],
        "sources": TicketSource.choices,
    }
