"""A lease as the server's lease file tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Lease:
    """The last word on one address.

    Times are UTC. `ends_at` is None both for a lease that never ends (`never_ends`) and where nothing was said.
    `state` and `next_state` are the file's words ("active"; see LeaseState), None where the record names none.
    `client_id` is in hex ("01:00:16:3e:..."), whichever way the file writes it; for IPv6 it is the DUID. `mac` is in
    lower case. `ip` is an address, or a prefix with its length ("2001:db8:100::/56").
    """

    ip: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    state: str | None = None
    next_state: str | None = None
    mac: str | None = None
    client_id: str | None = None
    hostname: str | None = None
    vendor_class: str | None = None
    never_ends: bool = False
    rewind_state: str | None = None
    last_contact_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that could not be read: where they begin in the file, how many, and why."""

    offset: int
    length: int
    words: Words
