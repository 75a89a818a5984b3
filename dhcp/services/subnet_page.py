"""A subnet in; all that its page says of it out, at a cost that does not grow with its leases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from dhcp.choices import LeaseState
from dhcp.facts.flat import over
from dhcp.facts.fullness import Counts, Forecast, Thresholds
from dhcp.facts.server import LeaseTimes, Settings
from dhcp.facts.subnet_map import SubnetMap
from dhcp.models import Group, Holding, Lease, Pool, Reservation, ReservedAddress, Server, SharedNetwork, Subnet
from dhcp.rules.fullness import tone
from dhcp.rules.lease_times import Seen, seen
from dhcp.services.usage import Fullness, fullness_of, history, latest_usage

CHART_DAYS = 14
SHOWN_ROWS = 8
MOST_POOLS = 200
COUNTED_POOLS = 30
Level = Server | Group | SharedNetwork | Subnet | Pool


@dataclass(frozen=True, slots=True)
class Said:
    """A setting that reaches the subnet: its name and value, and the row that says it. `is_own`: the subnet itself."""

    name: str
    value: str
    level: Level
    is_own: bool


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A pool with how full it is."""

    row: Pool
    counts: Counts
    tone: str


@dataclass(frozen=True, slots=True)
class SubnetPage:
    """`times` are those that reach it, `seen` what a client makes of them."""

    fullness: Fullness
    pools: list[PoolLine]
    options: list[Said]
    times: LeaseTimes
    times_from: Level
    seen: Seen
    leases: list[Lease]
    lease_count: int
    reservations: list[ReservedAddress]
    reservation_count: int


def subnet_page(subnet: Subnet, drawn: SubnetMap, ahead: Forecast | None, *, now: datetime) -> SubnetPage:
    """`drawn` is its picture, from which it is counted."""
    levels = levels_of(subnet)
    settings = Settings()
    for level in levels:
        settings = over(settings, level.settings())
    counts = _counts(drawn)
    full = fullness_of(subnet, counts, ahead)
    pools = _pools(subnet, full.thresholds)
    leases = Lease.objects.filter(
        server=subnet.server_id, key__gte=subnet.first_key, key__lte=subnet.last_key, state=LeaseState.ACTIVE
    )
    reserved = ReservedAddress.objects.filter(
        reservation__server=subnet.server_id, key__gte=subnet.first_key, key__lte=subnet.last_key, is_prefix=False
    )
    return SubnetPage(
        full,
        pools,
        _options(levels),
        settings.times,
        next((level for level in reversed(levels) if level.default_lease_seconds is not None), subnet.server),
        seen(settings.times, now),
        list(leases.order_by("key")[:SHOWN_ROWS]),
        counts.active,
        list(reserved.select_related("reservation__organization").order_by("key", "pk")[:SHOWN_ROWS]),
        reserved.count(),
    )


def levels_of(row: Subnet | SharedNetwork | Group) -> list[Any]:
    """The declarations that a network stands in, the outermost first, itself last."""
    found: list[Any] = [row]
    while home := _home(found[-1]):
        found.append(home)
    return [row.server, *reversed(found)]


def _home(row: Any) -> Any:
    if isinstance(row, Subnet):
        return row.shared_network or row.group
    if isinstance(row, SharedNetwork):
        return row.group
    return row.parent or row.subnet or row.shared_network


def _options(levels: Sequence[Any]) -> list[Said]:
    said: dict[str, Said] = {}
    for level in levels:
        settings = level.settings()
        rows = [(each.name, each.expression or ", ".join(each.values)) for each in settings.options]
        boot = settings.boot
        rows += [
            (name, value)
            for name, value in (
                ("next-server", boot.next_server),
                ("filename", boot.filename),
                ("server-name", boot.server_name),
            )
            if value
        ]
        for name, value in rows:
            said[name] = Said(name, value, level, level is levels[-1])
    return sorted(said.values(), key=lambda each: (not each.is_own, each.name))


def _counts(drawn: SubnetMap) -> Counts:
    """Of the subnet as it is drawn: of its cells, or of its blocks."""
    if drawn.blocks:
        return Counts(
            defined=sum(each.in_pools for each in drawn.blocks),
            active=sum(each.leased for each in drawn.blocks),
            abandoned=sum(each.abandoned for each in drawn.blocks),
            reserved=sum(each.reserved for each in drawn.blocks),
        )
    in_pools = [each for each in drawn.cells if each.is_in_pool]
    return Counts(
        defined=len(in_pools),
        active=sum(each.kind == "leased" for each in in_pools),
        backup=sum(each.kind == "backup" for each in in_pools),
        abandoned=sum(each.kind == "abandoned" for each in drawn.cells),
        reserved=sum(bool(each.reserved_for) for each in drawn.cells),
    )


def _pools(subnet: Subnet, thresholds: Thresholds) -> list[PoolLine]:
    """Counted as they are now; of very many pools as the last sample says."""
    of = Q(subnet=subnet)
    if subnet.shared_network_id is not None:
        of |= Q(shared_network=subnet.shared_network_id)
    rows = Pool.objects.filter(of, server=subnet.server_id).prefetch_related("ranges").order_by("position", "pk")
    pools = list(rows[:MOST_POOLS])
    known = latest_usage(subnet.server).pools if len(pools) > COUNTED_POOLS else _counted(subnet, pools)
    lines = []
    for pool in pools:
        counts = known.get(pool.pk, Counts())
        lines.append(PoolLine(pool, counts, tone(counts.percent, thresholds)))
    return lines


def _counted(subnet: Subnet, pools: list[Pool]) -> dict[int, Counts]:
    """One query for all of them."""
    wanted, defined = {}, {}
    for pool in pools:
        spans = [sorted((each.first_key, each.last_key)) for each in pool.ranges.all() if each.prefix_length is None]
        within = Q(pk__in=[])
        for low, high in spans:
            within |= Q(key__gte=low, key__lte=high)
        wanted[f"n{pool.pk}"] = Count("pk", filter=within)
        defined[pool.pk] = sum(int(high[1:], 16) - int(low[1:], 16) + 1 for low, high in spans)
    active = Lease.objects.filter(server=subnet.server_id, state=LeaseState.ACTIVE)
    if subnet.shared_network_id is None:
        active = active.filter(key__gte=subnet.first_key, key__lte=subnet.last_key)
    found = active.aggregate(**wanted) if wanted else {}
    return {pk: Counts(defined=count, active=found[f"n{pk}"]) for pk, count in defined.items()}


@dataclass(frozen=True, slots=True)
class AddressPage:
    """All that is known of one address of a subnet."""

    address: str
    lease: Lease | None
    reserved: list[Reservation]
    holdings: list[Holding]


def address_page(subnet: Subnet, address: str, key: str) -> AddressPage:
    """Its lease now, who may have it, and who had it."""
    server = subnet.server_id
    reserved = Reservation.objects.filter(server=server, addresses__key=key).select_related("organization").distinct()
    return AddressPage(
        address,
        Lease.objects.filter(server=server, key=key).first(),
        list(reserved.order_by("position", "pk")[:5]),
        list(Holding.objects.filter(server=server, key=key).order_by("-began_at", "-pk")[:6]),
    )


def used_over_time(
    network: Subnet | SharedNetwork, *, now: datetime, days: int = CHART_DAYS
) -> list[tuple[datetime, int, int]]:
    """(when, in use, of how many), as it was sampled."""
    rows = history(network, since=now - timedelta(days=days), until=now)
    return list(rows.values_list("at", "active", "defined"))
