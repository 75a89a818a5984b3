"""A ticket's number in; the changes that were made for it, and a way to open one, out."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from hosts.models import Change
from hosts.views.shell import fragment, person
from tickets.views.desk import desk, ticket_of
from tickets.views.references import written_as

MOST = 5


@require_safe
@desk
def made_for(request: HttpRequest, number: str) -> HttpResponse:
    """A card beside the ticket, fetched behind the page; empty for who may neither see nor plan changes."""
    ticket, user = ticket_of(request, number), person(request)
    found: list[Change] = []
    if user.has_perm("hosts.view_change"):
        rows = Change.objects.visible_to(user).filter(reference__in=written_as(ticket.number))
        found = list(rows.select_related("host").order_by("-pk")[: MOST + 1])
    open_url = ""
    if user.has_perm("hosts.plan_change"):
        chosen = [("host", pk) for pk in ticket.hosts.visible_to(user).values_list("pk", flat=True)]
        asked = urlencode([*chosen, ("reference", f"#{ticket.number}")])
        open_url = f"{reverse('hosts:change-new')}?{asked}"
    context = {"ticket": ticket, "changes": found[:MOST], "has_more": len(found) > MOST, "open_url": open_url}
    return fragment(request, "tickets/_changes.html", context)
