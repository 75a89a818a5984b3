"""The reservations of a server in, checks of them out, each with a mend where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from dhcp.facts.check import Check, Mend, Place
from dhcp.facts.networks import Networks
from dhcp.facts.server import Reservation, Server
from dhcp.facts.walk import reservations
from dhcp.rules.addresses import Address, address_of, networks_of, ranges_of
from dhcp.rules.advice import check, write
from dhcp.rules.free_address import Taken

SUGGESTS = ("dhcp.address.twice", "dhcp.address.in-range")
"""Checks whose mend is a free address, which depends on all that is reserved."""
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){0,19}")


def reserved(server: Server) -> Iterator[Check]:
    """Twice the same MAC address, client id, name or address; addresses at the wrong place; names for addresses."""
    hosts = reservations(server)
    where = _Where(server)
    yield from _twice(hosts)
    told: set[str] = set()
    for host in hosts:
        place = Place("reservation", host.name, "addresses")
        if host.mac and not _MAC.fullmatch(host.mac.lower()):
            yield check("dhcp.mac.wrong", Place("reservation", host.name, "mac"), host.mac)
        for written in host.addresses:
            address = address_of(written)
            if str(address or written) in told:
                yield check("dhcp.address.twice", place, written, where.free(address))
            told.add(str(address or written))
            yield from _at_its_place(address, written, place, where)


class _Where:
    """The networks and ranges of a server, and a free address in each network, looked for once."""

    def __init__(self, server: Server) -> None:
        self.networks, self.ranges = Networks(map(str, networks_of(server))), ranges_of(server)
        self._server = server
        self._taken: Taken | None = None
        self._free: dict[str, Mend | None] = {}

    def free(self, address: Address | None) -> Mend | None:
        """Another address for a machine that cannot have this one."""
        home = self.networks.home(address) if address else None
        if home is None:
            return None
        self._taken = self._taken or Taken(self._server)
        if home not in self._free:
            found = next(self._taken.free(ip_network(home)), None)
            self._free[home] = write(str(found)) if found else None
        return self._free[home]


def _twice(hosts: Iterable[Reservation]) -> Iterator[Check]:
    seen: set[tuple[str, str]] = set()
    for host in hosts:
        said = (
            ("dhcp.mac.twice", "mac", host.mac.lower()),
            ("dhcp.client-id.twice", "client_id", host.client_id),
            ("dhcp.name.twice", "name", host.name),
        )
        for finding, field, value in said:
            if value and (finding, value) in seen:
                yield check(finding, Place("reservation", host.name, field), value)
            seen.add((finding, value))


def _at_its_place(address: Address | None, written: str, place: Place, where: _Where) -> Iterator[Check]:
    if address is None:
        yield check("dhcp.address.name", place, written)
    elif where.networks.home(address) is None:
        yield check("dhcp.address.outside", place, written)
    elif address in where.ranges:
        yield check("dhcp.address.in-range", place, written, where.free(address))
