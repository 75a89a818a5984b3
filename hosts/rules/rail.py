"""A change's state, its steps and what it needs in; the rail of steps as a page draws it out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from hosts.choices import ChangeState as S
from hosts.choices import StepName, StepState

DONE, NOW, ASKS, FAILED, UNDONE, SKIPPED, WAITS = "done", "now", "asks", "failed", "undone", "skipped", "waits"
BY_PANEL = (StepName.PLAN, StepName.COMPARE, StepName.APPROVE)


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step as it was kept: `state` of StepState, `seconds` None while it runs."""

    state: str
    started_at: datetime
    seconds: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RailStep:
    """One entry of the rail. `look`: done, now, asks (a person), failed, undone (was put back), skipped, waits."""

    name: str
    look: str
    seen: StepSeen | None = None

    @property
    def is_running(self) -> bool:
        """Whether its clock is still going."""
        return self.look == NOW and self.seen is not None and self.seen.seconds is None


def rail(state: str, steps: Mapping[str, StepSeen], needed: Collection[str], failed_step: str = "") -> list[RailStep]:
    """Every step in its order.

    `needed` names the steps that this change has something to do in. Putting back is shown only where it happened.
    """
    entries: list[RailStep] = []
    for name in StepName.values:
        seen = steps.get(name)
        if name == StepName.PUT_BACK and seen is None:
            continue
        entries.append(RailStep(name, _look(name, seen, state, needed, failed_step), seen))
    return entries


def _look(name: str, seen: StepSeen | None, state: str, needed: Collection[str], failed_step: str) -> str:
    if seen is None:
        return _not_begun(name, state, needed, failed_step)
    if seen.state == StepState.RUNNING:
        return NOW
    if seen.state == StepState.FAILED:
        return FAILED
    if seen.state == StepState.SKIPPED:
        return SKIPPED
    if state == S.ROLLED_BACK and name in (StepName.SWAP, StepName.ACTIVATE):
        return UNDONE
    return DONE


def _not_begun(name: str, state: str, needed: Collection[str], failed_step: str) -> str:
    if name == failed_step:
        return FAILED
    if name not in needed and name not in (*BY_PANEL, StepName.CONNECT, StepName.LOCK):
        return SKIPPED
    if name == StepName.COMPARE and state == S.PLANNED:
        return NOW
    if name == StepName.APPROVE and state == S.COMPARED:
        return ASKS
    if name == StepName.CONNECT and state in (S.QUEUED, S.APPLYING, S.LOST):
        return NOW
    return WAITS
