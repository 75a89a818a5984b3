"""What may follow a state, how a state reads, and the next move of a rollout."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.choices import ChangeState as S
from hosts.choices import DriftState, HostState, RolloutState, StepState, Tone
from hosts.models.change import ENDED
from hosts.rules.progress import MAY_BECOME, SENT_NOTHING, Advance, advance, may_become, tone_of

WAY = {"canary_count": 1, "batch_size": 2, "failures_allowed": 0}


def test_nothing_follows_an_end():
    assert [(old, new) for old, new in itertools.product(ENDED, S) if may_become(old, new)] == []


def test_every_other_state_leads_on():
    assert {state for state in S if state not in ENDED} == set(MAY_BECOME)


def test_nothing_is_sent_without_an_approval_and_a_queue():
    assert [old for old in S if may_become(old, S.APPLYING)] == [S.QUEUED, S.LOST]
    assert [old for old in S if may_become(old, S.QUEUED)] == [S.APPROVED, S.APPLYING]
    assert [old for old in S if may_become(old, S.APPROVED)] == [S.COMPARED, S.QUEUED]


@pytest.mark.parametrize("state", [S.APPLYING, S.LOST])
def test_what_is_on_its_way_cannot_be_laid_aside(state):
    assert not may_become(state, S.DISCARDED)


@pytest.mark.parametrize("state", [*S, *HostState, *DriftState, *RolloutState, *StepState])
def test_every_state_has_one_of_the_five_meanings(state):
    assert tone_of(state) in Tone


def test_broken_means_that_somebody_must_look():
    assert {state for state in S if tone_of(state) == Tone.BROKEN} == {S.FAILED, S.LOST}


def test_the_canary_goes_first_and_alone():
    assert advance([S.APPROVED] * 4, **WAY) == Advance((0,))
    assert advance([S.APPLYING, *[S.APPROVED] * 3], **WAY) == Advance()


def test_after_the_canary_as_many_as_the_batch_holds():
    assert advance([S.APPLIED, *[S.APPROVED] * 3], **WAY) == Advance((1, 2))
    assert advance([S.APPLIED, S.APPLYING, S.APPROVED, S.APPROVED], **WAY) == Advance((2,))


@pytest.mark.parametrize("bad", [S.REFUSED, S.ROLLED_BACK, S.FAILED, S.LOST])
def test_a_canary_that_does_not_hold_stops_it_whatever_is_allowed(bad):
    move = advance([bad, S.APPROVED], canary_count=1, batch_size=2, failures_allowed=9)
    assert move.state == RolloutState.STOPPED
    assert "canary" in str(move.why)


def test_one_failure_more_than_allowed_stops_it():
    way = {"canary_count": 1, "batch_size": 2, "failures_allowed": 1}
    assert advance([S.APPLIED, S.FAILED, S.APPROVED], **way).indexes == (2,)
    assert advance([S.APPLIED, S.FAILED, S.FAILED, S.APPROVED], **way).state == RolloutState.STOPPED


@pytest.mark.parametrize("nothing", sorted(SENT_NOTHING))
def test_a_host_that_was_sent_nothing_is_no_canary(nothing):
    assert advance([nothing, S.APPROVED, S.APPROVED], **WAY) == Advance((1,))


def test_without_canary_the_first_batch_goes_at_once():
    assert advance([S.APPROVED] * 3, canary_count=0, batch_size=2, failures_allowed=0) == Advance((0, 1))


def test_it_is_done_when_nothing_waits_or_runs():
    assert advance([S.APPLIED, S.UNCHANGED, S.DISCARDED], **WAY).state == RolloutState.DONE


@given(
    st.lists(st.sampled_from(list(S)), max_size=12),
    st.integers(0, 5),
    st.integers(1, 5),
    st.integers(0, 5),
)
def test_never_more_than_a_batch_and_only_what_is_approved(states, canary, batch, allowed):
    move = advance(states, canary_count=canary, batch_size=batch, failures_allowed=allowed)
    assert all(states[index] == S.APPROVED for index in move.indexes)
    running = sum(state in (S.QUEUED, S.APPLYING) for state in states)
    assert len(move.indexes) <= max(0, batch - running)
    if move.state != RolloutState.RUNNING:
        assert move.indexes == ()


@given(st.integers(1, 8), st.integers(0, 3), st.integers(1, 4))
def test_where_everything_holds_every_host_gets_it(count, canary, batch):
    states = [S.APPROVED] * count
    for _ in range(count + 2):
        move = advance(states, canary_count=canary, batch_size=batch, failures_allowed=0)
        for index in move.indexes:
            states[index] = S.APPLIED
    assert states == [S.APPLIED] * count
    assert move.state == RolloutState.DONE
