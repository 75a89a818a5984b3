"""A host's number in; its page with its tabs (overview, changes, files, …, and those that other apps add) out."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hosts.choices import HostKeyState, HostState
from hosts.errors import UnreadableFacts
from hosts.facts.report import HostReport
from hosts.models import Change, FactsRecord, Host, HostKey
from hosts.rules import fact_changes
from hosts.views.host_list import may_be_asked
from hosts.views.keyset import keyset_page
from hosts.views.shell import Crumb, fragment, page, person, staff
from hosts.views.tabs import added_tabs
from hosts.views.timeline import timeline

CHANGES_SHOWN = 8
RECORDS_SHOWN = 30
LONG_WAIT = timedelta(minutes=1)
TABS = (
    ("overview", "hosts:host-detail", gettext_lazy("Overview"), "hosts.view_host"),
    ("changes", "hosts:host-changes", gettext_lazy("Changes"), "hosts.view_change"),
    ("files", "hosts:host-files", gettext_lazy("Files"), "hosts.view_hostfile"),
    ("network", "hosts:host-network", gettext_lazy("Network"), "hosts.view_factsrecord"),
    ("history", "hosts:host-history", gettext_lazy("History"), "hosts.view_factsrecord"),
)


class Tab(NamedTuple):
    """A tab as its page draws it; `waiting` counts what waits in it."""

    key: str
    url: str
    title: Any
    waiting: int


class KeyPair(NamedTuple):
    """What a host shows now, and what was accepted before (None at the first contact)."""

    offered: HostKey
    accepted: HostKey | None


@require_safe
@staff("hosts.view_host")
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """Is this host all right, and what is it?"""
    host = host_of(request, pk)
    sees_facts = request.user.has_perm("hosts.view_factsrecord")
    record = latest_facts(host) if sees_facts else None
    changes: list[Change] = []
    if request.user.has_perm("hosts.view_change"):
        changes = list(host.changes.select_related("planned_by", "host").order_by("-id")[:CHANGES_SHOWN])
    context = {
        "record": record,
        "report": report_of(record),
        "changes": changes,
        "timeline": timeline(host, person(request)),
        "open_changes": [change for change in changes if not change.has_ended],
    }
    return _tab(request, host, "overview", context)


@require_safe
@staff("hosts.view_host", "hosts.view_change")
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Every change of the host, the newest first."""
    host = host_of(request, pk)
    rows = host.changes.select_related("planned_by", "rollout")
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    shown = keyset_page(rows, "pk", descending=True, before=before, after=after)
    return _tab(request, host, "changes", {"shown": shown})


@require_safe
@staff("hosts.view_host", "hosts.view_hostfile")
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """What the panel put on the host, and whether it still lies there."""
    host = host_of(request, pk)
    rows = host.files.select_related("managed_file", "change").defer("live_content")
    shown = keyset_page(rows, "path", descending=False, after=request.GET.get("after", ""), size=200)
    return _tab(request, host, "files", {"shown": shown, "now": reverse("hosts:host-files", args=[pk])})


@require_safe
@staff("hosts.view_host", "hosts.view_factsrecord")
def network(request: HttpRequest, pk: int) -> HttpResponse:
    """Ports, virtual functions and links, as the facts know them."""
    host = host_of(request, pk)
    record = latest_facts(host)
    return _tab(request, host, "network", {"record": record, "report": report_of(record)})


@require_safe
@staff("hosts.view_host", "hosts.view_factsrecord")
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """How the facts changed, and what differs between any two states of them."""
    host = host_of(request, pk)
    records = host.facts_records.defer("report", "findings", "damage").order_by("-last_at")
    listed = list(islice(records[: RECORDS_SHOWN + 1], RECORDS_SHOWN))
    older, newer = _two(host.facts_records.all(), request, listed)
    differences = None
    if older and newer:
        differences = fact_changes.between(report_of(older) or HostReport(), report_of(newer) or HostReport())
    context = {"records": listed, "older": older, "newer": newer, "differences": differences}
    return _tab(request, host, "history", context)


@require_safe
@staff("hosts.view_host")
def added(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What another app knows of the host."""
    host = host_of(request, pk)
    tab = next((tab for tab in added_tabs(request) if tab.key == key), None)
    if tab is None:
        raise Http404
    return _tab(request, host, key, {"added": tab.shown(request, host)}, template="hosts/host_added.html")


@require_safe
@staff("hosts.view_host")
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The host in five lines, for a card that opens over a link to it."""
    return fragment(request, "hosts/_host_card.html", {"host": host_of(request, pk)})


@require_safe
@staff("hosts.view_host")
def live_state(request: HttpRequest, pk: int) -> HttpResponse:
    """The host's state while something is under way; at its end the page is loaded again once."""
    host = host_of(request, pk)
    if is_under_way(host):
        return fragment(request, "hosts/_host_waiting.html", {"host": host, "waits_long": waits_long(host)})
    answer = HttpResponse(status=204)
    answer["HX-Refresh"] = "true"
    return answer


def host_of(request: HttpRequest, pk: int) -> Host:
    """The host, if the person may see it; 404 otherwise."""
    hosts = Host.objects.visible_to(person(request)).select_related("organization", "credential", "jump_host")
    return get_object_or_404(hosts.prefetch_related("role_rows", "tags"), pk=pk)


def latest_facts(host: Host) -> FactsRecord | None:
    """The newest state of the host's facts."""
    return host.facts_records.order_by("-last_at").first()


def report_of(record: FactsRecord | None) -> HostReport | None:
    """The facts as values; None where there are none or they cannot be read (any more)."""
    if record is None:
        return None
    try:
        return HostReport.from_json(record.report)
    except UnreadableFacts:
        return None


def key_pairs(host: Host) -> list[KeyPair]:
    """The keys that wait for an answer, each beside the accepted one of its type, or any accepted one."""
    keys = list(host.keys.order_by("key_type", "-seen_at"))
    accepted = [key for key in keys if key.state == HostKeyState.ACCEPTED]
    by_type = {key.key_type: key for key in accepted}
    any_of_them = accepted[0] if accepted else None
    return [KeyPair(key, by_type.get(key.key_type, any_of_them)) for key in keys if key.state == HostKeyState.OFFERED]


def is_under_way(host: Host) -> bool:
    """Whether a worker is about to find something out: the facts that were asked for, or the first keys."""
    return host.facts_asked_at is not None or (host.state == HostState.NEW and not host.state_why)


def waits_long(host: Host) -> bool:
    """Whether no worker has taken it up for a minute, so that somebody should see whether one is running."""
    since = host.facts_asked_at or host.state_since
    return since is not None and timezone.now() - since > LONG_WAIT


def _tab(request: HttpRequest, host: Host, name: str, context: dict[str, Any], *, template: str = "") -> HttpResponse:
    """A tab of the host page, under the head that all tabs share."""
    tabs = [*_own_tabs(request, host), *_added_tabs(request, host)]
    head = {
        "host": host,
        "tab": name,
        "tabs": tabs,
        "key_pairs": key_pairs(host) if host.state in (HostState.KEY_CHANGED, HostState.KEY_OFFERED) else [],
        "is_under_way": is_under_way(host),
        "waits_long": waits_long(host),
        "may_be_asked": may_be_asked(host),
    }
    crumbs: tuple[Crumb, ...] = (Crumb(_("Hosts"), reverse("hosts:host-list")),)
    if name != "overview":
        crumbs = (*crumbs, Crumb(host.name, host.get_absolute_url()))
    title = host.name if name == "overview" else next(str(tab.title) for tab in tabs if tab.key == name)
    return page(request, template or f"hosts/host_{name}.html", {**head, **context}, title=title, crumbs=crumbs)


def _own_tabs(request: HttpRequest, host: Host) -> list[Tab]:
    drifted = host.drifted_count
    return [
        Tab(key, reverse(url, args=[host.pk]), title, drifted if key == "files" else 0)
        for key, url, title, may in TABS
        if _may(request, may)
    ]


def _added_tabs(request: HttpRequest, host: Host) -> list[Tab]:
    return [
        Tab(one.key, reverse("hosts:host-added", args=[host.pk, one.key]), one.title, one.count(request, host))
        for one in added_tabs(request)
    ]


def _may(request: HttpRequest, permission: str) -> bool:
    return request.user.has_perm(permission)


def _two(
    records: QuerySet[FactsRecord], request: HttpRequest, listed: list[FactsRecord]
) -> tuple[FactsRecord | None, FactsRecord | None]:
    """The two states to compare, the older first: those that were chosen, otherwise the newest and the one before."""
    asked = [request.GET.get("from", ""), request.GET.get("to", "")]
    keys = [key for key in asked if key.isdecimal() and len(key) < 19] or [str(row.pk) for row in listed[:2]]
    chosen = sorted(records.filter(pk__in=keys), key=lambda record: record.first_at)
    return (chosen[0], chosen[-1]) if len(chosen) == 2 else (None, None)
