"""What has to be known to say where a mail belongs, and what is said: the input and the output of rules.fate."""

from __future__ import annotations

from dataclasses import dataclass

from hosts.facts.words import Words
from tickets.choices import FateKind, PartRole, TicketState


@dataclass(frozen=True, slots=True)
class SignedTag:
    """What a Message-ID of ours proves: mail about `entry` was sent to `recipient` ("c12" contact, "a5" agent)."""

    entry: int
    recipient: str

    @property
    def to_agent(self) -> bool:
        """Whether it was sent to an agent, who sees more than a customer does."""
        return self.recipient.startswith("a")


@dataclass(frozen=True, slots=True)
class Clues:
    """Where in a mail a ticket may be named, best first. `texts` may hold signed tags, `ids` are foreign Message-IDs,
    `numbers` ticket numbers of the subject. `original_texts` tell of the mail that a bounce returns.
    """

    texts: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    original_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a ticket that a clue leads to. `recency` orders tickets (larger is newer): its last activity.

    `role` is what the sender is to this ticket. `proves_sender`: the signed tag was sent to this very sender.
    `agent_mail`: the tag was sent to an agent. `parent` is set for a ticket that was merged into another.
    """

    ticket: int
    entry: int | None = None
    state: TicketState = TicketState.OPEN
    role: PartRole = PartRole.STRANGER
    reopenable: bool = True
    proves_sender: bool = False
    agent_mail: bool = False
    recency: float = 0.0
    parent: Spot | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What rows say about a mail: whether it is ours or here already, who sent it, and what its clues lead to.

    `signed`, `passive` (by a foreign Message-ID) and `numbered` are in the order of the clues; `bounced` by the mail
    that a bounce returns. `open_tickets` are the sender's; `max_open` 0 is no limit.
    """

    ours: bool = False
    taken_in: bool = False
    own_addresses: frozenset[str] = frozenset()
    agent: bool = False
    banned: bool = False
    registered: bool = True
    accept_unregistered: bool = True
    open_tickets: int = 0
    max_open: int = 0
    signed: tuple[Spot, ...] = ()
    passive: tuple[Spot, ...] = ()
    numbered: tuple[Spot, ...] = ()
    bounced: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a mail, and why in words for the log of the ticket or the quarantine page.

    `ticket` and `entry` for REPLY and NOTE. `reopen`: the ticket opens again. `answer`: an automatic answer may go
    out. `as_agent`: an agent speaks to the customer. `stranger`: shown with the sender's address in front.
    `follows`: the ticket that a new one continues. `failed_addresses` should get no mail any more.
    `over_limit`: tell the sender that he has too many open tickets.
    """

    kind: FateKind
    why: Words
    ticket: int | None = None
    entry: int | None = None
    reopen: bool = False
    answer: bool = False
    as_agent: bool = False
    stranger: bool = False
    follows: int | None = None
    failed_addresses: tuple[str, ...] = ()
    over_limit: bool = False
