"""What the host says while and after a change is applied, and what comes under management."""

from __future__ import annotations

import uuid

import pytest

from hosts.choices import ChangeState, DriftState, HostState, StepName, StepState
from hosts.facts.change import Outcome, OutputEvent, StepEvent, WantedFile
from hosts.models import HostFile
from hosts.rules.protocol import Progress
from hosts.services import changes
from tests import make

pytestmark = pytest.mark.django_db


def applying():
    change = make.change(state=ChangeState.QUEUED)
    return changes.claim_change(change.pk, claim=uuid.uuid4())


def test_what_the_host_says_is_kept_as_steps_and_lines():
    change = applying()
    progress = Progress()
    changes.record_progress(
        change, progress, [StepEvent(StepName.CHECK, StepState.RUNNING, 100.0), OutputEvent("fine\nhalf", 100.5)]
    )
    events = [StepEvent(StepName.CHECK, StepState.OK, 101.0), OutputEvent("the end", 102.0)]
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), progress, events, round_trips={"connects": 1})
    change.refresh_from_db()
    assert list(change.log_lines.order_by("number").values_list("text", flat=True)) == ["fine", "half", "the end"]
    assert change.steps.get(name=StepName.CHECK).seconds == 1.0
    assert (change.state, change.round_trips) == (ChangeState.APPLIED, {"connects": 1})


def test_reading_the_log_from_its_beginning_again_doubles_nothing():
    change = applying()
    events = [StepEvent(StepName.CHECK, StepState.OK, 100.0), OutputEvent("fine\n", 100.5)]
    changes.record_progress(change, Progress(), events)
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), Progress(starts_over=True), events)
    assert [line.text for line in change.log_lines.all()] == ["fine"]
    assert set(change.steps.values_list("name", flat=True)) == {"plan", "compare", "check"}


def test_a_step_that_was_running_at_the_end_has_failed():
    change = applying()
    changes.record_outcome(
        change,
        Outcome(ChangeState.ROLLED_BACK, StepName.VERIFY, "It does not answer."),
        Progress(),
        [StepEvent(StepName.VERIFY, StepState.RUNNING, 1.0)],
    )
    assert change.steps.get(name=StepName.VERIFY).state == StepState.FAILED


def test_an_applied_file_comes_under_management_and_an_absent_one_leaves_it():
    host = make.host()
    make.host_file(host, "/etc/gone")
    files = [WantedFile("/etc/new", b"new\n", mode=0o600), WantedFile("/etc/gone", None)]
    change = make.change(host, ChangeState.QUEUED, proposal=make.proposal(files=files))
    taken = changes.claim_change(change.pk, claim=uuid.uuid4())
    changes.record_outcome(taken, Outcome(ChangeState.APPLIED), Progress())
    kept = HostFile.objects.get(host=host)
    assert (kept.path, kept.mode, kept.state, kept.change) == ("/etc/new", 0o600, DriftState.IN_PLACE, change)


@pytest.mark.parametrize("state", [ChangeState.REFUSED, ChangeState.ROLLED_BACK, ChangeState.FAILED], ids=str)
def test_what_did_not_hold_is_not_looked_after(state):
    changes.record_outcome(applying(), Outcome(state, StepName.CHECK, "no"), Progress())
    assert not HostFile.objects.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HostState.UNREACHABLE, HostState.REACHABLE),
        (HostState.REACHABLE, HostState.REACHABLE),
        (HostState.KEY_CHANGED, HostState.KEY_CHANGED),
        (HostState.NEW, HostState.NEW),
    ],
    ids=str,
)
def test_an_outcome_makes_an_unreachable_host_reachable_and_hides_no_alarm(before, after):
    change = applying()
    type(change.host).objects.filter(pk=change.host_id).update(state=before)
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), Progress())
    change.host.refresh_from_db()
    assert change.host.state == after
    assert change.host.next_facts_at is not None
