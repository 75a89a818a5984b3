"""Where Debian 12 keeps what belongs to a DHCP server: its kind and its IP version in, paths and names out."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from dhcp.choices import ServerKind

SERVER_DEFAULTS = "/etc/default/isc-dhcp-server"
RELAY_DEFAULTS = "/etc/default/isc-dhcp-relay"
RELAY_UNIT, RELAY_PROGRAM = "isc-dhcp-relay", "dhcrelay"
PORTS = {4: 67, 6: 547}


@dataclass(frozen=True, slots=True)
class Places:
    """`config`, `keys` and `leases` are absolute paths, `program` the name of the process, `port` UDP."""

    config: str
    keys: str
    leases: str
    unit: str
    program: str
    port: int
    has_own_config: bool = False


def places_of(kind: str, version: int, *, config: str = "", leases: str = "", unit: str = "") -> Places:
    """What people said goes before Debian's places."""
    port = PORTS[version]
    if kind == ServerKind.KEA:
        usual = f"/etc/kea/kea-dhcp{version}.conf"
        return Places(
            config or usual,
            "",
            leases or f"/var/lib/kea/kea-leases{version}.csv",
            unit or f"kea-dhcp{version}-server",
            f"kea-dhcp{version}",
            port,
            bool(config and config != usual),
        )
    six = "6" if version == 6 else ""
    usual = f"/etc/dhcp/dhcpd{six}.conf"
    path = config or usual
    return Places(
        path,
        posixpath.join(posixpath.dirname(path), f"rackdesk-keys{six}.conf"),
        leases or f"/var/lib/dhcp/dhcpd{six}.leases",
        unit or "isc-dhcp-server",
        "dhcpd",
        port,
        path != usual,
    )
