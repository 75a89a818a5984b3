"""A server's ranges and leases in, how many addresses are in which state out: two queries, whatever their number.

The databases count: a range is a part of an index of leases, and no lease comes to Python.
"""

# Names of tables are put into SQL; they are those of our own models, and values are always parameters.
# ruff: noqa: S608

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.db import connection

from dhcp.choices import LeaseState
from dhcp.facts.fullness import Counts
from dhcp.models import Lease, Pool, Range, Reservation, ReservedAddress, Server, Subnet

MOST = 2**63 - 1
"""What a column holds; a range of IPv6 may have more."""
_LOW = "CASE WHEN r.first_key <= r.last_key THEN r.first_key ELSE r.last_key END"
_HIGH = "CASE WHEN r.first_key <= r.last_key THEN r.last_key ELSE r.first_key END"
_LEASES = f"""
SELECT r.id, l.state, COUNT(*), SUM(CASE WHEN l.never_ends OR l.ends_at IS NULL OR l.ends_at > %s THEN 1 ELSE 0 END)
FROM {Range._meta.db_table} r
JOIN {Pool._meta.db_table} p ON p.id = r.pool_id
JOIN {Lease._meta.db_table} l ON l.server_id = p.server_id AND l.key >= {_LOW} AND l.key <= {_HIGH}
WHERE p.server_id = %s AND (%s = 4 OR (r.prefix_length IS NULL) = (l.address NOT LIKE '%%/%%'))
GROUP BY r.id, l.state
"""
_RESERVED = f"""
SELECT r.id, COUNT(*)
FROM {Range._meta.db_table} r
JOIN {Pool._meta.db_table} p ON p.id = r.pool_id
JOIN {ReservedAddress._meta.db_table} a ON a.key >= {_LOW} AND a.key <= {_HIGH}
JOIN {Reservation._meta.db_table} h ON h.id = a.reservation_id AND h.server_id = p.server_id AND h.is_enabled
WHERE p.server_id = %s AND (r.prefix_length IS NOT NULL) = a.is_prefix
GROUP BY r.id
"""


@dataclass(slots=True)
class Counted:
    """By the keys of the rows. A range of a shared network's own pool counts in the subnet that holds it, too."""

    pools: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    subnets: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    shared_networks: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))


def count(server: Server, *, now: datetime) -> Counted:
    """Ranges that overlap are each counted whole, as dhcpd-pools does."""
    by_range = _by_range(server, now)
    found = Counted()
    pools = {pool.pk: pool for pool in server.pools.all()}
    subnets = list(server.subnets.all())
    homes = {subnet.pk: subnet for subnet in subnets}
    for each in Range.objects.filter(pool__server=server):
        counts = replace(by_range[each.pk], defined=_size(each))
        pool = pools[each.pool_id]
        subnet = homes.get(pool.subnet_id or 0) or _subnet_of(each, pool, subnets)
        shared_id = pool.shared_network_id or (subnet.shared_network_id if subnet else None)
        found.pools[pool.pk] = _sum(found.pools[pool.pk], counts)
        if subnet is not None:
            found.subnets[subnet.pk] = _sum(found.subnets[subnet.pk], counts)
        if shared_id is not None:
            found.shared_networks[shared_id] = _sum(found.shared_networks[shared_id], counts)
    return found


def _by_range(server: Server, now: datetime) -> dict[int, Counts]:
    found: dict[int, Counts] = defaultdict(Counts)
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_LEASES, [moment, server.pk, server.version])
        for pk, state, number, held in cursor.fetchall():
            found[pk] += _of_state(state, number, int(held or 0))
        cursor.execute(_RESERVED, [server.pk])
        for pk, number in cursor.fetchall():
            found[pk] += Counts(reserved=number)
    return found


def _of_state(state: str, number: int, held: int) -> Counts:
    if state in (LeaseState.ACTIVE, ""):  # files of old servers name no state
        return Counts(active=number, held=held)
    if state in (LeaseState.BACKUP, LeaseState.ABANDONED):
        return Counts(**{state: number})
    return Counts(touched=number)


def _size(each: Range) -> int:
    low, high = sorted((int(ip_address(each.first)), int(ip_address(each.last))))
    step = 1 if each.prefix_length is None else 2 ** (128 - each.prefix_length)
    return min(MOST, (high - low) // step + 1)


def _sum(one: Counts, other: Counts) -> Counts:
    both = one + other
    return replace(both, defined=min(MOST, both.defined))


def _subnet_of(each: Range, pool: Pool, subnets: Iterable[Subnet]) -> Subnet | None:
    """Of a range in a pool of a shared network."""
    mine: Any = (row for row in subnets if row.shared_network_id == pool.shared_network_id)
    return next((row for row in mine if row.first_key <= each.first_key <= row.last_key), None)
