"""A change's state in, what may follow and how it reads out; and the next step of a rollout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hosts.choices import ChangeState as S
from hosts.choices import DriftState, HostState, RolloutState, StepState, Tone
from hosts.facts.words import Words, gettext_noop, words

MAY_BECOME: dict[str, frozenset[str]] = {
    S.PLANNED: frozenset({S.COMPARED, S.UNCHANGED, S.REFUSED, S.DISCARDED}),
    S.COMPARED: frozenset({S.APPROVED, S.DISCARDED}),
    S.APPROVED: frozenset({S.QUEUED, S.DISCARDED, S.REFUSED}),
    S.QUEUED: frozenset({S.APPLYING, S.APPROVED, S.DISCARDED}),
    S.APPLYING: frozenset({S.APPLIED, S.UNCHANGED, S.REFUSED, S.ROLLED_BACK, S.FAILED, S.LOST, S.QUEUED}),
    S.LOST: frozenset({S.APPLYING, S.APPLIED, S.REFUSED, S.ROLLED_BACK, S.FAILED}),
}

TONES: dict[str, Tone] = {
    S.PLANNED: Tone.RUNNING,
    S.COMPARED: Tone.ATTENTION,
    S.APPROVED: Tone.NEUTRAL,
    S.QUEUED: Tone.RUNNING,
    S.APPLYING: Tone.RUNNING,
    S.APPLIED: Tone.GOOD,
    S.UNCHANGED: Tone.GOOD,
    S.REFUSED: Tone.ATTENTION,
    S.ROLLED_BACK: Tone.ATTENTION,
    S.FAILED: Tone.BROKEN,
    S.LOST: Tone.BROKEN,
    S.DISCARDED: Tone.NEUTRAL,
    HostState.NEW: Tone.NEUTRAL,
    HostState.KEY_OFFERED: Tone.ATTENTION,
    HostState.REACHABLE: Tone.GOOD,
    HostState.UNREACHABLE: Tone.BROKEN,
    HostState.KEY_CHANGED: Tone.BROKEN,
    DriftState.IN_PLACE: Tone.GOOD,
    DriftState.DRIFTED: Tone.ATTENTION,
    DriftState.MISSING: Tone.ATTENTION,
    DriftState.ADOPTED: Tone.NEUTRAL,
    RolloutState.RUNNING: Tone.RUNNING,
    RolloutState.STOPPED: Tone.ATTENTION,
    RolloutState.DONE: Tone.GOOD,
    StepState.OK: Tone.GOOD,
    StepState.SKIPPED: Tone.NEUTRAL,
}

GOOD_ENDS = frozenset({S.APPLIED, S.UNCHANGED})
BAD_ENDS = frozenset({S.REFUSED, S.ROLLED_BACK, S.FAILED, S.LOST})
ON_THE_WAY = frozenset({S.QUEUED, S.APPLYING})
SENT_NOTHING = frozenset({S.DISCARDED, S.UNCHANGED})


def may_become(old: str, new: str) -> bool:
    """Whether a change in state `old` may go to `new`."""
    return new in MAY_BECOME.get(old, frozenset())


def tone_of(state: str) -> Tone:
    """Which of the five meanings a state has for its reader."""
    return TONES.get(state, Tone.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Advance:
    """What a rollout does next: queue the changes at `indexes`, or end in `state`."""

    indexes: tuple[int, ...] = ()
    state: str = RolloutState.RUNNING
    why: Words | str = ""

    @property
    def is_due(self) -> bool:
        """Whether there is anything to do now."""
        return bool(self.indexes) or self.state != RolloutState.RUNNING


def advance(states: Sequence[str], *, canary_count: int, batch_size: int, failures_allowed: int) -> Advance:
    """The next move of a running rollout, from the states of its changes in their order.

    The canary group, the first of those that are really sent, goes first and must hold as a whole; then at most
    `batch_size` are on their way at a time. More than `failures_allowed` bad ends (in the canary group: any) stop it;
    what is on its way then still ends. What was laid aside or had nothing to change (SENT_NOTHING) proves nothing.
    """
    failed = sum(state in BAD_ENDS for state in states)
    canary = [index for index, state in enumerate(states) if state not in SENT_NOTHING][:canary_count]
    if any(states[index] in BAD_ENDS for index in canary):
        return Advance(
            state=RolloutState.STOPPED,
            why=words(gettext_noop("A canary host did not hold; the others were left as they are.")),
        )
    if failed > failures_allowed:
        return Advance(
            state=RolloutState.STOPPED,
            why=words(
                gettext_noop("%(count)s hosts did not hold, %(allowed)s were allowed."),
                count=failed,
                allowed=failures_allowed,
            ),
        )
    waiting = [index for index, state in enumerate(states) if state == S.APPROVED]
    running = sum(state in ON_THE_WAY for state in states)
    if not waiting and not running:
        return Advance(state=RolloutState.DONE)
    room = max(0, batch_size - running)
    canary_waits = [index for index in canary if index in waiting]
    if canary_waits:
        return Advance(tuple(canary_waits[:room]))
    if any(states[index] in ON_THE_WAY for index in canary):
        return Advance()
    return Advance(tuple(waiting[:room]))
