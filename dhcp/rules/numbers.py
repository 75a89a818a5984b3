"""A server in; the same with a number for each subnet out, as Kea counts them: its leases refer to the numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from dhcp.facts.server import Server, Subnet
from dhcp.facts.walk import subnets


def numbered(server: Server) -> Server:
    """Subnets of shared networks first, as Kea reads them; a number that stands there is never given again."""
    taken = {each.number for each in subnets(server)}
    free = (number for number in count(1) if number not in taken)

    def named(found: tuple[Subnet, ...]) -> tuple[Subnet, ...]:
        return tuple(each if each.number else replace(each, number=next(free)) for each in found)

    networks = tuple(replace(each, subnets=named(each.subnets)) for each in server.shared_networks)
    return replace(server, shared_networks=networks, subnets=named(server.subnets))
