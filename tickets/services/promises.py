"""What was promised on a ticket: which SLA holds, when its times are over, and who is told when they are."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from hosts.services.audit import PANEL
from tickets.choices import EventKind, MailKind, TicketState
from tickets.models import Customer, Department, DeskSettings, HelpTopic, Sla, Ticket
from tickets.rules.sla import due
from tickets.services import mail_out
from tickets.services.book import happened
from tickets.services.hold import hold


def sla_for(
    topic: HelpTopic | None, department: Department, customer: Customer | None, settings: DeskSettings
) -> Sla | None:
    """The first that is active of: the topic's, the customer's, the department's, the desk's."""
    for holder in (topic, customer, department, settings):
        if holder is not None and holder.sla is not None and holder.sla.is_active:
            return holder.sla
    return None


def promise(ticket: Ticket, start: datetime) -> None:
    """Set the due times by the ticket's SLA, counted from `start`. Not saved. A date set by hand stays."""
    sla = ticket.sla
    schedule = (sla.schedule or ticket.department.schedule) if sla is not None else None
    hours = schedule.facts() if schedule is not None else None
    first, whole = (sla.first_response_minutes, sla.resolve_minutes) if sla is not None else (None, None)
    if ticket.first_response_at is None:
        ticket.first_response_due_at = due(start, first, hours) if first is not None else None
    ticket.sla_due_at = due(start, whole, hours) if whole is not None else None
    ticket.is_overdue = ticket.is_overdue and is_late(ticket, start)


def newly_late(now: datetime, most: int = 200) -> list[int]:
    """Keys of open tickets whose time has run out and that are not marked so."""
    late = (
        Q(due_at__lte=now)
        | Q(due_at=None, sla_due_at__lte=now)
        | Q(first_response_at=None, first_response_due_at__lte=now)
    )
    rows = Ticket.objects.filter(state=TicketState.OPEN, is_overdue=False).filter(late)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def mark_overdue(ticket: Ticket, now: datetime) -> bool:
    """Mark one ticket and tell whom the matrix names; False where somebody was faster or answered in time."""
    ticket = hold(ticket, even_deleted=True)
    if ticket.state != TicketState.OPEN or ticket.is_overdue or not is_late(ticket, now):
        return False
    ticket.is_overdue = True
    ticket.save(update_fields=["is_overdue"])
    happened(ticket, EventKind.OVERDUE, by=PANEL)
    if ticket.sla is None or ticket.sla.alerts_when_overdue:
        mail_out.tell(MailKind.OVERDUE_ALERT, ticket, by=PANEL)
    return True


def is_late(ticket: Ticket, now: datetime) -> bool:
    """Whether a time that was promised, or set by hand, has passed."""
    whole = ticket.due_at or ticket.sla_due_at
    if whole is not None and whole <= now:
        return True
    first = ticket.first_response_due_at
    return ticket.first_response_at is None and first is not None and first <= now
