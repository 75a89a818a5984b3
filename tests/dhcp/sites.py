"""Rows of small sites for tests of services: a server on a host with the seed's two networks."""

from __future__ import annotations

from typing import Any

from dhcp.choices import ServerKind
from dhcp.models import Reservation, Server, Subnet
from dhcp.services import editing
from dhcp.services.editing import RangeSaid
from hosts.services.audit import Actor
from tests import make


def a_server(host_name: str = "", *, by: Actor | None = None, **more: Any) -> Server:
    """With no subnet yet."""
    host = more.pop("host", None) or (make.host(host_name) if host_name else make.host())
    row = Server(host=host, **{"kind": ServerKind.ISC, **more})
    editing.save_server(row, by=by or make.actor())
    return row


def a_subnet(server: Server, network: str, *ranges: tuple[str, str], by: Actor | None = None, **more: Any) -> Subnet:
    """With ranges as pairs of ends."""
    row = Subnet(server=server, network=network, **more)
    editing.save_subnet(row, by=by or make.actor(), ranges=[RangeSaid(*each) for each in ranges])
    return row


def a_reservation(server: Server, name: str, mac: str, *addresses: str, **more: Any) -> Reservation:
    """A machine that is known by its MAC."""
    row = Reservation(server=server, name=name, mac=mac, **more)
    editing.save_reservation(row, by=make.actor(), addresses=list(addresses))
    return row


def the_seed(**more: Any) -> Server:
    """192.168.0.0/24, where the server is, and 192.168.1.0/24 behind a relay."""
    server = a_server(**more)
    a_subnet(server, "192.168.0.0/24", ("192.168.0.10", "192.168.0.20"))
    a_subnet(server, "192.168.1.0/24", ("192.168.1.10", "192.168.1.20"), options=routers("192.168.1.254"))
    return server


def routers(*addresses: str) -> list[dict[str, Any]]:
    """The option, as rows keep it."""
    return [{"name": "routers", "values": list(addresses), "expression": ""}]
