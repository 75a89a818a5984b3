"""Tell people of what happened: outbox rows, written in the transaction of what they tell of."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import PANEL, Actor
from tickets.choices import EntryKind, MailKind, OutgoingState
from tickets.facts.outgoing import Person
from tickets.facts.threading import SignedTag
from tickets.facts.variables import RESOLUTION
from tickets.models import Attachment, Contact, Entry, Mailbox, OutgoingMail, TemplateSet, Ticket
from tickets.models.read_once import once, one_reading
from tickets.render.letters import Around, Quote, Wording, composed
from tickets.render.message_id import message_id, token
from tickets.render.variables import names
from tickets.rules.alerts import ANSWERS, BY_PEOPLE, CARRYING, automatic, cap_of, recipients
from tickets.rules.sender import from_name
from tickets.services import later
from tickets.services.mail_caps import rooms_for, were_written
from tickets.services.mail_keys import mail_keys
from tickets.services.mail_matter import Matter, matter_of
from tickets.services.mail_people import audience_of
from tickets.services.mail_values import rich_of, said_at, values_of, visible_text
from tickets.services.mail_words import wordings

NOTHING: Mapping[str, Any] = MappingProxyType({})
NO_DOMAIN = "rackdesk.invalid"
MOST_BYTES = 18 * 1024 * 1024
"""Attachments beyond this stay with the ticket and are named in the mail: servers take 25 MB, base64 adds a third."""
_FIRST_ALERTS = frozenset({MailKind.TICKET_ALERT, MailKind.MESSAGE_ALERT})
_LONGEST_ID = 900
_RESOLVED = f"%{{{RESOLUTION}}}"


@one_reading()
def tell(
    kind: MailKind,
    ticket: Ticket | None,
    *,
    entry: Entry | None = None,
    by: Actor,
    extra: Mapping[str, Any] = NOTHING,
    contacts: tuple[Contact, ...] | None = None,
) -> list[OutgoingMail]:
    """Write the mails of `kind`, one for each who is to be told; called inside the transaction of the verb, at whose
    end they are written. `contacts` are those who take part in the ticket, the owner first, where the verb knows them.

    `extra` may hold: `to` ("all", "owner", "nobody") for an answer; `agents`, `contacts`, `emails` to be told whatever
    the matrix says; `comments`, `activity`, `assignee`, `response` as texts for the words; `task`; `signature` (a
    SignatureKind); `resolves` where an answer resolves the ticket; `note`, an entry whose files go along; `mailbox` to
    send from; `address`, `why`, `name`, `language` for mails without a ticket.
    """
    matter = matter_of(kind, ticket, entry, by, extra, contacts)
    if not _is_wanted(matter):
        return []
    people = _untold(matter, recipients(matter.kind, audience_of(matter)))
    rows = list(_rows(matter, people)) if people else []
    later.put(*rows)
    were_written(rows)
    return rows


def tell_over_limit(email: str, *, name: str = "", language: str = "", mailbox: Mailbox | None = None) -> None:
    """Say to an address that no ticket was opened, for it has as many open ones as are allowed."""
    extra = {"emails": (email,), "name": name, "language": language, "mailbox": mailbox}
    tell(MailKind.TICKET_OVERLIMIT, None, by=PANEL, extra=extra)


def tell_of_mailbox(mailbox: Mailbox, *, why: str) -> None:
    """Say to those whom the matrix names that a mailbox cannot be fetched from. `why` is a text in English."""
    tell(MailKind.MAILBOX_ALERT, None, by=PANEL, extra={"address": mailbox.address, "why": why})


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same in all mails of one matter."""

    matter: Matter
    mailbox: Mailbox | None
    words: Mapping[str, Wording]
    signed_entry: int
    references: tuple[str, ...]
    in_reply_to: str
    quoted: Entry | None
    file_names: tuple[str, ...]
    has_files: bool
    is_too_large: bool

    @property
    def domain(self) -> str:
        """The part of our Message-IDs behind the @."""
        return self.mailbox.address.rpartition("@")[2] if self.mailbox is not None else NO_DOMAIN


def _is_wanted(matter: Matter) -> bool:
    """Whether the desk is set to say this at all, and says it to a person: a program's mail is not answered."""
    ticket, entry = matter.ticket, matter.entry
    if matter.kind in ANSWERS and entry is not None and entry.is_automatic:
        return False
    if ticket is None:
        return True
    if matter.kind == MailKind.MESSAGE_AUTORESPONSE:
        return ticket.department.answers_messages
    if matter.kind == MailKind.TICKET_AUTORESPONSE:
        by_topic = ticket.topic is None or ticket.topic.acknowledges
        by_mailbox = ticket.mailbox is None or ticket.mailbox.acknowledges
        return ticket.department.answers_new_tickets and by_topic and by_mailbox
    return True


def _untold(matter: Matter, people: tuple[Person, ...]) -> tuple[Person, ...]:
    """Without agents who were told of this very entry by another mail: one happening, one alert."""
    if matter.entry is None or not matter.is_for_agents or matter.kind in _FIRST_ALERTS:
        return people
    later.write_now(OutgoingMail)
    told = OutgoingMail.objects.filter(entry=matter.entry, agent__isnull=False).values_list("agent", flat=True)
    known = {f"a{pk}" for pk in told}
    return tuple(person for person in people if person.key not in known)


def _rows(matter: Matter, people: tuple[Person, ...]) -> Iterator[OutgoingMail]:
    frame = _frame(matter, frozenset(person.language for person in people))
    cap = matter.desk.automatic_mails_per_hour
    rooms = {} if matter.kind in BY_PEOPLE else rooms_for(people, matter.ticket, cap)
    for person in people:
        room = rooms.get(person.address_key)
        if room is None or room.is_free:
            yield _row(frame, person, None)
        elif room.is_shown:
            yield _row(frame, person, _held(cap_of(person, cap)))


def _row(frame: _Frame, person: Person, held: Words | None) -> OutgoingMail:
    matter, mailbox = frame.matter, frame.mailbox
    words_ = frame.words[person.language]
    tag = SignedTag(frame.signed_entry, person.key)
    values = values_of(matter, person, names(words_.subject) | names(words_.body))
    if said := _resolution(matter, words_):
        values |= {RESOLUTION: said}
        words_ = words_ if RESOLUTION in names(words_.body) else replace(words_, body=f"{words_.body}\n\n{_RESOLVED}")
    body = composed(words_, values, rich_of(matter), _around(frame, person, tag))
    headers = {"Auto-Submitted": automatic(matter.kind), "Content-Language": words_.language}
    if frame.references:
        headers |= {"References": " ".join(frame.references), "In-Reply-To": frame.in_reply_to}
    return OutgoingMail(
        kind=matter.kind,
        ticket=matter.ticket,
        entry=matter.entry,
        note=matter.extra.get("note"),
        mailbox=mailbox,
        contact_id=None if person.is_agent else int(person.key[1:]) or None,
        agent_id=int(person.key[1:]) or None if person.is_agent else None,
        to_email=person.email,
        to_name=person.name[:254],
        from_name=_from_name(matter, mailbox)[:254],
        from_email=mailbox.address if mailbox is not None else "",
        subject=body.subject,
        text=body.text,
        html=body.html,
        headers=headers,
        message_id=f"{secrets.token_hex(6)}.{message_id(tag, mail_keys(), frame.domain)}",
        carries_attachments=frame.has_files and matter.kind in CARRYING and not frame.is_too_large,
        is_automatic=matter.kind not in BY_PEOPLE,
        state=OutgoingState.WAITING if held is None else OutgoingState.HELD,
        why="" if held is None else held,
    )


def _resolution(matter: Matter, wording: Wording) -> str:
    """The line of an answer that resolves the ticket, "" in every other mail. Own words without it end with it."""
    if matter.kind != MailKind.TICKET_REPLY or not matter.extra.get("resolves") or matter.ticket is None:
        return ""
    reopens = matter.ticket.status.can_reopen
    return " ".join(wording.phrases[name] for name in ("resolved", *(("reopens",) if reopens else ())))


def _around(frame: _Frame, person: Person, tag: SignedTag) -> Around:
    matter, quoted = frame.matter, frame.quoted
    quote = None
    if quoted is not None:
        hidden = matter.hides_agents and quoted.agent_id is not None and matter.ticket is not None
        who = matter.ticket.department.name if hidden and matter.ticket else quoted.author_name
        quote = Quote(who, said_at(quoted.posted_at, person), visible_text(quoted))
    carries = matter.kind in CARRYING
    return Around(
        number=matter.ticket.number if matter.ticket else "",
        tag=token(tag, mail_keys()) if matter.ticket else "",
        quote=quote,
        left_out=frame.file_names if carries and frame.is_too_large else (),
        at_ticket=frame.file_names if not carries and matter.is_for_agents else (),
        can_be_answered=matter.ticket is not None,
    )


def _frame(matter: Matter, languages: frozenset[str]) -> _Frame:
    ticket, entry = matter.ticket, matter.entry
    mailbox = matter.mailbox()
    found: list[tuple[str, bool, int]] = []
    if entry is not None and (matter.is_for_agents or matter.kind in CARRYING):
        said = [one for one in (entry, matter.extra.get("note")) if one is not None]
        found = [file for one in said for file in _files(one)]
    references, in_reply_to = _ancestors(matter)
    return _Frame(
        matter=matter,
        mailbox=mailbox,
        words=wordings(matter.kind, languages, _templates(matter)),
        signed_entry=entry.pk if entry is not None else _last_entry(matter),
        references=references,
        in_reply_to=in_reply_to,
        quoted=_quoted(matter, ticket) if ticket is not None else None,
        file_names=tuple(name for name, is_inline, _ in found if not is_inline),
        has_files=bool(found),
        is_too_large=sum(size for _, _, size in found) > MOST_BYTES,
    )


def _files(entry: Entry) -> list[tuple[str, bool, int]]:
    """(name, whether it stands in the text, bytes) of each file of an entry, which keeps them as they are."""
    rows = Attachment.objects.filter(entry=entry).order_by("pk")
    return once(("files", entry.pk), lambda: list(rows.values_list("name", "is_inline", "file__size")))


def _templates(matter: Matter) -> TemplateSet | None:
    of_department = matter.ticket.department.templates if matter.ticket is not None else None
    return of_department or matter.desk.templates


def _last_entry(matter: Matter) -> int:
    """The entry that an answer to a mail about the whole ticket belongs to, 0 where there is none."""
    if matter.ticket is None:
        return 0
    rows = matter.ticket.entries.order_by("-pk")
    shown = rows if matter.is_for_agents else rows.exclude(kind=EntryKind.NOTE)
    return shown.values_list("pk", flat=True).first() or 0


def _quoted(matter: Matter, ticket: Ticket) -> Entry | None:
    """The message that an agent's answer is about; other mails say what they are about themselves."""
    entry = matter.entry
    if matter.kind != MailKind.TICKET_REPLY or entry is None:
        return None
    if entry.reply_to is not None and entry.reply_to.kind != EntryKind.NOTE:
        return entry.reply_to
    return ticket.entries.filter(kind=EntryKind.MESSAGE, pk__lt=entry.pk).order_by("-pk").first()


def _ancestors(matter: Matter) -> tuple[tuple[str, ...], str]:
    """(References, In-Reply-To): the ticket's own root first, which keeps its mails together in every mail program."""
    ticket, entry = matter.ticket, matter.entry
    if ticket is None:
        return (), ""
    root = f"ticket-{ticket.pk}.{ticket.created_at:%Y%m%d%H%M%S}@{NO_DOMAIN}"
    answered = entry.reply_to if entry is not None and entry.reply_to is not None else entry
    latest = answered.message_id if answered is not None else ""
    if not latest:
        rows = ticket.entries.exclude(message_id="").exclude(kind=EntryKind.NOTE).order_by("-pk")
        latest = rows.values_list("message_id", flat=True).first() or ""
    ids = (root, latest) if latest and len(latest) <= _LONGEST_ID and latest.isprintable() else (root,)
    return ids, ids[-1]


def _from_name(matter: Matter, mailbox: Mailbox | None) -> str:
    agent, entry = matter.agent if matter.kind in BY_PEOPLE else None, matter.entry
    return from_name(
        matter.kind,
        house=mailbox.name if mailbox is not None else matter.desk.name,
        agent=str(agent) if agent is not None else "",
        poster=entry.author_name if entry is not None else "",
        hides_agents=matter.hides_agents,
    )


def _held(cap: int) -> Words:
    return words(
        gettext_noop(
            "Held back: this address had %(count)s automatic mails within an hour, which is the limit. "
            "It may be a program that answers everything."
        ),
        count=cap,
    )
