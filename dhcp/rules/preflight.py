"""One server in, checks out: what `dhcpd -t` lets pass although it will not work as meant, and what it refuses.

Source: dhcpd.conf(5) of ISC DHCP 4.4 and trials with the real server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dhcp.facts.check import Check, Place
from dhcp.facts.server import (
    INFINITE,
    Pool,
    Range,
    Reservation,
    Server,
    Settings,
    SharedNetwork,
    Subnet,
)
from dhcp.facts.walk import Declaration, Step, holders_of_ranges, walk
from dhcp.rules.addresses import Network, address_of, limits, network_of, networks_of
from dhcp.rules.advice import check, write
from dhcp.rules.lease_times import longest, shortest
from dhcp.rules.reserved import reserved

_KINDS: dict[type, str] = {
    SharedNetwork: "shared-network",
    Subnet: "subnet",
    Pool: "pool",
    Reservation: "reservation",
    Server: "server",
}


def preflight(server: Server, listening: Iterable[str] = ()) -> list[Check]:
    """`listening` are the addresses of the interfaces that the server is to listen on; no check is there twice."""
    networks = networks_of(server)
    found: list[Check] = []
    if not networks:
        found.append(check("dhcp.subnet.none", Place("server", "", "subnets"), ""))
    found += _overlaps(networks)
    found += _ranges(server)
    found += reserved(server)
    found += (each for step in walk(server) for each in _lease_times(step))
    found += _routers(server)
    found += _names(server)
    for written in listening:
        address = address_of(written)
        if address is not None and not any(address in network for network in networks):
            found.append(check("dhcp.subnet.interface", Place("server", "", "subnets"), written))
    return list(dict.fromkeys(found))


def of_clients(server: Server) -> Iterator[Check]:
    """Of these, all that are about reservations: what is wrong in one, or between one and others."""
    yield from reserved(server)
    for step in walk(server):
        if isinstance(step.declaration, Reservation):
            yield from _lease_times(step)


def place_of(declaration: Declaration, field: str) -> Place:
    """Where a person finds the declaration."""
    name = ""
    if isinstance(declaration, Subnet):
        name = declaration.network
    elif isinstance(declaration, Pool):
        name = declaration.ranges[0].first if declaration.ranges else ""
    elif not isinstance(declaration, Server):
        name = declaration.name
    return Place(_KINDS.get(type(declaration), "group"), name, field)


def _overlaps(networks: list[Network]) -> Iterator[Check]:
    """Networks are nested or apart, so that one look at the last that holds others is enough."""
    widest: Network | None = None
    for net in sorted(networks, key=lambda net: (net.version, int(net[0]), net.prefixlen)):
        if widest is not None and widest.version == net.version and int(net[0]) <= int(widest[-1]):
            yield check("dhcp.subnet.overlap", Place("subnet", str(net), "network"), f"{widest}, {net}")
        else:
            widest = net


def _ranges(server: Server) -> Iterator[Check]:
    homes = _homes(server)
    last: tuple[int, int, Range] | None = None
    told: list[tuple[int, int, int, Range, Subnet | Pool]] = []
    for holder in holders_of_ranges(server):
        for each in holder.ranges:
            pair = limits(each)
            inside = [net for net in homes[id(holder)] if pair and pair[0] in net and pair[1] in net]
            if pair is None or (not inside and pair[0].version == 4):
                yield check("dhcp.range.outside", place_of(holder, "ranges"), _said(each))
                continue
            yield from _edges(each, inside, holder)
            told.append((pair[0].version, int(pair[0]), int(pair[1]), each, holder))
    for version, low, high, each, holder in sorted(told, key=lambda one: one[:3]):
        if last and last[0] == version and low <= last[1]:
            yield check("dhcp.range.overlap", place_of(holder, "ranges"), f"{_said(last[2])}, {_said(each)}")
        if last is None or last[0] != version or high > last[1]:
            last = (version, high, each)


def _homes(server: Server) -> dict[int, list[Network]]:
    """The networks that each subnet and pool may take its ranges from."""
    homes: dict[int, list[Network]] = {}
    wires: dict[str, list[Network]] = {}
    for step in walk(server, clients=False):
        if isinstance(step.declaration, Subnet) and (net := network_of(step.declaration.network)):
            homes[id(step.declaration)] = [net]
            wires.setdefault(step.shared_network, []).append(net)
    for step in walk(server, clients=False):
        if isinstance(step.declaration, Pool):
            own = network_of(step.subnet)
            homes[id(step.declaration)] = [own] if own else wires.get(step.shared_network, [])
        elif isinstance(step.declaration, Subnet):
            homes.setdefault(id(step.declaration), [])
    return homes


def _edges(each: Range, inside: list[Network], holder: Subnet | Pool) -> Iterator[Check]:
    first, last = address_of(each.first), address_of(each.last)
    if first and last and int(first) > int(last):
        mend = write(f"{each.last} {each.first}")
        yield check("dhcp.range.reversed", place_of(holder, "ranges"), _said(each), mend)
        first, last = last, first
    for net in inside:
        if net.version == 4 and net.prefixlen < 31 and (first == net[0] or last == net[-1]):
            low, high = max(int(net[1]), int(first or 0)), min(int(net[-2]), int(last or 0))
            inner = write(f"{net[low - int(net[0])]} {net[high - int(net[0])]}") if low <= high else None
            yield check("dhcp.range.edge", place_of(holder, "ranges"), _said(each), inner)


def _said(each: Range) -> str:
    return f"{each.first} {each.last}"


def _lease_times(step: Step) -> Iterator[Check]:
    """Only where one of the times is said itself; the others may come from above or from dhcpd."""
    own, times = step.declaration.settings.times, step.settings.times
    if own.default is None and own.maximum is None and own.minimum is None:
        return
    low, high, usual = shortest(times), longest(times), times.default
    if low > high and (own.minimum is not None or own.maximum is not None):
        field, value = ("minimum", high) if own.minimum is not None else ("maximum", low)
        yield check("dhcp.time.min-max", place_of(step.declaration, field), f"{low} > {high}", write(str(value)))
    if usual is None or low > high:
        return
    place = place_of(step.declaration, "default")
    if usual > high and times.maximum is not None and (own.default is not None or own.maximum is not None):
        text = f"{'infinite' if usual == INFINITE else usual} > {high}"
        yield check("dhcp.time.default-max", place, text, write(str(high)))
    if usual < low and (own.default is not None or own.minimum is not None):
        yield check("dhcp.time.default-min", place, f"{usual} < {low}", write(str(low)))


def _routers(server: Server) -> Iterator[Check]:
    """Of the subnets' own options; all subnets of one wire are on it."""
    wires: dict[str, list[Network]] = {}
    steps = [step for step in walk(server, clients=False) if isinstance(step.declaration, Subnet)]
    for step in steps:
        if net := network_of(step.subnet):
            wires.setdefault(step.shared_network or step.subnet, []).append(net)
    for step in steps:
        for written in _routers_of(step.declaration.settings):
            address = address_of(written)
            if address and not any(address in net for net in wires.get(step.shared_network or step.subnet, ())):
                yield check("dhcp.subnet.routers", place_of(step.declaration, "routers"), written)


def _routers_of(settings: Settings) -> tuple[str, ...]:
    return next((option.values for option in settings.options if option.name == "routers"), ())


def _names(server: Server) -> Iterator[Check]:
    """Names of classes and of failover pairs that something refers to; missing includes may hold them."""
    if any(raw.text.startswith("include") for raw in server.settings.raw):
        return
    classes, peers = {each.name for each in server.classes}, {each.name for each in server.failover}
    for sub in server.subclasses:
        if sub.of not in classes:
            yield check("dhcp.class.unknown", Place("class", sub.of, "name"), sub.of)
    for step in walk(server, clients=False):
        pool = step.declaration
        if not isinstance(pool, Pool):
            continue
        if pool.failover and pool.failover not in peers:
            yield check("dhcp.failover.unknown", place_of(pool, "failover"), pool.failover)
        for permit in pool.permits:
            who = permit.who.split(None, 2)
            name = who[2].strip('"') if [part.lower() for part in who[:2]] == ["members", "of"] else None
            if name is not None and name not in classes:
                yield check("dhcp.class.unknown", place_of(pool, "permits"), name)
