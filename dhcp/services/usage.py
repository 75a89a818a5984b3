"""How full networks are: samples over time, what is to come, and one ticket for each that got too full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDay, TruncHour

from dhcp.facts.fullness import Counts, Forecast, Point, Thresholds
from dhcp.models import Pool, Server, SharedNetwork, Subnet, UsageSample
from dhcp.rules import fullness
from dhcp.rules.forecast import WEEK, forecast
from dhcp.services import alarms
from dhcp.services.counting import Counted, count

EVERY = timedelta(minutes=15)
ALL_KEPT = timedelta(days=3)
HOURLY_KEPT = timedelta(days=30)
DAILY_KEPT = timedelta(days=730)
"""Samples of every quarter of an hour are kept for three days, one of each hour for a month, one of each day for two
years."""
_LOOK_BACK = timedelta(days=8)
_COUNTS = tuple(field.name for field in fields(Counts))
_TARGETS = ("subnet", "pool", "shared_network")
Network = Subnet | SharedNetwork


@dataclass(frozen=True, slots=True)
class Fullness:
    """A network now: its counts, from where on somebody is told, and when it will be full (None: nobody can say)."""

    counts: Counts
    thresholds: Thresholds
    tone: str
    forecast: Forecast | None


def usage_now(server: Server, *, now: datetime) -> Counted:
    """As the leases are at this moment."""
    return count(server, now=now)


def latest_usage(server: Server) -> Counted:
    """As the last sample says: what lists show, since counting a million leases takes a second."""
    found = Counted()
    newest = server.samples.aggregate(at=Max("at"))["at"]
    for row in server.samples.filter(at=newest) if newest else ():
        counts = Counts(**{name: getattr(row, name) for name in _COUNTS})
        if row.subnet_id is not None:
            found.subnets[row.subnet_id] = counts
        elif row.shared_network_id is not None:
            found.shared_networks[row.shared_network_id] = counts
        elif row.pool_id is not None:
            found.pools[row.pool_id] = counts
    return found


def thresholds_of(network: Network) -> Thresholds:
    """Its own, or those of what it stands in."""
    levels = [(network.warn_percent, network.alarm_percent)]
    if isinstance(network, Subnet) and (outer := network.shared_network):
        levels.append((outer.warn_percent, outer.alarm_percent))
    return fullness.thresholds(*levels, (network.server.warn_percent, network.server.alarm_percent))


def fullness_of(network: Network, counts: Counts, ahead: Forecast | None) -> Fullness:
    """Everything that a line about a network says."""
    told = thresholds_of(network)
    return Fullness(counts, told, fullness.tone(counts.percent, told), ahead)


def forecasts(server: Server, *, now: datetime) -> tuple[dict[int, Forecast], dict[int, Forecast]]:
    """Of subnets and of shared networks, by their keys; those that have none are not among them. One query."""
    return _forecasts(server.samples.all(), now)


def forecast_of(network: Network, *, now: datetime) -> Forecast | None:
    """Of one network, None where there is no trend."""
    found = _forecasts(network.samples.all(), now)
    return next((ahead for each in found for ahead in each.values()), None)


def forecasts_of(networks: Iterable[Network], *, now: datetime) -> tuple[dict[int, Forecast], dict[int, Forecast]]:
    """The same of some networks, of whichever servers, in one query."""
    subnets: set[int] = set()
    shared: set[int] = set()
    for each in networks:
        (subnets if isinstance(each, Subnet) else shared).add(each.pk)
    wanted = Q(subnet__in=subnets) | Q(shared_network__in=shared)
    return _forecasts(UsageSample.objects.filter(wanted), now) if subnets or shared else ({}, {})


def _forecasts(samples: QuerySet[UsageSample], now: datetime) -> tuple[dict[int, Forecast], dict[int, Forecast]]:
    days = (
        samples.filter(at__gt=now - timedelta(days=2 * WEEK), pool=None)
        .annotate(day=TruncDay("at"))
        .values_list("subnet", "shared_network", "day")
        .annotate(most=Max("active"), size=Max("defined"), last=Max("at"))
        .order_by("day")
    )
    points: dict[tuple[int | None, int | None], list[Point]] = {}
    for subnet, shared, _day, most, size, last in days:
        points.setdefault((subnet, shared), []).append(Point(last, most, size))
    found: tuple[dict[int, Forecast], dict[int, Forecast]] = {}, {}
    for (subnet, shared), told in points.items():
        if ahead := forecast(told, now=now):
            found[0 if subnet is not None else 1][subnet or shared or 0] = ahead
    return found


def history(network: Network | Pool, *, since: datetime, until: datetime) -> QuerySet[UsageSample]:
    """Its samples in their order: of every quarter of an hour, every hour or every day, as far as they are kept."""
    return network.samples.filter(at__gte=since, at__lte=until).order_by("at")


def due_servers(now: datetime, limit: int = 200) -> list[int]:
    """Those whose leases were read since their last sample, where a new quarter of an hour began."""
    read = Server.objects.filter(leases_read_at__isnull=False)
    due = read.filter(
        Q(sampled_at=None) | Q(sampled_at__lt=_quarter(now), leases_read_at__gt=F("sampled_at"))
    ).order_by("sampled_at", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def take_sample(server_id: int, *, now: datetime) -> bool:
    """Count, keep, and open or clear alarms. False where another worker did it, or the server is gone.

    Counting a million leases takes a second or two, so that is done before the transaction begins.
    """
    server = Server.objects.filter(pk=server_id).first()
    if server is None or _is_sampled(server, now):
        return False
    counted = count(server, now=now)
    return _keep_sample(server_id, counted, now)


@transaction.atomic
def _keep_sample(server_id: int, counted: Counted, now: datetime) -> bool:
    server = Server.objects.select_for_update().filter(pk=server_id).first()
    if server is None or _is_sampled(server, now):
        return False
    judged = _judged(server, counted)
    UsageSample.objects.bulk_create(_samples(server, counted, _quarter(now)), batch_size=500)
    Server.objects.filter(pk=server_id).update(sampled_at=now)
    alarms.judge(server, judged, now=now)
    return True


def _is_sampled(server: Server, now: datetime) -> bool:
    return server.sampled_at is not None and server.sampled_at >= _quarter(now)


def _samples(server: Server, counted: Counted, at: datetime) -> Iterator[UsageSample]:
    tables = (
        ("subnet_id", counted.subnets),
        ("shared_network_id", counted.shared_networks),
        ("pool_id", counted.pools),
    )
    for column, found in tables:
        for pk, counts in found.items():
            target: dict[str, Any] = {column: pk}
            yield UsageSample(server=server, at=at, **target, **asdict(counts))


def _judged(server: Server, counted: Counted) -> list[tuple[Network, Counts, Thresholds]]:
    """Shared networks, and subnets that stand in none or that have a threshold of their own: in a shared network a
    client may get an address of any subnet, and one that is full is nobody's trouble.
    """
    subnets: Iterable[Network] = server.subnets.select_related("server", "shared_network__server")
    shared: Iterable[Network] = server.shared_networks.select_related("server")
    found = [(row, counted.shared_networks.get(row.pk)) for row in shared]
    for row in subnets:
        if isinstance(row, Subnet) and (row.shared_network_id is None or row.alarm_percent is not None):
            found.append((row, counted.subnets.get(row.pk)))
    return [(row, counts or Counts(), thresholds_of(row)) for row, counts in found]


@transaction.atomic
def thin_samples(now: datetime) -> int:
    """Leave one sample of each hour and each day of what is older; how many are gone. Twice changes nothing."""
    hourly = _thinned(now - HOURLY_KEPT, now - ALL_KEPT, TruncHour("at"))
    daily = _thinned(now - DAILY_KEPT, now - HOURLY_KEPT, TruncDay("at"))
    return hourly + daily + UsageSample.objects.filter(at__lt=now - DAILY_KEPT).delete()[0]


def _thinned(oldest: datetime, newest: datetime, part: Any) -> int:
    """The first of each part is kept. What is older than `_LOOK_BACK` was thinned by an earlier run."""
    window = UsageSample.objects.filter(at__lt=newest, at__gte=max(oldest, newest - _LOOK_BACK))
    first = window.annotate(part=part).values(*_TARGETS, "part").annotate(kept=Min("pk")).values("kept")
    return window.exclude(pk__in=first).delete()[0]


def _quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
