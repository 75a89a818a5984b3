"""Who asks in; what the desk adds to the page of today out. Named in settings, because that page is a lower app's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from hosts.models import User
from hosts.views.pictures import top_of_axis
from tickets.choices import IncomingState, MailboxState, OutgoingState, TicketState
from tickets.models import IncomingMail, Mailbox, OutgoingMail, Ticket
from tickets.services import queues
from tickets.services.trend import DayOfDesk, last_days
from tickets.views.desk import works_at_desk

LINES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Bars:
    """The two bars of a day, in per cent of the picture: where they begin from the left, and how high they are."""

    day: DayOfDesk
    x: float
    second_x: float
    opened_height: float
    solved_height: float

    @property
    def opened_y(self) -> float:
        """Where the first bar begins, from the top."""
        return 100 - self.opened_height

    @property
    def solved_y(self) -> float:
        """Where the second one does."""
        return 100 - self.solved_height


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


def by_day(request: HttpRequest) -> str:
    """Tickets of the last days as a picture; nothing for people who do not work at the desk, or without a ticket."""
    user = request.user
    if not isinstance(user, User) or not works_at_desk(user):
        return ""
    days = last_days(user)
    opened, solved = sum(each.opened for each in days), sum(each.solved for each in days)
    if not opened and not solved:
        return ""
    top = top_of_axis(max(max(each.opened, each.solved) for each in days))
    step = 100 / len(days)
    bars = [
        Bars(each, step * (number + 0.1), step * (number + 0.5), 100 * each.opened / top, 100 * each.solved / top)
        for number, each in enumerate(days)
    ]
    values = {"bars": bars, "top": top, "width": step * 0.38, "opened": opened, "solved": solved}
    return render_to_string("tickets/_days.html", values, request)
