"""Findings about servers, networks, relays and what logs say: the list, and the buttons that mend."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from dhcp.models import Problem, Server
from dhcp.services.checks import problems_for
from dhcp.services.editing import ToConfirm
from dhcp.services.mending import mend as write_mend
from dhcp.views.mends import with_mends
from dhcp.views.shell import page
from hosts.choices import Severity
from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.keyset import keyset_page
from hosts.views.shell import back_to, person, staff

SIZE = 50
SOURCES = {
    "preflight": gettext_lazy("Configuration"),
    "picture": gettext_lazy("Servers and relays together"),
    "log": gettext_lazy("Logs"),
}


@require_safe
@staff("dhcp.view_problem")
def listed(request: HttpRequest) -> HttpResponse:
    """The gravest first; narrowed by severity, by where they come from, by server, by words."""
    user = person(request)
    said = request.GET
    severity = said.get("severity", "") if said.get("severity", "") in Severity.values else ""
    source = said.get("source", "") if said.get("source", "") in SOURCES else ""
    server = int(said["server"]) if said.get("server", "").isdecimal() else None
    find = said.get("q", "").strip()
    rows = problems_for(user).order_by()
    rows = rows.filter(severity=severity) if severity else rows
    rows = rows.filter(source=source) if source else rows
    rows = rows.filter(server=server) if server else rows
    for word in find.split():
        rows = rows.filter(Q(subject__icontains=word) | Q(place_name__icontains=word) | Q(rule__icontains=word))
    shown = keyset_page(
        rows, "rank", descending=False, before=said.get("before", ""), after=said.get("after", ""), size=SIZE
    )
    query = said.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    context = {
        "problems": with_mends(shown.rows),
        "shown": shown,
        "query": query.urlencode(),
        "severity": severity,
        "source": source,
        "server_pk": server,
        "find": find,
        "severities": Severity.choices,
        "sources": SOURCES.items(),
        "servers": list(Server.objects.visible_to(user).select_related("host").order_by("host__name", "version")[:200]),
        "is_narrowed": bool(severity or source or server or find),
    }
    return page(request, "dhcp/problems.html", context, title=_("Findings"), here="problems")


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
