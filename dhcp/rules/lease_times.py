"""Lease times that are set in, what a client will see of them out.

Source: RFC 2131, 4.4.5 (T1 at one half, T2 at seven eighths); server/dhcp.c of ISC DHCP 4.4, which tells a client of a
lease without end the seconds until 2^31 - 1, and Kea, which tells it 2^32 - 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dhcp.facts.server import INFINITE, LeaseTimes

USUAL, LONGEST, SHORTEST = 43200, 86400, 300
"""Seconds that dhcpd takes where nothing is said."""
_LAST_SECOND = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds: what a client is given that asks for no time of its own, and when it renews and rebinds.

    `ends` is false for a lease without end: the lease file says never, and the client renews all the same.
    """

    lease_seconds: int
    renew_seconds: int
    rebind_seconds: int
    ends: bool = True


def longest(times: LeaseTimes) -> int:
    """Seconds that no client's lease is longer than."""
    return LONGEST if times.maximum is None else times.maximum


def shortest(times: LeaseTimes) -> int:
    """Seconds that no client's lease is shorter than; it goes before the longest only where it is said."""
    return min(SHORTEST, longest(times)) if times.minimum is None else times.minimum


def seen(times: LeaseTimes, now: datetime | None = None) -> Seen:
    """`times` as they reach the subnet or pool; `now` is for leases without end, whose length dhcpd counts from it.

    Without `now` such a lease is told as Kea tells it.
    """
    usual = USUAL if times.default is None else times.default
    given = max(min(usual, longest(times)), shortest(times))
    if given != INFINITE:
        return Seen(given, given // 2, given * 7 // 8)
    told = INFINITE if now is None else max(_LAST_SECOND - int(now.timestamp()), 0)
    return Seen(told, told // 2, told * 7 // 8, ends=False)
