"""A desk with a mailbox, an agent, a customer and a ticket, for the tests of outgoing mail."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hosts.models import User
from hosts.services.audit import Actor
from tickets.choices import EntryKind, TicketState
from tickets.models import (
    Agent,
    Collaborator,
    Contact,
    ContactAddress,
    Department,
    DeskSettings,
    Entry,
    Mailbox,
    Role,
    Ticket,
)
from tickets.services.house import default_priority, desk, first_status

numbers = itertools.count(100001)


@dataclass
class House:
    """What a test of outgoing mail starts with."""

    desk: DeskSettings
    support: Department
    mailbox: Mailbox
    agent: Agent
    customer: Contact
    ticket: Ticket

    @property
    def by(self) -> Actor:
        return Actor(self.agent.user)


def make_house(**mailbox) -> House:
    """The default desk, writing from support@desk.example, with agent Kim and customer Lee."""
    settings = desk()
    fields = {"name": "Example Hosting", "address": "support@desk.example", "smtp_host": "127.0.0.1"} | mailbox
    box = Mailbox.objects.create(**fields)
    settings.mailbox = box
    settings.save()
    support = settings.department
    support.signature = "Example Hosting\nhttps://desk.example/"
    support.save()
    customer = make_contact("lee@customer.example", "Lee Jiwoo")
    return House(settings, support, box, make_agent("kim@desk.example", "Kim Minsu"), customer, make_ticket(customer))


def make_agent(email: str, name: str, **fields) -> Agent:
    user = User.objects.create_user(email, name=name, is_staff=True, language=fields.pop("language", "en"))
    wanted = {"department": desk().department, "role": Role.objects.get(name="All access")} | fields
    return Agent.objects.create(user=user, **wanted)


def make_contact(email: str, name: str = "", **fields) -> Contact:
    contact = Contact.objects.create(name=name, **fields)
    ContactAddress.objects.create(contact=contact, email=email, is_main=True)
    return contact


def make_ticket(contact: Contact, **fields) -> Ticket:
    wanted = {
        "number": str(next(numbers)),
        "subject": "The server does not boot",
        "department": desk().department,
        "status": first_status(TicketState.OPEN),
        "priority": default_priority(),
    } | fields
    return Ticket.objects.create(contact=contact, **wanted)


def in_copy(ticket: Ticket, contact: Contact, **fields) -> Contact:
    Collaborator.objects.create(ticket=ticket, contact=contact, **fields)
    return contact


def make_entry(
    ticket: Ticket, kind: str, text: str, *, agent: Agent | None = None, contact: Contact | None = None, **fields
) -> Entry:
    author = str(agent) if agent else contact.name if contact else ticket.contact.name
    writer = contact or (None if agent else ticket.contact)
    return Entry.objects.create(
        ticket=ticket,
        home=ticket,
        kind=kind,
        source="mail",
        text=text,
        agent=agent,
        contact=writer,
        author_name=author,
        author_email=agent.user.email if agent else writer.email,
        **fields,
    )


def message(ticket: Ticket, text: str = "It hangs at the logo.", **fields) -> Entry:
    return make_entry(ticket, EntryKind.MESSAGE, text, **fields)


def response(ticket: Ticket, agent: Agent, text: str = "Please try again now.", **fields) -> Entry:
    return make_entry(ticket, EntryKind.RESPONSE, text, agent=agent, **fields)
