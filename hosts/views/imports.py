"""A CSV table, an Ansible inventory or an ssh config in; a preview with every problem, then hosts out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hosts.errors import BadInput, Explainable
from hosts.facts.inventory import ImportedHost, Inventory
from hosts.forms.imports import KINDS, ImportForm
from hosts.forms.refusals import words_of
from hosts.models import Host
from hosts.parse.inventory_ansible import inventory_ansible
from hosts.parse.inventory_csv import inventory_csv
from hosts.parse.inventory_ssh_config import inventory_ssh_config
from hosts.permissions import actor
from hosts.services import fleet
from hosts.tasks import enrol_host
from hosts.views.shell import Crumb, page, person, staff

READERS: dict[str, Callable[[bytes], Inventory]] = {
    "csv": inventory_csv,
    "ansible": inventory_ansible,
    "ssh_config": inventory_ssh_config,
}
SHOWN = 500


@require_http_methods(["GET", "POST"])
@staff("hosts.add_host")
def upload(request: HttpRequest) -> HttpResponse:
    """The first post shows what would come in; the second, with the hosts ticked, brings them in."""
    form = ImportForm(request.POST or None, request.FILES or None, user=person(request))
    context: dict[str, object] = {"form": form, "kinds": KINDS}
    if request.method == "POST" and form.is_valid():
        try:
            inventory = READERS[form.cleaned_data["kind"]](form.cleaned_data["data"])
        except BadInput as error:
            form.add_error(None, words_of(error))
        else:
            if request.POST.get("do") == "import" and _imported(request, form, inventory):
                return redirect("hosts:host-list")
            if request.POST.get("do") != "edit":
                context |= _preview(form, inventory)
    crumbs = (Crumb(_("Hosts"), reverse("hosts:host-list")),)
    return page(request, "hosts/host_import.html", context, title=_("Import hosts"), crumbs=crumbs)


def _preview(form: ImportForm, inventory: Inventory) -> dict[str, object]:
    known = _known(inventory)
    fresh = [row for row in inventory.hosts if row.name not in known]
    return {
        "inventory": inventory,
        "rows": [(row, row.name in known) for row in inventory.hosts[:SHOWN]],
        "hidden_rows": max(0, len(inventory.hosts) - SHOWN),
        "fresh_count": len(fresh),
        "known_count": len(known),
        "text": form.cleaned_data["data"].decode(inventory.encoding, "replace"),
    }


def _known(inventory: Inventory) -> set[str]:
    names = [row.name for row in inventory.hosts]
    return set(Host.objects.filter(name__in=names).values_list("name", flat=True))


def _imported(request: HttpRequest, form: ImportForm, inventory: Inventory) -> bool:
    """All hosts that are not in the panel yet, or none. What was left unticked stays out."""
    left_out = _known(inventory) | set(request.POST.getlist("without"))
    rows: list[ImportedHost] = [row for row in inventory.hosts if row.name not in left_out]
    if not rows:
        form.add_error(None, _("No host of this list is new. Nothing was imported."))
        return False
    try:
        with transaction.atomic():
            made = fleet.import_hosts(
                rows,
                by=actor(request),
                credential=form.cleaned_data["credential"],
                organization=form.cleaned_data["organization"],
            )
            for host in made:
                enrol_host.delay_on_commit(host.pk)
    except Explainable as error:
        form.add_error(None, words_of(error))
        return False
    said = ngettext(
        "%(n)d host is in the panel. Its key is being fetched, for you to accept.",
        "%(n)d hosts are in the panel. Their keys are being fetched, for you to accept.",
        len(made),
    )
    messages.success(request, said % {"n": len(made)})
    return True
