"""Servers in; checks of the failover pairs between them out (dhcpd.conf(5), "DHCP FAILOVER")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dhcp.facts.check import Check, Place, ServerOnHost
from dhcp.facts.server import FailoverPeer, Pool, Server
from dhcp.facts.walk import Step, walk
from dhcp.rules.addresses import Spans, address_of, limits
from dhcp.rules.advice import check, write

_PORT = 647
_Half = tuple[ServerOnHost, FailoverPeer]


def failover(servers: Iterable[ServerOnHost]) -> Iterator[Check]:
    """Each pair once."""
    halves: dict[str, list[_Half]] = {}
    for each in servers:
        for peer in each.server.failover:
            halves.setdefault(peer.name, []).append((each, peer))
            yield from _own(each, peer)
    for name, pair in halves.items():
        if len(pair) == 1:
            yield check("dhcp.failover.alone", Place("failover", name, "peer_address"), name)
        else:
            yield from _both(name, pair[0], pair[1])


def _own(server: ServerOnHost, peer: FailoverPeer) -> Iterator[Check]:
    """A primary has mclt and one of split and hba, a secondary none of them."""
    splits = peer.split is not None or any(other.name == "hba" for other in peer.others)
    has, must = (peer.mclt_seconds is not None, splits), peer.primary
    if has != (must, must):
        field = "mclt_seconds" if has[0] != must else "split"
        yield check("dhcp.failover.primary-only", Place("failover", peer.name, field), f"{peer.name} ({server.host})")


def _both(name: str, one: _Half, other: _Half) -> Iterator[Check]:
    (a, peer_a), (b, peer_b) = one, other
    subject = f"{name} ({a.host}, {b.host})"
    if peer_a.primary == peer_b.primary:
        yield check("dhcp.failover.roles", Place("failover", name, "primary"), subject)
    for mine, its, host in ((peer_a, peer_b, a.host), (peer_b, peer_a, b.host)):
        if not _same(mine.peer_address, its.address):
            place = Place("failover", name, "peer_address")
            yield check("dhcp.failover.addresses", place, f"{name} ({host})", write(its.address))
        elif (mine.peer_port or _PORT) != (its.port or _PORT):
            place = Place("failover", name, "peer_port")
            yield check("dhcp.failover.addresses", place, f"{name} ({host})", write(str(its.port or _PORT)))
    pools_a, pools_b = _pools(a.server, name), _pools(b.server, name)
    if _spans(pools_a) != _spans(pools_b):
        yield check("dhcp.failover.pools", Place("failover", name, "ranges"), _differing(pools_a, pools_b) or subject)
    elif _times(pools_a) != _times(pools_b):
        yield check("dhcp.failover.times", Place("failover", name, "default"), subject)


def _same(one: str, other: str) -> bool:
    return (address_of(one) or one) == (address_of(other) or other)


_Pools = list[tuple[Pool, Step]]


def _pools(server: Server, name: str) -> _Pools:
    pools = ((step.declaration, step) for step in walk(server, clients=False))
    return [(pool, step) for pool, step in pools if isinstance(pool, Pool) and pool.failover == name]


def _spans(pools: _Pools) -> list[tuple[int, int, int]]:
    pairs = [limits(each) for pool, _ in pools for each in pool.ranges]
    return Spans(pair for pair in pairs if pair).merged


def _differing(one: _Pools, other: _Pools) -> str:
    """The ranges that only one of them has, as they are written."""
    said = [{f"{each.first} {each.last}" for pool, _ in pools for each in pool.ranges} for pools in (one, other)]
    return ", ".join(sorted(said[0] ^ said[1]))


def _times(pools: _Pools) -> set[tuple[object, ...]]:
    return {(tuple(sorted((r.first, r.last) for r in pool.ranges)), step.settings.times) for pool, step in pools}
