"""The change review page: what a change will do, its difference, its steps as they happen, what a person decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hosts.choices import ChangeState
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import Change, ChangeFile, LogLine
from hosts.permissions import actor
from hosts.rules.review import unfolded
from hosts.services import changes
from hosts.services.audit import Actor
from hosts.tasks import apply_change, compare_change
from hosts.views import change_page
from hosts.views.change_files import described, drawn, files_shown, texts
from hosts.views.change_offers import NEEDS
from hosts.views.shell import Crumb, fragment, page, person, staff, wants_fragment

VIEW_COOKIE = "diff-view"
A_YEAR = 365 * 86400
VIEWS = ("unified", "side")


@require_safe
@staff("hosts.view_change")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole page."""
    change = _loaded(request, pk)
    user = person(request)
    view = _view(request)
    files = list(change.files.select_related("wanted_content", "seen_content"))
    context = {
        **change_page.head(change, user),
        **change_page.side(change, files, user),
        **change_page.log(change),
        "files": files_shown(change, files, wide=view == "side"),
        "total_added": sum(file.lines_added for file in files),
        "total_removed": sum(file.lines_removed for file in files),
        "view": view,
        "tab_title": _title(change),
    }
    answer = page(request, "hosts/change.html", context, title=f"#{change.pk}", crumbs=_crumbs(change))
    if request.GET.get("view") in VIEWS:
        answer.set_cookie(VIEW_COOKIE, view, max_age=A_YEAR, samesite="Lax", httponly=True)
    return answer


@require_safe
@staff("hosts.view_change")
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The pieces of the page that differ from what the browser has; 204 where none does."""
    return _live(request, _loaded(request, pk), request.GET)


@require_safe
@staff("hosts.view_change")
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """Older lines of the log, before a number."""
    change = _loaded(request, pk)
    before = request.GET.get("before", "")
    context = change_page.log(change, before=int(before) if before.isdecimal() else 0)
    return fragment(request, "hosts/_change_log.html", {"change": change, **context})


@require_safe
@staff("hosts.view_change")
def log_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole log as a text file."""
    change = _loaded(request, pk)
    rows = LogLine.objects.filter(change=change.pk).order_by("number").values_list("at", "step", "text")
    lines = (f"{at.isoformat(timespec='milliseconds')} {step:<8} {text}\n" for at, step, text in rows.iterator(2000))
    answer = HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="change-{change.pk}.log"'
    return answer


@require_safe
@staff("hosts.view_change")
def file(request: HttpRequest, pk: int, file_pk: int) -> HttpResponse:
    """The difference of one file, or the folded lines `low` to `high` of it."""
    change = _loaded(request, pk)
    row = get_object_or_404(ChangeFile.objects.select_related("wanted_content", "seen_content"), pk=file_pk, change=pk)
    if described(change, row).said:
        raise Http404
    wide = _view(request) == "side"
    low, high = request.GET.get("low", ""), request.GET.get("high", "")
    if low.isdecimal() and high.isdecimal():
        lines: Any = unfolded(*texts(row), row.path, int(low), int(high), wide=wide)
        return fragment(request, "hosts/_diff_lines.html", {"lines": lines, "file": row, "change": change})
    context = {"review": drawn(row, wide=wide), "file": row, "change": change, "view": _view(request)}
    return fragment(request, "hosts/_diff.html", context)


@require_POST
@staff("hosts.view_change")
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One button pressed. What cannot be done is said on the page; nothing is lost by pressing twice."""
    if verb not in VERBS or not request.user.has_perms(NEEDS[verb]):
        raise PermissionDenied
    change = _loaded(request, pk)
    try:
        with transaction.atomic():
            after = VERBS[verb](change, actor(request), request.POST.get("why", "").strip())
            _wake(after)
    except Explainable as error:
        return _refused(request, change, words_of(error))
    if after.pk != change.pk or not wants_fragment(request):
        return _to(request, after)
    return _live(request, _loaded(request, pk), request.POST)


def _approve_and_apply(change: Change, by: Actor) -> Change:
    return changes.queue_change(changes.approve_change(change, by=by), by=by)


VERBS: dict[str, Callable[[Change, Actor, str], Change]] = {
    "approve": lambda change, by, _why: changes.approve_change(change, by=by),
    "approve-apply": lambda change, by, _why: _approve_and_apply(change, by),
    "apply": lambda change, by, _why: changes.queue_change(change, by=by),
    "take-back": lambda change, by, _why: changes.take_back_change(change, by=by),
    "discard": lambda change, by, why: changes.discard_change(change, by=by, why=why),
    "plan-again": lambda change, by, _why: changes.plan_again(change, by=by),
    "put-back": lambda change, by, _why: changes.plan_put_back(change, by=by),
}


def _wake(change: Change) -> None:
    if change.state == ChangeState.PLANNED:
        compare_change.delay_on_commit(change.pk)
    elif change.state == ChangeState.QUEUED:
        apply_change.delay_on_commit(change.pk)


def _live(request: HttpRequest, change: Change, has: Any, *, error: str = "") -> HttpResponse:
    """`has` is what the browser shows: marks of the head and the rail, the last line of the log, the state."""
    context = change_page.head(change, person(request))
    is_head_new = has.get("head") != context["seen_state"]
    is_rail_new = is_head_new or has.get("rail") != context["seen_steps"]
    after = has.get("after", "")
    lines = change_page.log_after(change, int(after)) if after.isdecimal() else []
    if not (is_head_new or is_rail_new or lines or error):
        return HttpResponse(status=204)
    context |= {"is_head_new": is_head_new, "is_rail_new": is_rail_new, "lines": lines, "error": error}
    context["after"] = lines[-1].number if lines else int(after) if after.isdecimal() else 0
    if is_head_new and has.get("state") == ChangeState.PLANNED and change.state != ChangeState.PLANNED:
        files = list(change.files.select_related("wanted_content", "seen_content"))
        view = _view(request)
        context |= {"files": files_shown(change, files, wide=view == "side"), "are_files_new": True, "view": view}
        context |= change_page.side(change, files, person(request))
    context["tab_title"] = _title(change)
    return fragment(request, "hosts/_change_live.html", context)


def _refused(request: HttpRequest, change: Change, why: str) -> HttpResponse:
    if wants_fragment(request):
        return _live(request, _loaded(request, change.pk), request.POST, error=why)
    messages.error(request, why)
    return redirect("hosts:change-detail", change.pk)


def _to(request: HttpRequest, change: Change) -> HttpResponse:
    url = reverse("hosts:change-detail", args=[change.pk])
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _loaded(request: HttpRequest, pk: int) -> Change:
    change = change_page.load_change(person(request), pk)
    if change is None:
        raise Http404(_("There is no change with this number, or it belongs to another organization."))
    return change


def _view(request: HttpRequest) -> str:
    wanted = request.GET.get("view") or request.COOKIES.get(VIEW_COOKIE, "")
    return wanted if wanted in VIEWS else VIEWS[0]


def _title(change: Change) -> str:
    return f"{change.get_state_display()} · #{change.pk} {change.title}"


def _crumbs(change: Change) -> tuple[Crumb, ...]:
    crumbs: tuple[Crumb, ...] = (Crumb(_("Changes"), reverse("hosts:change-list")),)
    if change.rollout:
        crumbs = (*crumbs, Crumb(_("Rollout %(title)s") % {"title": change.rollout}, change.rollout.get_absolute_url()))
    return crumbs
