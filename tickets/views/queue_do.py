"""The selected tickets of a queue and a verb in; each done or refused on its own, and the queue again, out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.services.fleet import tag_of
from hosts.views.shell import person
from tickets.forms.properties import GivingForm, StatusForm, TransferForm, tag_names
from tickets.models import Ticket
from tickets.services import assign, edits, state
from tickets.tasks import send
from tickets.views.desk import agent_of, desk
from tickets.views.queue_rows import rows_of
from tickets.views.rail import due_of
from tickets.views.verbs import checked, give

MOST_AT_ONCE = 500
HEADINGS = (
    *("number", "subject", "from", "address", "organization", "department", "topic", "status", "priority", "agent"),
    *("team", "tags", "source", "opened", "last activity", "due", "overdue", "answered", "minutes spent"),
)
Verb = Callable[[Ticket], object]


@require_POST
@desk
def selected(request: HttpRequest) -> HttpResponse:
    """Do something with the selected tickets. One that is refused does not hold up the others."""
    user = person(request)
    query = QueryDict(request.POST.get("query", ""))
    back = f"{reverse('tickets:queue')}?{query.urlencode()}".rstrip("?")
    numbers = request.POST.getlist("ticket")[:MOST_AT_ONCE]
    chosen = list(Ticket.objects.visible_to(user).filter(number__in=numbers).order_by("pk"))
    if not chosen:
        messages.warning(request, _("No ticket was selected. Tick some, then choose what to do."))
        return redirect(back)
    try:
        verb = _verb(request)
    except Explainable as error:
        messages.error(request, words_of(error))
        return redirect(back)
    if verb is not None:
        _each(request, chosen, verb)
    return redirect(back)


def _each(request: HttpRequest, chosen: list[Ticket], verb: Verb) -> None:
    refused: Counter[str] = Counter()
    for ticket in chosen:
        try:
            with transaction.atomic():
                verb(ticket)
                send.wake()
        except Explainable as error:
            refused[words_of(error)] += 1
    if done := len(chosen) - refused.total():
        said = ngettext("Done for %(n)d ticket.", "Done for %(n)d tickets.", done)
        messages.success(request, said % {"n": done})
    for why, count in refused.most_common(5):
        said = ngettext(
            "%(n)d ticket was left as it is: %(why)s", "%(n)d tickets were left as they are: %(why)s", count
        )
        messages.error(request, said % {"n": count, "why": why})


def _verb(request: HttpRequest) -> Verb | None:
    """What is to be done with each; None where nothing is named."""
    by, wanted = actor(request), request.POST.get("do", "")
    agent = agent_of(request.user)
    if wanted == "claim" and agent is not None:
        return partial(assign.claim, agent=agent, by=by)
    if wanted == "assign":
        form = checked(GivingForm(request.POST))
        return lambda ticket: give(request, ticket, agent=form.cleaned_data["agent"], team=form.cleaned_data["team"])
    if wanted == "transfer":
        department = checked(TransferForm(request.POST)).cleaned_data["department"]
        return partial(assign.transfer, department=department, by=by)
    if wanted == "status":
        return partial(state.set_status, status=checked(StatusForm(request.POST)).cleaned_data["status"], by=by)
    if wanted == "tags":
        added = [tag_of(name) for name in tag_names(request.POST.get("tags", ""))]
        return lambda ticket: edits.set_labels(ticket, tags=[*ticket.tags.all(), *added], by=by)
    return None


@require_safe
@desk
def exported(request: HttpRequest) -> StreamingHttpResponse:
    """Every ticket of the queue as CSV (RFC 4180, UTF-8), to be read by people and by spreadsheets."""
    rows = rows_of(person(request), request.GET)
    name = f"tickets-{timezone.localdate().isoformat()}.csv"
    answer = StreamingHttpResponse(_csv_lines(rows.tickets), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _csv_lines(rows: QuerySet[Ticket]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(HEADINGS)
    found = Ticket.objects.filter(pk__in=rows.values("pk")).shown_whole().order_by("-id")
    for ticket in found.iterator(chunk_size=500):
        yield writer.writerow([_safe(value) for value in _csv_row(ticket)])


def _csv_row(ticket: Ticket) -> list[object]:
    due = due_of(ticket)
    return [
        ticket.number,
        ticket.subject,
        ticket.contact.name,
        ticket.contact.email,
        str(ticket.organization or ""),
        str(ticket.department),
        str(ticket.topic or ""),
        str(ticket.status),
        str(ticket.priority),
        str(ticket.agent or ""),
        str(ticket.team or ""),
        " ".join(tag.name for tag in ticket.tags.all()),
        ticket.source,
        ticket.created_at.isoformat(timespec="seconds"),
        ticket.active_at.isoformat(timespec="seconds"),
        due.isoformat(timespec="seconds") if due else "",
        "yes" if ticket.is_overdue else "no",
        "yes" if ticket.is_answered else "no",
        ticket.minutes_spent,
    ]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _safe(value: object) -> object:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
