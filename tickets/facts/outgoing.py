"""Who can be told of something, and what a mail is made of: the input of rules.alerts and of render.mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a mail could go to. `key` is "c12" for a contact, "a5" for an agent, "c0" for an address alone.

    `is_reachable` is false for an agent on vacation or gone, and for an address that bounced.
    """

    key: str
    email: str
    name: str = ""
    language: str = ""
    time_zone: str = ""
    is_reachable: bool = True

    @property
    def is_agent(self) -> bool:
        """Whether this is one of the staff."""
        return self.key.startswith("a")

    @property
    def address_key(self) -> str:
        """The address as it is compared: without regard to case."""
        return self.email.casefold()


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody around a ticket. `listed` are those whom the matrix of alerts lists for this kind of mail.

    `named` are told whatever the matrix says (who was mentioned, whom an entry is forwarded to). `to` narrows an
    agent's answer: "all", "owner" or "nobody". `silent` are addresses of those who did it or know already,
    `own_addresses` the desk's own, to which a mail would come back; both casefolded.
    """

    owner: Person | None = None
    author: Person | None = None
    collaborators: tuple[Person, ...] = ()
    listed: tuple[Person, ...] = ()
    named: tuple[Person, ...] = ()
    to: str = "all"
    silent: frozenset[str] = frozenset()
    own_addresses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LetterFile:
    """A file in a mail. `content_id` without angle brackets, for one that the HTML shows by `cid:`."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    is_inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is ready but for its form: what an outbox row says. Message-IDs are without angle brackets.

    `automatic` is the value of Auto-Submitted, "" for what a person wrote.
    """

    from_email: str
    to_email: str
    subject: str
    text: str = field(repr=False)
    message_id: str
    date: datetime
    from_name: str = ""
    to_name: str = ""
    html: str = field(default="", repr=False)
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    automatic: str = ""
    language: str = ""
    files: tuple[LetterFile, ...] = ()
