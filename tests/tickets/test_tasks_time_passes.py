"""What happens because time passes, by the tasks that beat wakes."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app
from hosts.services.audit import PANEL
from tests.tickets import rows
from tickets.facts.verbs import NewEntry
from tickets.models import OutgoingMail, StoredFile, Ticket
from tickets.models.stored import lay_down, place_of
from tickets.services import state, thread, work
from tickets.services.files import keep, sweep
from tickets.tasks.time_passes import close_resolved, sweep_promises

pytestmark = pytest.mark.django_db


def late(ticket: Ticket, **fields) -> Ticket:
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    return ticket


def test_tickets_whose_time_has_run_out_are_marked_and_told_of_once() -> None:
    now = timezone.now()
    agent = rows.agent()
    by_hand, by_sla, first, fine, done = (rows.ticket(agent_id=agent.pk) for _ in range(5))
    late(by_hand, due_at=now - timedelta(minutes=1), sla_due_at=now + timedelta(days=1))
    late(by_sla, sla_due_at=now - timedelta(minutes=1))
    late(first, first_response_due_at=now - timedelta(minutes=1))
    late(fine, due_at=now + timedelta(days=1), sla_due_at=now - timedelta(minutes=1))
    late(done, sla_due_at=now - timedelta(minutes=1))
    state.resolve(done, by=PANEL)
    sweep_promises()
    sweep_promises()
    assert set(Ticket.objects.filter(is_overdue=True)) == {by_hand, by_sla, first}
    assert OutgoingMail.objects.filter(kind="ticket.overdue", agent=agent).count() == 3
    assert by_sla.events.filter(kind="overdue").count() == 1


def test_an_answer_in_time_keeps_the_first_promise() -> None:
    ticket, agent = rows.ticket(), rows.agent()
    thread.post_reply(ticket, NewEntry(text="Hello"), by=rows.by(agent), agent=agent)
    late(ticket, first_response_due_at=timezone.now() - timedelta(minutes=1))
    sweep_promises()
    assert not Ticket.objects.get(pk=ticket.pk).is_overdue


def test_a_late_first_answer_ends_what_was_overdue_unless_the_end_is_late_too() -> None:
    agent, (first, both) = rows.agent(), rows.tickets(2)
    gone = timezone.now() - timedelta(minutes=1)
    late(first, first_response_due_at=gone)
    late(both, first_response_due_at=gone, sla_due_at=gone)
    sweep_promises()
    for ticket in (first, both):
        assert Ticket.objects.get(pk=ticket.pk).is_overdue
        thread.post_reply(ticket, NewEntry(text="Sorry"), by=rows.by(agent), agent=agent)
    assert [Ticket.objects.get(pk=one.pk).is_overdue for one in (first, both)] == [False, True]


def test_tasks_are_late_too() -> None:
    agent = rows.agent()
    task = work.add_task(rows.ticket(), "Look", agent=agent, due_at=timezone.now() - timedelta(minutes=1), by=PANEL)
    sweep_promises()
    sweep_promises()
    task.refresh_from_db()
    assert task.is_overdue
    assert OutgoingMail.objects.filter(kind="task.overdue.alert", agent=agent).count() == 1


def test_a_resolved_ticket_is_closed_by_the_task() -> None:
    ticket = rows.ticket()
    state.resolve(ticket, by=PANEL)
    late(ticket, resolved_at=timezone.now() - timedelta(days=8))
    close_resolved()
    assert Ticket.objects.get(pk=ticket.pk).state == "closed"


def test_old_files_that_nothing_points_at_go_and_all_others_stay(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path
    now = timezone.now()
    used, unused, fresh = (keep(f"{name}.txt", "text/plain", [name.encode()]) for name in ("used", "unused", "fresh"))
    rows.ticket(entry=NewEntry(text="x", attachments=(used,)))
    bare, _ = lay_down([b"bytes without a row"])
    for digest in (used.sha256, unused.sha256, bare):
        os.utime(place_of(digest), (0, 0))
    StoredFile.objects.exclude(pk=fresh.sha256).update(created_at=now - timedelta(days=2))
    assert sweep(now) == 2
    assert [place_of(one).exists() for one in (used.sha256, unused.sha256, bare, fresh.sha256)] == [
        True,
        False,
        False,
        True,
    ]
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {used.sha256, fresh.sha256}


def test_beat_wakes_every_sweep_by_a_name_that_exists() -> None:
    app.loader.import_default_modules()
    named = {each["task"] for each in app.conf.beat_schedule.values()}
    assert {
        "tickets.sweep_promises",
        "tickets.close_resolved",
        "tickets.sweep_webhooks",
        "tickets.sweep_files",
    } <= named
    assert named <= set(app.tasks)
