"""What was typed into the command palette in; subnets, reservations and leases that fit out. Named in settings."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from dhcp.models import Lease, Reservation, Server, Subnet
from dhcp.parse.asked import asked
from dhcp.services.lease_states import state_of
from dhcp.services.lookups import find_leases
from dhcp.services.searches import reservations_with
from hosts.models import User

MOST = 5
SHORTEST = 3
"""Of a name: fewer letters stand in nearly every one."""


def found(request: HttpRequest, term: str) -> list[SearchResult]:
    """Doings and pages by their names, subnets by address or name, reservations, leases; some of each."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("dhcp.view_server"):
        return []
    results = _pages(user, term)
    if user.has_perm("dhcp.view_subnet"):
        results += _subnets(user, term)
    if len(term) < SHORTEST:
        return results
    if user.has_perm("dhcp.view_reservation"):
        results += [_reservation(row) for row in reservations_with(user, term)[:MOST]]
    if user.has_perm("dhcp.view_lease"):
        results += [_lease(row) for row in find_leases(user, term).rows.order_by("key", "pk")[:MOST]]
    is_machine = bool(asked(term).mac or asked(term).keys)
    if is_machine and user.has_perm("dhcp.view_exchange") and Server.objects.visible_to(user).exists():
        results.append(_why(term))
    return results


def _pages(user: User, term: str) -> list[SearchResult]:
    known = (
        (_("Leases"), "dhcp:leases", "badge", "dhcp.view_lease"),
        (_("Reservations"), "dhcp:reservations", "bookmark", "dhcp.view_reservation"),
        (_("Reserve an address"), "dhcp:reservation-choose", "bookmark_add", "dhcp.add_reservation"),
        (_("Who had an address"), "dhcp:lease-who", "history", "dhcp.view_lease"),
        (_("Conversations"), "dhcp:exchanges", "forum", "dhcp.view_exchange"),
    )
    return [
        SearchResult(title=title, description="DHCP", link=reverse(name), icon=icon)
        for title, name, icon, right in known
        if term.lower() in title.lower() and user.has_perm(right)
    ]


def _subnets(user: User, term: str) -> list[SearchResult]:
    keys = asked(term).keys
    fits = Q(name__icontains=term) | Q(network__startswith=term)
    if keys:
        fits |= Q(first_key__lte=keys[0], last_key__gte=keys[1])
    rows = (
        Subnet.objects.visible_to(user)
        .filter(fits)
        .select_related("server__host")
        .distinct()
        .order_by("first_key", "pk")
    )
    return [
        SearchResult(title=str(row), description=str(row.server), link=row.get_absolute_url(), icon="lan")
        for row in rows[:MOST]
    ]


def _reservation(row: Reservation) -> SearchResult:
    addresses = ", ".join(each.address for each in row.addresses.all())
    said = " · ".join(part for part in (addresses, row.mac, str(row.server)) if part)
    return SearchResult(title=row.name, description=said, link=row.get_absolute_url(), icon="bookmark")


def _lease(row: Lease) -> SearchResult:
    said = " · ".join(part for part in (row.hostname, row.mac, state_of(row)[1]) if part)
    return SearchResult(title=row.address, description=said, link=reverse("dhcp:lease", args=[row.pk]), icon="badge")


def _why(term: str) -> SearchResult:
    link = f"{reverse('dhcp:exchanges')}?{urlencode({'q': term})}"
    return SearchResult(title=_("Why does it get no address?"), description=term, link=link, icon="forum")
