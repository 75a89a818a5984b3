"""What happened to a ticket in; a line of its thread, a line in the book and rows for webhooks out."""

from __future__ import annotations

from typing import Any

from hosts.facts.words import gettext_noop
from hosts.services.audit import Actor, line
from tickets.choices import EntryKind, EventKind
from tickets.models import Entry, Event, Ticket
from tickets.services import later, webhooks

SAID = frozenset(
    {
        gettext_noop("ticket created"),
        gettext_noop("ticket resolved"),
        gettext_noop("ticket closed"),
        gettext_noop("ticket archived"),
        gettext_noop("ticket reopened"),
        gettext_noop("ticket status"),
        gettext_noop("ticket assigned"),
        gettext_noop("ticket released"),
        gettext_noop("ticket transferred"),
        gettext_noop("ticket referred"),
        gettext_noop("ticket edited"),
        gettext_noop("ticket overdue"),
        gettext_noop("ticket collaborator"),
        gettext_noop("ticket owner"),
        gettext_noop("ticket merged"),
        gettext_noop("ticket unmerged"),
        gettext_noop("ticket split"),
        gettext_noop("ticket linked"),
        gettext_noop("ticket unlinked"),
        gettext_noop("ticket forwarded"),
        gettext_noop("ticket deleted"),
        gettext_noop("ticket restored"),
        gettext_noop("ticket entry-edited"),
        gettext_noop("ticket bounced"),
        gettext_noop("ticket task"),
        gettext_noop("ticket mentioned"),
        gettext_noop("ticket message"),
        gettext_noop("ticket reply"),
        gettext_noop("ticket note"),
        gettext_noop("task overdue"),
        gettext_noop("merge"),
        gettext_noop("move address"),
        gettext_noop("mark-failed"),
        gettext_noop("clear failure"),
        gettext_noop("send-again"),
        gettext_noop("test-mail"),
        gettext_noop("change preferences"),
    }
)
"""The verbs that the desk writes into the book, so that it can say them in the language of whoever reads it."""
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
