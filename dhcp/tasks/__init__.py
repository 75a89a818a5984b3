"""Celery tasks: load by id, claim, go outside, one service call to record. Sweeps wake what was missed."""

from dhcp.tasks.errands import run_errand, sweep_errands
from dhcp.tasks.reading import read_relay, read_server
from dhcp.tasks.sweeps import forget_old, sweep_readings, sweep_samples, take_sample

__all__ = [
    "forget_old",
    "read_relay",
    "read_server",
    "run_errand",
    "sweep_errands",
    "sweep_readings",
    "sweep_samples",
    "take_sample",
]
