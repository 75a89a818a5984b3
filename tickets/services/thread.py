"""What is said in a ticket: messages of people outside, answers of agents, notes. Each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor
from tickets.choices import EntryKind, EventKind, MailKind, Permission, TicketState
from tickets.facts.verbs import NewEntry, NewFile
from tickets.models import Agent, Contact, Draft, Entry, Status, Ticket
from tickets.models.read_once import found_out, one_reading
from tickets.render.safe_html import safe_html
from tickets.services import access, assign, files, mail_out, mentions, promises, search, state
from tickets.services.book import happened, was_said
from tickets.services.hold import hold, hold_whole
from tickets.services.later import written_at_the_end
from tickets.services.people import checked_email, contact_for

TO_ALL = "all"
TO_NOBODY = "nobody"


@transaction.atomic
@one_reading()
@written_at_the_end()
def post_message(ticket: Ticket, new: NewEntry, *, by: Actor, tells: bool = True) -> Entry:
    """A customer says something. The ticket is not answered any more, and a finished one opens again where it can.

    In a merged ticket it is said in the one that it was merged into. WrongState where the ticket is finished for good:
    then a new one is wanted. What a program wrote is kept, but opens nothing and is not acknowledged.
    """
    home, ticket = ticket, hold_whole(ticket)
    now = timezone.now()
    wakes = ticket.is_finished and new.reopens and not new.is_automatic
    if wakes and not ticket.status.can_reopen:
        raise WrongState(
            words(
                gettext_noop("Ticket %(number)s is finished for good. Please open a new one; your text is still here."),
                number=ticket.number,
            )
        )
    entry = write(ticket, new, EntryKind.MESSAGE, home=home)
    ticket.last_message_at = ticket.active_at = now
    ticket.is_answered = ticket.is_answered and new.is_automatic
    ticket.minutes_spent += new.minutes_spent
    ticket.save(update_fields=["last_message_at", "active_at", "is_answered", "minutes_spent"])
    was_said(entry, by=by)
    if wakes:
        state.reopen_held(ticket, by=by)
    if tells:
        mail_out.tell(MailKind.MESSAGE_ALERT, ticket, entry=entry, by=by)
        if not new.is_stranger:
            mail_out.tell(MailKind.ACTIVITY_NOTICE, ticket, entry=entry, by=by)
        if new.acknowledges and not new.is_automatic and not new.is_stranger:
            mail_out.tell(MailKind.MESSAGE_AUTORESPONSE, ticket, entry=entry, by=by)
    return entry


@transaction.atomic
@one_reading()
@written_at_the_end()
def post_reply(
    ticket: Ticket,
    new: NewEntry,
    *,
    by: Actor,
    agent: Agent,
    status: Status | None = None,
    to: str = TO_ALL,
    signature: str = "",
) -> Entry:
    """An agent answers: "all", the "owner" or "nobody" gets it by mail. Who answers a ticket of nobody takes it, where
    the department says so. With a `status` the ticket goes there in the same transaction: both are done, or neither; an
    answer that resolves the ticket says so itself, and no second mail does.
    """
    home, ticket = ticket, hold_whole(ticket)
    access.require(by, ticket, Permission.REPLY)
    entry = write(ticket, new, EntryKind.RESPONSE, home=home, agent=agent)
    ticket.last_response_at = ticket.active_at = now = timezone.now()
    ticket.first_response_at = ticket.first_response_at or now
    ticket.last_respondent = agent
    ticket.is_answered = True
    ticket.is_overdue = ticket.is_overdue and promises.is_late(ticket, now)
    ticket.minutes_spent += new.minutes_spent
    ticket.save()
    was_said(entry, by=by)
    if ticket.agent is None and ticket.state == TicketState.OPEN and ticket.department.claims_by_answer:
        assign.give(ticket, agent=agent, by=by)
    before = ticket.state
    if status is not None and status.pk != ticket.status_id:
        state.set_status_held(ticket, status, by=by, tells=to == TO_NOBODY)
    if to != TO_NOBODY:
        resolves = before != ticket.state == TicketState.RESOLVED
        extra = {"to": to, "signature": signature, "resolves": resolves}
        mail_out.tell(MailKind.TICKET_REPLY, ticket, entry=entry, by=by, extra=extra)
    mentions.follow_up(entry, by=by)
    _drop_draft(agent, ticket, EntryKind.RESPONSE)
    return entry


@transaction.atomic
@one_reading()
@written_at_the_end()
def post_note(
    ticket: Ticket, new: NewEntry, *, by: Actor, agent: Agent | None = None, status: Status | None = None
) -> Entry:
    """Something that only the staff reads. Those who are mentioned with an @ are told and follow the ticket."""
    home, ticket = ticket, hold_whole(ticket)
    access.require(by, ticket, Permission.NOTE)
    entry = write(ticket, new, EntryKind.NOTE, home=home, agent=agent, said_by=by.name)
    ticket.active_at = timezone.now()
    ticket.minutes_spent += new.minutes_spent
    ticket.save(update_fields=["active_at", "minutes_spent"])
    was_said(entry, by=by)
    told = mentions.follow_up(entry, by=by)
    mail_out.tell(MailKind.NOTE_ALERT, ticket, entry=entry, by=by, extra={"agents": told})
    if agent is not None:
        _drop_draft(agent, ticket, EntryKind.NOTE)
    if status is not None and status.pk != ticket.status_id:
        state.set_status_held(ticket, status, by=by)
    return entry


@transaction.atomic
def edit_entry(entry: Entry, text: str, *, by: Actor, html: str = "") -> Entry:
    """Put other words in the place of an entry's; the old ones stay as a version. Nobody is mailed."""
    ticket = hold(entry.ticket)
    access.require(by, ticket, Permission.EDIT_THREAD)
    found = Entry.objects.select_for_update().filter(pk=entry.pk, ticket=ticket).first()
    if found is None:
        raise WrongState(
            words(gettext_noop("The entry was moved to another ticket in the meantime. It was left as it is."))
        )
    entry = found
    clean, _ = safe_html(html)
    if (entry.text, entry.html) == (text, clean):
        return entry
    entry.versions.create(text=entry.text, html=entry.html, replaced_by=by.user)
    entry.text, entry.html, entry.folds, entry.html_folds = text, clean, [], []
    entry.edited_at = timezone.now()
    entry.save(update_fields=["text", "html", "folds", "html_folds", "edited_at"])
    search.ticket_changed(ticket)
    happened(ticket, EventKind.ENTRY_EDITED, by=by, entry=entry.pk, **{"from": entry.author_name})
    return entry


@transaction.atomic
def forward_entry(
    entry: Entry,
    to_emails: tuple[str, ...],
    text: str,
    *,
    by: Actor,
    agent: Agent | None = None,
    attachments: tuple[NewFile, ...] = (),
    status: Status | None = None,
) -> Entry:
    """Send an entry with its files to addresses outside, `text` in front and further `attachments` with it. A note
    keeps to whom it went, and these files; it is given back. They do not join the ticket: what they answer comes back
    as a stranger's word. With a `status` the ticket goes there too, or nothing is done.
    """
    ticket = hold(entry.ticket)
    access.require(by, ticket, Permission.FORWARD)
    wanted = tuple(dict.fromkeys(checked_email(email) for email in to_emails))
    new = NewEntry(text=text, attachments=attachments)
    kept = write(ticket, new, EntryKind.NOTE, home=ticket, agent=agent, said_by=by.name)
    kept.forwarded_to, kept.reply_to = list(wanted), entry
    kept.save(update_fields=["forwarded_to", "reply_to"])
    ticket.active_at = timezone.now()
    ticket.save(update_fields=["active_at"])
    happened(ticket, EventKind.FORWARDED, by=by, entry=entry.pk, to=", ".join(wanted))
    extra = {"emails": wanted, "comments": text, "note": kept}
    mail_out.tell(MailKind.TICKET_FORWARD, ticket, entry=entry, by=by, extra=extra)
    if status is not None and status.pk != ticket.status_id:
        state.set_status_held(ticket, status, by=by)
    return kept


def write(
    ticket: Ticket,
    new: NewEntry,
    kind: EntryKind,
    *,
    home: Ticket,
    agent: Agent | None = None,
    contact: Contact | None = None,
    said_by: str = "",
) -> Entry:
    """The row of an entry with its files; nothing else changes. For verbs that hold the ticket."""
    entry = entry_of(ticket, new, kind, home=home, agent=agent, contact=contact, said_by=said_by)
    entry.save(force_insert=True)
    files.attach(entry, new.attachments)
    search.entry_added(entry)
    return entry


def write_first(entries: Sequence[tuple[Entry, NewEntry]]) -> None:
    """The same for the first entries of tickets that were just made."""
    Entry.objects.bulk_create(entry for entry, _ in entries)
    files.attach_all([(entry, file) for entry, new in entries for file in new.attachments])
    for entry, new in entries:
        names = [(files.clean_name(one.name), one.is_inline, one.size) for one in new.attachments]
        found_out(("files", entry.pk), names)
    search.tickets_opened(entry for entry, _ in entries)


def entry_of(
    ticket: Ticket,
    new: NewEntry,
    kind: EntryKind,
    *,
    home: Ticket,
    agent: Agent | None = None,
    contact: Contact | None = None,
    said_by: str = "",
) -> Entry:
    """The row of an entry, its HTML made safe; not written yet."""
    if agent is None and contact is None:
        contact = _writer(new)
    name, email = _author(new, agent, contact, said_by)
    html, html_folds = safe_html(new.html, new.html_folds)
    return Entry(
        ticket=ticket,
        home=home,
        kind=kind,
        source=new.source,
        contact=contact,
        agent=agent,
        author_name=name[:254],
        author_email=email[:254],
        is_stranger=new.is_stranger,
        is_automatic=new.is_automatic,
        title=new.title[:255],
        text=new.text.replace("\x00", ""),
        html=html.replace("\x00", ""),
        folds=[[fold.start, fold.end, fold.kind.value] for fold in new.folds],
        html_folds=[[fold.start, fold.end, fold.kind.value] for fold in html_folds],
        language=new.language,
        message_id=new.message_id[:998],
        reply_to_id=new.reply_to_id,
        minutes_spent=new.minutes_spent,
    )


def _writer(new: NewEntry) -> Contact | None:
    if new.contact_id is not None:
        return Contact.objects.get(pk=new.contact_id)
    return contact_for(new.email, new.name) if new.email and not new.is_stranger else None


def _author(new: NewEntry, agent: Agent | None, contact: Contact | None, said_by: str) -> tuple[str, str]:
    """(name, address) that stay when the person is gone."""
    if agent is not None:
        return str(agent.user.name or agent.user.email), agent.user.email
    if contact is not None:
        email = new.email or contact.email
        return new.name or contact.name or email, email
    return new.name or new.email or said_by.partition(" <")[0], new.email


def _drop_draft(agent: Agent, ticket: Ticket, kind: EntryKind) -> None:
    Draft.objects.filter(agent=agent, ticket=ticket, kind=kind).delete()
