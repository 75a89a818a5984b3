"""A mail's words tried out: shown for a real ticket, or sent to oneself."""

from __future__ import annotations

import secrets

from django.db import transaction

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor, note
from tickets.choices import EntryKind, MailKind
from tickets.facts.mail import Address
from tickets.facts.threading import SignedTag
from tickets.facts.variables import variables_for
from tickets.models import OutgoingMail, Ticket
from tickets.render.letters import Around, Composed, Wording, composed
from tickets.render.message_id import message_id
from tickets.render.variables import check, names
from tickets.rules.alerts import FOR_AGENTS, automatic
from tickets.services.house import desk
from tickets.services.mail_keys import mail_keys
from tickets.services.mail_matter import matter_of
from tickets.services.mail_people import contact_person, user_person
from tickets.services.mail_values import rich_of, values_of
from tickets.services.mail_words import wordings
from tickets.services.templates import preview

TEST_ENTRY = 0
"""Test mails belong to no entry: an answer to one finds no ticket by its signature."""

_SHOWN = {MailKind.TICKET_REPLY: EntryKind.RESPONSE, MailKind.NOTE_ALERT: EntryKind.NOTE}


def preview_on(
    kind: str, language: str, ticket: Ticket, *, by: Actor, typed: tuple[str, str] | None = None
) -> Composed:
    """The mail as this ticket would make it now, by its department's words or by `typed` (subject, text).

    RenderError names a variable that this kind of mail does not have. Nothing is kept or sent.
    """
    own = wordings(kind, frozenset({language}), ticket.department.templates or desk().templates)[language]
    wording = own if typed is None else Wording(*typed, own.phrases, own.language)
    known = variables_for(kind)
    check(wording.subject, known)
    check(wording.body, known)
    entry = ticket.entries.filter(kind=_SHOWN.get(MailKind(kind), EntryKind.MESSAGE)).order_by("-pk").first()
    matter = matter_of(kind, ticket, entry, by)
    reader = user_person(by.person) if kind in FOR_AGENTS else contact_person(ticket.contact)
    values = values_of(matter, reader, names(wording.subject) | names(wording.body))
    return composed(wording, values, rich_of(matter), Around(number=ticket.number))


@transaction.atomic
def send_test(kind: str, language: str, subject: str, body: str, *, to_email: str, by: Actor) -> OutgoingMail:
    """Put the mail that these words would make, with made-up values, into the outbox for one address.

    RenderError names an unknown variable; BadInput an address that is none, or that no mailbox of the desk can send.
    The door wakes `tasks.send`.
    """
    if not Address(to_email).usable:
        raise BadInput(words(gettext_noop("Where should the test mail go? Type an address.")), field="to_email")
    said = preview(kind, language, subject, body)
    mailbox = matter_of(kind, None, None, by).mailbox()
    if mailbox is None:
        raise BadInput(words(gettext_noop("No mailbox of the desk can send. Give one of them an SMTP server first.")))
    domain = mailbox.address.rpartition("@")[2]
    mail = OutgoingMail.objects.create(
        kind=kind,
        mailbox=mailbox,
        to_email=to_email,
        from_name=mailbox.name,
        from_email=mailbox.address,
        subject=said.subject,
        text=said.text,
        html=said.html,
        headers={"Auto-Submitted": automatic(MailKind.TICKET_ALERT), "Content-Language": language},
        message_id=f"{secrets.token_hex(6)}.{message_id(SignedTag(TEST_ENTRY, 'c0'), mail_keys(), domain)}",
    )
    note(by, "test-mail", None, details={"kind": str(kind), "language": language, "to": to_email})
    return mail
