"""Who looks in; every network that they may see with how full it is and who serves it out, a few queries for all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TypeVar

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from dhcp.choices import Service
from dhcp.facts.fullness import Counts, Forecast
from dhcp.models import Alarm, Problem, Relay, Server, SharedNetwork, Subnet, UsageSample
from dhcp.services.checks import problems_for
from dhcp.services.told import PushState, states_of_push
from dhcp.services.usage import Fullness, Network, forecasts_of, fullness_of
from hosts.choices import Severity
from hosts.models import User

MOST_SERVERS = 100
MOST_NETWORKS = 2_000
SHOWN_NETWORKS = 12
SHOWN_PROBLEMS = 6
Target = tuple[int | None, int | None]
"""The keys of a subnet and of a shared network; one of them is None."""
Row = TypeVar("Row", Subnet, SharedNetwork)


@dataclass(slots=True)
class NetworkLine:
    """A subnet or a shared network on the page; `inner` are the subnets of a shared network."""

    row: Subnet | SharedNetwork
    fullness: Fullness
    alarm: Alarm | None = None
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
    ahead = forecasts_of(servers, now=timezone.now())
    sizes = _Sizes(_counts(servers), _alarms(servers), ahead[0], ahead[1])
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
    return lines


def _alarms(servers: list[Server]) -> dict[Target, Alarm]:
    rows = Alarm.objects.filter(server__in=servers, cleared_at=None)
    return {(each.subnet_id, each.shared_network_id): each for each in rows}


@dataclass(frozen=True, slots=True)
class _Sizes:
    """What is known of the networks, by their keys."""

    counts: dict[Target, Counts]
    alarms: dict[Target, Alarm]
    subnets: dict[int, Forecast]
    shared: dict[int, Forecast]

    def line(self, row: Network) -> NetworkLine:
        """One of them."""
        is_subnet = isinstance(row, Subnet)
        target = (row.pk, None) if is_subnet else (None, row.pk)
        ahead = (self.subnets if is_subnet else self.shared).get(row.pk)
        return NetworkLine(row, fullness_of(row, self.counts.get(target, Counts()), ahead), self.alarms.get(target))


def _by_server(rows: QuerySet[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows[:MOST_NETWORKS]:
        found[row.server_id].append(row)
    return found


def _counts(servers: list[Server]) -> dict[Target, Counts]:
    """Of subnets and shared networks, by the last sample of each server."""
    newest = UsageSample.objects.filter(server__in=servers).order_by().values("server").annotate(at=Max("at"))
    wanted = Q(pk__in=[])
    for row in newest:
        wanted |= Q(server=row["server"], at=row["at"])
    names = [each.name for each in fields(Counts)]
    samples = UsageSample.objects.filter(wanted, pool=None)
    return {
        (each.subnet_id, each.shared_network_id): Counts(**{name: getattr(each, name) for name in names})
        for each in samples
    }


def _networks(subnets: list[Subnet], shared: list[SharedNetwork], sizes: _Sizes) -> list[NetworkLine]:
    lines = {each.pk: sizes.line(each) for each in shared}
    alone: list[NetworkLine] = []
    for subnet in subnets:
        line = sizes.line(subnet)
        home = lines.get(subnet.shared_network_id or 0)
        (home.inner if home else alone).append(line)
    found = [*lines.values(), *alone]
    return sorted(found, key=lambda line: (line.alarm is None, -line.fullness.counts.percent))
