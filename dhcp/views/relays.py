"""Relays: the picture of all ways, one relay, its form, and the buttons that tell its host."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dhcp.forms.server import RelayForm
from dhcp.models import Relay
from dhcp.render.defaults import isc_dhcp_relay
from dhcp.services import editing
from dhcp.services.pushing import plan_relay
from dhcp.services.relay_links import ways
from dhcp.services.told import state_of_push, states_of_push
from dhcp.views.declarations import form_page, take_errors, tell
from dhcp.views.mends import with_mends
from dhcp.views.relay_picture import relay_picture
from dhcp.views.servers import SHOWN_CHANGES, changes_of
from dhcp.views.shell import page
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.tasks import compare_change
from hosts.views.shell import Crumb, person, staff


@require_safe
@staff("dhcp.view_relay")
def listed(request: HttpRequest) -> HttpResponse:
    """The picture, and the same as a list."""
    found = ways(person(request))
    rows = [each.relay for each in found.relays]
    told = states_of_push(rows)
    context = {
        "ways": found,
        "picture": relay_picture(found) if found.relays else None,
        "lines": [(each, told[each.relay.pk]) for each in found.relays],
    }
    return page(request, "dhcp/relays.html", context, title=_("Relays"), here="relays")


@require_safe
@staff("dhcp.view_relay")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One relay: whom it passes on to, for which networks, and what is wrong on each way."""
    relay = _relay(request, pk)
    found = ways(person(request), only=relay)
    way = found.relays[0]
    context = {
        "relay": relay,
        "push": state_of_push(relay),
        "way": way,
        "links": [(link, with_mends(link.problems)) for link in way.links],
        "picture": relay_picture(found),
        "text": _text(relay),
        "changes": list(changes_of(relay, person(request))[:SHOWN_CHANGES]),
    }
    return page(request, "dhcp/relay.html", context, title=str(relay), crumbs=_crumbs())


@require_http_methods(["GET", "POST"])
@staff("dhcp.add_relay")
def new(request: HttpRequest) -> HttpResponse:
    """A relay on one of the hosts."""
    return _form(request, Relay())


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_relay", "dhcp.change_relay")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of a relay."""
    return _form(request, _relay(request, pk))


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_relay", "dhcp.delete_relay")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of the panel; its host goes on passing requests."""
    relay = _relay(request, pk)
    if request.method == "POST":
        name = str(relay)
        try:
            editing.delete(relay, by=actor(request))
        except Explainable as error:
            messages.error(request, words_of(error))
            return redirect(relay)
        messages.success(request, _("%(name)s is no longer in the panel. Its host goes on as it is.") % {"name": name})
        return redirect("dhcp:relays")
    context = {"row": relay, "along": [], "back": relay.get_absolute_url()}
    return page(request, "dhcp/delete.html", context, title=_("Delete"), crumbs=_crumbs())


@require_POST
@staff("dhcp.view_relay", "hosts.plan_change")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A change for the relay's host."""
    relay = _relay(request, pk)
    try:
        with transaction.atomic():
            change = plan_relay(relay, by=actor(request))
            compare_change.delay_on_commit(change.pk)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect(relay)
    return redirect(change)


def _form(request: HttpRequest, relay: Relay) -> HttpResponse:
    is_new = relay.pk is None
    form = RelayForm(request.POST or None, instance=relay, user=person(request))
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect(form.instance)
    title = _("Add a relay") if is_new else _("Edit %(name)s") % {"name": relay}
    back = reverse("dhcp:relays") if is_new else relay.get_absolute_url()
    more: dict[str, Any] = {"is_new": is_new, "kind": None, "back": back}
    return form_page(request, form, title=title, crumbs=_crumbs(), **more)


def _saved(request: HttpRequest, form: RelayForm) -> bool:
    try:
        checks = editing.save_relay(form.instance, by=actor(request))
    except ValidationError as error:
        take_errors(form, error)
        return False
    except Explainable as error:
        form.blame(error)
        return False
    messages.success(request, _("%(name)s is saved. No host was touched.") % {"name": form.instance})
    tell(request, checks)
    return True


def _text(relay: Relay) -> str:
    try:
        return isc_dhcp_relay(relay.facts())
    except Explainable as error:
        return words_of(error)


def _relay(request: HttpRequest, pk: int) -> Relay:
    rows = Relay.objects.visible_to(person(request)).select_related("host__organization")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no DHCP relay with this number, or it belongs to another organization."))
    return found


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(_("Relays"), reverse("dhcp:relays")),)
