"""A form about one row of a server in; one service call, and the page it belongs to or the form with its errors out."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dhcp.facts.check import Check
from dhcp.forms.options import known_options, type_words
from dhcp.forms.others import TYPES
from dhcp.models import Relay, Reservation, Server, Subnet, UsageSample
from dhcp.services import editing
from dhcp.services.editing import ToConfirm
from dhcp.views.kinds import KINDS, Kind
from dhcp.views.shell import page
from hosts.choices import Severity
from hosts.errors import BadInput, Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.templatetags.machines import words as said
from hosts.views.shell import Crumb, person, staff

SHOWN_CHECKS = 5
PERMITS = ("known-clients", "unknown-clients", "all clients", "dynamic bootp clients", "authenticated clients")


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server")
def new(request: HttpRequest, server_pk: int, slug: str) -> HttpResponse:
    """The empty form; `first`, `last` and where it stands may come with the address."""
    kind = _kind(slug)
    _require(request, kind, "add")
    server = server_of(request, server_pk)
    row: Any = kind.model(server=server)
    for name in kind.of:
        _put_home(row, name, request.GET.get(name, ""))
    return _form(request, kind, server, row)


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server")
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The form of a row."""
    kind = _kind(slug)
    _require(request, kind, "change")
    row = _row(request, kind, pk)
    return _form(request, kind, row.server, row)


@require_http_methods(["GET", "POST"])
@staff("dhcp.view_server")
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say what goes along, then take it out of the panel; the host keeps it until the next change."""
    kind = _kind(slug)
    _require(request, kind, "delete")
    row = _row(request, kind, pk)
    context: dict[str, Any] = {"row": row, "kind": kind, "along": _along(row), "back": home_url(row)}
    if request.method == "POST":
        name, back = str(row), _after(row)
        try:
            editing.delete(row, by=actor(request), confirmed=request.POST.get("confirmed") == "1")
        except ToConfirm as error:
            context |= {"asked": error.checks, "why": words_of(error)}
            return page(request, "dhcp/delete.html", context, title=_("Delete"), crumbs=crumbs_of(row), status=422)
        except Explainable as error:
            messages.error(request, words_of(error))
            return redirect(home_url(row))
        messages.success(
            request, _("%(name)s is gone from the panel; its host keeps it until the next change.") % {"name": name}
        )
        return redirect(back)
    return page(request, "dhcp/delete.html", context, title=_("Delete"), crumbs=crumbs_of(row))


def server_of(request: HttpRequest, pk: int) -> Server:
    """A server that the person may see."""
    rows = Server.objects.visible_to(person(request)).select_related("host__organization")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no DHCP server with this number, or it belongs to another organization."))
    return found


def crumbs_of(row: Any) -> tuple[Crumb, ...]:
    """The way to a row: its server, and the network it stands in."""
    if isinstance(row, Server | Relay):
        return (Crumb(str(row), row.get_absolute_url()),)
    way = [Crumb(str(row.server), row.server.get_absolute_url())]
    for name in ("shared_network", "subnet"):
        home = getattr(row, name, None)
        if home is not None:
            way.append(Crumb(str(home), home.get_absolute_url()))
    if row.pk and hasattr(row, "get_absolute_url"):
        way.append(Crumb(str(row), row.get_absolute_url()))
    return tuple(way)


def home_url(row: Any) -> str:
    """The page on which a row is shown."""
    if hasattr(row, "get_absolute_url") and row.pk:
        return str(row.get_absolute_url())
    return _after(row)


def tell(request: HttpRequest, checks: list[Check]) -> None:
    """What an edit brought in, as messages: it was saved all the same."""
    for each in checks[:SHOWN_CHECKS]:
        if each.finding.severity != Severity.NOTE:
            messages.warning(request, said(editing.told(each)))


def form_page(request: HttpRequest, form: Any, *, title: str, crumbs: tuple[Crumb, ...], **more: Any) -> HttpResponse:
    """A form of rows in its sections."""
    status = 422 if form.errors else 200
    return page(request, "dhcp/form.html", {**form_context(form), **more}, title=title, crumbs=crumbs, status=status)


def form_context(form: Any) -> dict[str, Any]:
    """What dhcp/form.html draws of a form, with what its fields suggest."""
    server = form.server
    options = known_options(server) if "options" in form.fields else {}
    return {
        "form": form,
        "server": server,
        "sections": list(form.sections()),
        "option_names": [(name, f"{kind.code} · {type_words(kind)}") for name, kind in options.items()],
        "option_types": TYPES,
        "permit_names": _permits(server) if "permits" in form.fields else (),
        "keeps": f"dhcp-{form._meta.model._meta.model_name}-{form.instance.pk or f'new-{server.pk}'}",
    }


def take_errors(form: Any, error: ValidationError) -> None:
    """What the row itself complains of, put where the form has such a field."""
    for name, errors in error.error_dict.items() if hasattr(error, "error_dict") else [("", error.error_list)]:
        form.add_error(name if name in form.fields else None, errors)


def _form(request: HttpRequest, kind: Kind, server: Server, row: Any) -> HttpResponse:
    is_new = row.pk is None
    back = home_url(row)
    title = str(kind.add) if is_new else _("Edit %(name)s") % {"name": row}
    crumbs = crumbs_of(row)
    form = kind.form(request.POST or None, instance=row, server=server, user=person(request), initial=_first(request))
    if request.method == "POST" and form.is_valid() and _saved(request, kind, form):
        return redirect(home_url(form.instance))
    more = {"kind": kind, "back": back, "is_new": is_new, "can_delete": not is_new and _may(request, kind, "delete")}
    return form_page(request, form, title=title, crumbs=crumbs, **more)


def _saved(request: HttpRequest, kind: Kind, form: Any) -> bool:
    try:
        checks = kind.save(form, actor(request), confirmed=request.POST.get("confirmed") == "1")
    except BadInput as error:
        form.blame(error)
        return False
    except ValidationError as error:
        take_errors(form, error)
        return False
    except Explainable as error:
        form.blame(error)
        return False
    messages.success(
        request,
        _("%(name)s is saved. No host was touched: review the changes when you are done.") % {"name": form.instance},
    )
    tell(request, checks)
    return True


def _first(request: HttpRequest) -> dict[str, Any]:
    """What an address brings along: a range that was drawn on the map, a network that a finding offers."""
    found: dict[str, Any] = {}
    first, last = request.GET.get("first", ""), request.GET.get("last", "")
    if first:
        found["ranges"] = [(first[:45], (last or first)[:45], "")]
    if network := request.GET.get("network", ""):
        found["network"] = network[:50]
    return found


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404(slug)
    return KINDS[slug]


def _may(request: HttpRequest, kind: Kind, verb: str) -> bool:
    return request.user.has_perm(kind.permission(verb))


def _require(request: HttpRequest, kind: Kind, verb: str) -> None:
    if not _may(request, kind, verb):
        raise PermissionDenied


def _row(request: HttpRequest, kind: Kind, pk: int) -> Any:
    rows: Any = kind.rows.all()
    return get_object_or_404(rows.visible_to(person(request)).select_related("server__host__organization"), pk=pk)


def _put_home(row: Any, name: str, typed: str) -> None:
    """Where a new row stands: a row of the same server, or a class by its name."""
    if name == "of":
        row.of = typed[:255]
    elif typed.isdecimal():
        model: Any = row._meta.get_field(name).related_model
        setattr(row, name, get_object_or_404(model, pk=int(typed), server=row.server_id))


def _after(row: Any) -> str:
    """Where one goes when a row is gone."""
    for name in ("subnet", "shared_network"):
        if (home := getattr(row, name, None)) is not None:
            return str(home.get_absolute_url())
    return reverse("dhcp:server", args=[row.server_id])


def _permits(server: Server) -> list[str]:
    names = server.classes.values_list("name", flat=True)
    return [*(f'members of "{name}"' for name in names), *PERMITS]


def _along(row: Any) -> list[tuple[Any, int]]:
    """What goes with a row: (what, how many)."""
    counted: list[tuple[Any, int]] = []
    for name, title in (
        ("groups", _("groups")),
        ("shared_networks", _("shared networks")),
        ("subnets", _("subnets")),
        ("pools", _("pools")),
        ("ranges", _("ranges")),
    ):
        if hasattr(row, name):
            counted.append((title, getattr(row, name).count()))
    if isinstance(row, Subnet):
        counted.append((_("reservations that stand in it"), Reservation.objects.filter(subnet=row).count()))
        counted.append((_("samples of how full it was"), UsageSample.objects.filter(subnet=row).count()))
    return [(title, count) for title, count in counted if count]
