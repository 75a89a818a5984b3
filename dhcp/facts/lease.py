"""A lease as the server's lease file tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dhcp.facts.quoted import hex_of
from hosts.facts.words import Words


class Lease(NamedTuple):
    """The last word on one address. A tuple, since files hold a hundred thousand of them.

    Times are UTC. `ends_at` is None both for a lease that never ends (`never_ends`) and where nothing was said.
    `state` and `next_state` are the file's words ("active"; see LeaseState), None where the record names none.
    `uid` is the client's id as the file writes it, a text in quotes or hex; `client_id` says it in one way. `mac` is
    in lower case. `ip` is an address, or a prefix with its length ("2001:db8:100::/56").
    """

    ip: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    state: str | None = None
    next_state: str | None = None
    mac: str | None = None
    uid: str | None = None
    hostname: str | None = None
    vendor_class: str | None = None
    never_ends: bool = False
    rewind_state: str | None = None
    last_contact_at: datetime | None = None

    @property
    def client_id(self) -> str | None:
        """In hex ("01:00:16:3e:..."); for IPv6 it is the DUID."""
        return None if self.uid is None else hex_of(self.uid)


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that could not be read: where they begin in the file, how many, and why."""

    offset: int
    length: int
    words: Words


@dataclass(frozen=True, slots=True)
class LeaseMark:
    """How far a lease file was read: `tail` is a digest of the bytes just before `offset`, to know the file again."""

    inode: int
    offset: int
    tail: str


@dataclass(frozen=True, slots=True)
class PeerState:
    """What one half of a failover pair says of itself and of its partner ("normal", "communications-interrupted")."""

    name: str
    state: str
    since: datetime | None = None
    partner_state: str = ""
    partner_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeaseNews:
    """What a lease file says since a mark: the last word on each address that is named there.

    `whole` is true where the file was read from its beginning (the first time, or because it was rewritten): then
    addresses that are not among the leases are gone. `peers` are the failover states that are named there.
    """

    leases: tuple[Lease, ...]
    mark: LeaseMark
    whole: bool
    damage: tuple[Damage, ...]
    peers: tuple[PeerState, ...] = ()
