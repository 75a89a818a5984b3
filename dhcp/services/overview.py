"""Who looks in; every network that they may see with how full it is and who serves it out, a few queries for all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TypeVar

from django.db.models import Count, Max, Q, QuerySet

from dhcp.facts.fullness import Counts
from dhcp.models import Alarm, Problem, Relay, Server, SharedNetwork, Subnet, UsageSample
from dhcp.services.told import PushState, state_of_push
from dhcp.services.usage import Fullness, Network, fullness_of
from hosts.models import User

MOST_SERVERS = 100
MOST_NETWORKS = 2_000
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


@dataclass(slots=True)
class Overview:
    """`has_more` where there are more servers than are shown."""

    servers: list[ServerLine]
    relays: list[Relay]
    has_more: bool


def overview(user: User) -> Overview:
    """Servers by name. How full networks are is what the last sample said."""
    found = Server.objects.visible_to(user).select_related("host").distinct().order_by("host__name", "version")
    servers = list(found[: MOST_SERVERS + 1])
    shown = servers[:MOST_SERVERS]
    relays = Relay.objects.visible_to(user).select_related("host").distinct().order_by("host__name")
    return Overview(_lines(shown), list(relays[:MOST_SERVERS]), len(servers) > MOST_SERVERS)


def _lines(servers: list[Server]) -> list[ServerLine]:
    subnets = _by_server(
        Subnet.objects.filter(server__in=servers).select_related("server__host", "shared_network__server")
    )
    shared = _by_server(SharedNetwork.objects.filter(server__in=servers).select_related("server__host"))
    counts = _counts(servers)
    alarms = {
        (each.subnet_id, each.shared_network_id): each
        for each in Alarm.objects.filter(server__in=servers, cleared_at=None)
    }
    problems = {
        row["server"]: (row["critical"], row["warnings"])
        for row in Problem.objects.filter(server__in=servers)
        .values("server")
        .annotate(
            critical=Count("pk", filter=Q(severity="critical")), warnings=Count("pk", filter=Q(severity="warning"))
        )
    }
    lines = []
    for server in servers:
        own = _networks(subnets[server.pk], shared[server.pk], counts, alarms)
        lines.append(ServerLine(server, state_of_push(server), own, *problems.get(server.pk, (0, 0))))
    return lines


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


def _networks(
    subnets: list[Subnet], shared: list[SharedNetwork], counts: dict[Target, Counts], alarms: dict[Target, Alarm]
) -> list[NetworkLine]:
    lines = {each.pk: _line(each, counts, alarms, (None, each.pk)) for each in shared}
    alone: list[NetworkLine] = []
    for subnet in subnets:
        line = _line(subnet, counts, alarms, (subnet.pk, None))
        home = lines.get(subnet.shared_network_id or 0)
        (home.inner if home else alone).append(line)
    found = [*lines.values(), *alone]
    return sorted(found, key=lambda line: (line.alarm is None, -line.fullness.counts.percent))


def _line(row: Network, counts: dict[Target, Counts], alarms: dict[Target, Alarm], target: Target) -> NetworkLine:
    return NetworkLine(row, fullness_of(row, counts.get(target, Counts()), None), alarms.get(target))
