"""What was typed into the command palette in; hosts, changes and managed files that fit out."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from hosts.models import Change, Host, ManagedFile, User

MOST_OF_A_KIND = 8


def found(request: HttpRequest, search_term: str) -> list[SearchResult]:
    """Best first: a change by its number, hosts by name, address, site or tag, changes by title, files by name.

    Other apps add their own through PALETTE_PROVIDERS, behind these.
    """
    user, term = request.user, search_term.strip()
    if not isinstance(user, User) or not user.is_staff or not term:
        return []
    results = [*_actions(user, term)]
    if user.has_perm("hosts.view_change"):
        results += _change_by_number(user, term.lstrip("#"))
    if user.has_perm("hosts.view_host"):
        results += _hosts(user, term)
    if user.has_perm("hosts.view_change"):
        results += _changes(user, term)
    if user.has_perm("hosts.view_managedfile"):
        results += _managed_files(user, term)
    for path in settings.PALETTE_PROVIDERS:
        results += import_string(path)(request, term)
    return results


def _actions(user: User, term: str) -> list[SearchResult]:
    known = (
        (_("Add a host"), "hosts:host-new", "add_circle", "hosts.add_host"),
        (_("Import hosts"), "hosts:host-import", "upload", "hosts.add_host"),
        (_("Open a change"), "hosts:change-new", "difference", "hosts.plan_change"),
    )
    return [
        SearchResult(title=title, description=_("Action"), link=reverse(name), icon=icon)
        for title, name, icon, permission in known
        if term.lower() in title.lower() and user.has_perm(permission)
    ]


def _change_by_number(user: User, term: str) -> list[SearchResult]:
    if not term.isdecimal() or len(term) > 15:
        return []
    return [_change(row) for row in Change.objects.visible_to(user).filter(pk=int(term)).select_related("host")]


def _hosts(user: User, term: str) -> list[SearchResult]:
    fits = (
        Q(name__icontains=term)
        | Q(address__icontains=term)
        | Q(site__iexact=term)
        | Q(tags__name__iexact=term)
        | Q(notes__icontains=term)
    )
    hosts = Host.objects.visible_to(user).filter(fits).distinct().order_by("name")[:MOST_OF_A_KIND]
    return [
        SearchResult(
            title=host.name,
            description=f"{host.address} · {host.get_state_display()}",
            link=host.get_absolute_url(),
            icon="dns",
        )
        for host in hosts
    ]


def _changes(user: User, term: str) -> list[SearchResult]:
    fits = Q(title__icontains=term) | Q(reference__iexact=term)
    changes = Change.objects.visible_to(user).filter(fits).select_related("host").order_by("-id")
    return [_change(row) for row in changes[:MOST_OF_A_KIND]]


def _change(row: Change) -> SearchResult:
    return SearchResult(
        title=str(row),
        description=f"{row.host.name} · {row.get_state_display()}",
        link=row.get_absolute_url(),
        icon="difference",
    )


def _managed_files(user: User, term: str) -> list[SearchResult]:
    fits = Q(name__icontains=term) | Q(path__icontains=term)
    files = ManagedFile.objects.visible_to(user).filter(fits).order_by("name")[:MOST_OF_A_KIND]
    return [
        SearchResult(title=row.name, description=row.path, link=row.get_absolute_url(), icon="description")
        for row in files
    ]
