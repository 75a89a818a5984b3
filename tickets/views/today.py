"""Who asks in; what the desk adds to the page of today out. Named in settings, because that page is a lower app's."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from hosts.models import User
from tickets.choices import IncomingState, MailboxState, OutgoingState, TicketState
from tickets.models import IncomingMail, Mailbox, OutgoingMail, Ticket
from tickets.services import queues
from tickets.views.desk import works_at_desk

LINES_SHOWN = 6


def needs(request: HttpRequest) -> str:
    """The card of the desk as HTML; nothing for people who do not work there."""
    user = request.user
    if not isinstance(user, User) or not works_at_desk(user):
        return ""
    tickets = Ticket.objects.visible_to(user).select_related("status", "contact").prefetch_related("contact__addresses")
    open_ones = tickets.filter(state=TicketState.OPEN)
    values: dict[str, Any] = {
        "counts": queues.counts(user),
        "late": list(open_ones.filter(is_overdue=True).order_by("sla_due_at", "id")[:LINES_SHOWN]),
        "unassigned": list(
            open_ones.filter(agent=None, team=None, is_overdue=False).order_by("-active_at")[:LINES_SHOWN]
        ),
        "exists": tickets.exists(),
    }
    if user.has_perm("tickets.view_mailbox"):
        values["failing"] = list(Mailbox.objects.filter(state=MailboxState.FAILING, is_active=True)[:LINES_SHOWN])
        values["held"] = IncomingMail.objects.filter(state=IncomingState.QUARANTINED).order_by()[:100].count()
        stuck = OutgoingMail.objects.filter(state__in=(OutgoingState.FAILED, OutgoingState.BOUNCED))
        values["stuck"] = stuck.order_by()[:100].count()
    return render_to_string("tickets/_today.html", values, request)
