"""A reservation's form in; what is known of MAC and address while it is typed, and the saved reservation, out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dhcp.forms.options import known_options, type_words
from dhcp.forms.reservations import ReservationForm
from dhcp.models import Lease, Reservation, Server
from dhcp.services import editing, errands, remarks, reservations
from dhcp.tasks import run_errand
from dhcp.views.declarations import take_errors, tell
from dhcp.views.reservations import home_server
from dhcp.views.shell import page
from hosts.errors import Explainable, WrongState
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import Crumb, fragment, person, staff


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_reservation", "dhcp.add_reservation")
def new(request: HttpRequest, server_pk: int) -> HttpResponse:
    """The empty form, or one that a lease fills in (`lease`), or an address (`address`)."""
    server = _server(request, server_pk)
    row, first = Reservation(server=server), {"addresses": request.GET.get("address", "")[:45]}
    if wanted := request.GET.get("lease", ""):
        lease = _lease(request, server, wanted)
        try:
            row = reservations.draft_of(lease)
        except WrongState as error:
            messages.warning(request, words_of(error))
            known = reservations.reservation_for(lease)
            return redirect(known) if known else redirect("dhcp:lease", lease.pk)
        is_held = reservations.range_around(server, lease.address) is not None
        first = {"addresses": lease.address, "leaves_range": is_held}  # type: ignore[dict-item]
    form = ReservationForm(request.POST or None, instance=row, server=server, user=person(request), initial=first)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect(form.instance)
    return _page(request, form, title=_("Reserve an address"))


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_reservation")
def reservation(request: HttpRequest, pk: int) -> HttpResponse:
    """A reservation: its form for those who may change it, else what it says."""
    user = person(request)
    row = _row(request, pk)
    may_change = user.has_perm("dhcp.change_reservation") and home_server(user, row.server_id) is not None
    stands = reservations.standings([row], now=timezone.now())[row.pk]
    form = ReservationForm(request.POST or None, instance=row, server=row.server, user=user)
    if request.method == "POST":
        if not may_change:
            raise Http404
        if form.is_valid() and _saved(request, form):
            return redirect(form.instance)
    more = {"stands": stands, "may_change": may_change, "reservation": Reservation.objects.get(pk=pk)}
    return _page(request, form, title=str(more["reservation"]), **more)


@require_POST
@staff("dhcp.view_reservation", "dhcp.delete_reservation")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of the panel; its server is told with the next change."""
    row = _row(request, pk)
    name = row.name
    try:
        editing.delete(row, by=actor(request), confirmed=True)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect("dhcp:reservation", pk)
    messages.success(
        request, _("%(name)s is gone from the panel. Its server is told with the next change.") % {"name": name}
    )
    return redirect("dhcp:reservations")


@require_safe
@staff("dhcp.view_reservation")
def remark(request: HttpRequest, server_pk: int) -> HttpResponse:
    """What is known of the MAC (`of=mac`) or of the addresses that are typed."""
    server = _server(request, server_pk)
    said, now = request.GET, timezone.now()
    own = int(said["own"]) if said.get("own", "").isdecimal() and len(said["own"]) < 16 else None
    if said.get("of") == "mac":
        found = remarks.about_mac(server, said.get("mac", ""), own=own, now=now)
    else:
        typed, mac = said.get("addresses", ""), said.get("mac", "")
        asker = remarks.Asker(server, mac, own, person(request), now, leaves_range=said.get("leaves") == "1")
        found = remarks.about_addresses(asker, typed)
    return fragment(request, "dhcp/_remark.html", {"remark": found})


@require_safe
@staff("dhcp.view_reservation")
def free(request: HttpRequest, server_pk: int) -> HttpResponse:
    """A free address of a subnet (`subnet`), after the one that stands there (`after`)."""
    server = _server(request, server_pk)
    wanted = request.GET.get("subnet", "")
    subnet = get_object_or_404(server.subnets.select_related("server"), pk=wanted if wanted.isdecimal() else 0)
    found = reservations.free_address(subnet, request.GET.get("after", "").strip()[:45])
    return fragment(request, "dhcp/_free.html", {"address": found, "subnet": subnet})


@require_POST
@staff("dhcp.view_reservation", "dhcp.add_reservation")
def ping(request: HttpRequest, server_pk: int) -> HttpResponse:
    """Ask from the server whether somebody answers at the addresses that are typed."""
    server = _server(request, server_pk)
    try:
        with transaction.atomic():
            typed = request.POST.get("addresses", "").replace(",", " ").split()[:8]
            errand = errands.ask_ping(server, typed, by=actor(request))
            run_errand.delay_on_commit(errand.pk)
    except Explainable as error:
        return fragment(request, "dhcp/_remark.html", {"why": words_of(error)})
    return fragment(request, "dhcp/_errand.html", {"errand": errand})


def _saved(request: HttpRequest, form: ReservationForm) -> bool:
    row = form.instance
    try:
        checks = reservations.save_beside_pools(
            row,
            by=actor(request),
            addresses=form.typed("addresses") or [],
            prefixes=form.typed("prefixes"),
            leaves_range=form.cleaned_data["leaves_range"],
        )
    except ValidationError as error:
        take_errors(form, error)
        return False
    except Explainable as error:
        form.blame(error)
        return False
    said = _("%(name)s is saved. No host was touched: review the changes when you are done.")
    messages.success(request, said % {"name": row})
    tell(request, checks)
    return True


def _page(request: HttpRequest, form: ReservationForm, *, title: str, **more: Any) -> HttpResponse:
    server = form.server
    context = {
        "form": form,
        "server": server,
        "sections": list(form.sections()),
        "option_names": [(name, f"{kind.code} · {type_words(kind)}") for name, kind in known_options(server).items()],
        "subnets": list(server.subnets.order_by("first_key")[:500]),
        "home": remarks.home_of(server, str(form["addresses"].value() or "").partition(",")[0].strip()),
        "back": reverse("dhcp:reservations"),
        "may_change": True,
        "can_delete": bool(form.instance.pk) and request.user.has_perm("dhcp.delete_reservation"),
        **more,
    }
    crumbs = (Crumb(_("Reservations"), reverse("dhcp:reservations")),)
    status = 422 if form.errors else 200
    return page(request, "dhcp/reservation.html", context, title=title, crumbs=crumbs, status=status)


def _server(request: HttpRequest, pk: int) -> Server:
    found = home_server(person(request), pk)
    if found is None:
        raise Http404
    return found


def _row(request: HttpRequest, pk: int) -> Reservation:
    rows = Reservation.objects.visible_to(person(request)).select_related("server__host__organization", "organization")
    return get_object_or_404(rows.prefetch_related("addresses").distinct(), pk=pk)


def _lease(request: HttpRequest, server: Server, wanted: str) -> Lease:
    rows = Lease.objects.visible_to(person(request)).filter(server=server).select_related("server__host__organization")
    return get_object_or_404(rows.distinct(), pk=wanted if wanted.isdecimal() and len(wanted) < 18 else 0)
