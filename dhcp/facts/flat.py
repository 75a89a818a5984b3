"""A server with groups in; the same server without them out, for servers that know none (Kea)."""

from __future__ import annotations

from dataclasses import replace

from dhcp.facts.networks import Networks
from dhcp.facts.server import Boot, Group, LeaseTimes, Reservation, Server, Settings, SharedNetwork, Subnet


def flat(server: Server, *, place: bool = True) -> Server:
    """Each declaration has the settings of the groups that it stood in, which its own go before.

    A reservation stands in each subnet that holds one of its addresses, at the server where none does; a pool of a
    shared network in the subnet that holds its first address. Without `place` those of the server itself stay there.
    """
    networks, subnets, hosts = list(server.shared_networks), list(server.subnets), list(server.reservations)
    for group in server.groups:
        _ungroup(group, Settings(), networks, subnets, hosts)
    networks = [_flat_network(each, hosts) for each in networks]
    subnets = [_flat_subnet(each, hosts) for each in subnets]
    placed: dict[str, list[Reservation]] = {}
    stay = set() if place else {id(host) for host in server.reservations}
    homes = Networks(each.network for each in (*subnets, *_inner(networks)))
    left = [rest for host in hosts if (rest := host if id(host) in stay else _place(host, homes, placed))]
    return replace(
        server,
        shared_networks=tuple(
            replace(each, subnets=tuple(_with(subnet, placed) for subnet in each.subnets)) for each in networks
        ),
        subnets=tuple(_with(subnet, placed) for subnet in subnets),
        reservations=tuple(left),
        groups=(),
    )


def _inner(networks: list[SharedNetwork]) -> list[Subnet]:
    return [subnet for each in networks for subnet in each.subnets]


def _with(subnet: Subnet, placed: dict[str, list[Reservation]]) -> Subnet:
    return replace(subnet, reservations=tuple(placed.get(subnet.network, ())))


def _place(host: Reservation, homes: Networks, placed: dict[str, list[Reservation]]) -> Reservation | None:
    """What of it found no subnet: all of it where it has no address."""
    rest: list[str] = []
    at_home: dict[str, list[str]] = {}
    for written in host.addresses:
        home = homes.home(written)
        (rest if home is None else at_home.setdefault(home, [])).append(written)
    for home, addresses in at_home.items():
        placed.setdefault(home, []).append(replace(host, addresses=tuple(addresses)))
    return replace(host, addresses=tuple(rest)) if rest or not host.addresses else None


def _ungroup(
    group: Group, outer: Settings, networks: list[SharedNetwork], subnets: list[Subnet], hosts: list[Reservation]
) -> None:
    own = over(outer, group.settings)
    networks += [replace(each, settings=over(own, each.settings)) for each in group.shared_networks]
    subnets += [replace(each, settings=over(own, each.settings)) for each in group.subnets]
    hosts += [replace(each, settings=over(own, each.settings)) for each in group.reservations]
    for inner in group.groups:
        _ungroup(inner, own, networks, subnets, hosts)


def _flat_network(network: SharedNetwork, hosts: list[Reservation]) -> SharedNetwork:
    subnets = list(network.subnets)
    for group in network.groups:
        _ungroup(group, Settings(), [], subnets, hosts)
    hosts += network.reservations
    subnets = [_flat_subnet(each, hosts) for each in subnets]
    homes = Networks(each.network for each in subnets)
    home_of = [(homes.home(pool.ranges[0].first) if pool.ranges else None, pool) for pool in network.pools]
    for number, subnet in enumerate(subnets):
        here = tuple(pool for home, pool in home_of if home == subnet.network)
        subnets[number] = replace(subnet, pools=(*subnet.pools, *here))
    left = tuple(pool for home, pool in home_of if home is None)
    return replace(network, subnets=tuple(subnets), pools=left, reservations=(), groups=())


def _flat_subnet(subnet: Subnet, hosts: list[Reservation]) -> Subnet:
    hosts += subnet.reservations
    for group in subnet.groups:
        _ungroup(group, Settings(), [], [], hosts)
    return replace(subnet, reservations=(), groups=())


def over(outer: Settings, inner: Settings) -> Settings:
    """What holds within both: `inner` goes before `outer`."""
    named = {option.name for option in inner.options}
    told = {parameter.name for parameter in inner.parameters}
    times, boot = inner.times, inner.boot
    return Settings(
        LeaseTimes(
            outer.times.default if times.default is None else times.default,
            outer.times.maximum if times.maximum is None else times.maximum,
            outer.times.minimum if times.minimum is None else times.minimum,
        ),
        Boot(
            boot.next_server or outer.boot.next_server,
            boot.filename or outer.boot.filename,
            boot.server_name or outer.boot.server_name,
            boot.by_architecture or outer.boot.by_architecture,
        ),
        (*(option for option in outer.options if option.name not in named), *inner.options),
        (*(each for each in outer.parameters if each.name not in told), *inner.parameters),
        outer.raw + inner.raw,
        outer.kea + inner.kea,
    )
