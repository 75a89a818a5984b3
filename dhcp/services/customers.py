"""An organization and hosts in; the reservations and leases that its machines have now out, a few of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from dhcp.facts.address_key import address_key
from dhcp.facts.standing import Standing
from dhcp.models import Lease, Reservation
from dhcp.services.reservations import is_active, standings
from hosts.models import FactsRecord, Host, User

MOST_SHOWN = 6
MOST_MACS = 200
NO_MAC = frozenset({"", "00:00:00:00:00:00", "fe:ff:ff:ff:ff:ff"})


class OfCustomer(NamedTuple):
    """What DHCP knows of somebody's machines; `has_more_…` where not all of it is here."""

    reservations: list[tuple[Reservation, Standing]]
    leases: list[Lease]
    has_more_reservations: bool
    has_more_leases: bool


def of_customer(
    user: User, organization_id: int | None, hosts: Sequence[Host], *, with_reservations: bool, with_leases: bool
) -> OfCustomer:
    """What the person may see: reservations of the organization and of the network cards of its hosts; leases that go
    on of these cards, of the reserved machines that are shown, and of the hosts' own addresses. Each is read once.
    """
    macs = _macs(hosts)
    rows = _reservations(user, organization_id, macs) if with_reservations else []
    reserved = [*macs, *(row.mac for row in rows if row.mac)][:MOST_MACS]
    leases = _leases(user, reserved, [address_key(host.address) for host in hosts]) if with_leases else []
    shown = rows[:MOST_SHOWN]
    stand = standings(shown, now=timezone.now()) if shown else {}
    return OfCustomer(
        reservations=[(row, stand[row.pk]) for row in shown],
        leases=leases[:MOST_SHOWN],
        has_more_reservations=len(rows) > MOST_SHOWN,
        has_more_leases=len(leases) > MOST_SHOWN,
    )


def _reservations(user: User, organization_id: int | None, macs: list[str]) -> list[Reservation]:
    theirs = Q(mac__in=macs) if macs else Q(pk__in=())
    if organization_id is not None:
        theirs |= Q(organization=organization_id)
    rows = Reservation.objects.visible_to(user).filter(theirs).select_related("server__host")
    return list(rows.prefetch_related("addresses").order_by("name", "pk")[: MOST_SHOWN + 1])


def _leases(user: User, macs: Iterable[str], keys: Iterable[str]) -> list[Lease]:
    """By the indexes of MACs and of addresses."""
    named = [key for key in keys if key]
    about = Q(mac__in=list(macs)) | Q(key__in=named)
    rows = Lease.objects.visible_to(user).filter(about).filter(is_active(timezone.now()))
    return list(rows.select_related("server__host").order_by("key", "pk")[: MOST_SHOWN + 1])


def _macs(hosts: Sequence[Host]) -> list[str]:
    """Of the network cards and virtual functions of the hosts, from their newest facts: that part of them alone."""
    if not hosts:
        return []
    newest = FactsRecord.objects.filter(host=OuterRef("pk")).order_by("-last_at").values("report__links")[:1]
    rows = Host.objects.filter(pk__in=[host.pk for host in hosts]).annotate(links=Subquery(newest))
    found = {mac for links in rows.order_by("pk").values_list("links", flat=True) for mac in _macs_of(links)}
    return sorted(found - NO_MAC)[:MOST_MACS]


def _macs_of(links: Any) -> list[str]:
    """Of the JSON of a report; what has another shape is left out."""
    cards = [link for link in links or () if isinstance(link, dict)] if isinstance(links, list) else []
    each = [*cards, *(vf for link in cards for vf in link.get("vfs") or () if isinstance(vf, dict))]
    return [str(one.get(name) or "").lower() for one in each for name in ("mac", "permanent_mac")]
