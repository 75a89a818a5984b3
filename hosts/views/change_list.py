"""The query string in; the list of changes, its CSV, and what is decided of the selected ones out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hosts.choices import ChangeState, Source
from hosts.errors import Explainable
from hosts.forms.change_list import ChangeListForm
from hosts.forms.refusals import words_of
from hosts.models import Change, SavedFilter, User
from hosts.permissions import actor
from hosts.services import changes
from hosts.tasks import apply_change
from hosts.views.change_offers import NEEDS
from hosts.views.keyset import keyset_page
from hosts.views.shell import page, person, staff
from hosts.views.sorting import heads, order_of, with_values

PAGE_SIZE = 50
MOST_COUNTED = 1_000
MOST_SELECTED = 500
COLUMNS = (
    *("number", "host", "title", "state", "made by", "reference", "rollout", "planned by", "planned at"),
    *("approved by", "approved at", "applied by", "finished at", "outcome"),
)
SORTS = ("pk", "title", "state")
COUNTED = (
    ChangeState.COMPARED,
    ChangeState.APPROVED,
    ChangeState.PLANNED,
    ChangeState.QUEUED,
    ChangeState.APPLYING,
    ChangeState.LOST,
)


@require_safe
@staff("hosts.view_change")
def listed(request: HttpRequest) -> HttpResponse:
    """The changes that fit, newest first, a page of them."""
    user = person(request)
    form = ChangeListForm(request.GET, user=user)
    visible = Change.objects.visible_to(user)
    column, descending = order_of(request.GET, SORTS, "-pk")
    shown = keyset_page(
        form.narrowed(visible).select_related("host", "planned_by", "rollout"),
        column,
        descending=descending,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    chips = list(form.chips())
    context = {
        "form": form,
        "shown": shown,
        "chips": chips,
        "tabs": list(form.tabs(_counts(visible))),
        "is_fresh": not shown.rows and not chips and not form.view_now and not visible.exists(),
        "sorts": heads(request.GET, SORTS, column, descending=descending, falls_first=("pk",)),
        "older": with_values(request.GET, after=shown.after),
        "newer": with_values(request.GET, before=shown.before),
        "export": f"{reverse('hosts:change-export')}?{form.kept_query}",
        "states": ChangeState.choices,
        "sources": Source.choices,
        "saved": list(_saved(user)),
        "kept_query": form.kept_query,
    }
    return page(request, "hosts/change_list.html", context, title=_("Changes"))


@require_safe
@staff("hosts.view_change")
def exported(request: HttpRequest) -> StreamingHttpResponse | HttpResponse:
    """Every change that fits as CSV (RFC 4180, UTF-8)."""
    user = person(request)
    rows = ChangeListForm(request.GET, user=user).narrowed(Change.objects.visible_to(user)).order_by("-pk")
    answer = StreamingHttpResponse(_csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="changes-{timezone.localdate().isoformat()}.csv"'
    return answer


@require_POST
@staff("hosts.view_change")
def selected(request: HttpRequest) -> HttpResponse:
    """Approve, apply or discard the selected changes. Each is decided by itself; what was refused is said."""
    verb = request.POST.get("do", "")
    if verb not in VERBS or not request.user.has_perms(NEEDS[verb]):
        raise PermissionDenied
    pks = [pk for pk in request.POST.getlist("change") if pk.isdecimal()][:MOST_SELECTED]
    done, refused = 0, []
    for change in Change.objects.visible_to(person(request)).filter(pk__in=pks).order_by("pk"):
        try:
            with transaction.atomic():
                after = VERBS[verb](change, by=actor(request))
                if after.state == ChangeState.QUEUED:
                    apply_change.delay_on_commit(after.pk)
        except Explainable as error:
            refused.append(words_of(error))
        else:
            done += 1
    if done:
        said = ngettext("%(n)d change: done.", "%(n)d changes: done.", done)
        messages.success(request, said % {"n": done})
    for words in refused[:5]:
        messages.error(request, words)
    if not done and not refused:
        messages.warning(request, _("No change was selected. Tick some, then choose what to do."))
    return redirect(f"{reverse('hosts:change-list')}?{QueryDict(request.POST.get('query', '')).urlencode()}")


VERBS: dict[str, Any] = {
    "approve": changes.approve_change,
    "apply": changes.queue_change,
    "discard": changes.discard_change,
}


def _counts(visible: QuerySet[Change]) -> dict[str, int]:
    """How many wait in the states that stay small, looked up by index and bounded."""
    open_states = visible.filter(state__in=COUNTED).order_by().values_list("state", flat=True)
    return Counter(open_states[:MOST_COUNTED])


def _saved(user: User) -> QuerySet[SavedFilter]:
    rows = SavedFilter.objects.filter(page="changes").filter(Q(user=user) | Q(is_shared=True))
    return rows.select_related("user").order_by("name")[:30]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(rows: QuerySet[Change]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    people = ("planned_by", "approved_by", "applied_by")
    for change in rows.select_related("host", *people).iterator(chunk_size=500):
        yield writer.writerow([_cell(value) for value in _csv_row(change)])


def _csv_row(change: Change) -> list[object]:
    return [
        change.pk,
        change.host.name,
        change.title,
        change.state,
        change.source,
        change.reference,
        change.rollout_id or "",
        change.planned_by,
        change.planned_at.isoformat(timespec="seconds"),
        change.approved_by or "",
        change.approved_at.isoformat(timespec="seconds") if change.approved_at else "",
        change.applied_by or "",
        change.finished_at.isoformat(timespec="seconds") if change.finished_at else "",
        change.outcome_why,
    ]


def _cell(value: object) -> object:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    text = value if isinstance(value, int) else str(value)
    return f"'{text}" if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
