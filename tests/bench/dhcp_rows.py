"""A number in, a DHCP server with so many leases out, by COPY (PostgreSQL) or many at once (SQLite).

All lie in /16 networks of 10.0.0.0/8, each with a pool of nearly all of it; six of ten are in use. Beside them stand
their history, a hundred thousand conversations, and samples of two weeks. Import this only after `django.setup()`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from dhcp.choices import Outcome
from dhcp.facts.address_key import address_key, network_keys
from dhcp.models import (
    Exchange,
    Holding,
    Lease,
    Pool,
    Range,
    Reservation,
    ReservedAddress,
    Server,
    Subnet,
    UsageSample,
)
from hosts.choices import HostState
from hosts.models import Host, User
from tests.bench.desk_pour import in_bulk, pour, settle

OF_A_NETWORK = 65_000
VENDORS = (
    "MSFT 5.0",
    "PXEClient:Arch:00007",
    "android-dhcp-14",
    "udhcp 1.36.1",
    "Linux ipconfig",
    "Cisco Systems",
    "",
    "",
)
RESERVED = 5_000
KEYS = ("first_key", "last_key")
STATES = ("active",) * 6 + ("free",) * 3 + ("backup",)
NAMES = ("web", "db", "laptop", "phone", "printer", "camera", "desktop", "build")


def fill(*, leases: int) -> None:
    """Make the server, its networks and everything else."""
    chance = random.Random(20261123)
    User.objects.create_superuser("admin@dhcp.example", None, name="Administrator")
    host = Host.objects.create(name="gw", address="192.0.2.1", state=HostState.REACHABLE, state_since=timezone.now())
    server = Server.objects.create(host=host, leases_read_at=timezone.now())
    subnets = [_subnet(server, number) for number in range(-(-leases // OF_A_NETWORK))]
    now = timezone.now().replace(tzinfo=None, microsecond=0)
    tables = [model._meta.db_table for model in (Lease, Holding, Exchange, UsageSample)]
    with in_bulk(tables):
        pour(Lease, (_lease(server, n, chance, now) for n in range(leases)))
        pour(Holding, (_holding(server, n, now) for n in range(leases)))
        pour(Exchange, (_exchange(server, n, chance, now) for n in range(min(leases, 100_000))))
        pour(UsageSample, _samples(server, subnets, now))
    Subnet(server=server, network="172.16.0.0/16", **dict(zip(KEYS, network_keys("172.16.0.0/16"), strict=True))).save()
    reservations = Reservation.objects.bulk_create(
        Reservation(server=server, name=f"fixed{n}", mac=mac(n)) for n in range(RESERVED)
    )
    ReservedAddress.objects.bulk_create(
        ReservedAddress(reservation=row, address=reserved(n), key=address_key(reserved(n)))
        for n, row in enumerate(reservations)
    )
    settle(tables)


def address(n: int) -> tuple[str, str]:
    """The address of a lease, and its key."""
    number = (10 << 24) + ((n // OF_A_NETWORK) << 16) + n % OF_A_NETWORK + 256
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0)), f"4{number:08x}"


def reserved(n: int) -> str:
    """The address of a reservation: outside of all ranges."""
    return f"172.16.{n >> 8}.{n & 255}"


def mac(n: int) -> str:
    """The MAC of a lease: the numbers are mixed, since those of machines are."""
    mixed = n * 0x9E3779B1 & 0xFFFFFFFF
    return "00:16:" + ":".join(f"{mixed >> shift & 255:02x}" for shift in (24, 16, 8, 0))


def hostname(n: int) -> str:
    """Six of ten say one."""
    return f"{NAMES[n % 8]}-{n:06d}" if n % 10 < 6 else ""


def _subnet(server: Server, number: int) -> Subnet:
    subnet = Subnet(server=server, network=f"10.{number}.0.0/16")
    subnet.first_key, subnet.last_key = network_keys(subnet.network)
    subnet.save()
    pool = Pool.objects.create(server=server, subnet=subnet, is_plain=True)
    Range.objects.create(pool=pool, first=f"10.{number}.1.0", last=f"10.{number}.254.255")
    return subnet


def _lease(server: Server, n: int, chance: random.Random, now: Any) -> dict[str, Any]:
    written, key = address(n)
    starts = now - timedelta(seconds=chance.randrange(86_400))
    return {
        "server": server.pk,
        "address": written,
        "key": key,
        "state": STATES[n % 10],
        "mac": mac(n),
        "mac_end": mac(n)[::-1],
        "client_id": f"01:{mac(n)}",
        "hostname": hostname(n),
        "name_key": hostname(n),
        "vendor_class": VENDORS[n % 8],
        "starts_at": starts,
        "ends_at": starts + timedelta(days=1),
        "never_ends": False,
        "last_contact_at": starts,
    }


def _holding(server: Server, n: int, now: Any) -> dict[str, Any]:
    written, key = address(n)
    began = now - timedelta(days=n % 300, seconds=n % 86_400)
    return {
        "server": server.pk,
        "address": written,
        "key": key,
        "mac": mac(n),
        "hostname": hostname(n),
        "began_at": began,
        "until_at": began + timedelta(days=1),
        "ended_at": None if n % 10 < 6 else began + timedelta(hours=5),
        "is_open": n % 10 < 6,
    }


def _exchange(server: Server, n: int, chance: random.Random, now: Any) -> dict[str, Any]:
    written, key = address(n * 7 % 1_000_000)
    began = now - timedelta(seconds=n * 20, microseconds=n)
    lines = (
        '[{"message": "DHCPDISCOVER"}, {"message": "DHCPOFFER"}, {"message": "DHCPREQUEST"}, {"message": "DHCPACK"}]'
    )
    return {
        "server": server.pk,
        "mac": mac(n * 7 % 1_000_000),
        "ip": written,
        "key": key,
        "hostname": hostname(n * 7 % 1_000_000),
        "via": "10.0.0.1",
        "outcome": chance.choice([Outcome.BOUND] * 9 + [Outcome.REFUSED]).value,
        "started_at": began,
        "ended_at": began + timedelta(seconds=1),
        "lines": lines,
    }


def _samples(server: Server, subnets: list[Subnet], now: Any) -> Iterator[dict[str, Any]]:
    for hour in range(14 * 24):
        for subnet in subnets:
            active = 40_000 + hour * 10
            yield {
                "server": server.pk,
                "subnet": subnet.pk,
                "at": now - timedelta(hours=14 * 24 - hour),
                "defined": 65_024,
                "active": active,
                "held": active - 1000,
            }
