"""Who looks in; which networks reach which servers through which relays out, with what is wrong on each way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from dhcp.facts.address_key import address_key
from dhcp.models import Problem, Relay, Server, Subnet
from dhcp.rules.addresses import address_of, network_of
from dhcp.services.checks import PICTURE, is_told
from hosts.models import User

MOST = 200


@dataclass(frozen=True, slots=True)
class Network:
    """What a relay or a server has a leg in. `subnet` is the declaration of it, None where nobody declares it."""

    name: str
    subnet: Subnet | None


@dataclass(slots=True)
class Link:
    """A relay's way to one server; `server` is None where the panel does not know who has that address."""

    relay: Relay
    written: str
    server: Server | None
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class RelayWay:
    """A relay with the networks of its clients and its ways to servers."""

    relay: Relay
    networks: list[Network]
    links: list[Link]


@dataclass(slots=True)
class Ways:
    """`direct` are the networks that servers are on themselves, by the server's key."""

    relays: list[RelayWay]
    servers: list[Server]
    direct: dict[int, list[Network]]


def ways(user: User, *, only: Relay | None = None) -> Ways:
    """All that the person may see, or what one relay has to do with: a few queries."""
    rows = Relay.objects.visible_to(user).select_related("host").order_by("host__name")
    relays = [only] if only else list(rows[:MOST])
    servers = list(Server.objects.visible_to(user).select_related("host").order_by("host__name", "version")[:MOST])
    if only:
        servers = [each for each in servers if is_told(only, each)]
    declared = _declared(servers, [each for relay in relays for each in relay.giaddr])
    problems = _problems(servers)
    strangers = _strangers(relays)
    found = [_way(relay, servers, declared, problems, strangers[relay.pk]) for relay in relays]
    direct = {server.pk: list(_networks(server.addresses, declared, [server.pk])) for server in servers}
    for pk, networks in direct.items():
        direct[pk] = [each for each in networks if each.subnet is not None]
    return Ways(found, servers, direct)


def _way(
    relay: Relay,
    servers: list[Server],
    declared: list[Subnet],
    problems: dict[int, list[Problem]],
    strangers: list[Problem],
) -> RelayWay:
    links = []
    for written in relay.servers:
        server = next((each for each in servers if is_told(_only(relay, written), each)), None)
        mine = [each for each in problems[server.pk] if _concerns(each, relay)] if server else []
        mine += [] if server else [each for each in strangers if each.subject == written]
        links.append(Link(relay, written, server, mine))
    told = [link.server.pk for link in links if link.server]
    return RelayWay(relay, list(_networks(relay.giaddr, declared, told)), links)


def _only(relay: Relay, written: str) -> Relay:
    return Relay(host=relay.host, servers=[written])


def _concerns(problem: Problem, relay: Relay) -> bool:
    name = relay.host.name
    return problem.place_name == name or problem.subject.endswith(f"({name})")


def _networks(legs: list[str], declared: list[Subnet], servers: list[int]) -> list[Network]:
    found: dict[str, Network] = {}
    for written in legs:
        address, network = address_of(written), network_of(written)
        if address is None or network is None or address.is_loopback:
            continue
        key = address_key(str(address))
        subnet = next((e for e in declared if e.server_id in servers and e.first_key <= key <= e.last_key), None)
        name = subnet.network if subnet else str(network)
        found.setdefault(name, Network(name, subnet))
    return list(found.values())


def _declared(servers: list[Server], giaddrs: list[str]) -> list[Subnet]:
    """The subnets that hold one of these addresses, or one of the servers' own."""
    legs = {address_key(each) for each in (*giaddrs, *(leg for server in servers for leg in server.addresses))} - {""}
    holds = Q(pk__in=[])
    for key in sorted(legs)[:500]:
        holds |= Q(first_key__lte=key, last_key__gte=key)
    return list(Subnet.objects.filter(holds, server__in=servers).order_by("pk"))


def _problems(servers: list[Server]) -> dict[int, list[Problem]]:
    found: dict[int, list[Problem]] = defaultdict(list)
    for row in Problem.objects.filter(server__in=servers, source=PICTURE).select_related("server__host").order_by("pk"):
        if row.server_id is not None:
            found[row.server_id].append(row)
    return found


def _strangers(relays: list[Relay]) -> dict[int, list[Problem]]:
    """What relays have themselves: servers that nobody knows."""
    found: dict[int, list[Problem]] = defaultdict(list)
    for row in Problem.objects.filter(relay__in=relays, source=PICTURE).select_related("relay__host").order_by("pk"):
        if row.relay_id is not None:
            found[row.relay_id].append(row)
    return found
