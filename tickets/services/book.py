"""What happened to a ticket in; a line of its thread, a line in the book and rows for webhooks out."""

from __future__ import annotations

from typing import Any

from hosts.services.audit import Actor, line
from tickets.choices import EntryKind, EventKind
from tickets.models import Entry, Event, Ticket
from tickets.services import later, webhooks

WORD_OF: dict[str, str] = {EntryKind.MESSAGE: "message", EntryKind.RESPONSE: "reply", EntryKind.NOTE: "note"}


def happened(ticket: Ticket, kind: EventKind, /, *, by: Actor, **data: Any) -> Event:
    """Write down an event. `data` is JSON: names as texts under the words that pages show (agent, team, ticket, …)."""
    event = Event(
        ticket=ticket, kind=kind, user=by.user, actor_name=by.name[:254], data={k: v for k, v in data.items() if v}
    )
    later.put(event, line(by, f"ticket {kind.value}", ticket, organization=ticket.organization, details=event.data))
    webhooks.queue(kind.value, ticket, event.data, by=by)
    return event


def was_said(entry: Entry, *, by: Actor) -> None:
    """Write down that an entry was added. Its words stay in the thread and out of the book."""
    ticket, word = entry.ticket, WORD_OF[entry.kind]
    details = {"entry": str(entry.pk), "from": entry.author_name}
    later.put(line(by, f"ticket {word}", ticket, organization=ticket.organization, details=details))
    webhooks.queue(word, ticket, {"entry": entry.pk, "author": entry.author_name}, by=by)
