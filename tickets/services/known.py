"""What the rows say about a mail: who sent it, what it answers, and whether it is here already."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from tickets.choices import PartRole, TicketState
from tickets.facts.mail import MailFacts
from tickets.facts.threading import Clues, Known, SignedTag, Spot
from tickets.models import Agent, Collaborator, Contact, DeskSettings, Entry, IncomingMail, Ticket
from tickets.models.read_once import found_out, once
from tickets.render.message_id import tags_in
from tickets.rules.clues import clues
from tickets.services import people
from tickets.services.mail_keys import mail_keys
from tickets.services.people import contact_of, is_banned, organization_of

LONGEST_CHAIN = 20
_WITH_TICKET = ("ticket__status", "ticket__contact")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail says it is from, as rows; None where they are not known."""

    agent: Agent | None
    contact: Contact | None


def mail_key(facts: MailFacts) -> str:
    """What is the same in every copy of a mail, however it came, and differs between any two mails.

    Message-ID, sender and date: gateways change the text, and broken programs write the same Message-ID for ever.
    """
    said = facts.date.isoformat() if facts.date else _digest(facts.subject, facts.text, *_files(facts))
    if facts.message_id:
        return "id:" + _digest(facts.message_id, facts.sender.key, said)
    to = sorted(one.key for one in (*facts.to, *facts.cc))
    return "is:" + _digest(facts.sender.key, *to, said, facts.subject, facts.text, facts.html, *_files(facts))


def sender_of(facts: MailFacts) -> Sender:
    """The agent and the contact who have the sender's address."""
    email = facts.sender.email.lower()
    if not facts.sender.usable:
        return Sender(None, None)
    agent = once(("agent", email), lambda: _agents([email]).first())
    return Sender(agent, contact_of(email))


def read_together(mails: Collection[MailFacts]) -> None:
    """Find out in a few questions what `sender_of` and `known_of` ask about each of these, within the reading."""
    emails = {facts.sender.email.lower() for facts in mails if facts.sender.usable}
    agents = {agent.user.email: agent for agent in _agents(emails)}
    for email in emails:
        found_out(("agent", email), agents.get(email))
    people.read_together(emails)
    keys = {mail_key(facts) for facts in mails}
    taken = set(IncomingMail.objects.filter(mail_key__in=keys).values_list("mail_key", flat=True))
    for key in keys:
        found_out(_taken_in(key), key in taken)


def may_belong(facts: MailFacts) -> bool:
    """Whether anything in a mail could lead to a ticket that is there."""
    found = clues(facts)
    named = found.ids or found.numbers or found.original_texts
    return bool(named or facts.bounce is not None or _tags(found.texts))


def known_of(
    facts: MailFacts, sender: Sender, *, key: str, mail: IncomingMail, settings: DeskSettings, own: frozenset[str]
) -> Known:
    """Everything that `rules.fate` wants to know about a mail. `own` are the addresses of the desk."""
    found = clues(facts)
    signed = _tags(found.texts)
    bounced = _tags(found.original_texts)
    looker = _Looker(facts, sender, (*signed, *bounced), found)
    contact = sender.contact
    return Known(
        ours=bool(tags_in(facts.message_id, mail_keys())),
        taken_in=once(_taken_in(key), lambda: IncomingMail.objects.filter(mail_key=key).exclude(pk=mail.pk).exists()),
        own_addresses=own,
        agent=sender.agent is not None,
        banned=is_banned(facts.sender.email),
        registered=settings.accepts_strangers or contact is not None or organization_of(facts.sender.email) is not None,
        accept_unregistered=settings.accepts_strangers,
        open_tickets=contact.tickets.open().count() if contact and settings.max_open_per_contact else 0,
        max_open=settings.max_open_per_contact,
        signed=looker.by_tags(signed),
        passive=looker.by_ids(found.ids),
        numbered=looker.by_numbers(found.numbers),
        bounced=looker.by_tags(bounced),
    )


def bounced_tags(facts: MailFacts) -> tuple[SignedTag, ...]:
    """What the mail that a bounce returns proves."""
    return _tags(clues(facts).original_texts)


class _Looker:
    """Looks up places in tickets for one sender, each row once."""

    def __init__(self, facts: MailFacts, sender: Sender, tags: Iterable[SignedTag], found: Clues) -> None:
        self._sender, self._key = sender, facts.sender.key
        named = {tag.entry for tag in tags}
        entries: list[Entry] = []
        if named or found.ids:
            wanted = Q(pk__in=named) | Q(message_id__in=found.ids)
            entries = list(Entry.objects.filter(wanted).select_related(*_WITH_TICKET).order_by("pk"))
        self._entries = {entry.pk: entry for entry in entries}
        self._by_id: dict[str, Entry] = {}
        for entry in entries:
            if entry.message_id:
                self._by_id.setdefault(entry.message_id, entry)
        self._roles: dict[int, PartRole] = {}

    def by_tags(self, tags: Iterable[SignedTag]) -> tuple[Spot, ...]:
        """The entries that signed ids name."""
        return tuple(self._tagged(tag) for tag in tags if tag.entry in self._entries)

    def by_ids(self, ids: Iterable[str]) -> tuple[Spot, ...]:
        """The entries that came with one of these Message-IDs."""
        return tuple(self._spot(self._by_id[one].ticket, self._by_id[one].pk) for one in ids if one in self._by_id)

    def by_numbers(self, numbers: tuple[str, ...]) -> tuple[Spot, ...]:
        """The tickets of these numbers."""
        if not numbers:
            return ()
        wanted = {form for number in numbers for form in (number, number.lower())}
        rows = Ticket.objects.filter(number__in=wanted).select_related("status", "contact")
        by_number = {row.number.upper(): row for row in rows}
        return tuple(self._spot(by_number[one], None) for one in numbers if one in by_number)

    def _tagged(self, tag: SignedTag) -> Spot:
        entry = self._entries[tag.entry]
        proves = self._is_recipient(tag)
        return self._spot(entry.ticket, entry.pk, proves_sender=proves, agent_mail=tag.to_agent)

    def _is_recipient(self, tag: SignedTag) -> bool:
        """Whether the mail comes from an address of the very person that the tag was sent to."""
        number = int(tag.recipient[1:])
        row = self._sender.agent if tag.to_agent else self._sender.contact
        return row is not None and row.pk == number

    def _spot(
        self,
        ticket: Ticket,
        entry: int | None,
        *,
        proves_sender: bool = False,
        agent_mail: bool = False,
        depth: int = 0,
    ) -> Spot:
        parent = None
        if ticket.merged_into_id is not None and depth < LONGEST_CHAIN:
            into = Ticket.objects.select_related("status", "contact").get(pk=ticket.merged_into_id)
            parent = self._spot(into, None, depth=depth + 1)
        return Spot(
            ticket=ticket.pk,
            entry=entry,
            state=TicketState(ticket.state),
            role=self._role(ticket),
            reopenable=ticket.status.can_reopen,
            proves_sender=proves_sender,
            agent_mail=agent_mail,
            recency=ticket.active_at.timestamp(),
            parent=parent,
        )

    def _role(self, ticket: Ticket) -> PartRole:
        if ticket.pk not in self._roles:
            self._roles[ticket.pk] = self._looked_up(ticket)
        return self._roles[ticket.pk]

    def _looked_up(self, ticket: Ticket) -> PartRole:
        contact = self._sender.contact
        if contact is not None and ticket.contact_id == contact.pk:
            return PartRole.OWNER
        if contact is not None and Collaborator.objects.filter(ticket=ticket, contact=contact, is_active=True).exists():
            return PartRole.COLLABORATOR
        return PartRole.AGENT if self._sender.agent is not None else PartRole.STRANGER


def _agents(emails: Collection[str]) -> QuerySet[Agent]:
    """The agents at work who have one of these addresses."""
    rows = Agent.objects.select_related("user", "department")
    return rows.filter(user__email__in=emails, user__is_active=True).order_by("pk")


def _taken_in(key: str) -> tuple[str, str]:
    return "taken in", key


def _tags(texts: Iterable[str]) -> tuple[SignedTag, ...]:
    keys = mail_keys()
    found: Mapping[SignedTag, None] = dict.fromkeys(tag for text in texts for tag in tags_in(text, keys))
    return tuple(found)


def _files(facts: MailFacts) -> list[str]:
    return [hashlib.sha256(one.data).hexdigest() for one in facts.attachments]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
