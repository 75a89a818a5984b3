"""The query string in; the list of hosts, its CSV, and what is done with the selected ones out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from hosts.choices import HostState
from hosts.forms.host_list import HostListForm
from hosts.models import Host, SavedFilter, User
from hosts.permissions import actor
from hosts.services import facts, fleet
from hosts.tasks import read_facts
from hosts.views.keyset import keyset_page
from hosts.views.shell import page, person, staff
from hosts.views.sorting import heads, order_of, with_values

PAGE = "hosts"
PAGE_SIZE = 50
COLUMNS = (
    ("state", gettext_lazy("State")),
    ("address", gettext_lazy("Address")),
    ("roles", gettext_lazy("Roles")),
    ("organization", gettext_lazy("Organization")),
    ("site", gettext_lazy("Site")),
    ("system", gettext_lazy("System")),
    ("findings", gettext_lazy("Findings")),
    ("drift", gettext_lazy("Drift")),
    ("seen", gettext_lazy("Last seen")),
)
COUNTS = ("findings_count", "drifted_count")
SORTS = ("name", "state", "site", "os_name", *COUNTS)
HEADINGS = (
    *("name", "address", "port", "user", "sudo", "state", "since", "last seen", "roles", "tags", "organization"),
    *("site", "system", "kernel", "reboot pending", "findings", "drifted files", "maintenance", "notes"),
)
MOST_IN_A_QUERY_STRING = 400


@require_safe
@staff("hosts.view_host")
def listed(request: HttpRequest) -> HttpResponse:
    """The hosts that fit the filter, a page of them."""
    user = person(request)
    form = HostListForm(request.GET, user=user)
    hosts = form.narrowed(Host.objects.visible_to(user))
    column, descending = order_of(request.GET, SORTS, "name")
    rows = hosts.select_related("organization").prefetch_related("role_rows", "tags")
    shown = keyset_page(
        rows,
        column,
        descending=descending,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
        size=PAGE_SIZE,
    )
    chips = list(form.chips())
    total = hosts.count()
    context = {
        "form": form,
        "columns": COLUMNS,
        "filter_fields": [form[name] for name in ("state", "role", "site", "organization", "tag")],
        "filter_switches": [form[name] for name in ("reboot", "drifted", "findings", "maintenance")],
        "shown": shown,
        "chips": chips,
        "total": total,
        "is_fresh": not total and not chips and not Host.objects.visible_to(user).exists(),
        "saved": _saved(user),
        "sorts": heads(request.GET, SORTS, column, descending=descending, falls_first=COUNTS),
        "older": with_values(request.GET, after=shown.after),
        "newer": with_values(request.GET, before=shown.before),
        "export": f"{reverse('hosts:host-export')}?{form.kept_query}",
    }
    return page(request, "hosts/host_list.html", context, title=_("Hosts"))


@require_safe
@staff("hosts.view_host")
def exported(request: HttpRequest) -> StreamingHttpResponse:
    """Every host that fits the filter as CSV (RFC 4180, UTF-8), to be read by people and by spreadsheets."""
    user = person(request)
    hosts = HostListForm(request.GET, user=user).narrowed(Host.objects.visible_to(user)).order_by("name")
    name = f"hosts-{timezone.localdate().isoformat()}.csv"
    answer = StreamingHttpResponse(_csv_lines(hosts), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@staff("hosts.view_host")
def selected(request: HttpRequest) -> HttpResponse:
    """Do something with the selected hosts, or with all that fit the filter."""
    user = person(request)
    query = QueryDict(request.POST.get("query", ""))
    back = f"{reverse('hosts:host-list')}?{query.urlencode()}".rstrip("?")
    hosts: QuerySet[Host] = Host.objects.visible_to(user)
    if request.POST.get("all"):
        hosts = HostListForm(query, user=user).narrowed(hosts)
    else:
        hosts = hosts.filter(pk__in=[pk for pk in request.POST.getlist("host") if pk.isdecimal()])
    chosen = list(hosts.order_by("name"))
    if not chosen:
        messages.warning(request, _("No host was selected. Tick some, then choose what to do."))
        return redirect(back)
    return _do(request, request.POST.get("do", ""), chosen) or redirect(back)


def _do(request: HttpRequest, verb: str, chosen: list[Host]) -> HttpResponse | None:
    """One of the bulk actions; a page to go to, or None for back to the list."""
    if verb == "change":
        if len(chosen) > MOST_IN_A_QUERY_STRING:
            words = _("Open a change takes up to %(most)d selected hosts. Choose more of them there, by tag or role.")
            messages.warning(request, words % {"most": MOST_IN_A_QUERY_STRING})
            return None
        return redirect(f"{reverse('hosts:change-new')}?{urlencode([('host', host.pk) for host in chosen])}")
    if verb == "facts":
        _ask_facts(request, chosen)
    elif verb in ("maintenance-on", "maintenance-off"):
        _set_maintenance(request, chosen, is_on=verb == "maintenance-on")
    return None


def _ask_facts(request: HttpRequest, chosen: list[Host]) -> None:
    speakable = [host for host in chosen if may_be_asked(host)]
    with transaction.atomic():
        for host in speakable:
            facts.ask_for_facts(host, by=actor(request))
            read_facts.delay_on_commit(host.pk)
    said = ngettext("Reading the facts of %(n)d host.", "Reading the facts of %(n)d hosts.", len(speakable))
    messages.info(request, said % {"n": len(speakable)})
    if left := len(chosen) - len(speakable):
        said = ngettext(
            "%(n)d host was left out: it has no accepted key or no credential.",
            "%(n)d hosts were left out: they have no accepted key or no credential.",
            left,
        )
        messages.warning(request, said % {"n": left})


def _set_maintenance(request: HttpRequest, chosen: list[Host], *, is_on: bool) -> None:
    if not request.user.has_perm("hosts.change_host"):
        raise PermissionDenied
    with transaction.atomic():
        for host in chosen:
            fleet.set_maintenance(host, is_on=is_on, by=actor(request))
    if is_on:
        said = ngettext("%(n)d host is in maintenance now.", "%(n)d hosts are in maintenance now.", len(chosen))
    else:
        said = ngettext("%(n)d host is looked after again.", "%(n)d hosts are looked after again.", len(chosen))
    messages.success(request, said % {"n": len(chosen)})


def may_be_asked(host: Host) -> bool:
    """Whether a worker can speak to the host: a key was accepted and a credential is set."""
    return host.state in (HostState.REACHABLE, HostState.UNREACHABLE) and host.credential_id is not None


def _saved(user: User) -> list[SavedFilter]:
    rows = SavedFilter.objects.filter(page=PAGE).filter(Q(user=user) | Q(is_shared=True))
    return list(rows.select_related("user").order_by("name")[:50])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(hosts: QuerySet[Host]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEADINGS)
    rows = hosts.select_related("organization").prefetch_related("role_rows", "tags")
    for host in rows.iterator(chunk_size=500):
        yield writer.writerow([_safe(value) for value in _csv_row(host)])


def _csv_row(host: Host) -> list[object]:
    return [
        host.name,
        host.address,
        host.port,
        host.username,
        "yes" if host.use_sudo else "no",
        host.state,
        host.state_since.isoformat(timespec="seconds") if host.state_since else "",
        host.last_seen_at.isoformat(timespec="seconds") if host.last_seen_at else "",
        " ".join(host.roles),
        " ".join(tag.name for tag in host.tags.all()),
        host.organization.name if host.organization else "",
        host.site,
        host.os_name,
        host.kernel,
        "yes" if host.needs_reboot else "no",
        host.findings_count,
        host.drifted_count,
        "yes" if host.is_in_maintenance else "no",
        host.notes,
    ]


def _safe(value: object) -> object:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
