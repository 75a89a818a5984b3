"""What was sent from a composer in; one verb, the worker that carries the mails woken, and the thread again out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import person
from tickets.choices import TicketState
from tickets.facts.verbs import NewEntry, NewFile
from tickets.forms.writing import FORWARD, NOTE, WritingForm
from tickets.models import Agent, Entry, Status, Ticket
from tickets.services import assign, canned, files, thread
from tickets.services.house import first_status
from tickets.tasks import send
from tickets.views.desk import agent_of, desk, ticket_of
from tickets.views.rail import choices
from tickets.views.ticket import ticket_page


@require_POST
@desk
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Send an answer, keep a note or forward an entry; status and agent go with it or nothing does."""
    ticket = ticket_of(request, number)
    agent = agent_of(request.user)
    if agent is None:
        raise PermissionDenied(_("Only an agent can write in a ticket."))
    form = WritingForm(request.POST, request.FILES, ticket=ticket, agent=agent, choices=choices())
    if form.is_valid():
        try:
            entry = _written(request, ticket, agent, form.cleaned_data)
        except Explainable as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, words_of(error))
        else:
            messages.success(request, _said(form.cleaned_data["kind"]))
            query = request.GET.get("from", "")
            return redirect(f"{ticket.get_absolute_url()}{_from(query)}#entry-{entry.pk}")
    return ticket_page(request, ticket, form, status=422)


@require_POST
@desk
def edit_entry(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Put other words in the place of an entry's; the old ones are kept."""
    ticket = ticket_of(request, number)
    entry = get_object_or_404(ticket.entries.select_related("ticket"), pk=pk)
    try:
        thread.edit_entry(entry, request.POST.get("text", ""), by=actor(request))
    except Explainable as error:
        messages.error(request, words_of(error))
    return redirect(f"{ticket.get_absolute_url()}#entry-{entry.pk}")


def _written(request: HttpRequest, ticket: Ticket, agent: Agent, typed: dict[str, Any]) -> Entry:
    """The verb that the tab stands for. Bytes of files are on disk before the transaction; a refusal leaves no row."""
    by = actor(request)
    of_canned = canned.files_for(typed["canned"], ticket, person(request)) if typed["canned"] else ()
    kept = (*(keep_upload(file) for file in typed["attachments"]), *of_canned)
    status = _status(request, typed)
    with transaction.atomic():
        if typed["kind"] == FORWARD:
            entry = thread.forward_entry(
                _forwarded(ticket, typed["entry"]),
                tuple(typed["to"]),
                typed["text"],
                by=by,
                agent=agent,
                attachments=kept,
                status=status,
            )
        elif typed["kind"] == NOTE:
            entry = thread.post_note(ticket, _new(typed, kept), by=by, agent=agent, status=status)
        else:
            goes = {"to": typed["goes_to"] or thread.TO_ALL, "signature": typed["signature"]}
            entry = thread.post_reply(ticket, _new(typed, kept), by=by, agent=agent, status=status, **goes)
        if typed["agent"] is not None and typed["kind"] != FORWARD:
            assign.assign(ticket, agent=typed["agent"], by=by)
        send.wake()
    return entry


def keep_upload(file: UploadedFile[Any]) -> NewFile:
    """An uploaded file with its bytes on disk, piece by piece."""
    return files.keep(file.name or "file", file.content_type or "", file.chunks())


def _new(typed: dict[str, Any], kept: tuple[NewFile, ...]) -> NewEntry:
    text = typed["text"].replace("\r\n", "\n").strip("\n")
    return NewEntry(
        text=text, attachments=kept, minutes_spent=typed["minutes"] or 0, reply_to_id=typed["entry"] or None
    )


def _status(request: HttpRequest, typed: dict[str, Any]) -> Status | None:
    if request.POST.get("and") == "resolve":
        return first_status(TicketState.RESOLVED)
    chosen: Status | None = typed["status"]
    return chosen


def _forwarded(ticket: Ticket, pk: int | None) -> Entry:
    entries = ticket.entries.select_related("ticket")
    return get_object_or_404(entries, pk=pk) if pk else entries.latest("pk")


def _said(kind: str) -> str:
    if kind == NOTE:
        return _("The note is kept.")
    return _("Forwarded.") if kind == FORWARD else _("The answer is on its way.")


def _from(query: str) -> str:
    return f"?{urlencode({'from': query})}" if query else ""
