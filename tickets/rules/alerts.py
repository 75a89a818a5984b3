"""A kind of mail and everybody around a ticket to those who get it; and how many automatic mails one may get."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tickets.choices import MailKind
from tickets.facts.mail import Address
from tickets.facts.outgoing import Audience, Person

FOR_AGENTS = frozenset(
    {
        MailKind.TICKET_ALERT,
        MailKind.MESSAGE_ALERT,
        MailKind.NOTE_ALERT,
        MailKind.ASSIGNED_ALERT,
        MailKind.TRANSFER_ALERT,
        MailKind.OVERDUE_ALERT,
        MailKind.TASK_ALERT,
        MailKind.TASK_ACTIVITY_ALERT,
        MailKind.TASK_ASSIGNED_ALERT,
        MailKind.TASK_TRANSFER_ALERT,
        MailKind.TASK_OVERDUE_ALERT,
        MailKind.MAILBOX_ALERT,
    }
)
"""What only the staff may read: notes and links into the panel stand in it."""

ANSWERS = frozenset(
    {
        MailKind.TICKET_AUTORESPONSE,
        MailKind.TICKET_AUTOREPLY,
        MailKind.MESSAGE_AUTORESPONSE,
        MailKind.TICKET_OVERLIMIT,
    }
)
"""What the panel says by itself to a mail: Auto-Submitted: auto-replied."""

BY_PEOPLE = frozenset({MailKind.TICKET_REPLY, MailKind.TICKET_FORWARD, MailKind.TICKET_NOTICE})
"""What an agent wrote to somebody: never held back, and without the marks of an automatic mail."""

EVEN_TO_THE_AUTHOR = ANSWERS | BY_PEOPLE
"""What also goes to the one whose doing it is about."""

CARRYING = frozenset({MailKind.TICKET_REPLY, MailKind.TICKET_FORWARD, MailKind.TICKET_NOTICE, MailKind.ACTIVITY_NOTICE})
"""What goes out with the attachments of its entry."""

AGENT_FACTOR = 10
"""Agents get this many times the cap, counted for each ticket: a lively ticket is no loop, an endless one is."""


def automatic(kind: str) -> str:
    """The value of Auto-Submitted (RFC 3834) for a kind of mail, "" for what a person wrote."""
    if kind in BY_PEOPLE:
        return ""
    return "auto-replied" if kind in ANSWERS else "auto-generated"


def recipients(kind: str, audience: Audience) -> tuple[Person, ...]:
    """Who gets a mail of `kind`, each address once: nobody who did it, is away, bounced, or is the desk itself."""
    asked = _CUSTOMERS[kind](audience) if kind in _CUSTOMERS else _from_matrix(audience)
    found: dict[str, Person] = {}
    for person in asked:
        if _can_be_told(kind, person, audience):
            found.setdefault(person.address_key, person)
    return tuple(found.values())


def cap_of(person: Person, cap: int) -> int:
    """How many automatic mails an hour: to a customer's address in all, to an agent's about one ticket."""
    return cap * AGENT_FACTOR if person.is_agent else cap


def _can_be_told(kind: str, person: Person, audience: Audience) -> bool:
    if not person.is_reachable or not Address(person.email).usable or person.address_key in audience.own_addresses:
        return False
    return person.address_key not in audience.silent or kind in EVEN_TO_THE_AUTHOR


def _owner(audience: Audience) -> Iterable[Person]:
    return (audience.owner,) if audience.owner else ()


def _author(audience: Audience) -> Iterable[Person]:
    """Who wrote the message, where that person takes part; else nobody: strangers get no receipts."""
    taking_part = {person.key: person for person in (*_owner(audience), *audience.collaborators)}
    author = audience.author
    return (author,) if author is not None and author.key in taking_part else ()


def _answered(audience: Audience) -> Iterable[Person]:
    if audience.to == "nobody":
        return ()
    return _owner(audience) if audience.to == "owner" else (*_owner(audience), *audience.collaborators)


def _everybody(audience: Audience) -> Iterable[Person]:
    return (*_owner(audience), *audience.collaborators)


def _named(audience: Audience) -> Iterable[Person]:
    return audience.named


def _from_matrix(audience: Audience) -> Iterable[Person]:
    return (*audience.named, *audience.listed)


_CUSTOMERS: Mapping[str, Callable[[Audience], Iterable[Person]]] = {
    MailKind.TICKET_AUTORESPONSE: _owner,
    MailKind.TICKET_AUTOREPLY: _owner,
    MailKind.MESSAGE_AUTORESPONSE: _author,
    MailKind.TICKET_NOTICE: _answered,
    MailKind.TICKET_OVERLIMIT: _named,
    MailKind.TICKET_REPLY: _answered,
    MailKind.ACTIVITY_NOTICE: _everybody,
    MailKind.TICKET_RESOLVED: _owner,
    MailKind.TICKET_FORWARD: _named,
    MailKind.TASK_ACTIVITY_NOTICE: _everybody,
}
