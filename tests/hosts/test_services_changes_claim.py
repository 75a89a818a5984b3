"""Which worker has a change: claimed once, postponed, taken over, looked up."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, connections
from django.utils import timezone

from hosts.choices import ChangeState, StepName
from hosts.errors import WrongState
from hosts.facts.change import Outcome, OutputEvent
from hosts.models import Change
from hosts.rules.protocol import Progress
from hosts.services import changes
from hosts.services.changes.claim import LAST_TRY, SILENT_AFTER
from tests import make

pytestmark = pytest.mark.django_db


def test_a_queued_change_is_taken_once():
    change = make.change(state=ChangeState.QUEUED)
    assert changes.claim_change(change.pk, claim=uuid.uuid4()).state == ChangeState.APPLYING
    assert changes.claim_change(change.pk, claim=uuid.uuid4()) is None


def test_a_host_has_one_change_on_its_way():
    host = make.host()
    make.change(host, ChangeState.APPLYING)
    waiting = make.change(host, ChangeState.QUEUED)
    assert changes.claim_change(waiting.pk, claim=uuid.uuid4()) is None
    waiting.refresh_from_db()
    assert waiting.state == ChangeState.QUEUED


def test_a_change_of_unknown_outcome_keeps_its_host_busy():
    host = make.host()
    make.change(host, ChangeState.LOST)
    assert changes.claim_change(make.change(host, ChangeState.QUEUED).pk, claim=uuid.uuid4()) is None


def test_a_postponed_change_waits_for_its_time():
    change = make.change(state=ChangeState.QUEUED, next_try_at=timezone.now() + SILENT_AFTER)
    assert changes.claim_change(change.pk, claim=uuid.uuid4()) is None


def test_back_off_grows_and_ends_in_words():
    change = make.change(state=ChangeState.QUEUED)
    waits = []
    for _ in range(LAST_TRY):
        Change.objects.filter(pk=change.pk).update(next_try_at=None)
        taken = changes.claim_change(change.pk, claim=uuid.uuid4())
        refused = changes.postpone_change(taken, why="No route.")
        change.refresh_from_db()
        if refused is None:
            waits.append(round((change.next_try_at - timezone.now()).total_seconds()))
    assert waits == sorted(waits)
    assert len(waits) == LAST_TRY - 1
    assert (change.state, change.outcome_step) == (ChangeState.REFUSED, StepName.CONNECT)
    assert "Nothing was changed" in change.outcome_why


def test_taking_back_forgets_why_the_last_try_failed():
    change = make.change(state=ChangeState.QUEUED, outcome_why="No route.", next_try_at=timezone.now())
    taken = changes.take_back_change(change, by=make.actor())
    assert (taken.outcome_why, taken.next_try_at) == ("", None)


def test_a_silent_worker_is_replaced_and_can_record_nothing_more():
    change = make.change(state=ChangeState.QUEUED)
    first = changes.claim_change(change.pk, claim=uuid.uuid4())
    assert changes.find_again(change.pk, claim=uuid.uuid4()) is None
    Change.objects.filter(pk=change.pk).update(heartbeat_at=timezone.now() - SILENT_AFTER * 2)
    second = changes.find_again(change.pk, claim=uuid.uuid4())
    assert second.claim != first.claim
    assert changes.touch_changes([first.claim]) == 0
    assert changes.record_progress(first, Progress(), [OutputEvent("late\n", 1.0)]) is False
    assert changes.record_outcome(first, Outcome(ChangeState.FAILED), Progress()) is None
    assert changes.postpone_change(first, why="late") is None
    assert changes.touch_changes([first.claim, second.claim]) == 1
    assert changes.record_outcome(second, Outcome(ChangeState.APPLIED), Progress()).state == ChangeState.APPLIED
    assert not change.log_lines.exists()


def test_a_worker_that_ends_leaves_its_change_to_the_next_at_once():
    change = make.change(state=ChangeState.QUEUED)
    first = changes.claim_change(change.pk, claim=uuid.uuid4())
    assert changes.let_go_changes([first.claim]) == 1
    second = changes.find_again(change.pk, claim=uuid.uuid4())
    assert second.claim != first.claim
    assert changes.let_go_changes([first.claim]) == 0
    assert changes.find_again(change.pk, claim=uuid.uuid4()) is None


def test_a_lost_change_is_looked_up_after_a_while():
    change = make.change(state=ChangeState.QUEUED)
    taken = changes.claim_change(change.pk, claim=uuid.uuid4())
    changes.note_lost(taken, why="The line broke.")
    change.refresh_from_db()
    assert change.state == ChangeState.LOST
    assert changes.find_again(change.pk, claim=uuid.uuid4()) is None
    Change.objects.filter(pk=change.pk).update(heartbeat_at=timezone.now() - SILENT_AFTER * 2)
    assert changes.find_again(change.pk, claim=uuid.uuid4()).state == ChangeState.APPLYING


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["one change", "two changes of one host"])
def test_of_many_workers_at_once_one_gets_it(what):
    host = make.host()
    count = 1 if what == "one change" else 2
    ids = [make.change(host, ChangeState.QUEUED).pk for _ in range(count)]
    start, taken = threading.Barrier(6), []

    def worker(number: int) -> None:
        start.wait(10)
        try:
            if changes.claim_change(ids[number % count], claim=uuid.uuid4()):
                taken.append(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 1
    assert Change.objects.filter(state=ChangeState.APPLYING).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_approves_and_the_other_is_told():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time anyway; this needs DATABASE_URL to name a PostgreSQL")
    change = make.change(state=ChangeState.COMPARED)
    people = [make.admin(), make.admin()]
    start, said = threading.Barrier(2), []

    def decide(person) -> None:
        start.wait(10)
        try:
            changes.approve_change(change, by=make.actor(person))
            said.append("approved")
        except WrongState:
            said.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["approved", "told"]
