"""A server in; its networks and ranges as numbers out, quick to ask whether an address lies in one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from dhcp.facts.server import Range, Server
from dhcp.facts.walk import holders_of_ranges, subnets

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def address_of(written: str) -> Address | None:
    """An address, with or without a length behind it; None for a name."""
    try:
        return ip_address(written.partition("/")[0])
    except ValueError:
        return None


def network_of(written: str) -> Network | None:
    """A network, also of an address with its length."""
    try:
        return ip_network(written, strict=False)
    except ValueError:
        return None


def networks_of(server: Server) -> list[Network]:
    """Of all its subnets."""
    return [found for each in subnets(server) if (found := network_of(each.network))]


def limits(each: Range) -> tuple[Address, Address] | None:
    """The lower and the upper end, or None where they are no addresses of one kind."""
    first, last = address_of(each.first), address_of(each.last)
    if first is None or last is None or first.version != last.version:
        return None
    return (first, last) if int(first) <= int(last) else (last, first)


class Spans:
    """Ranges that can be asked for an address in logarithmic time."""

    def __init__(self, found: Iterable[tuple[Address, Address]]) -> None:
        merged: list[tuple[int, int, int]] = []
        for version, low, high in sorted((low.version, int(low), int(high)) for low, high in found):
            if merged and merged[-1][0] == version and low <= merged[-1][2]:
                merged[-1] = (version, merged[-1][1], max(high, merged[-1][2]))
            else:
                merged.append((version, low, high))
        self.merged = merged

    def __contains__(self, address: object) -> bool:
        return isinstance(address, IPv4Address | IPv6Address) and self.end(address) is not None

    def end(self, address: Address) -> int | None:
        """The last number of the span that holds it."""
        key = (address.version, int(address))
        at = bisect_right(self.merged, (*key, 1 << 129)) - 1
        if at < 0:
            return None
        version, low, high = self.merged[at]
        return high if version == key[0] and low <= key[1] <= high else None


def ranges_of(server: Server) -> Spans:
    """All addresses that the server leases."""
    found = (limits(each) for holder in holders_of_ranges(server) for each in holder.ranges)
    return Spans(pair for pair in found if pair)
