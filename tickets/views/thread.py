"""A ticket in; its conversation in reading order, entries and events between them, out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Prefetch, QuerySet

from tickets.choices import EntryKind, MailKind
from tickets.models import Attachment, Entry, Event, OutgoingMail, Ticket

MOST_SHOWN = 50
MOST_EVENTS = 300
TO_CUSTOMERS = (
    MailKind.TICKET_REPLY,
    MailKind.ACTIVITY_NOTICE,
    MailKind.TICKET_FORWARD,
    MailKind.TICKET_NOTICE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a thread: an entry with the mails that carry it to customers, or an event."""

    at: datetime
    entry: Entry | None = None
    event: Event | None = None
    mails: tuple[OutgoingMail, ...] = ()
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest lines of a ticket, oldest first. `earlier` counts the entries that are not shown."""

    lines: list[Line]
    earlier: int
    newest: int
    entries: list[Entry] = field(default_factory=list)

    @property
    def last_message(self) -> Entry | None:
        """The newest word of a customer, which an answer answers."""
        return next((one for one in reversed(self.entries) if one.kind == EntryKind.MESSAGE), None)


def thread_of(ticket: Ticket, *, count: int, read_up_to: int = 0, everything: bool = False) -> Thread:
    """What was said and what happened. A long ticket shows its newest entries unless all are asked for; it has `count`
    of them.
    """
    found = list(shown_entries(ticket.entries.order_by("-id"))[: None if everything else MOST_SHOWN + 1])
    has_more = not everything and len(found) > MOST_SHOWN
    entries = list(reversed(found[:MOST_SHOWN] if has_more else found))
    earlier = count - MOST_SHOWN if has_more else 0
    events = ticket.events.order_by("-id").defer("user")
    if has_more:
        events = events.filter(at__gte=entries[0].posted_at)
    newest_events = events if everything else events[:MOST_EVENTS]
    lines = [
        *(line_of(entry, is_new=0 < read_up_to < entry.pk) for entry in entries),
        *(Line(event.at, event=event) for event in newest_events),
    ]
    lines.sort(key=lambda line: (line.at, line.entry is None))
    return Thread(lines, earlier, entries[-1].pk if entries else 0, entries)


def shown_entries(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries with what a page says of them, in a fixed number of queries. Who wrote one stands in its own columns."""
    carried = OutgoingMail.objects.filter(kind__in=TO_CUSTOMERS).order_by("pk").defer("text", "html", "headers")
    files = Attachment.objects.select_related("file")
    return entries.annotate(home_number=F("home__number")).prefetch_related(
        Prefetch("attachments", queryset=files), Prefetch("outgoing", queryset=carried, to_attr="carried")
    )


def line_of(entry: Entry, *, is_new: bool = False) -> Line:
    """An entry as a line of the thread."""
    return Line(entry.posted_at, entry=entry, mails=tuple(getattr(entry, "carried", ())), is_new=is_new)
