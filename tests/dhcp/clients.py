"""Rows of leases, holdings and conversations for tests of pages and of the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from dhcp.choices import Outcome
from dhcp.facts import lease as facts
from dhcp.facts.address_key import address_key
from dhcp.models import Exchange, Holding, Lease, Server
from hosts.facts.words import words

HOUR = timedelta(hours=1)
ANNE, BERT = "00:16:3e:00:00:01", "00:16:3e:00:00:02"
VERBS = ("view", "add", "change", "delete")
OF_CLIENTS = ("lease", "reservation", "exchange", "problem", "server", "subnet")
ALL = (*(f"dhcp.{verb}_{kind}" for verb in VERBS for kind in OF_CLIENTS), "hosts.view_host")


def a_lease(server: Server, address: str, mac: str = ANNE, **more: Any) -> Lease:
    """One that goes on for an hour."""
    now = timezone.now()
    said = {"state": "active", "starts_at": now - HOUR, "ends_at": now + HOUR, **more}
    row = Lease.of(server.pk, facts.Lease(ip=address, mac=mac, **said))
    row.save()
    return row


def a_holding(server: Server, address: str, mac: str = ANNE, *, hours: float = 1, **more: Any) -> Holding:
    """One that began so many hours ago and goes on."""
    return Holding.objects.create(
        server=server, address=address, mac=mac, **{"began_at": timezone.now() - HOUR * hours, **more}
    )


def an_exchange(server: Server, mac: str = ANNE, *, minutes: float = 1, **more: Any) -> Exchange:
    """A conversation of so many minutes ago; unless said otherwise the client got 192.168.1.14."""
    began = timezone.now() - timedelta(minutes=minutes)
    address = more.pop("ip", "192.168.1.14")
    said = {
        "outcome": Outcome.BOUND,
        "reason": words("The client has %(ip)s.", ip=address),
        "started_at": began,
        "ended_at": began + timedelta(seconds=1),
        "lines": [line("DHCPDISCOVER", began, mac), line("DHCPOFFER", began + timedelta(seconds=1), mac, address)],
        **more,
    }
    return Exchange.objects.create(server=server, mac=mac, ip=address, key=address_key(address), **said)


def line(message: str, at: Any, mac: str = ANNE, ip: str = "", **more: str) -> dict[str, Any]:
    """A message as a row keeps it."""
    said = {"message": message, "at": at.isoformat(), "mac": mac, **more}
    return said | ({"ip": ip} if ip else {})
