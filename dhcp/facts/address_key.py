"""An address in, a text out that sorts as addresses do: a database finds what lies in a network by its index."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

KEY_LENGTH = 33
_OCTETS = {str(number): f"{number:02x}" for number in range(256)}


def address_key(written: str) -> str:
    """The version and the address in hex ("4c0a80001"), "" for what is no address (a host's name, say).

    Of a prefix with a length its first address. All addresses of IPv4 sort before those of IPv6.
    """
    parts = written.split(".")
    if len(parts) == 4 and all(
        part in _OCTETS for part in parts
    ):  # the spelling of nearly all, at a fourth of the cost
        return "4" + "".join([_OCTETS[part] for part in parts])
    try:
        found = ip_address(written.partition("/")[0])
    except ValueError:
        return ""
    return f"{found.version}{int(found):0{found.max_prefixlen // 4}x}"


def network_keys(written: str) -> tuple[str, str]:
    """Those of its first and its last address. ValueError where it is no network."""
    found = ip_network(written)
    return address_key(str(found[0])), address_key(str(found[-1]))


def key_after(key: str, steps: int = 1) -> str:
    """The key of the address that stands `steps` further on; "" beyond the last one."""
    width = len(key) - 1
    number = int(key[1:], 16) + steps
    return "" if number < 0 or number >= 16**width else f"{key[0]}{number:0{width}x}"
