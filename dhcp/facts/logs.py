"""What DHCP programs write into their logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dhcp.choices import Message, Outcome
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message of a handshake, or about one. `via` is the interface, or the relay's address (giaddr); `note` what
    stands after it.

    Of DHCPv6 `duid` and `iaid` are said where the log says them; `mac` is the client's as far as its link-local address
    or its DUID shows one, and else that address or the DUID itself: a client is always called the same.

    `number` is the line in the text, from 1; `stamp` what stands before the message (time, host, program), as written;
    `at` the time of it, in UTC, where there is one. `source` is the log's, as the reader was told.
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
    at: datetime | None = None
    source: str = ""
    duid: str | None = None
    iaid: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of one client from a DISCOVER (or a REQUEST of an address it had) to an ACK, a NAK or silence;
    of DHCPv6 from a Solicit, Renew, Rebind or Confirm to a Reply.

    `relay` is the address of the relay that it came through (as the server sees it), None on the server's own wire.
    """

    mac: str
    lines: tuple[LogLine, ...]
    outcome: Outcome
    reason: Words
    via: str | None
    ip: str | None
    relay: str | None = None
    hostname: str | None = None
    duid: str | None = None

    @property
    def started_at(self) -> datetime | None:
        """Of its first message."""
        return self.lines[0].at

    @property
    def ended_at(self) -> datetime | None:
        """Of its last message."""
        return self.lines[-1].at
