"""What is typed after a "/" or an "@" in; canned responses that fit, one in this ticket's words, or colleagues, out."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from hosts.permissions import actor
from hosts.views.shell import fragment, person
from tickets.services import canned
from tickets.services.mentions import offered
from tickets.views.desk import desk, ticket_of

MOST_OFFERED = 12


@require_safe
@desk
def listed(request: HttpRequest, number: str) -> HttpResponse:
    """Titles that fit, with the beginning of each text."""
    ticket = ticket_of(request, number)
    rows = canned.canned_for(person(request), ticket).prefetch_related("attached")
    for word in request.GET.get("q", "").split():
        rows = rows.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return fragment(request, "tickets/_canned.html", {"ticket": ticket, "rows": list(rows[:MOST_OFFERED])})


@require_safe
@desk
def filled(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One of them as plain text, with its variables filled in for this ticket."""
    ticket = ticket_of(request, number)
    row = get_object_or_404(canned.canned_for(person(request), ticket), pk=pk)
    text = canned.filled_for(row, ticket, by=actor(request))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@desk
def mentions(request: HttpRequest, number: str) -> HttpResponse:
    """Colleagues who see the ticket and fit what is typed behind an "@"."""
    ticket = ticket_of(request, number)
    found = offered(ticket, request.GET.get("q", "")[:60], MOST_OFFERED)
    return fragment(request, "tickets/_mentions.html", {"found": found})
