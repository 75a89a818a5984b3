"""What joining two rows into one would do, as a value that is shown before it is done."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What becomes of a contact that is merged into another one.

    `tickets` … `mails` count what comes along, of which `hidden_tickets` are beyond the sight of who asks; `emails` are
    the addresses that come along. `takes` are columns that the one who stays lacks and gets; `loses` is {column: text}
    of what the other one has otherwise and is not kept. `refused` says why it cannot be done, None where it can.
    """

    tickets: int = 0
    open_tickets: int = 0
    hidden_tickets: int = 0
    entries: int = 0
    copies: int = 0
    mails: int = 0
    emails: tuple[str, ...] = ()
    takes_login: bool = False
    takes: tuple[str, ...] = ()
    loses: dict[str, str] = field(default_factory=dict)
    refused: Words | None = None
