"""Drift: files that are no longer what the panel put there; a person adopts, overwrites, or looks again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hosts.choices import DriftState
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Change, Host, HostFile, Rollout
from hosts.permissions import actor
from hosts.rules.review import review
from hosts.services import drift
from hosts.services.audit import Actor
from hosts.services.overwrite import plan_overwrite
from hosts.tasks import compare_change, look_for_drift
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, back_to, page, person, staff

PAGE_SIZE = 50
MOST_AT_ONCE = 200
MOST_LOOKED_AT = 500
ADOPT, OVERWRITE = "hosts.change_managedfile", "hosts.plan_change"


@require_safe
@staff("hosts.view_hostfile")
def listed(request: HttpRequest) -> HttpResponse:
    """The drifted files, the newest drift first."""
    user = person(request)
    rows = _drifted(request)
    host = None
    if request.GET.get("host", "").isdecimal():
        host = Host.objects.visible_to(user).filter(pk=request.GET["host"]).first()
        rows = rows.filter(host_id=int(request.GET["host"]))
    if find := request.GET.get("q", "").strip():
        rows = rows.filter(path__icontains=find) | rows.filter(host__name__icontains=find)
    shown = keyset_page(
        rows,
        "pk",
        descending=True,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    visible = HostFile.objects.visible_to(user)
    context = {
        "shown": shown,
        "find": find,
        "host": host,
        "looks_after_any": bool(shown.rows) or visible.exists(),
        "looked_at": visible.exclude(checked_at=None).order_by("-checked_at").values_list("checked_at", flat=True)[:1],
    }
    return page(request, "hosts/drift_list.html", context, title=_("Drift"))


@require_safe
@staff("hosts.view_hostfile")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What differs: what the panel put there against what lies there now."""
    row = _row(request, pk)
    wide = request.GET.get("view", request.COOKIES.get("diff-view")) == "side"
    is_drawn = row.state == DriftState.DRIFTED and row.live_content is not None and not row.is_secret
    context = {
        "row": row,
        "view": "side" if wide else "unified",
        "review": review(row.content.read(), row.live_content.read(), row.path, wide=wide)
        if is_drawn and row.live_content
        else None,
        "kept": None if is_drawn or row.is_secret else review(None, row.content.read(), row.path, wide=False),
        "change": row.change,
    }
    crumbs = (Crumb(_("Drift"), reverse("hosts:drift-list")), Crumb(row.host.name, row.host.get_absolute_url()))
    return page(request, "hosts/drift.html", context, title=row.path, crumbs=crumbs)


@require_POST
@staff(ADOPT)
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """What lies on the host is right."""
    row = _row(request, pk)
    try:
        drift.adopt(row, by=actor(request))
    except Explainable as error:
        messages.error(request, words_of(error))
    else:
        said = _("%(path)s on %(host)s is looked after as it is now.")
        messages.success(request, said % {"path": row.path, "host": row.host.name})
    return redirect(back_to(request, "hosts:drift-list"))


@require_POST
@staff(OVERWRITE)
def overwrite(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a change that puts the file back to what the panel had put there."""
    return _overwritten(request, [_row(request, pk)])


@require_POST
@staff("hosts.view_hostfile")
def selected(request: HttpRequest) -> HttpResponse:
    """Adopt or overwrite the selected files. Overwriting on several hosts becomes a rollout."""
    verb = request.POST.get("do", "")
    if not request.user.has_perm({"adopt": ADOPT, "overwrite": OVERWRITE}.get(verb, "")):
        raise PermissionDenied
    pks = [pk for pk in request.POST.getlist("file") if pk.isdecimal()][:MOST_AT_ONCE]
    rows = list(_drifted(request).filter(pk__in=pks).order_by("host__name", "path"))
    if not rows:
        messages.warning(request, _("No file was selected. Tick some, then choose what to do."))
        return redirect("hosts:drift-list")
    if verb == "overwrite":
        return _overwritten(request, rows)
    return _adopted(request, rows)


@require_POST
@staff("hosts.view_hostfile")
def look(request: HttpRequest) -> HttpResponse:
    """Look at one host's files again, or at those of every host that has some."""
    hosts = Host.objects.visible_to(person(request)).speakable().filter(files__isnull=False).distinct()
    if request.POST.get("host", "").isdecimal():
        hosts = hosts.filter(pk=request.POST["host"])
    found = list(hosts.order_by("name").values_list("pk", flat=True)[:MOST_LOOKED_AT])
    for pk in found:
        look_for_drift.delay_on_commit(pk)
    said = ngettext("Looking at the files of %(n)d host.", "Looking at the files of %(n)d hosts.", len(found))
    messages.info(request, said % {"n": len(found)} if found else _("There is no host to look at."))
    return redirect(back_to(request, "hosts:drift-list"))


def _adopted(request: HttpRequest, rows: list[HostFile]) -> HttpResponse:
    done = 0
    for row in rows:
        try:
            drift.adopt(row, by=actor(request))
            done += 1
        except Explainable as error:
            messages.error(request, words_of(error))
    if done:
        said = ngettext("%(n)d file is looked after as it is.", "%(n)d files are looked after as they are.", done)
        messages.success(request, said % {"n": done})
    return redirect("hosts:drift-list")


def _overwritten(request: HttpRequest, rows: list[HostFile]) -> HttpResponse:
    try:
        made = _planned(rows, actor(request))
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect(back_to(request, "hosts:drift-list"))
    return redirect(made)


@transaction.atomic
def _planned(rows: list[HostFile], by: Actor) -> Change | Rollout:
    made = plan_overwrite(rows, by=by)
    for change in [made] if isinstance(made, Change) else made.changes.order_by("pk"):
        compare_change.delay_on_commit(change.pk)
    return made


def _drifted(request: HttpRequest) -> QuerySet[HostFile]:
    rows: Any = HostFile.objects.visible_to(person(request)).drifted()
    found: QuerySet[HostFile] = rows.select_related("host__organization", "managed_file", "change")
    return found


def _row(request: HttpRequest, pk: int) -> HostFile:
    rows = HostFile.objects.visible_to(person(request)).select_related(
        "host__organization", "managed_file", "content", "live_content", "change__applied_by"
    )
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404(_("There is no such file under management, or it belongs to another organization."))
    return row
