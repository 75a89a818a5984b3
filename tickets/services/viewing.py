"""Who has a ticket open and what they have typed and not sent. Neither is worth a line in the book."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tickets.models import Agent, Draft, Ticket, Viewing

IS_HERE = timedelta(seconds=45)


@transaction.atomic
def look(ticket: Ticket, agent: Agent, *, read_up_to: int | None = None, is_writing: bool = False) -> None:
    """The agent has the ticket open now. `read_up_to` is the newest entry that was shown; it never goes back."""
    row, _ = Viewing.objects.select_for_update().get_or_create(
        ticket=ticket, agent=agent, defaults={"seen_at": timezone.now()}
    )
    row.seen_at, row.is_writing = timezone.now(), is_writing
    row.read_up_to = max(row.read_up_to, read_up_to or 0)
    row.save(update_fields=["seen_at", "is_writing", "read_up_to"])


def viewers(ticket: Ticket, *, but: Agent | None) -> list[Viewing]:
    """The other agents who look at the ticket or write in it at this moment."""
    since = timezone.now() - IS_HERE
    rows = ticket.viewings.filter(seen_at__gte=since).select_related("agent__user").order_by("pk")
    return list(rows.exclude(agent=but) if but else rows)


def read_marks(agent: Agent | None, tickets: list[Ticket]) -> dict[int, int]:
    """For each ticket that the agent has opened, the newest entry they were shown."""
    if agent is None:
        return {}
    rows = Viewing.objects.filter(agent=agent, ticket__in=tickets)
    return dict(rows.values_list("ticket_id", "read_up_to"))


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
