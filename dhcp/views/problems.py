"""Findings about servers, networks, relays and what logs say: the list, and the buttons that mend."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dhcp.models import Problem, Server
from dhcp.models.traffic import ProblemQuerySet
from dhcp.services.checks import problems_for
from dhcp.services.editing import ToConfirm
from dhcp.services.mending import mend as write_mend
from dhcp.views.lists import Echo, cell
from dhcp.views.mends import with_mends
from dhcp.views.shell import page
from hosts.choices import Severity
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import User
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import back_to, person, staff
from hosts.views.sorting import counted, heads, order_of, with_values

SIZE = 50
SORTS = ("rank", "found_at")
HEADINGS = (
    *("severity", "finding", "why", "what to do", "subject", "at", "where", "from", "rule", "found", "last seen"),
)
SOURCES = {
    "preflight": gettext_lazy("Configuration"),
    "picture": gettext_lazy("Servers and relays together"),
    "log": gettext_lazy("Logs"),
}


@require_safe
@staff("dhcp.view_problem")
def listed(request: HttpRequest) -> HttpResponse:
    """The gravest first, or the newest; narrowed by severity, by where they come from, by server, by words."""
    user, said = person(request), request.GET
    asked = _Asked(said)
    rows = asked.narrowed(user)
    column, descending = order_of(said, SORTS, "rank")
    before, after = said.get("before", ""), said.get("after", "")
    shown = keyset_page(rows, column, descending=descending, before=before, after=after, size=SIZE)
    context = {
        "problems": with_mends(shown.rows),
        "shown": shown,
        "total": counted(rows),
        "column": column,
        "sorts": heads(said, SORTS, column, descending=descending, falls_first=("found_at",)),
        "export": f"{reverse('dhcp:problem-export')}?{with_values(said)}",
        "older": with_values(said, after=shown.after),
        "newer": with_values(said, before=shown.before),
        "severity": asked.severity,
        "source": asked.source,
        "server_pk": asked.server,
        "find": asked.find,
        "severities": Severity.choices,
        "sources": SOURCES.items(),
        "servers": list(Server.objects.visible_to(user).select_related("host").order_by("host__name", "version")[:200]),
        "is_narrowed": asked.is_any,
    }
    return page(request, "dhcp/problems.html", context, title=_("Findings"), here="problems")


@require_safe
@staff("dhcp.view_problem")
def exported(request: HttpRequest) -> StreamingHttpResponse:
    """Every finding that fits as CSV (RFC 4180, UTF-8), in the reader's language."""
    rows = _Asked(request.GET).narrowed(person(request))
    answer = StreamingHttpResponse(_csv_lines(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="findings-{timezone.localdate().isoformat()}.csv"'
    return answer


class _Asked:
    """What the query string narrows findings by; what cannot be read is left out of account."""

    def __init__(self, said: QueryDict) -> None:
        self.severity = said.get("severity", "") if said.get("severity", "") in Severity.values else ""
        self.source = said.get("source", "") if said.get("source", "") in SOURCES else ""
        self.server = int(said.get("server", "0")) if said.get("server", "x").isdecimal() else None
        self.find = said.get("q", "").strip()

    @property
    def is_any(self) -> bool:
        """Whether there is anything to narrow by."""
        return bool(self.severity or self.source or self.server or self.find)

    def narrowed(self, user: User) -> ProblemQuerySet:
        """The gravest first."""
        wanted = {"severity": self.severity, "source": self.source, "server": self.server}
        rows = problems_for(user).filter(**{name: value for name, value in wanted.items() if value})
        for word in self.find.split():
            rows = rows.filter(Q(subject__icontains=word) | Q(place_name__icontains=word) | Q(rule__icontains=word))
        return rows


def _csv_lines(rows: ProblemQuerySet) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(HEADINGS)
    for row in rows.iterator(chunk_size=500):
        sentences = [each.words.said_by(_) for each in (row.title, row.why, row.what_to_do)]
        where = f"{row.place_kind} {row.place_name}".strip()
        times = (row.found_at.isoformat(timespec="seconds"), row.seen_at.isoformat(timespec="seconds"))
        values = (row.severity, *sentences, row.subject, str(row.at), where, row.source, row.rule, *times)
        yield writer.writerow([cell(value) for value in values])


@require_POST
@staff("dhcp.view_problem", "dhcp.change_server")
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the finding offers; no host is touched."""
    rows = Problem.objects.visible_to(person(request)).select_related(
        "server__host__organization", "relay__host__organization"
    )
    problem = get_object_or_404(rows, pk=pk)
    try:
        write_mend(problem, by=actor(request), confirmed=request.POST.get("confirmed") == "1")
    except ToConfirm as error:
        messages.warning(request, words_of(error))
    except Explainable as error:
        messages.error(request, words_of(error))
    else:
        messages.success(request, _("It is written. No host was touched: review the changes when you are done."))
    return redirect(back_to(request, "dhcp:problems"))
