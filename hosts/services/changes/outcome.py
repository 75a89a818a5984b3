"""What the host said comes in while and after a change is applied; steps, log lines and the outcome are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from hosts.choices import ChangeState, HostState, StepName, StepState
from hosts.facts.change import Outcome, OutputEvent, StepEvent
from hosts.facts.words import Words
from hosts.models import Change, Host, LogLine, Step
from hosts.rules.protocol import Progress
from hosts.services.changes.care import take_into_care


@transaction.atomic
def record_progress(change: Change, progress: Progress, events: Sequence[StepEvent | OutputEvent]) -> bool:
    """Keep what happened since the last call; False (and nothing kept) where another worker has taken over."""
    mine = Change.objects.filter(pk=change.pk, claim=change.claim, state=ChangeState.APPLYING)
    if not mine.update(heartbeat_at=timezone.now()):
        return False
    _write(change, progress, events)
    return True


@transaction.atomic
def record_outcome(
    change: Change,
    outcome: Outcome,
    progress: Progress,
    events: Sequence[StepEvent | OutputEvent] = (),
    *,
    round_trips: dict[str, int] | None = None,
) -> Change | None:
    """The end of a change as the host wrote it down; None where another worker has recorded it."""
    now = timezone.now()
    ended = {
        "state": outcome.state,
        "outcome_step": outcome.step,
        "outcome_why": outcome.why,
        "finished_at": now,
        "log_bytes": outcome.log_bytes,
        "round_trips": round_trips or {},
    }
    if not Change.objects.filter(pk=change.pk, claim=change.claim, state=ChangeState.APPLYING).update(**ended):
        return None
    for name, value in ended.items():
        setattr(change, name, value)
    _write(change, progress, events, is_last=True)
    Step.objects.filter(change=change, state=StepState.RUNNING).update(state=StepState.FAILED)
    if outcome.state == ChangeState.APPLIED:
        take_into_care(change, now)
    host = Host.objects.filter(pk=change.host_id)
    if not host.exclude(state=HostState.UNREACHABLE).update(last_seen_at=now, next_facts_at=now):
        host.update(state=HostState.REACHABLE, state_since=now, state_why="", last_seen_at=now, next_facts_at=now)
    return change


@transaction.atomic
def note_lost(change: Change, *, why: Words | str) -> None:
    """The line broke after something may have been touched. The host goes on by itself; the outcome is looked up."""
    Change.objects.filter(pk=change.pk, claim=change.claim, state=ChangeState.APPLYING).update(
        state=ChangeState.LOST, outcome_why=why, heartbeat_at=timezone.now()
    )


def _write(
    change: Change, progress: Progress, events: Sequence[StepEvent | OutputEvent], *, is_last: bool = False
) -> None:
    if progress.starts_over:
        LogLine.objects.filter(change=change).delete()
        Step.objects.filter(change=change).exclude(
            name__in=(StepName.PLAN, StepName.COMPARE, StepName.APPROVE)
        ).delete()
        progress.starts_over = False
    steps, lines = progress.take(events)
    if is_last:
        lines += progress.finish(timezone.now().timestamp())
    Step.objects.bulk_create(
        [
            Step(
                change=change,
                name=step.name,
                state=step.state,
                started_at=datetime.fromtimestamp(step.started, UTC),
                seconds=step.seconds,
                note=step.note,
            )
            for step in steps
        ],
        update_conflicts=True,
        unique_fields=["change", "name"],
        update_fields=["state", "seconds", "note"],
    )
    LogLine.objects.bulk_create(
        [
            LogLine(
                change=change,
                number=line.number,
                at=datetime.fromtimestamp(line.at, UTC),
                step=line.step,
                text=line.text,
            )
            for line in lines
        ],
        batch_size=500,
    )
