"""One DHCP server: what it serves, what its host would be told, what was read there, and the buttons for each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dhcp.choices import ErrandKind, ErrandState, Service
from dhcp.facts.server import LeaseTimes
from dhcp.forms.server import ServerForm
from dhcp.models import Errand, Server
from dhcp.rules.lease_times import seen
from dhcp.services import editing, errands, taking_over
from dhcp.services.checks import problems_for
from dhcp.services.overview import network_lines
from dhcp.services.previews import before_taking_over, preview, relays_of
from dhcp.services.pushing import mark_of, places, plan_server, plan_site
from dhcp.services.told import state_of_push
from dhcp.tasks import run_errand
from dhcp.views.declarations import crumbs_of, form_page, server_of, take_errors, tell
from dhcp.views.kinds import KINDS
from dhcp.views.mends import with_mends
from dhcp.views.shell import page
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Change
from hosts.permissions import actor
from hosts.rules.review import review
from hosts.tasks import compare_change
from hosts.views.shell import fragment, person, staff

SHOWN_LINES = 4000
SHOWN_NETWORKS = 200
SHOWN_ROWS = 50
SHOWN_CHANGES = 8
LISTED = ("groups", "classes", "subclasses", "peers", "zones", "keys", "definitions", "spaces")
TAKEN = {
    "subnet": gettext_lazy("subnets"),
    "shared network": gettext_lazy("shared networks"),
    "pool": gettext_lazy("pools"),
    "range": gettext_lazy("ranges"),
    "reservation": gettext_lazy("reservations"),
    "group": gettext_lazy("groups"),
    "class": gettext_lazy("classes"),
    "subclass": gettext_lazy("subclasses"),
    "definition": gettext_lazy("option definitions"),
    "key": gettext_lazy("keys"),
    "zone": gettext_lazy("DDNS zones"),
    "failover pair": gettext_lazy("failover pairs"),
}
"""What was taken over, by the words of `TakenOver.counts`."""
RELATED = {slug: slug.replace("-", "_") for slug in KINDS}


@require_http_methods(["GET", "POST"])
@staff("dhcp.add_server")
def new(request: HttpRequest) -> HttpResponse:
    """A server on one of the hosts; afterwards it takes over what the host has, or begins with nothing."""
    form = ServerForm(request.POST or None, instance=Server(), user=person(request), initial=_host(request))
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("dhcp:take-over", form.instance.pk)
    more = {"is_new": True, "kind": None, "back": None}
    return form_page(request, form, title=_("Add a DHCP server"), crumbs=(), **more)


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server", "dhcp.change_server")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What the server says of all its networks."""
    server = server_of(request, pk)
    form = ServerForm(request.POST or None, instance=server, server=server, user=person(request))
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect(server)
    more = {"is_new": False, "kind": None, "back": server.get_absolute_url()}
    return form_page(
        request, form, title=_("Settings of %(name)s") % {"name": server}, crumbs=crumbs_of(server), **more
    )


@require_safe
@staff("dhcp.view_server")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Its networks with how full they are, its state, its other declarations and its last changes."""
    server = server_of(request, pk)
    user = person(request)
    find = request.GET.get("q", "").strip()
    lines = network_lines(server)
    if find:
        lines = [each for each in lines if _fits(find, each.row) or any(_fits(find, sub.row) for sub in each.inner)]
    problems = problems_for(user).filter(server=server)
    context = {
        "server": server,
        "push": state_of_push(server),
        "lines": lines[:SHOWN_NETWORKS],
        "more": max(0, len(lines) - SHOWN_NETWORKS),
        "find": find,
        "problems": with_mends(problems[:SHOWN_ROWS]),
        "relays": relays_of(server, user),
        "listed": [(KINDS[slug], list(getattr(server, RELATED[slug]).all()[: SHOWN_ROWS + 1])) for slug in LISTED],
        "changes": list(changes_of(server, user)[:SHOWN_CHANGES]),
        "times": (own := LeaseTimes(server.default_lease_seconds, server.max_lease_seconds, server.min_lease_seconds)),
        "seen": seen(own),
        "where": places(server),
        "whys": [why for why in (_service_why(server), server.leases_why, server.log_why) if why],
    }
    return page(request, "dhcp/server.html", context, title=str(server))


@require_safe
@staff("dhcp.view_server")
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The configuration as it would be sent, and what applying it means."""
    server = server_of(request, pk)
    found = preview(server)
    where = places(server)
    context = {
        "server": server,
        "push": state_of_push(server),
        "preview": found,
        "where": where,
        "review": review(
            None, found.text.encode("utf-8", "surrogateescape"), where.config, wide=False, most=SHOWN_LINES
        )
        if found.text
        else None,
        "relays": relays_of(server, person(request)),
    }
    return page(request, "dhcp/server_file.html", context, title=_("Review changes"), crumbs=crumbs_of(server))


@require_POST
@staff("dhcp.view_server", "hosts.plan_change")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A change for the server's host, or a rollout with the relays that pass on to it."""
    server = server_of(request, pk)
    relays = relays_of(server, person(request)) if request.POST.get("with") == "relays" else []
    why = request.POST.get("why", "").strip()[:2000]
    try:
        with transaction.atomic():
            made: Any = plan_site([server], relays, by=actor(request), why=why) if relays else plan_server(
                server, by=actor(request), why=why
            )  # fmt: skip
            for change in [made] if isinstance(made, Change) else made.changes.all():
                compare_change.delay_on_commit(change.pk)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect("dhcp:server-file", pk)
    return redirect(made)


@require_POST
@staff("dhcp.view_server", "dhcp.change_server")
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the host for its configuration; a worker does, and the page of taking over shows it."""
    server = server_of(request, pk)
    try:
        with transaction.atomic():
            errand = errands.ask_config(server, by=actor(request))
            run_errand.delay_on_commit(errand.pk)
    except Explainable as error:
        messages.error(request, words_of(error))
    return redirect("dhcp:take-over", pk)


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server", "dhcp.change_server")
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """What the host has, what would become of it, and the button that saves it."""
    server = server_of(request, pk)
    errand = _asked(server)
    if request.method == "POST":
        return _take_over(request, server, errand)
    return page(
        request, "dhcp/take_over.html", _standing(server, errand), title=_("Take over"), crumbs=crumbs_of(server)
    )


@require_safe
@staff("dhcp.view_server", "dhcp.change_server")
def take_over_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece that waits for the errand."""
    server = server_of(request, pk)
    errand = _asked(server)
    context = _standing(server, errand)
    return fragment(request, "dhcp/_take_over.html", context, is_at_end=not context["waits"])


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server", "dhcp.delete_server")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the panel with all its rows, after its name was typed; the host goes on as it is."""
    server = server_of(request, pk)
    if request.method == "POST":
        if request.POST.get("name", "").strip() != str(server):
            said = _("The name that was typed is not %(name)s. Nothing was deleted.")
            messages.error(request, said % {"name": server})
            return redirect(server)
        try:
            name = str(server)
            editing.delete(server, by=actor(request))
        except Explainable as error:
            messages.error(request, words_of(error))
            return redirect(server)
        messages.success(request, _("%(name)s is no longer in the panel. Its host goes on as it is.") % {"name": name})
        return redirect("dhcp:overview")
    context = {"row": server, "server": server, "along": _counts(server), "typed": str(server)}
    return page(request, "dhcp/delete.html", context, title=_("Delete"), crumbs=crumbs_of(server))


def changes_of(row: Any, user: Any) -> Any:
    """Changes that told it something, the newest first."""
    found = Change.objects.visible_to(user).filter(host=row.host_id, reference__contains=mark_of(row))
    return found.select_related("host", "planned_by").order_by("-pk")


def _take_over(request: HttpRequest, server: Server, errand: Errand | None) -> HttpResponse:
    if errand is None or errand.state != ErrandState.DONE:
        messages.error(request, _("The configuration has not been read yet. Nothing was taken over."))
        return redirect("dhcp:take-over", server.pk)
    try:
        done = taking_over.take_over_read(errand, by=actor(request), replace=request.POST.get("replace") == "1")
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect("dhcp:take-over", server.pk)
    messages.success(
        request,
        _("Taken over: %(subnets)s subnets, %(reservations)s reservations.")
        % {"subnets": done.counts.get("subnet", 0), "reservations": done.counts.get("reservation", 0)},
    )
    return redirect(server)


def _standing(server: Server, errand: Errand | None) -> dict[str, Any]:
    waits = errand is not None and errand.state in (ErrandState.WAITING, ErrandState.RUNNING)
    is_done = errand is not None and errand.state == ErrandState.DONE
    before = before_taking_over(errand) if errand is not None and is_done else None
    taken = before.taken if before else None
    return {
        "server": server,
        "errand": errand,
        "waits": waits,
        "failed": errand is not None and errand.state == ErrandState.FAILED,
        "before": before,
        "counts": [(TAKEN.get(kind, kind), count) for kind, count in taken.counts.items()] if taken else [],
        "has_rows": server.subnets.exists() or server.reservations.exists(),
        "where": places(server),
    }


def _asked(server: Server) -> Errand | None:
    return server.errands.filter(kind=ErrandKind.READ_CONFIG).order_by("-pk").first()


def _saved(request: HttpRequest, form: ServerForm) -> bool:
    is_new = form.instance.pk is None
    try:
        checks = editing.save_server(form.instance, by=actor(request), confirmed=request.POST.get("confirmed") == "1")
    except ValidationError as error:
        take_errors(form, error)
        return False
    except Explainable as error:
        form.blame(error)
        return False
    messages.success(request, _("%(name)s is saved. No host was touched.") % {"name": form.instance})
    if not is_new:
        tell(request, checks)
    return True


def _host(request: HttpRequest) -> dict[str, Any]:
    host = request.GET.get("host", "")
    return {"host": host} if host.isdecimal() else {}


def _fits(find: str, row: Any) -> bool:
    return find.casefold() in f"{row} {getattr(row, 'network', '')}".casefold()


def _service_why(server: Server) -> Any:
    return server.service_why if server.service != Service.RUNNING else ""


def _counts(server: Server) -> list[tuple[str, int]]:
    found = Server.objects.filter(pk=server.pk).aggregate(
        subnets=Count("subnets", distinct=True), reservations=Count("reservations", distinct=True)
    )
    return [(_("subnets"), found["subnets"]), (_("reservations"), found["reservations"])]
