"""A subnet and all that is known of its addresses in, addresses that nobody has out, the lowest first.

Whether a machine answers at such an address only a ping from the server can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dhcp.choices import LeaseState
from dhcp.facts.lease import Lease
from dhcp.facts.server import Server
from dhcp.facts.walk import reservations, walk
from dhcp.rules.addresses import Address, Network, address_of, ranges_of

_FREE = (None, LeaseState.FREE, LeaseState.EXPIRED, LeaseState.RELEASED)


class Taken:
    """Which addresses of a server's networks somebody has. `leases` are the last word on each address; `others` are
    in use besides (the server's and the relays' own, virtual functions, what answered a ping).
    """

    def __init__(self, server: Server, leases: Iterable[Lease] = (), others: Iterable[str] = ()) -> None:
        used = {address_of(lease.ip) for lease in leases if lease.state not in _FREE}
        used |= {address_of(written) for written in others}
        used |= {address_of(written) for host in reservations(server) for written in host.addresses}
        used |= {address_of(written) for written in _routers(server)}
        self._used = {(each.version, int(each)) for each in used if each}
        self._ranges = ranges_of(server)

    def free(self, network: Network) -> Iterator[Address]:
        """Outside of all ranges. The network's own and broadcast address, and the one of routers that an IPv6 subnet
        has, are nobody's."""
        base = int(network[0])
        number, last = base, int(network[-1])
        if network.num_addresses > 2:
            number, last = number + 1, last - (1 if network.version == 4 else 0)
        while number <= last:
            address = network[number - base]
            end = self._ranges.end(address)
            if end is not None:
                number = end
            elif (network.version, number) not in self._used:
                yield address
            number += 1


def free_addresses(
    network: Network, server: Server, leases: Iterable[Lease] = (), others: Iterable[str] = ()
) -> Iterator[Address]:
    """Of one network; see Taken."""
    return Taken(server, leases, others).free(network)


def _routers(server: Server) -> Iterator[str]:
    for step in walk(server):
        for option in step.declaration.settings.options:
            if option.name in ("routers", "domain-name-servers"):
                yield from option.values
