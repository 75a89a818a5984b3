"""The query string in; reservations that fit, their CSV, and what is done with the selected ones out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from dhcp.forms.lists import ReservationListForm
from dhcp.models import Reservation, Server
from dhcp.services import reservations
from dhcp.services.reservation_lists import csv_lines
from dhcp.services.searches import reservations_with
from dhcp.views.lists import saved_filters
from dhcp.views.shell import page
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import User
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import person, staff
from hosts.views.sorting import counted, heads, order_of

PAGE_SIZE = 50
SORTS = ("name", "mac", "hostname")
SHOWN = (
    ("address", gettext_lazy("Address")),
    ("mac", gettext_lazy("MAC")),
    ("hostname", gettext_lazy("Host name")),
    ("state", gettext_lazy("State")),
    ("organization", gettext_lazy("Organization")),
    ("server", gettext_lazy("Server")),
)


@require_safe
@staff("dhcp.view_reservation")
def listed(request: HttpRequest) -> HttpResponse:
    """Reservations by name, a page of them, each with how it stands."""
    user = person(request)
    form = ReservationListForm(request.GET, user=user)
    rows = narrowed(form, user)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    column, descending = order_of(request.GET, SORTS, "name")
    shown = keyset_page(rows, column, descending=descending, before=before, after=after, size=PAGE_SIZE)
    stand = reservations.standings(shown.rows, now=timezone.now())
    chips = list(form.chips())
    field: Any = form.fields["organization"]
    context = {
        "form": form,
        "shown": shown,
        "total": counted(rows),
        "columns": SHOWN,
        "sorts": heads(request.GET, SORTS, column, descending=descending),
        "rows": [(row, stand[row.pk]) for row in shown.rows],
        "chips": chips,
        "servers": form.servers,
        "organizations": list(field.queryset[:200]),
        "is_fresh": not shown.rows and not chips and not before and not after,
        "newer": form.with_(before=shown.before),
        "older": form.with_(after=shown.after),
        "export": f"{reverse('dhcp:reservation-export')}?{form.kept_query}",
        "saved": saved_filters("dhcp-reservations", user),
        "filter_page": "dhcp-reservations",
        "home": form.server_id or (form.servers[0].pk if len(form.servers) == 1 else None),
    }
    return page(request, "dhcp/reservations.html", context, title=_("Reservations"), here="reservations")


@require_safe
@staff("dhcp.view_reservation")
def exported(request: HttpRequest) -> StreamingHttpResponse:
    """Every reservation that fits as CSV; the import reads it back."""
    user = person(request)
    rows = narrowed(ReservationListForm(request.GET, user=user), user).order_by("server", "name", "pk")
    answer = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="reservations-{timezone.localdate().isoformat()}.csv"'
    return answer


@require_POST
@staff("dhcp.view_reservation")
def selected(request: HttpRequest) -> HttpResponse:
    """Switch the selected ones on or off, or delete them: all of them or none."""
    verb = request.POST.get("do", "")
    if not request.user.has_perm("dhcp.delete_reservation" if verb == "delete" else "dhcp.change_reservation"):
        raise PermissionDenied
    back = f"{reverse('dhcp:reservations')}?{QueryDict(request.POST.get('query', '')).urlencode()}".rstrip("?")
    pks = [pk for pk in request.POST.getlist("reservation") if pk.isdecimal()][: reservations.MOST_SELECTED]
    rows = (
        Reservation.objects.visible_to(person(request)).filter(pk__in=pks).select_related("server__host__organization")
    )
    chosen = list(rows.distinct().order_by("pk"))
    if not chosen or verb not in ("enable", "disable", "delete"):
        messages.warning(request, _("No reservation was selected. Tick some, then choose what to do."))
        return redirect(back)
    try:
        messages.success(request, _do(request, verb, chosen))
    except Explainable as error:
        messages.error(request, words_of(error))
    return redirect(back)


def narrowed(form: ReservationListForm, user: User) -> QuerySet[Reservation]:
    """What fits: by name, host name, MAC or a piece of it, client id, address or network."""
    rows = reservations_with(user, form.said("q"))
    if form.server_id is not None:
        rows = rows.filter(server=form.server_id)
    if organization := form.cleaned_data.get("organization"):
        rows = rows.filter(organization=organization)
    if enabled := form.said("enabled"):
        rows = rows.filter(is_enabled=enabled == "yes")
    if subnet := form.cleaned_data.get("subnet"):
        inside = Q(addresses__key__gte=subnet.first_key, addresses__key__lte=subnet.last_key)
        rows = rows.filter(inside, server=subnet.server_id)
    return rows


def home_server(user: User, pk: int) -> Server | None:
    """A server that the person may see."""
    return Server.objects.visible_to(user).select_related("host__organization").distinct().filter(pk=pk).first()


def _do(request: HttpRequest, verb: str, chosen: list[Reservation]) -> str:
    by = actor(request)
    if verb == "delete":
        count = reservations.delete_all(chosen, by=by)
        said = ngettext(
            "%(n)d reservation is gone from the panel.", "%(n)d reservations are gone from the panel.", count
        )
    elif verb == "enable":
        count = reservations.set_enabled(chosen, is_enabled=True, by=by)
        said = ngettext("%(n)d reservation is switched on.", "%(n)d reservations are switched on.", count)
    else:
        count = reservations.set_enabled(chosen, is_enabled=False, by=by)
        said = ngettext("%(n)d reservation is switched off.", "%(n)d reservations are switched off.", count)
    return said % {"n": count} + " " + _("The servers are told with their next change.")
