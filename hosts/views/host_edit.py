"""A form or a button about one host in; one service call, and the host's page or the form with its errors out."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hosts.choices import HostState
from hosts.errors import BadInput, Explainable
from hosts.forms.host import ROLE_HINTS, HostForm
from hosts.forms.refusals import words_of
from hosts.models import Credential, Host
from hosts.permissions import actor
from hosts.services import facts, fleet
from hosts.tasks import enrol_host, read_facts
from hosts.views.host import host_of
from hosts.views.host_list import may_be_asked
from hosts.views.shell import Crumb, back_to, fragment, page, person, staff


@require_http_methods(["GET", "POST"])
@staff("hosts.add_host")
def new(request: HttpRequest) -> HttpResponse:
    """Add a host; its keys are asked for at once."""
    user = person(request)
    credentials = list(Credential.objects.order_by("name").values_list("pk", flat=True)[:2])
    initial = {"credential": credentials[0]} if len(credentials) == 1 else {}
    if user.organizations.count() == 1 and not user.sees_everything:
        initial["organization"] = user.organizations.get().pk
    form = HostForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and _saved(request, form):
        return redirect(form.instance)
    return _form_page(request, form, title=_("Add a host"))


@require_http_methods(["GET", "POST"])
@staff("hosts.view_host", "hosts.change_host")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a host; a new address or port means that its key is asked for again."""
    host = host_of(request, pk)
    name = host.name
    form = HostForm(request.POST or None, instance=host, user=person(request))
    if request.method == "POST" and _saved(request, form):
        return redirect(form.instance)
    return _form_page(request, form, title=_("Edit"), crumbs=(Crumb(name, reverse("hosts:host-detail", args=[pk])),))


@require_safe
@staff("hosts.view_host")
def taken(request: HttpRequest) -> HttpResponse:
    """Whether a name or an address is in use already, said beside the field while it is typed."""
    words = ""
    own = request.GET.get("own", "")
    others = Host.objects.exclude(pk=int(own)) if own.isdecimal() else Host.objects.all()
    if name := request.GET.get("name", "").strip():
        twin = others.filter(name__iexact=name).first()
        words = _("There is a host of that name already.") if twin else ""
    elif address := request.GET.get("address", "").strip():
        twin = others.visible_to(person(request)).filter(address__iexact=address).first()
        words = _("%(name)s has this address. That is fine with another port.") % {"name": twin.name} if twin else ""
    return fragment(request, "hosts/_taken.html", {"words": words})


@require_http_methods(["GET", "POST"])
@staff("hosts.view_host", "hosts.delete_host")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a host out of the panel for good, after its name was typed."""
    host = host_of(request, pk)
    if request.method == "POST":
        if request.POST.get("name", "").strip() != host.name:
            messages.error(request, _("The name that was typed is not %(name)s. Nothing was deleted.") % {"name": host})
            return redirect("hosts:host-edit", pk)
        try:
            fleet.delete_host(host, by=actor(request))
        except Explainable as error:
            messages.error(request, words_of(error))
            return redirect(host)
        messages.success(request, _("%(name)s is no longer in the panel.") % {"name": host.name})
    return redirect("hosts:host-list")


@require_POST
@staff("hosts.view_host", "hosts.change_host")
def maintenance(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a host alone, or look after it again."""
    host = host_of(request, pk)
    is_on = request.POST.get("on") == "1"
    fleet.set_maintenance(host, is_on=is_on, by=actor(request))
    if is_on:
        words = _("%(name)s is in maintenance: the panel leaves it alone unless a person asks.")
    else:
        words = _("%(name)s is looked after again.")
    messages.success(request, words % {"name": host.name})
    return redirect(back_to(request, "hosts:host-detail", pk))


@require_POST
@staff("hosts.view_host")
def ask_facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the facts now; a worker does, and the page shows them when they are there."""
    host = host_of(request, pk)
    if not may_be_asked(host):
        messages.error(request, _why_not(host))
    else:
        with transaction.atomic():
            facts.ask_for_facts(host, by=actor(request))
            read_facts.delay_on_commit(host.pk)
    return redirect(back_to(request, "hosts:host-detail", pk))


def _why_not(host: Host) -> str:
    if host.credential_id is None:
        return _("%(name)s has no credential. Choose one under Edit.") % {"name": host.name}
    return _("Nobody has accepted the key of %(name)s, so it is not spoken to. Decide about the key first.") % {
        "name": host.name
    }


def _saved(request: HttpRequest, form: HostForm) -> bool:
    """Whether the host could be saved; otherwise the form says why."""
    if not form.is_valid():
        return False
    host = form.save(commit=False)
    try:
        fleet.save_host(host, by=actor(request), roles=form.cleaned_data["roles"], tags=form.cleaned_data["tag_words"])
    except BadInput as error:
        form.add_error(error.field if error.field in form.fields else None, words_of(error))
        return False
    except ValidationError as error:
        _take_errors(form, error)
        return False
    if host.state == HostState.NEW:
        enrol_host.delay_on_commit(host.pk)
        words = _("%(name)s is saved. Its key is being fetched, for you to accept.")
    else:
        words = _("%(name)s is saved.")
    messages.success(request, words % {"name": host.name})
    return True


def _take_errors(form: ModelForm[Host], error: ValidationError) -> None:
    """What the row itself complains of, put where the form has such a field."""
    for name, errors in error.error_dict.items() if hasattr(error, "error_dict") else [("", error.error_list)]:
        form.add_error(name if name in form.fields else None, errors)


def _form_page(request: HttpRequest, form: HostForm, *, title: str, crumbs: tuple[Crumb, ...] = ()) -> HttpResponse:
    roles = [(box, ROLE_HINTS[box.data["value"]]) for box in form["roles"]]
    context = {"form": form, "role_boxes": roles, "has_credentials": form.fields["credential"].queryset.exists()}  # type: ignore[attr-defined]
    way = (Crumb(_("Hosts"), reverse("hosts:host-list")), *crumbs)
    return page(request, "hosts/host_form.html", context, title=title, crumbs=way)
