"""A request in, a ticket with its first entry out; and changes of what a ticket is filed under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
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
    HelpTopic,
    Mailbox,
    Priority,
    Sla,
    Team,
    Ticket,
)
from tickets.services import access, assign, mail_out, promises, search, thread
from tickets.services.book import happened
from tickets.services.hold import hold
from tickets.services.house import default_priority, desk, first_status
from tickets.services.numbers import next_number
from tickets.services.people import contact_for

LONGEST_SUBJECT = 255
EDITABLE = ("subject", "topic", "priority", "sla", "due_at", "source", "organization")


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


def open_ticket(new: NewTicket, *, by: Actor) -> Ticket:
    """Open a ticket with its first message, and tell who is to be told. With a cause that has an open ticket, that one
    is given back and nothing is written. Staff need the right to open tickets in the department, but not for their own
    by the portal.
    """
    if new.cause_key:
        known = Ticket.objects.open().filter(cause_key=new.cause_key).first()
        if known is not None:
            return known
    try:
        with transaction.atomic():
            return _open(new, by)
    except IntegrityError:
        known = Ticket.objects.open().filter(cause_key=new.cause_key).first() if new.cause_key else None
        if known is None:
            raise
        return known


@transaction.atomic
def edit_ticket(ticket: Ticket, changes: Mapping[str, Any], *, by: Actor) -> Ticket:
    """Change any of EDITABLE: {column: value or row}. Another SLA counts from the opening or the last reopening."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    unknown = [name for name in changes if name not in EDITABLE]
    if unknown:
        raise BadInput(words(gettext_noop("“%(name)s” of a ticket cannot be changed here."), name=unknown[0]))
    before = {name: _said(getattr(ticket, name)) for name in changes}
    for name, value in changes.items():
        setattr(ticket, name, value)
    ticket.subject = subject_of(ticket.subject)
    after = {name: _said(getattr(ticket, name)) for name in changes}
    differing = {name: [before[name], after[name]] for name in changes if before[name] != after[name]}
    if not differing:
        return ticket
    if {"sla", "due_at"} & differing.keys():
        promises.promise(ticket, ticket.reopened_at or ticket.created_at)
        ticket.is_overdue = ticket.state == TicketState.OPEN and promises.is_late(ticket, timezone.now())
    ticket.active_at = timezone.now()
    ticket.save()
    if "subject" in differing:
        search.ticket_changed(ticket)
    happened(ticket, EventKind.EDITED, by=by, changes=differing)
    return ticket


@transaction.atomic
def set_labels(ticket: Ticket, *, by: Actor, tags: list[Any] | None = None, hosts: list[Any] | None = None) -> Ticket:
    """Replace the tags, the hosts, or both."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    differing = {}
    for name, rows in (("tags", tags), ("hosts", hosts)):
        if rows is None:
            continue
        before = _names(ticket, name)
        getattr(ticket, name).set(rows)
        after = _names(ticket, name)
        if before != after:
            differing[name] = [before, after]
    if differing:
        happened(ticket, EventKind.EDITED, by=by, changes=differing)
    return ticket


def subject_of(text: str) -> str:
    """A subject in one line, never empty, not longer than the column."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_SUBJECT] or "-"


def _open(new: NewTicket, by: Actor) -> Ticket:
    filing = _filed(new)
    is_own = new.source == TicketSource.WEB and by.user is not None and filing.contact.user_id == by.user.pk
    is_by_agent = by.user is not None and by.user.is_staff and not is_own
    if is_by_agent:
        access.require_in(by, filing.department, Permission.CREATE)
    ticket = _row(new, filing)
    said = new.entry
    said = replace(said, source=new.source, email=said.email or new.email, name=said.name or new.name)
    entry = thread.write(ticket, said, EntryKind.MESSAGE, home=ticket, contact=filing.contact)
    ticket.hosts.add(*new.host_ids)
    ticket.tags.add(*new.tag_ids)
    _add_collaborators(ticket, new)
    happened(ticket, EventKind.CREATED, by=by, contact=str(filing.contact), department=filing.department.name)
    if new.acknowledges and not said.is_automatic:
        kind = MailKind.TICKET_NOTICE if is_by_agent else MailKind.TICKET_AUTORESPONSE
        mail_out.tell(kind, ticket, entry=entry, by=by)
    mail_out.tell(MailKind.TICKET_ALERT, ticket, entry=entry, by=by)
    agent, team = _goes_to(new, filing)
    if agent is not None or team is not None:
        assign.give(ticket, agent=agent, team=team, by=by, entry=entry)
    return ticket


def _filed(new: NewTicket) -> _Filing:
    settings = desk()
    contact = (
        Contact.objects.select_related("organization").get(pk=new.contact_id)
        if new.contact_id is not None
        else contact_for(new.email, new.name)
    )
    mailbox = Mailbox.objects.filter(pk=new.mailbox_id).first() if new.mailbox_id else None
    topic_id = new.topic_id or (mailbox.topic_id if mailbox else None)
    topic = HelpTopic.objects.select_related("sla", "status").filter(pk=topic_id).first() if topic_id else None
    department_id = (
        new.department_id
        or (topic.department_id if topic else None)
        or (mailbox.department_id if mailbox else None)
        or settings.department_id
    )
    if department_id is None:
        raise TypeError("a desk has a department")
    department = Department.objects.select_related("sla", "schedule", "mailbox").get(pk=department_id)
    organization_id = new.organization_id or contact.organization_id
    customer = (
        Customer.objects.select_related("sla", "account_manager__user").filter(organization=organization_id).first()
        if organization_id
        else None
    )
    priority_id = (
        new.priority_id or (topic.priority_id if topic else None) or (mailbox.priority_id if mailbox else None)
    )
    return _Filing(
        settings=settings,
        contact=contact,
        organization=Organization.objects.get(pk=organization_id) if organization_id else None,
        department=department,
        topic=topic,
        mailbox=mailbox,
        priority=Priority.objects.get(pk=priority_id) if priority_id else default_priority(),
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
    status = (filing.topic.status if filing.topic else None) or first_status(TicketState.OPEN)
    if status.state != TicketState.OPEN:
        status = first_status(TicketState.OPEN)
    sequence = (filing.topic.sequence if filing.topic else None) or filing.settings.sequence
    if sequence is None:
        raise TypeError("a desk has a sequence")
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
    ticket.number = next_number(sequence)
    ticket.save(force_insert=True)
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


def _add_collaborators(ticket: Ticket, new: NewTicket) -> None:
    for email, name in new.collaborators:
        person = contact_for(email, name)
        if person.pk != ticket.contact_id:
            Collaborator.objects.get_or_create(
                ticket=ticket, contact=person, defaults={"is_active": not new.collaborators_wait}
            )


def _names(ticket: Ticket, relation: str) -> str:
    return ", ".join(sorted(str(row) for row in getattr(ticket, relation).all()))


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return "" if value is None else str(value)
