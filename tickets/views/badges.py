"""A request in, the small number beside an entry of the sidebar out; nothing where there is nothing to do."""

from __future__ import annotations

from django.http import HttpRequest

from hosts.models import User
from tickets.choices import IncomingState, MailboxState
from tickets.models import IncomingMail, Mailbox
from tickets.services import queues
from tickets.views.desk import works_at_desk

MOST_SHOWN = 99


def is_agent(request: HttpRequest) -> bool:
    """Whether the desk's entries are for this person."""
    return works_at_desk(request.user)


def sees_today(request: HttpRequest) -> bool:
    """Whether there is anything on the page of today for this person."""
    return request.user.has_perm("hosts.view_host") or works_at_desk(request.user)


def waiting(request: HttpRequest) -> str:
    """Open tickets that wait for this agent: their own unanswered ones, and those of nobody."""
    user = request.user
    if not isinstance(user, User) or not works_at_desk(user):
        return ""
    return _shown(queues.waiting(user, MOST_SHOWN + 1))


def mail_troubles(request: HttpRequest) -> str:
    """Mails in quarantine and mailboxes that fail."""
    if not request.user.has_perm("tickets.view_incomingmail"):
        return ""
    held = IncomingMail.objects.filter(state=IncomingState.QUARANTINED).order_by()[: MOST_SHOWN + 1].count()
    return _shown(held + Mailbox.objects.filter(state=MailboxState.FAILING, is_active=True).count())


def _shown(count: int) -> str:
    return "" if count == 0 else str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"
