"""Why a machine gets no address: what is known of it, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dhcp.choices import Outcome
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Known:
    """What rows say of one machine. `outcome` and `reason` are of its last conversation, None where there is none.

    `holds` is the address of a lease that is active now. `reserved` are names of its reservations, `switched_off`
    those of them that are not enabled. `unread` are servers whose log could not be read, with why.
    """

    holds: str = ""
    until: datetime | None = None
    outcome: Outcome | None = None
    reason: Words | None = None
    spoke_at: datetime | None = None
    reserved: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    abandoned: tuple[str, ...] = ()
    unread: tuple[tuple[str, Words], ...] = ()
    servers: int = 0
