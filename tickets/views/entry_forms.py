"""An entry in; the dialogs in which it is edited, or a ticket split from it, out. Each comes when it is opened."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hosts.views.shell import fragment, person
from tickets.choices import Permission
from tickets.services import access
from tickets.views.desk import desk, ticket_of


@require_safe
@desk
def edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Its words, to be changed."""
    return _dialog(request, number, pk, Permission.EDIT_THREAD, "tickets/_edit_entry.html")


@require_safe
@desk
def split(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """The subject of the ticket that is to begin with it."""
    return _dialog(request, number, pk, Permission.MERGE, "tickets/_split_entry.html")


def _dialog(request: HttpRequest, number: str, pk: int, permission: Permission, template: str) -> HttpResponse:
    shown = ticket_of(request, number)
    entry = get_object_or_404(shown.entries.all(), pk=pk)
    if permission not in access.permissions(person(request), shown):
        raise PermissionDenied
    return fragment(request, template, {"ticket": shown, "entry": entry})
