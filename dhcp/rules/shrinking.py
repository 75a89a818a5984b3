"""A server before and after a change, and the leases of now in; the leases that would lose their address out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dhcp.choices import LeaseState
from dhcp.facts.check import Check, Place
from dhcp.facts.lease import Lease
from dhcp.facts.server import Server
from dhcp.facts.walk import reservations
from dhcp.rules.addresses import address_of, network_of, networks_of, ranges_of
from dhcp.rules.advice import check

SHOWN = 5


def losing(before: Server, after: Server, leases: Iterable[Lease], now: datetime) -> list[Lease]:
    """Live leases of addresses that are in a range before and in none after, in the order of addresses.

    A machine whose own reservation has the address afterwards loses nothing.
    """
    old, new = ranges_of(before), ranges_of(after)
    reserved = {(host.mac, written) for host in reservations(after) for written in host.addresses}
    found = []
    for lease in leases:
        address = address_of(lease.ip)
        if address is None or not _lives(lease, now) or address not in old or address in new:
            continue
        if (lease.mac, str(address)) not in reserved:
            found.append((int(address), lease))
    return [lease for _, lease in sorted(found, key=lambda pair: pair[0])]


def shrinking(before: Server, after: Server, leases: Iterable[Lease], now: datetime) -> list[Check]:
    """One for each subnet that loses live leases; its subject names the first of them."""
    lost: dict[str, list[Lease]] = {}
    networks = networks_of(before)
    for lease in losing(before, after, leases, now):
        address = address_of(lease.ip)
        home = next((str(network) for network in networks if address in network), "")
        lost.setdefault(home, []).append(lease)
    return [
        check("dhcp.pool.shrinks", Place("subnet" if network_of(home) else "server", home, "ranges"), _said(found))
        for home, found in lost.items()
    ]


def _said(found: list[Lease]) -> str:
    """192.0.2.7 (web), 192.0.2.8 (00:16:...), +3"""
    shown = [f"{lease.ip} ({lease.hostname or lease.mac or lease.client_id or '?'})" for lease in found[:SHOWN]]
    more = [f"+{len(found) - SHOWN}"] if len(found) > SHOWN else []
    return ", ".join([*shown, *more])


def _lives(lease: Lease, now: datetime) -> bool:
    if lease.state != LeaseState.ACTIVE:
        return False
    return lease.never_ends or lease.ends_at is None or lease.ends_at > now
