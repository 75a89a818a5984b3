"""One lease in; its page with the history of its address and of its machine, and what is done with it out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dhcp.choices import ErrandKind, ErrandState
from dhcp.models import Errand, Exchange, Holding, Lease
from dhcp.services import errands
from dhcp.services.remarks import home_of
from dhcp.services.reservations import reservation_for
from dhcp.tasks import run_errand
from dhcp.views.shell import page
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import User
from hosts.permissions import actor
from hosts.services.cards import cards_with
from hosts.views.shell import Crumb, fragment, person, staff

MOST_HELD = 20
MOST_TALKS = 6
OPEN = (ErrandState.WAITING, ErrandState.RUNNING)


@require_safe
@staff("dhcp.view_lease")
def lease(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has this address, who had it, and what else the machine had."""
    user = person(request)
    row = lease_of(user, pk)
    context: dict[str, Any] = {
        "lease": row,
        "subnet": home_of(row.server, row.address),
        "reservation": reservation_for(row),
        "of_address": list(_held(user).filter(server=row.server_id, key=row.key)[:MOST_HELD]),
        "of_mac": list(_held(user).filter(mac=row.mac)[:MOST_HELD]) if row.mac else [],
        "exchanges": _exchanges(row) if user.has_perm("dhcp.view_exchange") else [],
        "errand": _errand(request, row),
        "card": cards_with([row.mac], user).get(row.mac),
        "can_release": errands.can_release(row.server) and user.has_perm("dhcp.change_lease"),
    }
    crumbs = (Crumb(_("Leases"), reverse("dhcp:leases")),)
    return page(request, "dhcp/lease.html", context, title=row.address, crumbs=crumbs)


@require_POST
@staff("dhcp.view_lease", "dhcp.change_lease")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a worker to take the lease back at the running server; the page shows what came of it."""
    row = lease_of(person(request), pk)
    try:
        with transaction.atomic():
            errand = errands.ask_release(row, by=actor(request))
            run_errand.delay_on_commit(errand.pk)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect("dhcp:lease", pk)
    return redirect(f"{reverse('dhcp:lease', args=[pk])}?errand={errand.pk}")


@require_safe
@staff()
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of an errand, as a piece that asks again until it has ended; on pages of leases and reservations."""
    if not any(request.user.has_perm(right) for right in ("dhcp.view_lease", "dhcp.view_reservation")):
        raise PermissionDenied
    rows = Errand.objects.visible_to(person(request)).filter(kind__in=(ErrandKind.RELEASE, ErrandKind.PING)).distinct()
    errand = get_object_or_404(rows, pk=pk)
    return fragment(request, "dhcp/_errand.html", {"errand": errand}, is_at_end=errand.state not in OPEN)


def lease_of(user: User, pk: int) -> Lease:
    """A lease that the person may see."""
    return get_object_or_404(
        Lease.objects.visible_to(user).select_related("server__host__organization").distinct(), pk=pk
    )


def _held(user: User) -> Any:
    return Holding.objects.visible_to(user).select_related("server__host").distinct().order_by("-began_at", "-pk")


def _exchanges(row: Lease) -> list[Exchange]:
    if not row.mac:
        return []
    rows = Exchange.objects.filter(server=row.server_id, mac=row.mac)
    return list(rows.defer("lines").order_by("-started_at")[:MOST_TALKS])


def _errand(request: HttpRequest, row: Lease) -> Errand | None:
    """The one that the address names, else the newest release of this lease that is still under way."""
    mine = row.server.errands.filter(kind=ErrandKind.RELEASE, asked__address=row.address).order_by("-pk")
    wanted = request.GET.get("errand", "")
    if wanted.isdecimal() and len(wanted) < 16:
        return mine.filter(pk=int(wanted)).first()
    return mine.filter(state__in=OPEN).first()
