"""A rollout from the plan to its end: canary, batches, stop, going on, hosts that cannot be spoken to."""

from __future__ import annotations

import pytest

from hosts.choices import ChangeState, HostState, RolloutState, Source
from hosts.errors import BadInput, NotAllowed, RenderError, WrongState
from hosts.models import AuditEntry, Change, Rollout
from hosts.services import rollouts
from hosts.services.rollouts import Manner
from tests import make

pytestmark = pytest.mark.django_db


def running(count=4, **fields):
    rollout = make.rollout(make.hosts(count), changes=ChangeState.APPROVED, **fields)
    return rollouts.start_rollout(rollout, by=make.actor())


def end(rollout, position, state):
    change = rollout.changes.get(position=position)
    change.state, change.finished_at = state, make.ago(seconds=-1)
    change.save()


def states(rollout):
    return list(rollout.changes.order_by("position").values_list("state", flat=True))


def test_one_host_gets_a_change_and_several_a_rollout():
    def plan(hosts):
        return rollouts.plan_for_hosts(hosts, lambda _: make.proposal(), by=make.actor(), source=Source.API)

    assert isinstance(plan([make.host()]), Change)
    rollout = plan(make.hosts(3))
    assert isinstance(rollout, Rollout)
    assert list(rollout.changes.order_by("position").values_list("position", flat=True)) == [0, 1, 2]


def test_a_host_named_twice_gets_one_change():
    host = make.host()
    planned = rollouts.plan_for_hosts([host, host], lambda _: make.proposal(), by=make.actor(), source=Source.API)
    assert isinstance(planned, Change)


def test_all_or_nothing_is_planned():
    hosts = make.hosts(3)

    def propose(host):
        if host == hosts[2]:
            raise RenderError("line 1: no such variable")
        return make.proposal()

    with pytest.raises(RenderError):
        rollouts.plan_for_hosts(hosts, propose, by=make.actor(), source=Source.API)
    assert not Change.objects.exists()
    assert not Rollout.objects.exists()


@pytest.mark.parametrize("count", [0, rollouts.MOST_HOSTS + 1], ids=["none", "too many"])
def test_a_senseless_number_of_hosts_is_refused(count):
    host = make.host()
    hosts = [type(host)(pk=pk) for pk in range(1, count + 1)]
    with pytest.raises(BadInput):
        rollouts.plan_for_hosts(hosts, lambda _: make.proposal(), by=make.actor(), source=Source.API)


def test_the_manner_is_kept():
    manner = Manner(canary_count=9, batch_size=0, failures_allowed=2)
    rollout = rollouts.plan_for_hosts(
        make.hosts(3), lambda _: make.proposal(), by=make.actor(), source=Source.API, manner=manner
    )
    assert (rollout.canary_count, rollout.batch_size, rollout.failures_allowed) == (3, 1, 2)


def test_the_canary_goes_first_then_batches_until_all_have_it():
    rollout = running(4, canary_count=1, batch_size=2)
    sent = []
    while ids := rollouts.advance_rollout(rollout.pk):
        sent.append([Change.objects.get(pk=pk).position for pk in ids])
        for position in sent[-1]:
            end(rollout, position, ChangeState.APPLIED)
    rollout.refresh_from_db()
    assert sent == [[0], [1, 2], [3]]
    assert rollout.state == RolloutState.DONE
    assert rollout.finished_at is not None


def test_two_workers_that_advance_it_send_nothing_twice():
    rollout = running(4, canary_count=0, batch_size=2)
    assert len(rollouts.advance_rollout(rollout.pk)) == 2
    assert rollouts.advance_rollout(rollout.pk) == []


def test_a_canary_that_fails_leaves_the_others_as_they_are():
    rollout = running(3)
    rollouts.advance_rollout(rollout.pk)
    end(rollout, 0, ChangeState.ROLLED_BACK)
    assert rollouts.advance_rollout(rollout.pk) == []
    rollout.refresh_from_db()
    assert rollout.state == RolloutState.STOPPED
    assert states(rollout) == ["rolled_back", "approved", "approved"]
    assert AuditEntry.objects.filter(object_type="rollout", action="stop", actor_name="Rackdesk").exists()


def test_after_a_failure_somebody_can_go_on_and_a_new_canary_is_sent():
    rollout = running(3)
    rollouts.advance_rollout(rollout.pk)
    change = rollout.changes.get(position=0)
    Change.objects.filter(pk=change.pk).update(state=ChangeState.FAILED, finished_at=make.ago())
    rollouts.advance_rollout(rollout.pk)
    rollouts.start_rollout(rollout, by=make.actor())
    ids = rollouts.advance_rollout(rollout.pk)
    assert [Change.objects.get(pk=pk).position for pk in ids] == [1]
    end(rollout, 1, ChangeState.FAILED)
    rollouts.advance_rollout(rollout.pk)
    rollout.refresh_from_db()
    assert rollout.state == RolloutState.STOPPED


def test_a_host_that_was_refused_when_compared_does_not_hold_the_others_up():
    rollout = make.rollout(make.hosts(2), changes=ChangeState.APPROVED)
    first = rollout.changes.get(position=0)
    Change.objects.filter(pk=first.pk).update(state=ChangeState.REFUSED, finished_at=make.ago(minutes=5))
    rollouts.start_rollout(rollout, by=make.actor())
    assert len(rollouts.advance_rollout(rollout.pk)) == 1


def test_stopping_takes_back_what_is_queued_and_leaves_what_is_on_its_way():
    rollout = running(3, canary_count=0, batch_size=2)
    rollouts.advance_rollout(rollout.pk)
    Change.objects.filter(rollout=rollout, position=0).update(state=ChangeState.APPLYING)
    stopped = rollouts.stop_rollout(rollout, by=make.actor(), why="Lunch")
    assert (stopped.state, stopped.stopped_why) == (RolloutState.STOPPED, "Lunch")
    assert states(rollout) == ["applying", "approved", "approved"]
    assert rollouts.advance_rollout(rollout.pk) == []


def test_a_host_with_a_changed_key_is_refused_and_the_rule_decides():
    rollout = running(3, canary_count=0, batch_size=3, failures_allowed=1)
    host = rollout.changes.get(position=1).host
    host.state = HostState.KEY_CHANGED
    host.save()
    assert len(rollouts.advance_rollout(rollout.pk)) == 2
    refused = rollout.changes.get(position=1)
    assert refused.state == ChangeState.REFUSED
    assert "key" in refused.outcome_why


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (ChangeState.PLANNED, WrongState),
        (ChangeState.COMPARED, NotAllowed),
        (ChangeState.APPLIED, WrongState),
        (ChangeState.DISCARDED, WrongState),
    ],
    ids=["still compared", "not approved", "all done", "all discarded"],
)
def test_it_does_not_start_before_its_time(state, error):
    rollout = make.rollout(make.hosts(2), changes=state)
    with pytest.raises(error):
        rollouts.start_rollout(rollout, by=make.actor())


@pytest.mark.parametrize("state", [RolloutState.RUNNING, RolloutState.DONE])
def test_it_is_not_started_twice(state):
    with pytest.raises(WrongState):
        rollouts.start_rollout(make.rollout(make.hosts(2), state), by=make.actor())


@pytest.mark.parametrize("state", [RolloutState.PLANNED, RolloutState.STOPPED, RolloutState.DONE])
def test_what_does_not_run_cannot_be_stopped(state):
    with pytest.raises(WrongState):
        rollouts.stop_rollout(make.rollout(make.hosts(2), state), by=make.actor())


def test_one_host_with_four_eyes_keeps_its_planner_from_approving_any():
    planner = make.admin()
    hosts = [make.host(), make.host(needs_second_person=True)]
    rollout = make.rollout(hosts, changes=ChangeState.COMPARED, by=planner)
    with pytest.raises(NotAllowed):
        rollouts.approve_rollout(rollout, by=make.actor(planner))
    assert states(rollout) == ["compared", "compared"]
    assert len(rollouts.approve_rollout(rollout, by=make.actor())) == 2


def test_approving_twice_says_that_nothing_waits():
    with pytest.raises(WrongState):
        rollouts.approve_rollout(make.rollout(make.hosts(2)), by=make.actor())
