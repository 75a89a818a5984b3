"""Every step of a ticket from state to state: what it asks for, what it brings, and what comes back."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from hosts.errors import NotAllowed, WrongState
from hosts.services.audit import PANEL
from tests.tickets import rows
from tickets.choices import TicketState
from tickets.models import HelpTopic, OutgoingMail, Ticket
from tickets.rules.states import event_of, is_way
from tickets.services import state
from tickets.services.house import desk, first_status

pytestmark = pytest.mark.django_db


def put(ticket: Ticket, where: TicketState) -> Ticket:
    now = timezone.now()
    Ticket.objects.filter(pk=ticket.pk).update(
        state=where, status=first_status(where), resolved_at=None if where == TicketState.OPEN else now
    )
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.parametrize(("before", "after"), list(product(TicketState, TicketState)), ids=lambda one: one.value)
def test_every_step_is_made_or_refused_with_the_ticket_left_as_it_was(before: TicketState, after: TicketState) -> None:
    ticket = put(rows.ticket(), before)
    if is_way(before, after):
        assert state.set_status(ticket, first_status(after), by=PANEL).state == after
        assert ticket.events.order_by("pk").last().kind == (event_of(before, after) if before != after else "created")
        return
    with pytest.raises(WrongState):
        state.set_status(ticket, first_status(after), by=PANEL)
    assert Ticket.objects.get(pk=ticket.pk).state == before


def test_resolving_ends_the_promise_tells_the_owner_and_keeps_who_did_it() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    Ticket.objects.filter(pk=ticket.pk).update(is_overdue=True)
    done = state.resolve(ticket, by=rows.by(agent))
    assert (done.is_overdue, done.agent, done.closed_at) == (False, agent, None)
    assert done.resolved_at is not None
    assert OutgoingMail.objects.filter(kind="ticket.resolved", contact=ticket.contact).count() == 1


def test_the_desk_can_ask_for_a_topic_before_a_ticket_is_done() -> None:
    settings = desk()
    settings.needs_topic_to_close = True
    settings.save()
    ticket = rows.ticket()
    with pytest.raises(WrongState, match="no help topic"):
        state.close(ticket, by=PANEL)
    Ticket.objects.filter(pk=ticket.pk).update(topic=HelpTopic.objects.create(name="Disks"))
    assert state.close(ticket, by=PANEL).state == TicketState.CLOSED


def test_an_open_task_keeps_a_ticket_open_and_a_finished_one_does_not() -> None:
    ticket = rows.ticket()
    task = ticket.tasks.create(title="Look", department=ticket.department)
    with pytest.raises(WrongState, match="open tasks"):
        state.resolve(ticket, by=PANEL)
    task.closed_at = timezone.now()
    task.save()
    assert state.resolve(ticket, by=PANEL).state == TicketState.RESOLVED


@pytest.mark.parametrize(("verb", "right"), [(state.resolve, "Resolve"), (state.delete, "Delete")])
def test_each_step_needs_its_right(verb, right: str) -> None:
    ticket, agent = rows.ticket(), rows.agent(role="Limited access")
    with pytest.raises(NotAllowed, match=right):
        verb(ticket, by=rows.by(agent))
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.OPEN


def test_a_deleted_ticket_comes_back_as_it_was() -> None:
    ticket = rows.ticket()
    state.resolve(ticket, by=PANEL)
    deleted = state.delete(ticket, by=PANEL)
    assert deleted.deleted_at is not None
    back = state.restore(ticket, by=PANEL)
    assert (back.state, back.deleted_at) == (TicketState.RESOLVED, None)
    with pytest.raises(WrongState, match="not deleted"):
        state.restore(ticket, by=PANEL)


def test_resolved_tickets_are_closed_after_the_days_that_the_desk_waits() -> None:
    now = timezone.now()
    old, fresh, opened = rows.tickets(3)
    for ticket in (old, fresh):
        state.resolve(ticket, by=PANEL)
    Ticket.objects.filter(pk=old.pk).update(resolved_at=now - timedelta(days=7, minutes=1))
    assert state.close_resolved_due(now) == 1
    assert state.close_resolved_due(now) == 0
    assert [Ticket.objects.get(pk=one.pk).state for one in (old, fresh, opened)] == ["closed", "resolved", "open"]


def test_a_desk_that_waits_no_days_leaves_tickets_resolved() -> None:
    settings = desk()
    settings.close_after_days = 0
    settings.save()
    ticket = rows.ticket()
    state.resolve(ticket, by=PANEL)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=timezone.now() - timedelta(days=900))
    assert state.close_resolved_due(timezone.now()) == 0


def test_one_that_was_opened_again_between_the_look_and_the_close_stays_open() -> None:
    ticket = rows.ticket()
    state.resolve(ticket, by=PANEL)
    state.reopen(ticket, by=PANEL)
    assert not state.close_resolved(ticket, timezone.now() + timedelta(days=30))


def test_a_reopened_ticket_lets_go_of_a_cause_that_has_another_open_ticket() -> None:
    first = rows.ticket(cause_key="crash:7")
    state.close(first, by=PANEL)
    second = rows.ticket(cause_key="crash:7")
    assert second != first
    assert state.reopen(first, by=PANEL).cause_key == ""
    assert Ticket.objects.get(pk=second.pk).cause_key == "crash:7"


def test_the_answered_mark_can_be_set_by_hand() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    assert state.mark_answered(ticket, is_answered=True, by=rows.by(agent)).is_answered
    with pytest.raises(NotAllowed):
        state.mark_answered(ticket, is_answered=False, by=rows.by(rows.agent(role="View only")))
