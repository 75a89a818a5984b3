"""A subnet in; all that its page says of it out, at a cost that does not grow with its leases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from dhcp.rules.lease_times import Seen, seen
from dhcp.services.usage import Fullness, fullness_of, history, latest_usage

CHART_DAYS = 14
SHOWN_ROWS = 8
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
    """`drawn` is its picture: where every address is a cell, what is shown is counted from it, else the last sample."""
    levels = levels_of(subnet)
    settings = Settings()
    for level in levels:
        settings = over(settings, level.settings())
    counts, by_pool = _counts(subnet, drawn)
    full = fullness_of(subnet, counts, ahead)
    pools = list(_pools(subnet, by_pool, full.thresholds))
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


def _counts(subnet: Subnet, drawn: SubnetMap) -> tuple[Counts, dict[int, Counts]]:
    """Of the subnet and of its pools."""
    if not drawn.cells:
        last = latest_usage(subnet.server)
        return last.subnets.get(subnet.pk, Counts()), last.pools
    defined = [each for each in drawn.cells if each.is_in_pool]
    whole = Counts(
        defined=len(defined),
        active=sum(each.kind == "leased" for each in defined),
        backup=sum(each.kind == "backup" for each in defined),
        abandoned=sum(each.kind == "abandoned" for each in drawn.cells),
        reserved=sum(bool(each.reserved_for) for each in drawn.cells),
    )
    return whole, {}


def _pools(subnet: Subnet, by_pool: dict[int, Counts], thresholds: Thresholds) -> Iterator[PoolLine]:
    of = Q(subnet=subnet)
    if subnet.shared_network_id is not None:
        of |= Q(shared_network=subnet.shared_network_id)
    for pool in Pool.objects.filter(of, server=subnet.server_id).prefetch_related("ranges").order_by("position", "pk"):
        counts = by_pool.get(pool.pk) or _count_pool(pool)
        tone = "alarm" if thresholds.alarm and counts.percent >= thresholds.alarm else ""
        yield PoolLine(pool, counts, tone or ("warn" if thresholds.warn and counts.percent >= thresholds.warn else ""))


def _count_pool(pool: Pool) -> Counts:
    ranges = [each for each in pool.ranges.all() if each.prefix_length is None]
    spans = Q(pk__in=[])
    defined = 0
    for each in ranges:
        low, high = sorted((each.first_key, each.last_key))
        defined += int(high[1:], 16) - int(low[1:], 16) + 1
        spans |= Q(key__gte=low, key__lte=high)
    found = Lease.objects.filter(spans, server=pool.server_id).aggregate(
        active=Count("pk", filter=Q(state=LeaseState.ACTIVE)),
        abandoned=Count("pk", filter=Q(state=LeaseState.ABANDONED)),
    )
    return Counts(defined=defined, active=found["active"], abandoned=found["abandoned"])


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
