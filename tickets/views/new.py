"""A request that an agent writes down for somebody in; the ticket of it out."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hosts.errors import Explainable
from hosts.forms.refusals import words_of
from hosts.permissions import actor
from hosts.views.shell import page, person
from tickets.forms.new_ticket import NewTicketForm
from tickets.models import Ticket
from tickets.services import limits, tickets
from tickets.tasks import send
from tickets.views.desk import agent_of, desk, queue_crumb
from tickets.views.writing import keep_upload


@require_http_methods(["GET", "POST"])
@desk
def new(request: HttpRequest) -> HttpResponse:
    """Open a ticket for somebody who called, or came by."""
    form = NewTicketForm(request.POST or None, request.FILES or None, initial=_initial(request), user=person(request))
    if request.method == "POST" and form.is_valid():
        try:
            ticket = _opened(request, form)
        except Explainable as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, words_of(error))
        else:
            messages.success(request, _("Ticket %(number)s is open.") % {"number": ticket.number})
            if (said := limits.over_limit(ticket.contact)) is not None:
                messages.warning(request, said.said_by(gettext))
            return redirect(ticket)
    status = 422 if request.method == "POST" else 200
    return page(
        request, "tickets/new.html", {"form": form}, title=_("New ticket"), crumbs=(queue_crumb(),), status=status
    )


def _opened(request: HttpRequest, form: NewTicketForm) -> Ticket:
    kept = tuple(keep_upload(file) for file in form.cleaned_data["attachments"])
    with transaction.atomic():
        ticket = tickets.open_ticket(form.wanted(kept), by=actor(request))
        send.wake()
    return ticket


def _initial(request: HttpRequest) -> dict[str, object]:
    agent = agent_of(request.user)
    known = {name: request.GET[name] for name in ("email", "name", "subject", "host") if name in request.GET}
    return known | ({"department": agent.department_id} if agent and not known.get("department") else {})
