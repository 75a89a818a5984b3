"""Reservations beside what is known of their machines: made of leases, free addresses, who has what now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from ipaddress import ip_network
from itertools import islice

from django.db import transaction
from django.db.models import Max, Q

from dhcp.choices import LeaseState, Outcome
from dhcp.facts import standing as facts
from dhcp.facts.address_key import address_key
from dhcp.facts.check import Check
from dhcp.facts.standing import Standing
from dhcp.models import Exchange, Lease, Pool, Range, Reservation, Server, Subnet, server_facts
from dhcp.rules.addresses import address_of
from dhcp.rules.free_address import Taken
from dhcp.services import editing
from dhcp.services.editing import RangeSaid
from dhcp.services.editing.typed import mac_of
from hosts.errors import BadInput, WrongState
from hosts.facts.words import gettext_noop, words
from hosts.models import Host
from hosts.services.audit import Actor

_FREE = (LeaseState.FREE, LeaseState.EXPIRED, LeaseState.RELEASED)
_AT_ONCE = 64
_MOST_LOOKED_AT = 4096
_NO_NAME = re.compile(r"[^A-Za-z0-9.-]+")
MOST_SELECTED = 200


def is_active(now: datetime) -> Q:
    """Leases that somebody has at this time, as far as the server's file says."""
    return Q(state__in=(LeaseState.ACTIVE, "")) & (Q(ends_at=None) | Q(ends_at__gt=now))


def draft_of(lease: Lease) -> Reservation:
    """A reservation for the machine that has a lease; not saved, and its address is given when it is.

    WrongState where the machine has one at this server already, or nothing by which it is known.
    """
    if not (lease.mac or lease.client_id):
        raise WrongState(words(gettext_noop("The lease names no machine: it has neither a MAC nor a client id.")))
    known = reservation_for(lease)
    if known is not None:
        said = gettext_noop("This machine has a reservation already: %(name)s.")
        raise WrongState(words(said, name=known.name))
    is_six = lease.server.version == 6 and bool(lease.client_id)
    return Reservation(
        server=lease.server,
        name=_free_name(lease.server, lease.hostname, lease.mac or lease.client_id),
        mac=lease.mac,
        client_id="" if lease.mac or is_six else lease.client_id,
        match=match_of(lease) if is_six else "",
        hostname=lease.hostname if _NO_NAME.search(lease.hostname) is None else "",
        organization=lease.server.host.organization,
    )


def reservation_for(lease: Lease) -> Reservation | None:
    """The one that its server has for the machine of a lease."""
    mine = Reservation.objects.filter(server_id=lease.server_id)
    if lease.server.version == 6 and lease.client_id and (found := mine.filter(match=match_of(lease)).first()):
        return found
    if lease.mac:
        return mine.filter(mac=lease.mac).first()
    return mine.filter(client_id=lease.client_id).first() if lease.client_id else None


def match_of(lease: Lease) -> str:
    """How a server of IPv6 knows the machine of a lease: by its DUID."""
    return f"option dhcp6.client-id {lease.client_id}"


def range_around(server: Server, address: str) -> Range | None:
    """The range of a pool that holds an address."""
    key = address_key(address)
    if not key:
        return None
    held = Range.objects.filter(pool__server=server, prefix_length=None, first_key__lte=key, last_key__gte=key)
    return held.select_related("pool__subnet", "pool__shared_network").first()


@transaction.atomic
def save_beside_pools(
    row: Reservation,
    *,
    by: Actor,
    addresses: Sequence[str] | None,
    prefixes: Sequence[str] | None = None,
    leaves_range: bool,
) -> list[Check]:
    """Save a reservation; with `leaves_range` its addresses are taken out of the ranges that hold them, by the same
    edit: either both are kept or neither is.
    """
    for address in (addresses or ()) if leaves_range else ():
        held = range_around(row.server, address)
        if held is not None:
            _take_out(held.pool, address, by=by)
    return editing.save_reservation(row, by=by, addresses=addresses, prefixes=prefixes)


@transaction.atomic
def reserve_lease(lease: Lease, *, by: Actor, name: str = "", leaves_range: bool = True) -> Reservation:
    """Make a lease a reservation: the machine keeps its address."""
    row = draft_of(lease)
    row.name = name or row.name
    save_beside_pools(row, by=by, addresses=[lease.address], leaves_range=leaves_range)
    return row


@transaction.atomic
def set_enabled(rows: Iterable[Reservation], *, is_enabled: bool, by: Actor) -> int:
    """Switch reservations on or off; how many were not so before. All of them or none."""
    changed = [row for row in rows if row.is_enabled != is_enabled]
    for row in changed:
        row.is_enabled = is_enabled
        editing.save_reservation(row, by=by)
    return len(changed)


@transaction.atomic
def delete_all(rows: Iterable[Reservation], *, by: Actor) -> int:
    """Delete reservations; how many. All of them or none."""
    gone = list(rows)
    for row in gone:
        editing.delete(row, by=by)
    return len(gone)


def free_address(subnet: Subnet, after: str = "") -> str:
    """The lowest address of a subnet that nobody has, outside of all ranges; the next one after `after`. "": none.

    Nobody is: no reservation, no lease, no router, no host of the panel. A ping from the server can tell more.
    """
    return next(iter(free_addresses(subnet, after=after)), "")


def free_addresses(subnet: Subnet, *, after: str = "", most: int = 1) -> list[str]:
    """So many of them, the lowest first; fewer where there are no more."""
    beyond = address_key(after) if subnet.first_key <= address_key(after) <= subnet.last_key else ""
    taken = Taken(server_facts(subnet.server, keys=False), others=map(str, subnet.server.addresses))
    candidates = (str(each) for each in taken.free(ip_network(subnet.network)))
    wanted = (each for each in candidates if address_key(each) > beyond)
    found: list[str] = []
    looked = 0
    while len(found) < most and looked < _MOST_LOOKED_AT and (some := list(islice(wanted, _AT_ONCE))):
        looked += len(some)
        found += _unused(subnet.server_id, some)
    return found[:most]


def standings(rows: Sequence[Reservation], *, now: datetime) -> dict[int, Standing]:
    """How each reservation stands, by its key: two queries for all. Uses prefetched addresses.

    dhcpd writes no lease for a reserved address: there the last conversation tells who has it.
    """
    servers = {row.server_id for row in rows}
    keys = {each.key for row in rows for each in row.addresses.all() if each.key and not each.is_prefix}
    macs = {row.mac for row in rows if row.mac}
    ids = {row.client_id for row in rows if row.client_id}
    about = Q(key__in=keys) | Q(mac__in=macs) | (Q(client_id__in=ids) if ids else Q(pk__in=[]))
    leases = list(Lease.objects.filter(is_active(now), about, server_id__in=servers)) if rows else []
    talks = Exchange.objects.filter(server_id__in=servers, mac__in=macs, outcome=Outcome.BOUND).order_by()
    spoke = {
        (server, mac, key): at
        for server, mac, key, at in talks.values_list("server", "mac", "key").annotate(at=Max("ended_at"))
    }
    return {row.pk: _standing(row, leases, spoke) for row in rows}


def others_with_mac(server: Server, typed: str, own: int | None) -> tuple[str, Reservation | None]:
    """The MAC in its usual spelling and who else has it at this server. BadInput where it is none."""
    mac = mac_of(typed)
    others = Reservation.objects.filter(server=server, mac=mac).exclude(pk=own or 0)
    return mac, others.first() if mac else None


def _standing(row: Reservation, leases: Sequence[Lease], spoke: dict[tuple[int, str, str], datetime]) -> Standing:
    if not row.is_enabled:
        return Standing(facts.OFF)
    own = {each.key: each.address for each in row.addresses.all() if not each.is_prefix}
    here = [each for each in leases if each.server_id == row.server_id]
    for lease in (each for each in here if each.key in own):
        kind = facts.USED if _is_of(lease, row) else facts.TAKEN
        return Standing(kind, lease.address, lease.mac, lease.ends_at)
    if not own:
        return Standing(facts.PLAIN)
    seen = [(at, own[key]) for key in own if (at := spoke.get((row.server_id, row.mac, key)))]
    other = next((each for each in here if _is_of(each, row)), None)
    if other is not None and (not seen or (other.starts_at and other.starts_at > max(seen)[0])):
        return Standing(facts.ELSEWHERE, other.address, other.mac, other.starts_at)
    if seen:
        at, address = max(seen)
        return Standing(facts.SEEN, address, row.mac, at)
    return Standing(facts.WAITS)


def _is_of(lease: Lease, row: Reservation) -> bool:
    return bool((row.mac and lease.mac == row.mac) or (row.client_id and lease.client_id == row.client_id))


def _unused(server_id: int, addresses: Sequence[str]) -> Iterator[str]:
    keys = [address_key(each) for each in addresses]
    leased = Lease.objects.filter(server_id=server_id, key__in=keys).exclude(state__in=_FREE)
    used = set(leased.values_list("address", flat=True))
    used |= set(Host.objects.filter(address__in=addresses).values_list("address", flat=True))
    return (each for each in addresses if each not in used)


def _free_name(server: Server, hostname: str, otherwise: str) -> str:
    wanted = _NO_NAME.sub("-", hostname).strip("-.")[:60] or "machine-" + otherwise.replace(":", "")[-6:]
    taken = set(server.reservations.filter(name__startswith=wanted).values_list("name", flat=True))
    numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(each for each in numbered if each not in taken)


def _take_out(pool: Pool, address: str, *, by: Actor) -> None:
    """The pool without one address. Who has it by a lease keeps it, so nothing is to be confirmed."""
    said = [part for each in pool.ranges.all() for part in _without(each, address)]
    if not said:
        why = gettext_noop("%(address)s is the only address of its pool. Delete the pool first, or reserve another.")
        raise BadInput(words(why, address=address), field="addresses")
    if pool.is_plain and pool.subnet is not None:
        editing.save_subnet(pool.subnet, by=by, ranges=said, confirmed=True)
    else:
        editing.save_pool(pool, by=by, ranges=said, confirmed=True)


def _without(each: Range, address: str) -> Iterator[RangeSaid]:
    first, last, gone = address_of(each.first), address_of(each.last), address_of(address)
    if (
        each.prefix_length is not None
        or first is None or last is None or gone is None
        or not int(first) <= int(gone) <= int(last)
    ):  # fmt: skip
        yield RangeSaid(each.first, each.last, each.is_bootp, each.is_temporary, each.prefix_length)
        return
    if gone != first:
        yield RangeSaid(each.first, str(gone - 1), each.is_bootp, each.is_temporary)
    if gone != last:
        yield RangeSaid(str(gone + 1), each.last, each.is_bootp, each.is_temporary)
