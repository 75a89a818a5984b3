"""Celery tasks: load by id, claim, go outside, one service call to record. Sweeps wake what was missed."""

from hosts.tasks.look import enrol_host, look_for_drift, read_facts
from hosts.tasks.push import apply_change, apply_changes, compare_change, step_rollout
from hosts.tasks.sweeps import sweep_changes, sweep_drift, sweep_enrolments, sweep_facts, sweep_rollouts

__all__ = [
    "apply_change",
    "apply_changes",
    "compare_change",
    "enrol_host",
    "look_for_drift",
    "read_facts",
    "step_rollout",
    "sweep_changes",
    "sweep_drift",
    "sweep_enrolments",
    "sweep_facts",
    "sweep_rollouts",
]
