"""What DHCP programs write into their logs."""

from __future__ import annotations

from dataclasses import dataclass

from dhcp.choices import Message, Outcome
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message of a handshake. `via` is the interface, or the relay's address (giaddr); `note` what stands after it.

    `number` is the line in the text, from 1; `stamp` what stands before the message (time, host, program), as written.
    """

    message: Message
    number: int
    stamp: str = ""
    mac: str | None = None
    ip: str | None = None
    hostname: str | None = None
    via: str | None = None
    server: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one client from a DISCOVER (or a REQUEST of an address it had) to an ACK, a NAK or silence."""

    mac: str
    lines: tuple[LogLine, ...]
    outcome: Outcome
    reason: Words
    via: str | None
    ip: str | None
