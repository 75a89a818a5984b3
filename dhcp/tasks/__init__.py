"""Celery tasks: load by id, claim, go outside, one service call to record. Sweeps wake what was missed."""

from dhcp.tasks.errands import run_errand, sweep_errands

__all__ = ["run_errand", "sweep_errands"]
