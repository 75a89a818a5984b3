"""Workers: claim, go outside, record; with a host that is not there (tests/hosts/wire.py)."""

from __future__ import annotations

import threading
from contextlib import nullcontext

import pytest
from celery.signals import before_task_publish
from django.db import connections

from hosts import tasks
from hosts.choices import ChangeState, DriftState, HostState, StepName
from hosts.errors import AuthenticationFailed, HostKeyChanged, HostLost, HostUnreachable
from hosts.facts.machine import PinnedKey
from hosts.models import Change, Host
from hosts.services import changes, facts
from hosts.services.changes.claim import SILENT_AFTER
from hosts.tasks import carrier, look, pulse, push
from tests import make
from tests.hosts.wire import FakeHost

pytestmark = pytest.mark.django_db

NO_ROUTE = HostUnreachable("No route to the host.")


@pytest.fixture
def fake(monkeypatch):
    """The host behind the pool of every task; looking again takes no time."""
    host = FakeHost()
    for module in (carrier, look, push):
        monkeypatch.setattr(module, "pool", host)
    monkeypatch.setattr(carrier, "LOOK_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(carrier, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(pulse.pulse, "of", lambda _: nullcontext())  # its thread would not see these rows
    return host


@pytest.fixture
def published():
    """(task, first argument) of every wake-up call."""
    calls: list[tuple[str, int]] = []

    def keep(sender, body, **_):
        calls.append((sender.removeprefix("hosts."), body[0][0]))

    before_task_publish.connect(keep, weak=False)
    yield calls
    before_task_publish.disconnect(keep)


def fresh(row):
    row.refresh_from_db()
    return row


# -- compare


def test_comparing_puts_the_diff_onto_the_change(fake):
    fake.files = {make.MOTD: b"Old\n"}
    change = make.change()
    tasks.compare_change(change.pk)
    assert fresh(change).state == ChangeState.COMPARED
    assert change.files.get().seen_content.read() == b"Old\n"
    assert fake.counts.execs == 1


def test_comparing_twice_does_no_harm(fake):
    fake.files = {make.MOTD: b"Old\n"}
    change = make.change()
    for _ in range(2):
        tasks.compare_change(change.pk)
    assert fresh(change).state == ChangeState.COMPARED
    assert fake.opened == [False]


def test_a_host_that_is_not_reached_is_written_up_and_given_up_after_four_tries(fake):
    change = make.change()
    fake.failures = [NO_ROUTE] * 4
    states = []
    for _ in range(4):
        tasks.compare_change(change.pk)
        states.append(fresh(change).state)
    assert states == ["planned", "planned", "planned", "refused"]
    host = fresh(change.host)
    assert host.state == HostState.UNREACHABLE
    assert "No route" in host.state_why


def test_a_change_that_is_gone_is_nobodys_business(fake):
    tasks.compare_change(999_999)
    tasks.apply_change(999_999)
    assert fake.opened == []


# -- apply


def test_applying_takes_one_connection_and_one_exec(fake):
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.APPLIED
    assert change.round_trips == {"connects": 1, "auths": 1, "execs": 1}
    assert [line.text for line in change.log_lines.order_by("number")] == ["checking"]
    assert change.steps.get(name=StepName.CHECK).seconds == 1.0
    assert fake.changes == [str(change.uuid)]


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        ("refused drift drifted /etc/motd - - .", ChangeState.REFUSED),
        ("rolled_back verify exit nginx - - 1 .", ChangeState.ROLLED_BACK),
        ("failed put_back exit x - - 1 .", ChangeState.FAILED),
    ],
    ids=["refused", "rolled back", "failed"],
)
def test_how_the_host_says_it_ended_is_how_it_ended(fake, ends, state):
    fake.ends = ends
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert (fresh(change).state, change.outcome_step) == (state, ends.split()[1])
    assert str(change.outcome_why)


def test_a_second_message_for_the_same_change_applies_nothing_twice(fake):
    change = make.change(state=ChangeState.QUEUED)
    for _ in range(3):
        tasks.apply_change(change.pk)
    assert len(fake.changes) == 1


@pytest.mark.parametrize("state", ["planned", "compared", "approved", "applied", "discarded"])
def test_what_is_not_queued_is_not_sent(fake, state):
    tasks.apply_change(make.change(state=state).pk)
    assert fake.opened == []


def test_a_host_that_is_not_reached_postpones_the_change(fake):
    fake.failures = [NO_ROUTE]
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert (fresh(change).state, change.tries) == (ChangeState.QUEUED, 1)
    assert change.next_try_at is not None
    assert fresh(change.host).state == HostState.UNREACHABLE


def test_a_changed_key_is_kept_and_shown_loudly(fake):
    fake.failures = [HostKeyChanged("Another key!", key_type="ssh-ed25519", public="QUFBQQ==")]
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert fresh(change.host).state == HostState.KEY_CHANGED
    assert change.host.keys.filter(public="QUFBQQ==", state="offered").exists()


def test_a_line_that_is_cut_is_followed_over_a_new_connection(fake):
    fake.cut = HostLost("The line broke.")
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.APPLIED
    assert len(fake.changes) == 1
    assert fake.opened == [False, True]
    assert [line.text for line in change.log_lines.all()] == ["checking"]


def test_an_upload_that_never_arrived_is_sent_again(fake):
    change = make.change(state=ChangeState.QUEUED)
    fake.cut = HostLost("The line broke.")
    fake.on_open = lambda: fake.changes.clear() if len(fake.opened) == 2 else None
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.APPLIED
    assert fake.changes == [str(change.uuid)]


@pytest.mark.parametrize(
    "error", [AuthenticationFailed("The key is refused."), NO_ROUTE], ids=["locked out", "not reached"]
)
def test_a_host_that_does_not_come_back_leaves_the_outcome_unknown_until_it_does(fake, error):
    fake.cut = HostLost("The line broke.")
    fake.failures = [None, *[error] * 200]
    change = make.change(state=ChangeState.QUEUED)
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.LOST
    fake.failures = []
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.LOST
    Change.objects.filter(pk=change.pk).update(heartbeat_at=make.ago(seconds=SILENT_AFTER.total_seconds() * 2))
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.APPLIED
    assert len(fake.changes) == 1


def test_a_worker_that_was_replaced_records_nothing(fake):
    change = make.change(state=ChangeState.QUEUED)

    def taken_over() -> None:
        Change.objects.filter(pk=change.pk).update(claim="00000000-0000-4000-8000-000000000000")

    fake.on_open = taken_over
    tasks.apply_change(change.pk)
    assert fresh(change).state == ChangeState.APPLYING
    assert not change.log_lines.exists()


def test_a_change_of_a_rollout_wakes_the_next(fake, published):
    rollout = make.rollout(make.hosts(3), "running", batch_size=5)
    tasks.step_rollout(rollout.pk)
    first = rollout.changes.get(position=0)
    assert published == [("apply_change", first.pk)]
    tasks.apply_change(first.pk)
    others = list(rollout.changes.filter(position__gt=0).order_by("position").values_list("pk", flat=True))
    assert published[1:] == [("apply_changes", others)]


def test_a_large_rollout_goes_out_in_bundles_of_a_size(fake, published):
    rollout = make.rollout(make.hosts(push.BUNDLE + 2), "running", canary_count=0, batch_size=50)
    tasks.step_rollout(rollout.pk)
    assert [(name, len(ids)) for name, ids in published] == [("apply_changes", push.BUNDLE), ("apply_changes", 2)]


@pytest.fixture
def in_threads(monkeypatch):
    """Threads whose connections do not outlive the test's database."""
    monkeypatch.setattr(push, "close_old_connections", connections.close_all)


@pytest.mark.django_db(transaction=True)
def test_changes_of_one_message_are_carried_at_the_same_time(fake, in_threads):
    rows = [make.change(state=ChangeState.QUEUED) for _ in range(3)]
    together = threading.Barrier(3)
    fake.on_open = lambda: together.wait(20)
    tasks.apply_changes([row.pk for row in rows])
    assert {fresh(row).state for row in rows} == {ChangeState.APPLIED}


@pytest.mark.django_db(transaction=True)
def test_an_error_in_one_change_of_a_message_stops_no_other_and_is_raised(fake, in_threads):
    rows = [make.change(state=ChangeState.QUEUED) for _ in range(3)]
    fake.failures = [ZeroDivisionError("a mistake")]
    with pytest.raises(ZeroDivisionError):
        tasks.apply_changes([row.pk for row in rows])
    assert sorted(fresh(row).state for row in rows) == ["applied", "applied", "applying"]


# -- look


def test_keys_that_a_host_shows_wait_for_a_person(fake):
    host = make.host(key=False)
    fake.keys = (PinnedKey("ssh-ed25519", "QUFBQQ=="),)
    tasks.enrol_host(host.pk)
    assert fresh(host).state == HostState.KEY_OFFERED
    assert host.keys.get().fingerprint.startswith("SHA256:")


def test_a_new_host_that_does_not_answer_stays_new_and_says_why(fake):
    host = make.host(key=False)
    fake.failures = [NO_ROUTE]
    tasks.enrol_host(host.pk)
    assert (fresh(host).state, str(host.state_why)) == (HostState.NEW, "No route to the host.")


@pytest.mark.parametrize("state", [HostState.NEW, HostState.KEY_OFFERED, HostState.KEY_CHANGED])
def test_facts_are_not_read_of_a_host_whose_key_waits(fake, state):
    tasks.read_facts(make.host(state=state).pk)
    assert fake.opened == []


def test_facts_that_cannot_be_read_are_put_off(fake):
    fake.failures = [NO_ROUTE]
    host = make.host()
    tasks.read_facts(host.pk)
    assert fresh(host).state == HostState.UNREACHABLE
    assert facts.claim_due_facts() == []


def test_drift_is_seen_and_written_down(fake):
    row = make.host_file()
    fake.files = {make.MOTD: b"somebody was here\n"}
    tasks.look_for_drift(row.host_id)
    assert fresh(row).state == DriftState.DRIFTED
    assert row.live_content.read() == b"somebody was here\n"


def test_a_host_without_files_is_not_looked_at(fake):
    tasks.look_for_drift(make.host().pk)
    assert fake.opened == []


# -- sweeps


def test_the_sweep_of_changes_wakes_what_was_missed_and_nothing_else(published):
    rows = {state: make.change(state=state, heartbeat_at=make.ago(minutes=5)) for state in ChangeState}
    tasks.sweep_changes()
    assert sorted(published) == sorted(
        [
            ("compare_change", rows[ChangeState.PLANNED].pk),
            ("apply_change", rows[ChangeState.QUEUED].pk),
            ("apply_change", rows[ChangeState.APPLYING].pk),
            ("apply_change", rows[ChangeState.LOST].pk),
        ]
    )


def test_a_change_whose_worker_is_alive_is_left_to_it(published):
    make.change(state=ChangeState.APPLYING)
    tasks.sweep_changes()
    assert published == []


def test_the_sweep_of_facts_asks_each_due_host_once(published):
    due = make.host()
    make.host(next_facts_at=make.ago(minutes=-5))
    make.host(key=False)
    tasks.sweep_facts()
    tasks.sweep_facts()
    assert published == [("read_facts", due.pk)]


def test_the_sweep_of_drift_asks_hosts_with_files_once(published):
    row = make.host_file()
    make.host()
    tasks.sweep_drift()
    tasks.sweep_drift()
    assert published == [("look_for_drift", row.host_id)]


def test_the_sweep_of_enrolments_asks_new_hosts_that_are_not_in_maintenance(published):
    new = make.host(key=False)
    make.host(key=False, is_in_maintenance=True)
    make.host()
    tasks.sweep_enrolments()
    assert published == [("enrol_host", new.pk)]


def test_the_sweep_of_rollouts_carries_on_what_runs(published):
    rollout = make.rollout(make.hosts(2), "running")
    make.rollout(make.hosts(2), "stopped")
    tasks.sweep_rollouts()
    assert published == [("step_rollout", rollout.pk)]


def test_a_lost_wake_up_call_costs_nothing(fake, published):
    fake.files = {make.MOTD: b"Old\n"}
    change = make.change()
    for _ in range(2):
        tasks.sweep_changes()
        while published:
            name, pk = published.pop(0)
            getattr(tasks, name)(pk)
        change = fresh(change)
        if change.state == ChangeState.COMPARED:
            changes.approve_change(change, by=make.actor())
            changes.queue_change(change, by=make.actor())
    assert fresh(change).state == ChangeState.APPLIED
    assert Host.objects.get().files.count() == 1
