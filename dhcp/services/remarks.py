"""What is typed into the form of a reservation in; what is known of it out, to be said beside the field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dhcp.facts.address_key import address_key
from dhcp.facts.standing import Remark
from dhcp.models import Lease, Reservation, Server, Subnet
from dhcp.rules.addresses import address_of
from dhcp.services.editing import mac_of
from dhcp.services.reservations import free_address, is_active, others_with_mac, range_around
from hosts.errors import BadInput
from hosts.facts.words import Words, gettext_noop, joined, reason, words
from hosts.models import Host, User

MAC_TAKEN = gettext_noop("%(name)s has this MAC already at this server.")
MAC_SEEN = gettext_noop("Known: it has %(address)s now, and calls itself “%(hostname)s”.")
MAC_SEEN_NAMELESS = gettext_noop("Known: it has %(address)s now.")
MAC_NEW = gettext_noop("No machine with this MAC was seen yet at this server.")
NO_ADDRESS = gettext_noop("“%(text)s” is no address.")
NO_SUBNET = gettext_noop("%(address)s lies in no subnet of this server.")
RESERVED = gettext_noop("%(address)s is reserved for %(name)s.")
LEASED = gettext_noop("%(address)s is leased to %(mac)s now.")
IN_RANGE = gettext_noop("%(address)s lies in the range %(range)s: another machine can be given it.")
LEAVES = gettext_noop("%(address)s leaves the range %(range)s, and is for this machine alone.")
A_HOST = gettext_noop("%(address)s is the address of the host %(name)s.")
FREE = gettext_noop("%(address)s is free, in %(subnet)s.")


def about_mac(server: Server, typed: str, *, own: int | None, now: datetime) -> Remark | None:
    """Who has this MAC; None for nothing typed."""
    try:
        mac, twin = others_with_mac(server, typed, own)
    except BadInput as error:
        return Remark("warn", reason(error))
    if not mac:
        return None
    if twin is not None:
        return Remark("bad", words(MAC_TAKEN, name=twin.name), twin.get_absolute_url(), twin.name)
    lease = Lease.objects.filter(is_active(now), server=server, mac=mac).order_by("-starts_at").first()
    if lease is None:
        return Remark("good", words(MAC_NEW))
    msgid = MAC_SEEN if lease.hostname else MAC_SEEN_NAMELESS
    return Remark("good", words(msgid, address=lease.address, hostname=lease.hostname), offer=lease.address)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks at which server for which machine: `own` is the reservation that is edited. With `leaves_range` an
    address that lies in a range is fine.
    """

    server: Server
    mac: str
    own: int | None
    user: User
    now: datetime
    leaves_range: bool = False


def about_addresses(asker: Asker, typed: str) -> Remark | None:
    """Whether the addresses can be reserved: the worst of what is to be said, with a free one where it is bad."""
    found = [_about(asker, each) for each in typed.replace(",", " ").split()[:8]]
    if not found:
        return None
    rank = {"bad": 0, "warn": 1, "good": 2}
    worst = min(found, key=lambda each: rank[each.tone])
    if worst.tone == "good" and len(found) > 1:
        return Remark("good", joined(each.words for each in found))
    return worst


def home_of(server: Server, address: str) -> Subnet | None:
    """The subnet that an address lies in."""
    key = address_key(address)
    if not key:
        return None
    held = server.subnets.filter(first_key__lte=key, last_key__gte=key)
    return held.order_by("-first_key", "last_key").select_related("server").first()


def _about(asker: Asker, typed: str) -> Remark:
    server, address = asker.server, address_of(typed)
    if address is None or address.version != server.version:
        return Remark("bad", words(NO_ADDRESS, text=typed[:60]))
    written = str(address)
    subnet = home_of(server, written)
    if subnet is None:
        return Remark("bad", words(NO_SUBNET, address=written))
    if taken := _taken(asker, written):
        return Remark(*taken, offer=free_address(subnet))
    held = range_around(server, written)
    if held is not None and asker.leaves_range:
        return Remark("good", words(LEAVES, address=written, range=str(held)))
    if held is not None:
        return Remark("warn", words(IN_RANGE, address=written, range=str(held)), offer=free_address(subnet))
    return Remark("good", words(FREE, address=written, subnet=str(subnet)))


def _taken(asker: Asker, address: str) -> tuple[str, Words, str, str] | None:
    server, key = asker.server, address_key(address)
    twin = Reservation.objects.filter(server=server, addresses__key=key).exclude(pk=asker.own or 0).first()
    if twin is not None:
        return "bad", words(RESERVED, address=address, name=twin.name), twin.get_absolute_url(), twin.name
    held = Lease.objects.filter(is_active(asker.now), server=server, key=key)
    lease = held.exclude(Q(mac=_mac(asker.mac)) & ~Q(mac="")).first()
    if lease is not None:
        return "warn", words(LEASED, address=address, mac=lease.mac or lease.client_id), "", ""
    host = Host.objects.visible_to(asker.user).filter(address=address).first()
    if host is not None:
        return "warn", words(A_HOST, address=address, name=host.name), host.get_absolute_url(), host.name
    return None


def _mac(typed: str) -> str:
    """In its usual spelling; "" while it is half typed."""
    try:
        return mac_of(typed)
    except BadInput:
        return ""
