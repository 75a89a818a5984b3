"""A request in, a ticket with its first entry out; and changes of what a ticket is filed under."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.utils import timezone

from hosts.models import Organization
from hosts.services.audit import Actor
from tickets.choices import EntryKind, EventKind, MailKind, Permission, TicketSource, TicketState
from tickets.facts.verbs import NewTicket
from tickets.models import (
    Agent,
    Collaborator,
    Contact,
    Customer,
    Department,
    DeskSettings,
    Entry,
    HelpTopic,
    Mailbox,
    Priority,
    Sla,
    Team,
    Ticket,
)
from tickets.models import Sequence as NumberSequence
from tickets.models.read_once import one_reading
from tickets.services import access, assign, house, limits, mail_out, numbers, promises, thread
from tickets.services.book import happened
from tickets.services.house import desk
from tickets.services.later import written_at_the_end
from tickets.services.mail_caps import nobody_was_told
from tickets.services.people import contact_for

LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class _Filing:
    """Where a new ticket goes, found from what was said and what the desk is set to."""

    settings: DeskSettings
    contact: Contact
    organization: Organization | None
    department: Department
    topic: HelpTopic | None
    mailbox: Mailbox | None
    priority: Priority
    sla: Sla | None
    customer: Customer | None


@one_reading()
def open_ticket(new: NewTicket, *, by: Actor) -> Ticket:
    """Open a ticket with its first message, and tell who is to be told. With a cause that has an open ticket, that one
    is given back and nothing is written. Staff need the right to open tickets in the department, but not for their own
    by the portal. WrongState where somebody outside has as many open ones as are allowed.
    """
    if new.cause_key:
        known = Ticket.objects.open().filter(cause_key=new.cause_key).first()
        if known is not None:
            return known
    take_numbers([new])
    try:
        return open_tickets([new], by=by)[0].ticket
    except IntegrityError:
        known = Ticket.objects.open().filter(cause_key=new.cause_key).first() if new.cause_key else None
        if known is None:
            raise
        return known


@transaction.atomic
@one_reading()
@written_at_the_end()
def open_tickets(news: Sequence[NewTicket], *, by: Actor) -> list[Entry]:
    """Several, all or none, in few statements; their first entries. A cause that has an open ticket is an
    IntegrityError here.
    """
    filings = [_filed(new) for new in news]
    are_by_agents = [_is_by_agent(new, filing, by) for new, filing in zip(news, filings, strict=True)]
    for new, filing in zip(news, filings, strict=True):
        limits.check_room(filing.contact, new.source)
    tickets = [_row(new, filing) for new, filing in zip(news, filings, strict=True)]
    _number(tickets, filings)
    Ticket.objects.bulk_create(tickets)
    entries = []
    for ticket, new, filing in zip(tickets, news, filings, strict=True):
        said = new.entry
        said = replace(said, source=new.source, email=said.email or new.email, name=said.name or new.name)
        entry = thread.entry_of(ticket, said, EntryKind.MESSAGE, home=ticket, contact=filing.contact)
        entries.append((entry, said))
    thread.write_first(entries)
    for (entry, _), new, filing, is_by_agent in zip(entries, news, filings, are_by_agents, strict=True):
        _opened(entry, new, filing, by=by, is_by_agent=is_by_agent)
    return [entry for entry, _ in entries]


def take_numbers(news: Sequence[NewTicket]) -> None:
    """Before the transaction of tickets that are going to be opened: so that others need not wait for its end."""
    wanted = Counter(_sequence(_topic_of(new), desk()) for new in news)
    for sequence, count in wanted.items():
        numbers.lay_in(sequence, count)


def subject_of(text: str) -> str:
    """A subject in one line, never empty, not longer than the column."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_SUBJECT] or "-"


def _is_by_agent(new: NewTicket, filing: _Filing, by: Actor) -> bool:
    """Whether an agent opens it for somebody; NotAllowed where he may not."""
    is_own = new.source == TicketSource.WEB and by.user is not None and filing.contact.user_id == by.user.pk
    is_by_agent = by.user is not None and by.user.is_staff and not is_own
    if is_by_agent:
        access.require_in(by, filing.department, Permission.CREATE)
    return is_by_agent


def _opened(entry: Entry, new: NewTicket, filing: _Filing, *, by: Actor, is_by_agent: bool) -> None:
    """What comes with a ticket that is there with its first entry."""
    ticket = entry.ticket
    nobody_was_told(ticket)
    if new.host_ids:
        ticket.hosts.add(*new.host_ids)
    if new.tag_ids:
        ticket.tags.add(*new.tag_ids)
    in_copy = _add_collaborators(ticket, new)
    happened(ticket, EventKind.CREATED, by=by, contact=str(filing.contact), department=filing.department.name)
    if new.acknowledges and not entry.is_automatic:
        kind = MailKind.TICKET_NOTICE if is_by_agent else MailKind.TICKET_AUTORESPONSE
        mail_out.tell(kind, ticket, entry=entry, by=by, contacts=(filing.contact, *in_copy))
    mail_out.tell(MailKind.TICKET_ALERT, ticket, entry=entry, by=by)
    agent, team = _goes_to(new, filing)
    if agent is not None or team is not None:
        assign.give(ticket, agent=agent, team=team, by=by, entry=entry)


def _topic_of(new: NewTicket) -> HelpTopic | None:
    mailbox = house.mailbox_of(new.mailbox_id)
    return house.topic_of(new.topic_id or (mailbox.topic_id if mailbox else None))


def _sequence(topic: HelpTopic | None, settings: DeskSettings) -> NumberSequence:
    sequence = (topic.sequence if topic else None) or settings.sequence
    if sequence is None:
        raise TypeError("a desk has a sequence")
    return sequence


def _number(tickets: Sequence[Ticket], filings: Sequence[_Filing]) -> None:
    """Give each its number, by the sequence of its topic or the desk's."""
    by_sequence: dict[NumberSequence, list[Ticket]] = {}
    for ticket, filing in zip(tickets, filings, strict=True):
        by_sequence.setdefault(_sequence(filing.topic, filing.settings), []).append(ticket)
    for sequence, some in by_sequence.items():
        for ticket, number in zip(some, numbers.next_numbers(sequence, len(some)), strict=True):
            ticket.number = number


def _filed(new: NewTicket) -> _Filing:
    settings = desk()
    contact = (
        Contact.objects.select_related("organization", "user").get(pk=new.contact_id)
        if new.contact_id is not None
        else contact_for(new.email, new.name)
    )
    mailbox, topic = house.mailbox_of(new.mailbox_id), _topic_of(new)
    department_id = (
        new.department_id
        or (topic.department_id if topic else None)
        or (mailbox.department_id if mailbox else None)
        or settings.department_id
    )
    if department_id is None:
        raise TypeError("a desk has a department")
    department = house.department_of(department_id)
    organization = contact.organization
    if new.organization_id and new.organization_id != contact.organization_id:
        organization = Organization.objects.get(pk=new.organization_id)
    customer = house.customer_of(organization.pk if organization else None)
    priority_id = (
        new.priority_id or (topic.priority_id if topic else None) or (mailbox.priority_id if mailbox else None)
    )
    return _Filing(
        settings=settings,
        contact=contact,
        organization=organization,
        department=department,
        topic=topic,
        mailbox=mailbox,
        priority=house.priority_of(priority_id) if priority_id else house.default_priority(),
        sla=_sla(new, topic, department, customer, settings),
        customer=customer,
    )


def _sla(
    new: NewTicket, topic: HelpTopic | None, department: Department, customer: Customer | None, settings: DeskSettings
) -> Sla | None:
    if new.sla_id:
        return Sla.objects.select_related("schedule").get(pk=new.sla_id)
    return promises.sla_for(topic, department, customer, settings)


def _row(new: NewTicket, filing: _Filing) -> Ticket:
    now = timezone.now()
    status = (filing.topic.status if filing.topic else None) or house.first_status(TicketState.OPEN)
    if status.state != TicketState.OPEN:
        status = house.first_status(TicketState.OPEN)
    ticket = Ticket(
        subject=subject_of(new.subject),
        contact=filing.contact,
        organization=filing.organization,
        department=filing.department,
        topic=filing.topic,
        status=status,
        state=status.state,
        priority=filing.priority,
        source=new.source,
        mailbox=filing.mailbox,
        cause_key=new.cause_key,
        sla=filing.sla,
        due_at=new.due_at,
        created_at=now,
        active_at=now,
        last_message_at=now,
        follows_id=new.follows_id,
        minutes_spent=new.entry.minutes_spent,
    )
    promises.promise(ticket, now)
    return ticket


def _goes_to(new: NewTicket, filing: _Filing) -> tuple[Agent | None, Team | None]:
    """Whom the ticket is given to: those named; else the topic's; else the customer's account manager."""
    topic, customer = filing.topic, filing.customer
    agent_id, team_id = new.agent_id, new.team_id
    if agent_id is None and team_id is None and topic is not None:
        agent_id, team_id = topic.agent_id, topic.team_id
    if agent_id is None and team_id is None and customer is not None and customer.assigns_manager:
        agent_id = customer.account_manager_id
    agent = Agent.objects.at_work().select_related("user").filter(pk=agent_id).first() if agent_id else None
    team = Team.objects.filter(pk=team_id, is_active=True).first() if team_id else None
    return agent, team


def _add_collaborators(ticket: Ticket, new: NewTicket) -> list[Contact]:
    """Those who are in copy from now on."""
    people = {person.pk: person for person in (contact_for(email, name) for email, name in new.collaborators)}
    people.pop(ticket.contact_id, None)
    is_active = not new.collaborators_wait
    Collaborator.objects.bulk_create(
        Collaborator(ticket=ticket, contact=person, is_active=is_active) for person in people.values()
    )
    return list(people.values()) if is_active else []
