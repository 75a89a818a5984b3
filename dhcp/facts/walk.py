"""A server in; its declarations one after the other out, each with the settings that reach it from above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dhcp.facts.flat import over
from dhcp.facts.server import Group, Pool, Reservation, Server, Settings, SharedNetwork, Subnet

Declaration = Server | SharedNetwork | Subnet | Pool | Group | Reservation


@dataclass(frozen=True, slots=True)
class Step:
    """`settings` are the declaration's own over those of all that it stands in; `subnet` the network it stands in."""

    declaration: Declaration
    settings: Settings
    subnet: str = ""
    shared_network: str = ""


_NETWORKS = ("shared_networks", "subnets", "pools", "groups")
_NOTHING = Settings()


def walk(server: Server, *, clients: bool = True) -> Iterator[Step]:
    """The server first, each declaration before what stands in it. Without `clients` no reservation is among them:
    there may be thousands, and who asks for networks need not pass them by.
    """
    yield Step(server, server.settings)
    yield from _inner(server, server.settings, "", "", clients=clients)


def _inner(outer: Declaration, settings: Settings, subnet: str, shared: str, *, clients: bool) -> Iterator[Step]:
    for name in _NETWORKS:
        for each in getattr(outer, name, ()):
            own = _over(settings, each.settings)
            here = each.network if isinstance(each, Subnet) else subnet
            wire = each.name if isinstance(each, SharedNetwork) else shared
            yield Step(each, own, here, wire)
            yield from _inner(each, own, here, wire, clients=clients)
    for host in getattr(outer, "reservations", ()) if clients else ():
        yield Step(host, _over(settings, host.settings), subnet, shared)


def _over(outer: Settings, inner: Settings) -> Settings:
    """Most reservations say nothing of their own."""
    return outer if inner is _NOTHING or inner == _NOTHING else over(outer, inner)


def subnets(server: Server) -> list[Subnet]:
    """All of them, wherever they stand."""
    return [step.declaration for step in walk(server, clients=False) if isinstance(step.declaration, Subnet)]


def reservations(server: Server) -> list[Reservation]:
    """All that are enabled, wherever they stand."""
    found = (step.declaration for step in walk(server))
    return [each for each in found if isinstance(each, Reservation) and each.enabled]


def holders_of_ranges(server: Server) -> list[Subnet | Pool]:
    """Subnets and pools, which have ranges."""
    return [step.declaration for step in walk(server, clients=False) if isinstance(step.declaration, Subnet | Pool)]
