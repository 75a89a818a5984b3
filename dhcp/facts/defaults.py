"""What Debian's start scripts of the DHCP server and the relay are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelayDefaults:
    """Servers by address or name, interfaces by name, and further options of dhcrelay as separate words."""

    servers: tuple[str, ...]
    interfaces: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerDefaults:
    """Interfaces for IPv4 and IPv6, further options of dhcpd as separate words, and where its configurations are ("" at
    Debian's place).
    """

    interfaces4: tuple[str, ...] = ()
    interfaces6: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    config4: str = ""
    config6: str = ""
