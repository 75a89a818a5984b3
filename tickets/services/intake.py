"""A read mail in; its fate, carried out in one transaction, out: a ticket, an entry, a note, or the reason for none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import PANEL, Actor
from tickets.choices import EventKind, FateKind, IncomingState, OutgoingState, Permission, TicketSource
from tickets.facts.mail import Address, MailAttachment, MailFacts
from tickets.facts.threading import Fate
from tickets.facts.verbs import NewEntry, NewFile, NewTicket
from tickets.models import (
    Agent,
    Collaborator,
    ContactAddress,
    Department,
    DeskSettings,
    Entry,
    IncomingMail,
    Mailbox,
    OutgoingMail,
    Ticket,
)
from tickets.models.stored import lay_down
from tickets.rules.fate import fate_of
from tickets.services import access, assign, book, known, people, state, thread, tickets
from tickets.services.house import desk
from tickets.services.incoming import TakenOver
from tickets.services.mail_out import tell_over_limit

MOST_COLLABORATORS = 40
ENTRIES = frozenset({FateKind.NEW, FateKind.REPLY, FateKind.NOTE})
STATE_OF: Mapping[FateKind, IncomingState] = MappingProxyType(
    {
        FateKind.NEW: IncomingState.TAKEN,
        FateKind.REPLY: IncomingState.TAKEN,
        FateKind.NOTE: IncomingState.TAKEN,
        FateKind.IGNORE: IncomingState.IGNORED,
        FateKind.REJECT: IncomingState.REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail at the door: what it says, who sent it, its files, whose bytes are kept already, and the house it is for.

    `boxes` are the mailboxes of the desk by Address.key.
    """

    facts: MailFacts
    sender: known.Sender
    files: tuple[NewFile, ...]
    settings: DeskSettings
    boxes: Mapping[str, Mailbox]
    mailbox: Mailbox | None


def take_in(mail: IncomingMail, facts: MailFacts, *, claim: uuid.UUID) -> Fate:
    """Decide what becomes of a mail and do it, all or nothing; every mail makes one entry, however often it comes.

    TakenOver where the mail belongs to another worker by now. Whatever is raised, nothing was written.
    """
    files = tuple(_laid_down(one) for one in facts.attachments)
    try:
        return _taken_in(mail, facts, files, claim)
    except IntegrityError:  # another worker took in the same mail, or met the same person, at this moment
        return _taken_in(mail, facts, files, claim)


@transaction.atomic
def _taken_in(mail: IncomingMail, facts: MailFacts, files: tuple[NewFile, ...], claim: uuid.UUID) -> Fate:
    own = IncomingMail.objects.select_for_update(of=("self",))
    row = own.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING).first()
    if row is None:
        raise TakenOver(words(gettext_noop("Another worker reads this mail now.")))
    key, sender, settings = known.mail_key(facts), known.sender_of(facts), desk()
    boxes = {box.address.casefold(): box for box in Mailbox.objects.select_related("department")}
    mailbox = next((box for box in boxes.values() if box.pk == row.mailbox_id), None) or _addressed(facts, boxes)
    seen = known.known_of(facts, sender, key=key, mail=row, settings=settings, own=frozenset(boxes))
    fate = fate_of(facts, seen)
    if fate.kind in ENTRIES:
        row.mail_key = key
        row.save(update_fields=["mail_key"])  # the second of two copies waits here, and fails
    row.entry = _carried_out(Arrival(facts, sender, files, settings, boxes, mailbox), fate)
    row.ticket = row.entry.ticket if row.entry else _ticket_of(fate)
    row.state, row.why, row.trouble, row.handled_at = STATE_OF[fate.kind], fate.why, "", timezone.now()
    row.sender, row.subject = facts.sender.email[:254], facts.subject[:255]
    row.claim = row.heartbeat_at = row.next_try_at = None
    row.save()
    return fate


def _carried_out(arrival: Arrival, fate: Fate) -> Entry | None:
    if fate.kind is FateKind.REJECT and fate.over_limit:
        sender = arrival.facts.sender
        tell_over_limit(sender.email, name=sender.name, mailbox=arrival.mailbox)
    if fate.kind not in ENTRIES:
        return None
    if fate.kind is FateKind.NEW:
        return _opened(arrival, fate)
    ticket = _ticket_of(fate)
    if ticket is None:
        raise WrongState(words(gettext_noop("The ticket was removed at this moment.")))
    if arrival.facts.bounce is not None:
        return _bounced(arrival, fate, ticket)
    if fate.as_agent and not _may(arrival, ticket, Permission.REPLY):
        why = words(gettext_noop("The agent may not reply in this department, so it is a note."))
        fate = replace(fate, kind=FateKind.NOTE, as_agent=False, why=why)
    post: Callable[[Arrival, Fate, Ticket], Entry] = _noted if fate.kind is FateKind.NOTE else _posted
    return post(arrival, fate, ticket)


def _ticket_of(fate: Fate) -> Ticket | None:
    return Ticket.objects.filter(pk=fate.ticket).first() if fate.ticket is not None else None


def _opened(arrival: Arrival, fate: Fate) -> Entry:
    facts, mailbox = arrival.facts, arrival.mailbox
    ticket = tickets.open_ticket(
        NewTicket(
            subject=facts.subject,
            entry=_said(arrival, fate),
            email=facts.sender.email,
            name=facts.sender.name,
            source=TicketSource.MAIL,
            department_id=mailbox.department_id if mailbox else None,
            topic_id=mailbox.topic_id if mailbox else None,
            priority_id=mailbox.priority_id if mailbox else None,
            mailbox_id=mailbox.pk if mailbox else None,
            collaborators=tuple((one.email, one.name) for one in _in_copy(arrival)),
            follows_id=fate.follows,
            acknowledges=fate.answer,
        ),
        by=PANEL,
    )
    for department in _addressed_departments(arrival, ticket):
        assign.refer(ticket, department=department, by=PANEL)
    return ticket.entries.order_by("pk")[0]


def _posted(arrival: Arrival, fate: Fate, ticket: Ticket) -> Entry:
    agent = arrival.sender.agent
    if fate.as_agent and agent is not None:
        if fate.reopen:
            state.reopen(ticket, by=PANEL)
        return thread.post_reply(ticket, _said(arrival, fate), by=Actor(agent.user, PANEL.via), agent=agent)
    entry = thread.post_message(ticket, _said(arrival, fate), by=PANEL)
    for one in _in_copy(arrival):
        _put_in_copy(ticket, one, waits=fate.stranger)
    return entry


def _put_in_copy(ticket: Ticket, one: Address, *, waits: bool) -> None:
    """Those whom a stranger put in copy wait for an agent's word: he might read along by a second address."""
    person = people.contact_for(one.email, one.name)
    if person.pk == ticket.contact_id:
        return
    _, is_new = Collaborator.objects.get_or_create(ticket=ticket, contact=person, defaults={"is_active": not waits})
    if is_new:
        book.happened(ticket, EventKind.COLLABORATOR, by=PANEL, added=str(person))


def _noted(arrival: Arrival, fate: Fate, ticket: Ticket) -> Entry:
    agent = arrival.sender.agent
    by = Actor(agent.user, PANEL.via) if agent is not None and _may(arrival, ticket, Permission.NOTE) else PANEL
    return thread.post_note(ticket, _said(arrival, fate), by=by, agent=agent)


def _bounced(arrival: Arrival, fate: Fate, ticket: Ticket) -> Entry:
    """The report as a note; what it says of addresses counts only for those whom the returned mail was sent to."""
    note = thread.post_note(ticket, _said(arrival, fate), by=PANEL, agent=None)
    facts = arrival.facts
    failed = [one.email.lower() for one in facts.bounce.recipients if one.permanent] if facts.bounce else []
    tags = known.bounced_tags(facts)
    contacts = [int(tag.recipient[1:]) for tag in tags if not tag.to_agent]
    gone = [one.lower() for one in fate.failed_addresses]
    for address in ContactAddress.objects.filter(contact__in=contacts, failed_at=None):
        if address.email.lower() in gone:
            address.failed_at, address.failed_why = timezone.now(), fate.why
            address.save(update_fields=["failed_at", "failed_why"])
    sent = OutgoingMail.objects.filter(entry__in=[tag.entry for tag in tags], state=OutgoingState.SENT)
    for mail in sent:
        if mail.to_email.lower() in failed:
            mail.state, mail.why = OutgoingState.BOUNCED, fate.why
            mail.save(update_fields=["state", "why"])
    book.happened(ticket, EventKind.BOUNCED, by=PANEL, addresses=failed, entry=fate.entry)
    return note


def _may(arrival: Arrival, ticket: Ticket, permission: Permission) -> bool:
    agent = arrival.sender.agent
    return agent is not None and permission in access.permissions(agent.user, ticket)


def _said(arrival: Arrival, fate: Fate) -> NewEntry:
    facts = arrival.facts
    folds = arrival.settings.strips_quotes
    return NewEntry(
        text=facts.text,
        html=facts.html,
        title=facts.subject[:255],
        attachments=arrival.files,
        reply_to_id=fate.entry,
        source=TicketSource.MAIL,
        email=facts.sender.email,
        name=facts.sender.name,
        is_stranger=fate.stranger or facts.bounce is not None,  # a mail server is nobody's contact
        is_automatic=facts.automatic is not None or facts.bounce is not None,
        acknowledges=fate.answer,
        reopens=fate.reopen,
        message_id=facts.message_id[:998],
        folds=facts.folds if folds else (),
        html_folds=facts.html_folds if folds else (),
    )


def _in_copy(arrival: Arrival) -> list[Address]:
    """Whom the writer put in copy, as far as they are customers: not ourselves, nor agents, nor who wrote."""
    facts = arrival.facts
    if not arrival.settings.collaborators_from_mail or facts.automatic is not None:
        return []
    passed = {*arrival.boxes, facts.sender.key}
    found: dict[str, Address] = {}
    for one in (*facts.to, *facts.cc):
        if one.usable and one.key not in passed:
            found.setdefault(one.key, one)
    if not found:
        return []
    agents = set(Agent.objects.filter(user__email__in=list(found)).values_list("user__email", flat=True))
    return [one for key, one in found.items() if key not in agents][:MOST_COLLABORATORS]


def _addressed_departments(arrival: Arrival, ticket: Ticket) -> list[Department]:
    """The other departments whose addresses the mail names: they see the ticket instead of getting one of their own."""
    keys = {one.key for one in (*arrival.facts.to, *arrival.facts.cc)}
    found = {box.department for key, box in arrival.boxes.items() if key in keys and box.is_active and box.department}
    return sorted((one for one in found if one.pk != ticket.department_id), key=lambda one: one.pk)


def _addressed(facts: MailFacts, boxes: Mapping[str, Mailbox]) -> Mailbox | None:
    """The mailbox that a piped mail was meant for, by where it was brought to and whom it names."""
    keys = (one.key for one in (*facts.delivered_to, *facts.to, *facts.cc))
    return next((boxes[key] for key in keys if key in boxes and boxes[key].is_active), None)


def _laid_down(one: MailAttachment) -> NewFile:
    sha256, size = lay_down((one.data,))
    return NewFile(one.name, one.type, sha256, size, one.inline, one.content_id)
