"""Beat's part: wake whatever should be going on and is not. Each sweep is cheap and may run twice."""

from __future__ import annotations

from django.utils import timezone

from hosts.choices import HostState, RolloutState
from hosts.models import Change, Host, Rollout
from hosts.services import facts
from hosts.services.changes.claim import SILENT_AFTER
from hosts.tasks.look import enrol_host, look_for_drift, read_facts
from hosts.tasks.naming import named_task
from hosts.tasks.push import apply_change, compare_change, step_rollout

AT_ONCE = 200


@named_task("hosts.sweep_changes")
def sweep_changes() -> None:
    """Compare what is planned, apply what is queued, look up what fell silent."""
    now = timezone.now()
    for pk in Change.objects.to_compare(now).order_by("id").values_list("pk", flat=True)[:AT_ONCE]:
        compare_change.delay(pk)
    for pk in Change.objects.to_apply(now).order_by("queued_at", "id").values_list("pk", flat=True)[:AT_ONCE]:
        apply_change.delay(pk)
    for pk in Change.objects.to_find(now - SILENT_AFTER).order_by("id").values_list("pk", flat=True)[:AT_ONCE]:
        apply_change.delay(pk)


@named_task("hosts.sweep_rollouts")
def sweep_rollouts() -> None:
    """Carry on every running rollout whose last worker could not."""
    for pk in Rollout.objects.filter(state=RolloutState.RUNNING).values_list("pk", flat=True)[:AT_ONCE]:
        step_rollout.delay(pk)


@named_task("hosts.sweep_facts")
def sweep_facts() -> None:
    """Read the facts of the hosts whose turn it is."""
    for pk in facts.claim_due_facts():
        read_facts.delay(pk)


@named_task("hosts.sweep_drift")
def sweep_drift() -> None:
    """Look at the files of the hosts whose turn it is."""
    for pk in facts.claim_due_drift():
        look_for_drift.delay(pk)


@named_task("hosts.sweep_enrolments")
def sweep_enrolments() -> None:
    """Ask hosts that have shown no key yet."""
    for pk in Host.objects.filter(state=HostState.NEW, is_in_maintenance=False).values_list("pk", flat=True)[:AT_ONCE]:
        enrol_host.delay(pk)
