"""Where a ticket stands: open, resolved, closed, archived, deleted; and what each step asks for and brings."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import PANEL, Actor
from tickets.choices import EventKind, MailKind, Permission, TicketState
from tickets.models import Agent, Draft, Status, Task, Ticket
from tickets.models.seeded import seeded_words
from tickets.rules.states import event_of, is_way
from tickets.services import access, assign, mail_out, promises
from tickets.services.book import happened
from tickets.services.hold import hold
from tickets.services.house import desk, first_status

DONE = (TicketState.RESOLVED, TicketState.CLOSED)


@transaction.atomic
def set_status(ticket: Ticket, status: Status, *, by: Actor) -> Ticket:
    """Give the ticket a status and with it the status's state. WrongState where there is no way, or where a task is
    still open or the help topic that the desk asks for is missing.
    """
    ticket = hold(ticket)
    set_status_held(ticket, status, by=by)
    return ticket


def resolve(ticket: Ticket, *, by: Actor) -> Ticket:
    """It is done, as far as the desk can see. The customer is told and may open it again by answering."""
    return set_status(ticket, first_status(TicketState.RESOLVED), by=by)


def close(ticket: Ticket, *, by: Actor) -> Ticket:
    """It is over."""
    return set_status(ticket, first_status(TicketState.CLOSED), by=by)


def archive(ticket: Ticket, *, by: Actor) -> Ticket:
    """Put a finished ticket away."""
    return set_status(ticket, first_status(TicketState.ARCHIVED), by=by)


def reopen(ticket: Ticket, *, by: Actor) -> Ticket:
    """Somebody waits for it again."""
    return set_status(ticket, first_status(TicketState.OPEN), by=by)


def delete(ticket: Ticket, *, by: Actor) -> Ticket:
    """Take it out of every list. Everything in it is kept; `restore` brings it back."""
    return set_status(ticket, first_status(TicketState.DELETED), by=by)


@transaction.atomic
def restore(ticket: Ticket, *, by: Actor) -> Ticket:
    """Bring a deleted ticket back into the state that it was in."""
    ticket = hold(ticket, even_deleted=True)
    access.require(by, ticket, Permission.DELETE)
    if ticket.state != TicketState.DELETED:
        raise WrongState(words(gettext_noop("Ticket %(number)s is not deleted."), number=ticket.number))
    before = (
        TicketState.CLOSED if ticket.closed_at else TicketState.RESOLVED if ticket.resolved_at else TicketState.OPEN
    )
    ticket.status, ticket.state, ticket.deleted_at = first_status(before), before, None
    _free_cause(ticket)
    ticket.save(update_fields=["status", "state", "deleted_at", "cause_key"])
    happened(ticket, EventKind.RESTORED, by=by, status=ticket.status.name)
    return ticket


@transaction.atomic
def mark_answered(ticket: Ticket, *, is_answered: bool, by: Actor) -> Ticket:
    """Say by hand whether the last word is ours."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.MARK_ANSWERED)
    if ticket.is_answered != is_answered:
        ticket.is_answered = is_answered
        ticket.save(update_fields=["is_answered"])
        happened(ticket, EventKind.EDITED, by=by, changes={"answered": [str(not is_answered), str(is_answered)]})
    return ticket


def to_close(now: datetime, most: int = 200) -> list[int]:
    """Keys of resolved tickets that nobody answered for as many days as the desk waits."""
    days = desk().close_after_days
    if not days:
        return []
    rows = Ticket.objects.filter(state=TicketState.RESOLVED, resolved_at__lte=now - timedelta(days=days))
    return list(rows.order_by("resolved_at").values_list("pk", flat=True)[:most])


@transaction.atomic
def close_resolved(ticket: Ticket, now: datetime) -> bool:
    """Close one of them; False where it was opened again or closed in the meantime."""
    ticket = hold(ticket, even_deleted=True)
    days = desk().close_after_days
    late = now - timedelta(days=days)
    if not days or ticket.state != TicketState.RESOLVED or ticket.resolved_at is None or ticket.resolved_at > late:
        return False
    set_status_held(ticket, first_status(TicketState.CLOSED), by=PANEL)
    return True


def close_resolved_due(now: datetime) -> int:
    """Close all that are due, each in its own transaction; how many."""
    return sum(close_resolved(Ticket(pk=pk), now) for pk in to_close(now))


def set_status_held(ticket: Ticket, status: Status, *, by: Actor, tells: bool = True) -> None:
    """`set_status` for verbs that hold the ticket. Without `tells` the verb's own mail says that it is resolved."""
    before = ticket.state
    deletes = status.state == TicketState.DELETED
    access.require(by, ticket, Permission.DELETE if deletes else Permission.CLOSE)
    if status.pk == ticket.status_id:
        return
    if not is_way(before, status.state):
        raise WrongState(
            words(
                gettext_noop("Ticket %(number)s cannot go from “%(before)s” to “%(after)s”. It was left as it is."),
                number=ticket.number,
                before=seeded_words(ticket.status.name),
                after=seeded_words(status.name),
            )
        )
    if ticket.merged_into_id is not None and status.state == TicketState.OPEN:
        raise WrongState(
            words(
                gettext_noop("Ticket %(number)s was merged into another one. Take it out there before you open it."),
                number=ticket.number,
            )
        )
    if before == TicketState.OPEN and status.state in DONE:
        _check_done(ticket)
    ticket.status, ticket.state = status, status.state
    _enter(ticket, before, by)
    happened(ticket, event_of(before, status.state), by=by, status=status.name)
    if tells and status.state == TicketState.RESOLVED and before != status.state:
        mail_out.tell(MailKind.TICKET_RESOLVED, ticket, by=by)


def reopen_held(ticket: Ticket, *, by: Actor) -> None:
    """The customer answered a finished ticket: it opens again, and goes to who answered last where they are there."""
    before = ticket.state
    ticket.status, ticket.state = first_status(TicketState.OPEN), TicketState.OPEN
    _enter(ticket, before, by)
    happened(ticket, EventKind.REOPENED, by=by, status=ticket.status.name)
    best = next((one for one in (ticket.last_respondent, ticket.agent) if one and _is_there(one, ticket)), None)
    if best is not None and best.pk != ticket.agent_id:
        assign.give(ticket, agent=best, by=PANEL)
    elif best is None and ticket.agent is not None:
        ticket.agent = None
        ticket.save(update_fields=["agent"])
        happened(ticket, EventKind.RELEASED, by=PANEL)


def _enter(ticket: Ticket, before: str, by: Actor) -> None:
    """The times and flags that a new state brings; saved."""
    now = timezone.now()
    after = ticket.state
    if after == TicketState.OPEN and before != TicketState.OPEN:
        ticket.resolved_at = ticket.closed_at = None
        ticket.reopened_at, ticket.is_answered = now, False
        promises.promise(ticket, now)
        _free_cause(ticket)
    elif after in DONE and before != after:
        ticket.resolved_at = ticket.resolved_at or now
        ticket.closed_at = now if after == TicketState.CLOSED else None
        ticket.is_overdue = False
        if ticket.agent is None:
            ticket.agent = access.agent_of(by.user)
        Draft.objects.filter(ticket=ticket).delete()
    elif after == TicketState.DELETED:
        ticket.deleted_at = now
    ticket.active_at = now
    ticket.save()


def _check_done(ticket: Ticket) -> None:
    tasks = Task.objects.filter(Q(ticket=ticket) | Q(ticket__merged_into=ticket), closed_at=None).count()
    if tasks:
        raise WrongState(
            words(
                gettext_noop(
                    "Ticket %(number)s has %(count)s open tasks. It was left as it is; finish the tasks first."
                ),
                number=ticket.number,
                count=tasks,
            )
        )
    if ticket.topic_id is None and desk().needs_topic_to_close:
        raise WrongState(
            words(
                gettext_noop("Ticket %(number)s has no help topic yet. It was left as it is; choose a topic first."),
                number=ticket.number,
            )
        )


def _free_cause(ticket: Ticket) -> None:
    """Where another open ticket has taken over the cause, this one lets go of it: there is one for each."""
    others = Ticket.objects.open().filter(cause_key=ticket.cause_key).exclude(pk=ticket.pk)
    if ticket.cause_key and ticket.state == TicketState.OPEN and others.exists():
        ticket.cause_key = ""


def _is_there(agent: Agent, ticket: Ticket) -> bool:
    is_at_work = agent.user.is_active and not agent.is_on_vacation
    return is_at_work and (agent.user.is_superuser or access.works_in(agent, ticket.department_id))
