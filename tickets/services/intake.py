"""A read mail in; its fate, carried out in one transaction, out: a ticket, an entry, a note, or the reason for none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import PANEL, Actor
from tickets.choices import EventKind, FateKind, IncomingState, OutgoingState, Permission, TicketSource
from tickets.facts.mail import Address, MailFacts
from tickets.facts.threading import Fate
from tickets.facts.verbs import NewEntry, NewFile, NewTicket
from tickets.models import (
    Collaborator,
    ContactAddress,
    DeskSettings,
    Entry,
    IncomingMail,
    Mailbox,
    OutgoingMail,
    Ticket,
)
from tickets.models.read_once import one_reading
from tickets.rules.fate import fate_of
from tickets.services import access, assign, book, incoming, known, mail_caps, outbox, people, state, thread
from tickets.services.files import files_of_mails
from tickets.services.house import desk, mailbox_of, mailboxes
from tickets.services.incoming import TakenOver
from tickets.services.later import written_at_the_end
from tickets.services.mail_out import tell_over_limit
from tickets.services.named_in_mail import departments_named, in_copy, mailbox_named
from tickets.services.tickets import open_tickets, take_numbers

ENTRIES = frozenset({FateKind.NEW, FateKind.REPLY, FateKind.NOTE})
ALONE = frozenset({FateKind.REPLY, FateKind.NOTE})
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
    (files,) = files_of_mails([facts])
    try:
        return _taken_in(mail, facts, files, claim)
    except IntegrityError:  # another worker took in the same mail, or met the same person, at this moment
        return _taken_in(mail, facts, files, claim)


def take_in_together(read: Sequence[tuple[IncomingMail, MailFacts]], *, claim: uuid.UUID) -> list[int]:
    """The same for several mails in one transaction: those that surely are no word in a ticket that is there. The keys
    of those that became something; the others are to be taken in one by one. What is raised holds for all of them.
    """
    found = [pair for pair in read if not known.may_belong(pair[1])]
    if not found:
        return []
    kept = files_of_mails([facts for _, facts in found])
    with one_reading():
        take_numbers([NewTicket("", NewEntry(), mailbox_id=mail.mailbox_id) for mail, _ in found])
        return _taken_in_together(list(zip(found, kept, strict=True)), claim)


@transaction.atomic
@written_at_the_end()
def _taken_in_together(
    found: Sequence[tuple[tuple[IncomingMail, MailFacts], tuple[NewFile, ...]]], claim: uuid.UUID
) -> list[int]:
    own = IncomingMail.objects.filter(pk__in=[mail.pk for (mail, _), _ in found], claim=claim)
    own = own.filter(state=IncomingState.RUNNING).order_by("pk")
    mine = set(own.select_for_update().values_list("pk", flat=True))
    known.read_together([facts for (_, facts), _ in found])
    mail_caps.read_together(facts.sender.email for (_, facts), _ in found)
    decided: list[tuple[IncomingMail, Arrival, Fate]] = []
    seen: set[str] = set()
    for (mail, facts), files in found:
        arrival = _arrival(mail, facts, files)
        same = {mail.mail_key or "", f"from {facts.sender.key}" if arrival.settings.max_open_per_contact else ""} - {""}
        if mail.pk not in mine or seen & same:  # the second one is to see what became of the first
            continue
        fate = _fate(mail, arrival)
        if fate.kind in ALONE:
            continue
        seen |= same
        decided.append((mail, arrival, fate))
    new = [(mail, arrival, fate) for mail, arrival, fate in decided if fate.kind is FateKind.NEW]
    people.meet_together(one for _, arrival, _ in new for one in _taking_part(arrival))
    entries = open_tickets([_new_ticket(arrival, fate) for _, arrival, fate in new], by=PANEL) if new else []
    opened = {mail.pk: entry for (mail, _, _), entry in zip(new, entries, strict=True)}
    for mail, arrival, fate in decided:
        entry = opened.get(mail.pk)
        if entry is None:
            _carried_out(arrival, fate)
        else:
            _refer(arrival, entry.ticket)
        _became(mail, arrival, fate, entry)
    incoming.record_outcomes([mail for mail, _, _ in decided])
    return [mail.pk for mail, _, _ in decided]


@transaction.atomic
@one_reading()
@written_at_the_end()
def _taken_in(mail: IncomingMail, facts: MailFacts, files: tuple[NewFile, ...], claim: uuid.UUID) -> Fate:
    own = IncomingMail.objects.select_for_update(of=("self",))
    row = own.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING).first()
    if row is None:
        raise TakenOver(words(gettext_noop("Another worker reads this mail now.")))
    arrival = _arrival(row, facts, files)
    key, fate = row.mail_key, _fate(row, arrival)
    if fate.kind in ENTRIES:  # the second of two copies waits here, and fails
        IncomingMail.objects.filter(pk=row.pk).update(mail_key=key)
    _became(row, arrival, fate, _carried_out(arrival, fate))
    incoming.record_outcomes([row])
    return fate


def _arrival(mail: IncomingMail, facts: MailFacts, files: tuple[NewFile, ...]) -> Arrival:
    """The mail at the door. Its row gets the key that it will have as an entry."""
    mail.mail_key = known.mail_key(facts)
    boxes = {box.address.casefold(): box for box in mailboxes()}
    mailbox = mailbox_of(mail.mailbox_id) or mailbox_named(facts, boxes)
    return Arrival(facts, known.sender_of(facts), files, desk(), boxes, mailbox)


def _fate(mail: IncomingMail, arrival: Arrival) -> Fate:
    facts, sender, own = arrival.facts, arrival.sender, frozenset(arrival.boxes)
    key = mail.mail_key or ""
    return fate_of(facts, known.known_of(facts, sender, key=key, mail=mail, settings=arrival.settings, own=own))


def _became(mail: IncomingMail, arrival: Arrival, fate: Fate, entry: Entry | None) -> None:
    """What a mail became, at its row; not saved."""
    facts = arrival.facts
    mail.mail_key = mail.mail_key if fate.kind in ENTRIES else None
    mail.entry, mail.ticket = entry, entry.ticket if entry else _ticket_of(fate)
    mail.state, mail.why, mail.trouble, mail.handled_at = STATE_OF[fate.kind], fate.why, "", timezone.now()
    mail.sender, mail.subject = facts.sender.email[:254], facts.subject[:255]
    mail.claim = mail.heartbeat_at = mail.next_try_at = None


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
    (entry,) = open_tickets([_new_ticket(arrival, fate)], by=PANEL)
    _refer(arrival, entry.ticket)
    return entry


def _new_ticket(arrival: Arrival, fate: Fate) -> NewTicket:
    facts, mailbox = arrival.facts, arrival.mailbox
    return NewTicket(
        subject=facts.subject,
        entry=_said(arrival, fate),
        email=facts.sender.email,
        name=facts.sender.name,
        source=TicketSource.MAIL,
        department_id=mailbox.department_id if mailbox else None,
        topic_id=mailbox.topic_id if mailbox else None,
        priority_id=mailbox.priority_id if mailbox else None,
        mailbox_id=mailbox.pk if mailbox else None,
        collaborators=tuple((one.email, one.name) for one in _taking_part(arrival)[1:]),
        follows_id=fate.follows,
        acknowledges=fate.answer,
    )


def _taking_part(arrival: Arrival) -> tuple[Address, ...]:
    """The sender, and those in copy whom the desk takes in."""
    return arrival.facts.sender, *in_copy(arrival.facts, arrival.settings, arrival.boxes)


def _refer(arrival: Arrival, ticket: Ticket) -> None:
    for department in departments_named(arrival.facts, arrival.boxes, ticket):
        assign.refer(ticket, department=department, by=PANEL)


def _posted(arrival: Arrival, fate: Fate, ticket: Ticket) -> Entry:
    agent = arrival.sender.agent
    if fate.as_agent and agent is not None:
        if fate.reopen:
            state.reopen(ticket, by=PANEL)
        return thread.post_reply(ticket, _said(arrival, fate), by=Actor(agent.user, PANEL.via), agent=agent)
    entry = thread.post_message(ticket, _said(arrival, fate), by=PANEL)
    for one in in_copy(arrival.facts, arrival.settings, arrival.boxes):
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
            outbox.mark_address(address.email, fate.why)
    sent = OutgoingMail.objects.filter(entry__in=[tag.entry for tag in tags], state=OutgoingState.SENT)
    returned = [mail for mail in sent.order_by("pk") if mail.to_email.lower() in failed]
    for mail in returned:
        outbox.mark_bounced(mail, why=fate.why)
    if not returned:
        book.happened(ticket, EventKind.BOUNCED, by=PANEL, email=", ".join(failed), entry=fate.entry)
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
