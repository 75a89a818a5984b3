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


def walk(server: Server) -> Iterator[Step]:
    """The server first, each declaration before what stands in it."""
    yield Step(server, server.settings)
    yield from _inner(server, server.settings, "", "")


def _inner(outer: Declaration, settings: Settings, subnet: str, shared: str) -> Iterator[Step]:
    for name in ("shared_networks", "subnets", "pools", "groups", "reservations"):
        for each in getattr(outer, name, ()):
            own = over(settings, each.settings)
            here = each.network if isinstance(each, Subnet) else subnet
            wire = each.name if isinstance(each, SharedNetwork) else shared
            yield Step(each, own, here, wire)
            yield from _inner(each, own, here, wire)


def subnets(server: Server) -> list[Subnet]:
    """All of them, wherever they stand."""
    return [step.declaration for step in walk(server) if isinstance(step.declaration, Subnet)]


def reservations(server: Server) -> list[Reservation]:
    """All that are enabled, wherever they stand."""
    found = (step.declaration for step in walk(server))
    return [each for each in found if isinstance(each, Reservation) and each.enabled]


def holders_of_ranges(server: Server) -> list[Subnet | Pool]:
    """Subnets and pools, which have ranges."""
    return [step.declaration for step in walk(server) if isinstance(step.declaration, Subnet | Pool)]
