"""What names a client of DHCPv6 in, the MAC in it out: of a DUID (RFC 8415, 11) or a link-local address (RFC 4291)."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

_ETHERNET = re.compile(r"00:(?:01:00:01:(?:[0-9a-f]{2}:){4}|03:00:01:)((?:[0-9a-f]{2}:){5}[0-9a-f]{2})")
_MARK = b"\xff\xfe"


def mac_of_duid(duid: str) -> str:
    """Of one that is made of a link-layer address, with a time or without; "" for others."""
    found = _ETHERNET.fullmatch(duid.lower())
    return found[1] if found else ""


def mac_of_link_local(address: str) -> str:
    """Of an address that is made of the MAC (modified EUI-64); "" for others."""
    try:
        packed = IPv6Address(address.partition("%")[0]).packed
    except ValueError:
        return ""
    if packed[:8] != b"\xfe\x80" + bytes(6) or packed[11:13] != _MARK:
        return ""
    return bytes((packed[8] ^ 2, *packed[9:11], *packed[13:])).hex(":")
