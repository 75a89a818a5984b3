"""Networks in CIDR in; which of them holds an address out, at the cost of a look-up for each length there is."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


class Networks:
    """What is no network is passed over. Of several that hold an address the smallest is its home."""

    def __init__(self, written: Iterable[str]) -> None:
        self._by_length: dict[tuple[int, int], dict[int, str]] = {}
        for each in written:
            try:
                found = ip_network(each, strict=False)
            except ValueError:
                continue
            shift = found.max_prefixlen - found.prefixlen
            table = self._by_length.setdefault((found.version, shift), {})
            table.setdefault(int(found.network_address) >> shift, each)
        self._order = sorted(self._by_length)

    def home(self, address: Address | str) -> str | None:
        """The network as it was written; None for an address that none holds, and for a name."""
        if isinstance(address, str):
            try:
                address = ip_address(address)
            except ValueError:
                return None
        number = int(address)
        for version, shift in self._order:
            if version == address.version and (found := self._by_length[version, shift].get(number >> shift)):
                return found
        return None
