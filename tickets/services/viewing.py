"""Who has a ticket open and what they have typed and not sent. Neither is worth a line in the book."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from tickets.choices import EntryKind
from tickets.models import Agent, Draft, Entry, Ticket, Viewing

IS_HERE = timedelta(seconds=45)


def look(ticket: Ticket, agent: Agent, *, read_up_to: int | None = None, is_writing: bool = False) -> None:
    """The agent has the ticket open now. `read_up_to` is the newest entry that was shown; it never goes back."""
    now, mine = timezone.now(), Viewing.objects.filter(ticket=ticket, agent=agent)
    newest = read_up_to or 0
    found = {"seen_at": now, "is_writing": is_writing}
    if not mine.update(read_up_to=Greatest("read_up_to", newest), **found):
        Viewing.objects.get_or_create(ticket=ticket, agent=agent, defaults={"read_up_to": newest, **found})


def viewers(ticket: Ticket, *, but: Agent | None) -> list[Viewing]:
    """The other agents who look at the ticket or write in it at this moment."""
    since = timezone.now() - IS_HERE
    rows = ticket.viewings.filter(seen_at__gte=since).select_related("agent__user").order_by("pk")
    return list(rows.exclude(agent=but) if but else rows)


def viewings(ticket: Ticket, agent: Agent | None) -> tuple[int, list[Viewing]]:
    """(the newest entry that the agent was shown, the others who are here), in one query."""
    here = Q(seen_at__gte=timezone.now() - IS_HERE)
    rows = ticket.viewings.filter(here | Q(agent=agent) if agent else here)
    found = list(rows.select_related("agent__user").order_by("pk"))
    own = agent.pk if agent else None
    read_up_to = next((row.read_up_to for row in found if row.agent_id == own), 0)
    return read_up_to, [row for row in found if row.agent_id != own]


def unread(agent: Agent | None, tickets: list[Ticket]) -> set[int]:
    """The keys of those of the tickets in which a customer wrote something that the agent was not shown."""
    if agent is None:
        return set()
    seen = Viewing.objects.filter(agent=agent, ticket=OuterRef("ticket")).values("read_up_to")
    said = Entry.objects.filter(ticket__in=tickets, kind=EntryKind.MESSAGE).values("ticket")
    rows = said.annotate(last=Max("pk"), seen=Subquery(seen)).values_list("ticket", "last", "seen")
    return {ticket for ticket, last, read_up_to in rows if last > (read_up_to or 0)}


@transaction.atomic
def keep_draft(ticket: Ticket | None, agent: Agent, kind: str, text: str) -> None:
    """Keep what is being typed; nothing but blanks removes the draft."""
    if text.strip():
        Draft.objects.update_or_create(
            agent=agent, ticket=ticket, kind=kind, defaults={"text": text, "saved_at": timezone.now()}
        )
    else:
        drop_draft(ticket, agent, kind)


def drop_draft(ticket: Ticket | None, agent: Agent, kind: str) -> None:
    """It was sent, or nobody wants it any more."""
    Draft.objects.filter(agent=agent, ticket=ticket, kind=kind).delete()
