"""A ticket in; what stands beside its conversation out: times, person, machines, choices for its properties."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone

from hosts.models import Host, User
from tickets.choices import TicketSource, TicketState
from tickets.models import Agent, Department, HelpTopic, Priority, Sla, Status, Team, Ticket, TicketLink
from tickets.rules.timers import Timer, timer

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


def rail(ticket: Ticket, user: User) -> dict[str, Any]:
    """Everything at the right of a ticket, in a fixed number of queries."""
    return {
        "timers": timers(ticket),
        "machines": machines(ticket, user),
        "others": others(ticket, user),
        "tasks": list(ticket.tasks.select_related("agent__user", "team", "department").order_by("closed_at", "id")),
        "collaborators": list(
            ticket.collaborators.select_related("contact").prefetch_related("contact__addresses").order_by("pk")
        ),
        "referrals": list(ticket.referrals.select_related("agent__user", "team", "department").order_by("pk")),
        "followers": list(ticket.followers.select_related("agent__user").order_by("pk")),
        "links": linked(ticket, user),
        "merged": list(ticket.merged.order_by("pk")[:50]),
    }


def machines(ticket: Ticket, user: User) -> dict[str, Any]:
    """The hosts that the ticket names, then the others of its organization; those that the person may see."""
    if not user.has_perm("hosts.view_host"):
        return {"rows": [], "has_more": False}
    named = Q(tickets=ticket)
    if ticket.organization_id:
        named |= Q(organization=ticket.organization_id)
    mine = set(ticket.hosts.values_list("pk", flat=True))
    found = list(Host.objects.visible_to(user).filter(named).distinct().order_by("name")[: 50 + 1])
    found.sort(key=lambda host: host.pk not in mine)
    rows = [(host, host.pk in mine) for host in found[:MOST_MACHINES]]
    return {"rows": rows, "has_more": len(found) > MOST_MACHINES, "named": mine}


def others(ticket: Ticket, user: User) -> dict[str, Any]:
    """The other tickets of the same person, and how many are open."""
    theirs = Ticket.objects.visible_to(user).filter(contact=ticket.contact_id).exclude(pk=ticket.pk)
    return {
        "rows": list(theirs.select_related("status").order_by("-id")[:MOST_OTHERS]),
        "open": theirs.filter(state=TicketState.OPEN).count(),
        "rest": theirs.exclude(state=TicketState.OPEN).count(),
    }


def linked(ticket: Ticket, user: User) -> list[Ticket]:
    """Tickets that belong together with this one."""
    pairs = TicketLink.objects.filter(Q(first=ticket) | Q(second=ticket)).values_list("first", "second")
    keys = {key for pair in pairs for key in pair} - {ticket.pk}  # asked first: in one query, all tickets are read
    rows = Ticket.objects.visible_to(user).filter(pk__in=keys) if keys else Ticket.objects.none()
    return list(rows.select_related("status").order_by("pk"))


def choices() -> dict[str, Any]:
    """What the properties of a ticket can be set to; small tables, read whole."""
    return {
        "statuses": list(Status.objects.exclude(state=TicketState.DELETED)),
        "priorities": list(Priority.objects.all()),
        "departments": list(Department.objects.filter(is_archived=False).order_by("name")),
        "topics": list(HelpTopic.objects.filter(is_archived=False)),
        "agents": list(Agent.objects.filter(user__is_active=True).select_related("user").order_by("user__name")),
        "teams": list(Team.objects.filter(is_active=True).order_by("name")),
        "slas": list(Sla.objects.filter(is_active=True).order_by("name")),
        "sources": TicketSource.choices,
    }
