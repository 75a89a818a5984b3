"""Who looks in; every network that they may see with how full it is and who serves it out, a few queries for all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from dhcp.choices import Service
from dhcp.facts.fullness import Counts
from dhcp.models import Alarm, Problem, Relay, Server, SharedNetwork, Subnet, UsageSample
from dhcp.services.checks import problems_for
from dhcp.services.told import PushState, states_of_push
from dhcp.services.usage import Fullness, Network, forecasts_of, fullness_of
from hosts.choices import Severity
from hosts.models import User

MOST_SERVERS = 100
MOST_NETWORKS = 2_000
MOST_FORECASTS = 60
FULL_ENOUGH = 25
"""Per cent in use from where on a list tells when a network will be full."""
SHOWN_NETWORKS = 12
SHOWN_PROBLEMS = 6
Target = tuple[int | None, int | None]
"""The keys of a subnet and of a shared network; one of them is None."""
Row = TypeVar("Row", Subnet, SharedNetwork)


@dataclass(slots=True)
class NetworkLine:
    """A subnet or a shared network on the page; `inner` are the subnets of a shared network.

    It is counted once the server's leases were read.
    """

    row: Subnet | SharedNetwork
    fullness: Fullness
    alarm: Alarm | None = None
    is_counted: bool = True
    inner: list[NetworkLine] = field(default_factory=list)


@dataclass(slots=True)
class ServerLine:
    """A server with its networks; those that are fullest come first."""

    row: Server
    push: PushState
    networks: list[NetworkLine]
    critical: int
    warnings: int

    @property
    def shown(self) -> list[NetworkLine]:
        """The fullest ones."""
        return self.networks[:SHOWN_NETWORKS]

    @property
    def more(self) -> int:
        """How many networks are not shown."""
        return max(0, len(self.networks) - SHOWN_NETWORKS)


@dataclass(slots=True)
class RelayLine:
    """A relay, and whether it was told what people saved."""

    row: Relay
    push: PushState


@dataclass(slots=True)
class Overview:
    """`has_more` where there are more servers than are shown. `problems` are the gravest findings."""

    servers: list[ServerLine]
    relays: list[RelayLine]
    problems: list[Problem]
    problem_count: int
    has_more: bool

    @property
    def networks(self) -> list[NetworkLine]:
        """Those of all servers: shared networks, and subnets that stand in none."""
        return [each for line in self.servers for each in line.networks]

    @property
    def alarms(self) -> int:
        """How many networks are too full."""
        inner = (each for line in self.networks for each in line.inner)
        return sum(each.alarm is not None for each in (*self.networks, *inner))

    @property
    def counts(self) -> Counts:
        """Of all networks together."""
        return sum((each.fullness.counts for each in self.networks), Counts())

    @property
    def critical(self) -> int:
        """Critical findings of all servers."""
        return sum(each.critical for each in self.servers)

    @property
    def silent(self) -> int:
        """Servers and relays that were seen, and do not run."""
        bad = (Service.STOPPED, Service.MISSING, Service.UNREACHABLE)
        return sum(each in bad for each in (line.row.service for line in self.servers)) + sum(
            line.row.service in bad for line in self.relays
        )


def overview(user: User) -> Overview:
    """Servers by name. How full networks are is what the last sample said."""
    found = Server.objects.visible_to(user).select_related("host").distinct().order_by("host__name", "version")
    servers = list(found[: MOST_SERVERS + 1])
    shown = servers[:MOST_SERVERS]
    relays = list(
        Relay.objects.visible_to(user).select_related("host").distinct().order_by("host__name")[:MOST_SERVERS]
    )
    told = states_of_push(relays)
    problems = problems_for(user).exclude(severity=Severity.NOTE)
    return Overview(
        _lines(shown),
        [RelayLine(each, told[each.pk]) for each in relays],
        list(problems[:SHOWN_PROBLEMS]),
        problems.order_by().count(),
        len(servers) > MOST_SERVERS,
    )


def network_lines(server: Server) -> list[NetworkLine]:
    """All networks of one server."""
    return _lines([server])[0].networks


def _lines(servers: list[Server]) -> list[ServerLine]:
    subnets = _by_server(
        Subnet.objects.filter(server__in=servers).select_related("server__host", "shared_network__server")
    )
    shared = _by_server(SharedNetwork.objects.filter(server__in=servers).select_related("server__host"))
    sizes = _Sizes(_counts(servers), _alarms(servers))
    problems = {
        row["server"]: (row["critical"], row["warnings"])
        for row in Problem.objects.filter(server__in=servers)
        .order_by()
        .values("server")
        .annotate(
            critical=Count("pk", filter=Q(severity="critical")), warnings=Count("pk", filter=Q(severity="warning"))
        )
    }
    told = states_of_push(servers)
    lines = []
    for server in servers:
        own = _networks(subnets[server.pk], shared[server.pk], sizes)
        lines.append(ServerLine(server, told[server.pk], own, *problems.get(server.pk, (0, 0))))
    _look_ahead([each for line in lines for each in line.networks])
    return lines


def _look_ahead(lines: list[NetworkLine]) -> None:
    """Say of the fullest when they will be full: of each of them hundreds of samples are read."""
    every = [each for line in lines for each in (line, *line.inner)]
    full = sorted(every, key=lambda each: -each.fullness.counts.percent)[:MOST_FORECASTS]
    wanted = [each for each in full if each.fullness.counts.percent >= FULL_ENOUGH]
    subnets, shared = forecasts_of([each.row for each in wanted], now=timezone.now())
    for each in wanted:
        ahead = (subnets if isinstance(each.row, Subnet) else shared).get(each.row.pk)
        each.fullness = replace(each.fullness, forecast=ahead)


def _alarms(servers: list[Server]) -> dict[Target, Alarm]:
    rows = Alarm.objects.filter(server__in=servers, cleared_at=None)
    return {(each.subnet_id, each.shared_network_id): each for each in rows}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What is known of the networks, by their keys."""

    counts: dict[Target, Counts]
    alarms: dict[Target, Alarm]

    def line(self, row: Network) -> NetworkLine:
        """One of them."""
        target = (row.pk, None) if isinstance(row, Subnet) else (None, row.pk)
        full = fullness_of(row, self.counts.get(target, Counts()), None)
        return NetworkLine(row, full, self.alarms.get(target), target in self.counts)


def _by_server(rows: QuerySet[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows[:MOST_NETWORKS]:
        found[row.server_id].append(row)
    return found


def fullest_networks(user: User, most: int) -> list[UsageSample]:
    """The last samples of the fullest shared networks, and of subnets that stand in none. Some address is to be had."""
    servers = list(Server.objects.visible_to(user).distinct().order_by("pk")[:MOST_SERVERS])
    alone = Q(subnet=None) | Q(subnet__shared_network=None)
    samples = _newest_samples(servers).filter(alone, defined__gt=0).select_related("subnet", "shared_network")
    return list(samples.order_by(Cast("active", FloatField()) / F("defined")).reverse()[:most])


def _counts(servers: list[Server]) -> dict[Target, Counts]:
    """Of subnets and shared networks, by the last sample of each server."""
    names = [each.name for each in fields(Counts)]
    return {
        (each.subnet_id, each.shared_network_id): Counts(**{name: getattr(each, name) for name in names})
        for each in _newest_samples(servers)
    }


def _newest_samples(servers: list[Server]) -> QuerySet[UsageSample]:
    """Of subnets and shared networks."""
    newest = UsageSample.objects.filter(server=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = Server.objects.filter(pk__in=[each.pk for each in servers]).annotate(newest=Subquery(newest))
    wanted = Q(pk__in=[])
    for pk, at in rows.exclude(newest=None).values_list("pk", "newest"):
        wanted |= Q(server=pk, at=at)
    return UsageSample.objects.filter(wanted, pool=None)


def _networks(subnets: list[Subnet], shared: list[SharedNetwork], sizes: _Sizes) -> list[NetworkLine]:
    lines = {each.pk: sizes.line(each) for each in shared}
    alone: list[NetworkLine] = []
    for subnet in subnets:
        line = sizes.line(subnet)
        home = lines.get(subnet.shared_network_id or 0)
        (home.inner if home else alone).append(line)
    found = [*lines.values(), *alone]
    return sorted(found, key=lambda line: (line.alarm is None, -line.fullness.counts.percent))
