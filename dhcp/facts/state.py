"""What serves and relays DHCP on a host, as the host itself tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from dhcp.choices import ServerKind, Service
from dhcp.facts.answers import KeaSocket
from dhcp.facts.server import Relay
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Interface:
    """`addresses` with their length ("192.168.0.1/24"), without link-local ones."""

    name: str
    addresses: tuple[str, ...] = ()
    mac: str = ""
    is_up: bool = False


@dataclass(frozen=True, slots=True)
class KnownRoute:
    """`network` in CIDR ("0.0.0.0/0" is the default); `gateway` is "" for a network that the host is on."""

    network: str
    gateway: str = ""
    interface: str = ""


@dataclass(frozen=True, slots=True)
class DhcpServer:
    """dhcpd or Kea of one IP version. `listening` are the interfaces it has sockets on, as the kernel tells.

    The paths are those in use, or, where it does not run, those it would use. `omapi_port` is dhcpd's (0 for none),
    `control` Kea's socket; `lease_commands` says whether Kea's hook for them is loaded, `lease_hook` where it
    lies on the host ("" where it does not). `log_path` is a file that Kea's
    configuration names, "" for the journal or syslog. `started_with` is the command line.
    """

    kind: ServerKind
    version: int
    service: Service
    why: Words
    unit: str
    program_version: str = ""
    listening: tuple[str, ...] = ()
    config_path: str = ""
    lease_path: str = ""
    log_path: str = ""
    omapi_port: int = 0
    omapi_key: str = ""
    control: KeaSocket | None = None
    lease_commands: bool = False
    lease_hook: str = ""
    started_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelayState:
    """dhcrelay. `relay` is what it was started with, or would be by its defaults file; its host is ""."""

    service: Service
    why: Words
    relay: Relay
    program_version: str = ""
    listening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerState:
    """A host at `taken_at` (its own clock). Servers that run come first; what is not installed is not among them.

    `tools` are programs that are there to ask with (perl, socat, nc, omshell, ping, journalctl), `logs` log files.
    """

    taken_at: datetime
    servers: tuple[DhcpServer, ...] = ()
    relay: RelayState | None = None
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[KnownRoute, ...] = ()
    tools: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    damage: tuple[Words, ...] = field(default=())

    @property
    def addresses(self) -> tuple[str, ...]:
        """Of all interfaces but lo, as `ServerOnHost` wants them."""
        return tuple(each for one in self.interfaces if one.name != "lo" for each in one.addresses)

    @property
    def networks(self) -> tuple[str, ...]:
        """That the host knows a way to, as `ServerOnHost` wants them."""
        return tuple(dict.fromkeys(route.network for route in self.routes))

    def server(self, version: int = 4, kind: ServerKind | None = None) -> DhcpServer | None:
        """The one that runs, or else the first that is installed."""
        fitting = (one for one in self.servers if one.version == version and kind in (None, one.kind))
        return next(fitting, None)
