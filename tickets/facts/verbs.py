"""What a door hands to the verbs of the desk: a new ticket, a new entry, a file. Rows are named by their keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tickets.choices import TicketSource
from tickets.facts.mail import Fold


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file whose bytes are kept already (`services.files.keep`). `content_type` is only the sender's claim."""

    name: str
    content_type: str
    sha256: str
    size: int
    is_inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something said in a ticket.

    Who said it: `contact_id`, else `email` and `name`; an agent is named to the verb itself. `html` is as it came and
    is sanitised by the verb, which moves `html_folds` with it. `message_id` is without angle brackets.
    `is_stranger`: the writer takes no part in the ticket. `is_automatic`: a program wrote it, which reopens nothing and
    is not answered. `acknowledges`: an automatic answer may go out. `reopens`: a finished ticket opens again.
    """

    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    title: str = ""
    attachments: tuple[NewFile, ...] = ()
    minutes_spent: int = 0
    reply_to_id: int | None = None
    source: TicketSource = TicketSource.DESK
    contact_id: int | None = None
    email: str = ""
    name: str = ""
    is_stranger: bool = False
    is_automatic: bool = False
    acknowledges: bool = True
    reopens: bool = True
    message_id: str = ""
    folds: tuple[Fold, ...] = ()
    html_folds: tuple[Fold, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A request as it comes in. What is None is found by the topic, the customer, the department and the desk.

    The owner is `contact_id`, else the person of `email`, who is made where nobody has that address.
    `collaborators` are (address, name); they are active unless `collaborators_wait`. With a `cause_key` there is one
    open ticket for each cause: the second time gives the first ticket. `follows_id` is the ticket that it continues.
    """

    subject: str
    entry: NewEntry
    contact_id: int | None = None
    email: str = ""
    name: str = ""
    source: TicketSource = TicketSource.DESK
    department_id: int | None = None
    topic_id: int | None = None
    priority_id: int | None = None
    sla_id: int | None = None
    agent_id: int | None = None
    team_id: int | None = None
    mailbox_id: int | None = None
    organization_id: int | None = None
    due_at: datetime | None = None
    collaborators: tuple[tuple[str, str], ...] = ()
    collaborators_wait: bool = False
    host_ids: tuple[int, ...] = ()
    tag_ids: tuple[int, ...] = ()
    cause_key: str = ""
    follows_id: int | None = None
    acknowledges: bool = True
