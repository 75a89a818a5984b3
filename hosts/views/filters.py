"""A name and a query string in; a saved filter kept or forgotten, and the list again out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.models import SavedFilter
from hosts.permissions import actor
from hosts.services.filters import delete_filter, save_filter
from hosts.views.shell import back_to, person, staff

LISTS = {
    "hosts": "hosts:host-list",
    "changes": "hosts:change-list",
    "files": "hosts:managed-file-list",
    "drift": "hosts:drift-list",
    **settings.FILTERED_LISTS,
}
"""Other apps name theirs in settings, because a lower app imports no upper one."""


@require_POST
@staff()
def save(request: HttpRequest) -> HttpResponse:
    """Keep what is filtered under a name; the list is shown again as it was."""
    of = request.POST.get("page", "")
    if of not in LISTS:
        return redirect("hosts:dashboard")
    name, query = request.POST.get("name", ""), request.POST.get("query", "")
    try:
        row = save_filter(of, name, query, is_shared=bool(request.POST.get("shared")), by=actor(request))
    except Explainable as error:
        messages.error(request, words_of(error))
    else:
        messages.success(request, _("The filter “%(name)s” is kept.") % {"name": row.name})
    return redirect(back_to(request, LISTS[of]))


@require_POST
@staff()
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a filter of one's own."""
    row = get_object_or_404(SavedFilter, pk=pk, user=person(request))
    delete_filter(row, by=actor(request))
    messages.success(request, _("The filter “%(name)s” is gone.") % {"name": row.name})
    return redirect(back_to(request, LISTS.get(row.page, "hosts:dashboard")))
