"""A ticket's number in; its page, and the small pieces of it that the browser asks for again, out."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hosts.views.shell import fragment, page, person
from tickets.choices import EntryKind
from tickets.forms.writing import WritingForm
from tickets.models import Draft, Ticket
from tickets.services import access, house, machines, viewing
from tickets.views.desk import agent_of, desk, queue_crumb, ticket_of
from tickets.views.machines import known_elsewhere
from tickets.views.neighbours import neighbours
from tickets.views.rail import choices, rail, timers, what_is_there
from tickets.views.thread import line_of, shown_entries, thread_of

SHORT_LINES = 6
MOST_OFFERED = 8


@require_safe
@desk
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """What does this customer need from me?"""
    return ticket_page(request, ticket_of(request, number))


def ticket_page(
    request: HttpRequest, shown: Ticket, form: WritingForm | None = None, *, status: int = 200
) -> HttpResponse:
    """The page of a ticket; with a form that was refused, what was typed is in it."""
    user = person(request)
    agent = agent_of(user)
    read_up_to, viewers = viewing.viewings(shown, agent)
    there = what_is_there(shown, agent)
    thread = thread_of(shown, count=there.entries, read_up_to=read_up_to, everything=request.GET.get("all") == "1")
    has_drafts = agent is not None and "drafts" in there
    drafts = {draft.kind: draft for draft in Draft.objects.filter(ticket=shown, agent=agent)} if has_drafts else {}
    known = choices()
    house.put_names([shown])
    query = request.GET.get("from", "")
    beside = rail(shown, user, there)
    theirs = [host for host, _is_named in beside["machines"]["rows"]]
    context = {
        "ticket": shown,
        "thread": thread,
        "agent": agent,
        "may": dict.fromkeys(access.permissions(user, shown), True),
        "form": form or WritingForm(ticket=shown, agent=agent, choices=known, drafts=drafts),
        "drafts": drafts,
        "choices": known,
        "props_verbs": ("status", "edit", "transfer", "assign"),
        "from_query": query,
        "around": neighbours(user, shown, query),
        "viewers": viewers,
        "pictures": request.GET.get("pictures", ""),
        "known_elsewhere": known_elsewhere(request, shown.organization_id, theirs),
        "follows": agent is not None and any(row.agent_id == agent.pk for row in beside["followers"]),
        **beside,
    }
    if agent and request.method == "GET":
        viewing.look(shown, agent, read_up_to=thread.newest)
    title = _("Ticket %(number)s") % {"number": shown.number}
    return page(request, "tickets/ticket.html", context, title=title, crumbs=(queue_crumb(query),), status=status)


@require_safe
@desk
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """The last words of a ticket, for the side of the queue. Looking at it here does not count as read."""
    shown = ticket_of(request, number)
    lines = [line_of(entry) for entry in shown_entries(shown.entries.order_by("-id"))[:SHORT_LINES]]
    context = {"ticket": shown, "lines": lines[::-1], "timers": timers(shown), "may": {}}
    return fragment(request, "tickets/_preview.html", context)


@require_POST
@desk
def live(request: HttpRequest, number: str) -> HttpResponse:
    """Who else is here, and whether something came since the page was loaded. Says that this agent is here too."""
    shown = ticket_of(request, number)
    agent = agent_of(request.user)
    last = _number(request.POST.get("last", ""))
    if agent:
        viewing.look(shown, agent, is_writing=request.POST.get("writing") == "1")
    fresh = shown.entries.filter(pk__gt=last).exclude(agent=agent) if agent else shown.entries.filter(pk__gt=last)
    context: dict[str, Any] = {
        "ticket": shown,
        "viewers": viewing.viewers(shown, but=agent),
        "fresh": fresh.count(),
        "now": timezone.now(),
        "from_query": request.POST.get("from", ""),
    }
    return fragment(request, "tickets/_viewers.html", context)


@require_safe
@desk
def entry(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """One entry, with its pictures where they were asked for."""
    shown = ticket_of(request, number)
    found = get_object_or_404(shown_entries(shown.entries.all()), pk=pk)
    context = {
        "ticket": shown,
        "lines": [line_of(found)],
        "pictures": str(pk) if request.GET.get("pictures") else "",
        "may": dict.fromkeys(access.permissions(person(request), shown), True),
    }
    return fragment(request, "tickets/_entry.html", context)


@require_safe
@desk
def versions(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """How an entry read before it was edited."""
    shown = ticket_of(request, number)
    found = get_object_or_404(shown.entries.all(), pk=pk)
    rows = list(found.versions.select_related("replaced_by").order_by("-pk"))
    return fragment(request, "tickets/_versions.html", {"ticket": shown, "entry": found, "versions": rows})


@require_safe
@desk
def hosts(request: HttpRequest, number: str) -> HttpResponse:
    """Hosts that the ticket could be about, and whose name or address fits what is typed."""
    shown = ticket_of(request, number)
    rows = machines.hosts_for(shown, person(request)).exclude(pk__in=shown.hosts.values("pk"))
    for word in request.GET.get("q", "").split():
        rows = rows.filter(Q(name__icontains=word) | Q(address__icontains=word))
    found = [(row.name, row.name, row.address) for row in rows.order_by("name")[:MOST_OFFERED]]
    return fragment(request, "tickets/_suggested.html", {"found": found})


@require_POST
@desk
def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Keep what is being typed. An empty text removes the draft."""
    shown = ticket_of(request, number)
    agent, kind = agent_of(request.user), request.POST.get("kind", "")
    if agent is None or kind not in EntryKind.values:
        raise Http404
    viewing.keep_draft(shown, agent, kind, request.POST.get("text", ""))
    return HttpResponse(status=204)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
