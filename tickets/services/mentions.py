"""An entry in; the agents whose names stand in it behind an @ follow the ticket and are given back."""

from __future__ import annotations

from hosts.services.audit import Actor
from tickets.choices import EventKind
from tickets.models import Agent, Entry, Follower
from tickets.rules.mentions import mentions
from tickets.services import access
from tickets.services.book import happened


def follow_up(entry: Entry, *, by: Actor) -> tuple[Agent, ...]:
    """Those who may see the ticket and did not write the entry themselves; for verbs that hold the ticket."""
    found = tuple(
        agent
        for agent in mentioned(entry.text)
        if agent.pk != entry.agent_id and (agent.user.is_superuser or access.permissions(agent.user, entry.ticket))
    )
    for agent in found:
        Follower.objects.get_or_create(ticket=entry.ticket, agent=agent)
        happened(entry.ticket, EventKind.MENTIONED, by=by, agent=str(agent), entry=entry.pk)
    return found


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
