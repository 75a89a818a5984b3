"""A server before and after an edit in; the live leases of addresses that no range holds any more out."""

from __future__ import annotations

from collections.abc import Iterator

from dhcp.choices import LeaseState
from dhcp.facts import lease as told
from dhcp.facts import server as said
from dhcp.models import Lease, Server
from dhcp.rules.addresses import ranges_of
from dhcp.rules.meaning import without

MOST_LEASES = 2_000


def leases_leaving(server: Server, before: said.Server, after: said.Server) -> Iterator[told.Lease]:
    """At most MOST_LEASES of them; only the addresses that leave are asked for."""
    left = MOST_LEASES
    for version, first, last in without(ranges_of(before).merged, ranges_of(after).merged):
        rows = Lease.objects.filter(
            server=server,
            state=LeaseState.ACTIVE,
            key__gte=_key(version, first),
            key__lte=_key(version, last),
        ).order_by("key")
        for row in rows[:left]:
            left -= 1
            yield row.facts()
        if not left:
            return


def _key(version: int, number: int) -> str:
    return f"{version}{number:0{8 if version == 4 else 32}x}"
