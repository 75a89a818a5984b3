"""Written addresses, networks and MACs in, their usual spelling out, or None: as dhcpd reads them (decimal)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_MAC = re.compile(r"[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2})*")


def address(written: str) -> Address | None:
    """IPv4 with decimal numbers (leading zeros mean nothing), or IPv6; None for anything else, such as a name."""
    parts = written.split(".")
    if len(parts) == 4 and all(re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        written = ".".join(str(int(part)) for part in parts)
    try:
        return ip_address(written)
    except ValueError:
        return None


def network(number: str, mask: str) -> Network | None:
    """Of a subnet and its netmask (or length); None where bits are set beyond the mask, which dhcpd refuses too."""
    base = address(number)
    bits = address(mask) or mask
    try:
        return None if base is None else ip_network(f"{base}/{bits}")
    except ValueError:
        return None


def mac(written: str) -> str | None:
    """Lower case, two digits each: 0:16:3E:... becomes 00:16:3e:..."""
    if not _MAC.fullmatch(written):
        return None
    return ":".join(part.zfill(2) for part in written.lower().split(":"))
