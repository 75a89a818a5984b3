"""Celery tasks of the desk: claim a row, go outside, one service call to record. Sweeps wake what was missed."""

from tickets.tasks.send import send_due_mail, send_mail, sweep_outbox

__all__ = ["send_due_mail", "send_mail", "sweep_outbox"]
