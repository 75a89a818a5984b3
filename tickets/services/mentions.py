"""An entry in; the agents whose names stand in it behind an @ follow the ticket and are given back."""

from __future__ import annotations

from collections import Counter

from django.db.models import Q, QuerySet

from hosts.services.audit import Actor
from tickets.choices import EventKind
from tickets.models import Agent, Entry, Follower, Ticket
from tickets.rules.mentions import mentions
from tickets.services.book import happened


def follow_up(entry: Entry, *, by: Actor) -> tuple[Agent, ...]:
    """Those who may see the ticket and did not write the entry themselves; for verbs that hold the ticket."""
    named = {agent.pk for agent in mentioned(entry.text)} - {entry.agent_id}
    found = tuple(seeing(entry.ticket).filter(pk__in=named).order_by("pk")) if named else ()
    for agent in found:
        Follower.objects.get_or_create(ticket=entry.ticket, agent=agent)
        happened(entry.ticket, EventKind.MENTIONED, by=by, agent=str(agent), entry=entry.pk)
    return found


def seeing(ticket: Ticket) -> QuerySet[Agent]:
    """The agents who see the ticket, so that it makes sense to name them in it."""
    given = Q(pk=ticket.agent_id) | Q(referrals__ticket=ticket) | Q(memberships__team__referrals__ticket=ticket)
    if ticket.team_id is not None:
        given |= Q(memberships__team=ticket.team_id)
    works_there = Q(department=ticket.department_id) | Q(accesses__department=ticket.department_id)
    referred = Q(department__referrals__ticket=ticket) | Q(accesses__department__referrals__ticket=ticket)
    seen = Q(user__is_superuser=True) | given | (Q(only_assigned=False) & (works_there | referred))
    keys = Agent.objects.filter(seen, user__is_active=True).values("pk")
    return Agent.objects.filter(pk__in=keys).select_related("user")


def offered(ticket: Ticket, typed: str, most: int) -> list[tuple[str, Agent]]:
    """(what stands behind the @, agent) of those who see the ticket and whose name or address fits what is typed."""
    rows = seeing(ticket)
    for word in typed.replace(".", " ").replace("_", " ").split():
        rows = rows.filter(Q(user__name__icontains=word) | Q(user__email__icontains=word))
    found = list(rows.order_by("user__name", "pk")[:most])
    own = [agent.user.email.casefold().partition("@")[0] for agent in found]
    alike = Agent.objects.filter(user__is_active=True).values_list("user__email", flat=True)
    taken = Counter(email.casefold().partition("@")[0] for email in alike)
    return [
        (name if taken[name] == 1 else agent.user.email.casefold(), agent)
        for name, agent in zip(own, found, strict=True)
    ]


def mentioned(text: str) -> list[Agent]:
    """The agents that are meant: by address, by its part before the @, or by name without blanks or with dots."""
    wanted = set(mentions(text))
    if not wanted:
        return []
    people = Agent.objects.filter(user__is_active=True).select_related("user").order_by("pk")
    return [agent for agent in people if wanted & _names(agent)]


def _names(agent: Agent) -> set[str]:
    email, name = agent.user.email.casefold(), agent.user.name.casefold()
    return {email, email.partition("@")[0], name.replace(" ", ""), name.replace(" ", "."), name.replace(" ", "_")} - {
        ""
    }
