"""A table of reservations in; what would become of each line, and then all of it or nothing, out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dhcp.facts import reservation_list as facts
from dhcp.facts.reservation_list import Table
from dhcp.forms.reservations import ReservationImportForm
from dhcp.models import Server
from dhcp.parse.reservation_csv import reservation_csv
from dhcp.services.reservation_lists import Outcome, import_table
from dhcp.views.reservations import home_server
from dhcp.views.shell import page
from hosts.errors import BadInput
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import Crumb, person, staff

SHOWN = 500
NEEDS = ("dhcp.view_reservation", "dhcp.add_reservation", "dhcp.change_reservation")


@require_http_methods(["GET", "POST"])
@staff(*NEEDS)
def choose(request: HttpRequest) -> HttpResponse:
    """For which server; straight on where there is one only."""
    servers = list(
        Server.objects.visible_to(person(request)).select_related("host").distinct().order_by("host__name")[:200]
    )
    if len(servers) == 1:
        return redirect("dhcp:reservation-import", servers[0].pk)
    context = {"servers": servers, "leads_to": "dhcp:reservation-import"}
    return page(request, "dhcp/choose_server.html", context, title=_("Import reservations"), crumbs=_crumbs())


@require_http_methods(["GET"])
@staff("dhcp.view_reservation", "dhcp.add_reservation")
def choose_for_new(request: HttpRequest) -> HttpResponse:
    """At which server a new reservation is to be."""
    servers = list(
        Server.objects.visible_to(person(request)).select_related("host").distinct().order_by("host__name")[:200]
    )
    if len(servers) == 1:
        return redirect("dhcp:reservation-new", servers[0].pk)
    context = {"servers": servers, "leads_to": "dhcp:reservation-new"}
    return page(request, "dhcp/choose_server.html", context, title=_("Reserve an address"), crumbs=_crumbs())


@require_http_methods(["GET", "POST"])
@staff(*NEEDS)
def upload(request: HttpRequest, server_pk: int) -> HttpResponse:
    """The first post shows what would become of each line; the second brings it in."""
    server = home_server(person(request), server_pk)
    if server is None:
        raise Http404
    form = ReservationImportForm(request.POST or None, request.FILES or None)
    context: dict[str, object] = {"form": form, "server": server}
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "edit":
        try:
            table = reservation_csv(form.cleaned_data["data"])
        except BadInput as error:
            form.add_error(None, words_of(error))
        else:
            is_trial = request.POST.get("do") != "import"
            outcome = import_table(server, table, by=actor(request), is_trial=is_trial)
            if outcome.is_done:
                messages.success(request, _said(outcome))
                return redirect(f"{reverse('dhcp:reservations')}?server={server.pk}")
            context |= _preview(form, table, outcome)
    status = 422 if form.errors else 200
    title = _("Import reservations")
    return page(request, "dhcp/reservation_import.html", context, title=title, crumbs=_crumbs(), status=status)


def _preview(form: ReservationImportForm, table: Table, outcome: Outcome) -> dict[str, object]:
    ranked = sorted(outcome.verdicts, key=lambda each: each.kind != facts.WRONG)
    return {
        "outcome": outcome,
        "table": table,
        "verdicts": ranked[:SHOWN],
        "hidden": max(0, len(ranked) - SHOWN),
        "counts": [(kind, outcome.count(kind)) for kind in (facts.NEW, facts.CHANGED, facts.SAME, facts.WRONG)],
        "left_out": outcome.count(facts.LEFT_OUT),
        "writes": outcome.count(facts.NEW) + outcome.count(facts.CHANGED),
        "text": form.cleaned_data["data"].decode(table.encoding, "replace"),
    }


def _said(outcome: Outcome) -> str:
    new, changed = outcome.count(facts.NEW), outcome.count(facts.CHANGED)
    parts = []
    if new:
        parts.append(ngettext("%(n)d reservation came in.", "%(n)d reservations came in.", new) % {"n": new})
    if changed:
        parts.append(ngettext("%(n)d was changed.", "%(n)d were changed.", changed) % {"n": changed})
    return " ".join(
        [*(parts or [_("Everything was there already.")]), _("The servers are told with their next change.")]
    )


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Reservations"), reverse("dhcp:reservations")),)
