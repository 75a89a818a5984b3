"""A host in; the leases and reservations of its network cards, as a tab of its page, out. Named in settings."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dhcp.facts.address_key import address_key
from dhcp.models import Exchange, Lease, Reservation
from dhcp.services.reservations import standings
from hosts.models import Host, User
from hosts.rules.cards import cards_of
from hosts.views.host import latest_facts, report_of
from hosts.views.shell import person
from hosts.views.tabs import HostTab

MOST_SHOWN = 100
MOST_TALKS = 10


def _may(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.has_perm("dhcp.view_lease")


def _count(request: HttpRequest, host: Host) -> int:
    return 0


def _shown(request: HttpRequest, host: Host) -> str:
    user = person(request)
    macs = cards_of(report_of(latest_facts(host)))
    own = address_key(host.address)  # by its index: no other finds an address among all servers
    leases = Lease.objects.visible_to(user).filter(Q(mac__in=macs) | Q(key__in=[own] if own else []))
    context: dict[str, Any] = {
        "host": host,
        "leases": [(row, macs.get(row.mac, "")) for row in _newest(leases)],
        "has_facts": bool(macs),
    }
    if user.has_perm("dhcp.view_reservation"):
        context["reservations"] = _reservations(user, macs)
    if user.has_perm("dhcp.view_exchange"):
        talks = Exchange.objects.visible_to(user).filter(mac__in=macs).defer("lines").select_related("server__host")
        context["exchanges"] = [(row, macs.get(row.mac, "")) for row in talks.order_by("-started_at")[:MOST_TALKS]]
    return render_to_string("dhcp/_addresses_tab.html", context, request)


def _newest(leases: Any) -> Any:
    return leases.select_related("server__host").order_by("key", "pk")[:MOST_SHOWN]


def _reservations(user: User, macs: dict[str, str]) -> list[tuple[Reservation, str, Any]]:
    rows = Reservation.objects.visible_to(user).filter(mac__in=macs).select_related("server__host")
    found = list(rows.prefetch_related("addresses").distinct().order_by("name", "pk")[:MOST_SHOWN])
    stand = standings(found, now=timezone.now())
    return [(row, macs.get(row.mac, ""), stand[row.pk]) for row in found]


TAB = HostTab("addresses", _("Addresses"), _may, _shown, _count)
