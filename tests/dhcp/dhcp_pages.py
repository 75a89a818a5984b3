"""Sites to look at in tests of DHCP's pages: nothing, little, much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from dhcp.facts.address_key import address_key
from dhcp.models import Lease, Relay, Server, Subnet, UsageSample
from dhcp.services import editing
from dhcp.services.roles import ensure_dhcp_rights
from hosts.models import Organization, User
from tests import make
from tests.dhcp.sites import a_reservation, a_subnet, the_seed


def operator(role: str = "Operator", *organizations: Organization) -> User:
    """Somebody in a role of a new panel, with its rights about DHCP."""
    found = make.operator(role=role, organizations=organizations)
    ensure_dhcp_rights()
    return found


def lease(server: Server, address: str, number: int = 1, *, state: str = "active", **more: Any) -> Lease:
    """An address that a machine has."""
    now = timezone.now()
    values = {
        "mac": f"00:16:3e:00:{number // 256:02x}:{number % 256:02x}",
        "hostname": f"build-{number:02}",
        "starts_at": now - timedelta(hours=2),
        "ends_at": now + timedelta(hours=6),
    }
    return Lease.objects.create(
        server=server, address=address, key=address_key(address), state=state, **{**values, **more}
    )


def samples(subnet: Subnet, days: int = 10, *, size: int = 11, first: int = 2) -> None:
    """One each day, a little fuller each time."""
    now = timezone.now()
    UsageSample.objects.bulk_create(
        UsageSample(
            server=subnet.server, subnet=subnet, at=now - timedelta(days=days - day), defined=size,
            active=min(size, first + day // 2), held=min(size, first + day // 2),
        )
        for day in range(days)
    )  # fmt: skip


def a_relay(server: Server, name: str = "relay01", **more: Any) -> Relay:
    """Between 192.168.1.0/24 and the server."""
    row = Relay(
        host=make.host(name),
        **{
            "servers": ["192.168.0.1"],
            "interfaces": ["eth0", "eth1"],
            "giaddr": ["192.168.1.254/24"],
            "uplinks": ["192.168.0.254/24"],
            **more,
        },
    )
    editing.save_relay(row, by=make.actor())
    return row


def seed_in_use(name: str = "dhcp01.lab", **more: Any) -> tuple[Server, Subnet]:
    """The seed's two networks with leases, reservations, an abandoned address and a relay."""
    server = the_seed(host_name=name, **more) if name else the_seed(**more)
    server.addresses, server.routes = ["192.168.0.1/24"], ["0.0.0.0/0"]
    server.service = "running"
    server.leases_read_at = server.looked_at = timezone.now()
    server.save()
    subnet = server.subnets.get(network="192.168.1.0/24")
    Subnet.objects.filter(pk=subnet.pk).update(name="B network")
    for number, last in enumerate((10, 11, 13, 14, 15, 16, 19), 1):
        lease(server, f"192.168.1.{last}", number)
    lease(server, "192.168.1.17", 40, state="abandoned", mac="", hostname="")
    a_reservation(server, "webserver01", "00:16:3e:cf:e6:3a", "192.168.1.151")
    a_reservation(server, "printer", "00:16:3e:cf:e6:3b", "192.168.1.152")
    samples(subnet)
    a_relay(server)
    return server, Subnet.objects.get(pk=subnet.pk)


def many_networks(server: Server, count: int = 40) -> list[Subnet]:
    """More than fit on a screen."""
    return [a_subnet(server, f"10.{at}.0.0/24", (f"10.{at}.0.10", f"10.{at}.0.99")) for at in range(count)]
