"""Celery tasks of the desk: claim a row, go outside, one service call to record. Sweeps wake what was missed."""

from tickets.tasks.fetch import fetch_mailbox, test_mailbox
from tickets.tasks.hooks import call_webhooks, sweep_webhooks
from tickets.tasks.intake import take_in_waiting
from tickets.tasks.send import send_due_mail, send_mail, sweep_outbox
from tickets.tasks.sweeps_in import sweep_mail_in, sweep_mailboxes
from tickets.tasks.time_passes import close_resolved, sweep_files, sweep_promises

__all__ = [
    "call_webhooks",
    "close_resolved",
    "fetch_mailbox",
    "send_due_mail",
    "send_mail",
    "sweep_files",
    "sweep_mail_in",
    "sweep_mailboxes",
    "sweep_outbox",
    "sweep_promises",
    "sweep_webhooks",
    "take_in_waiting",
    "test_mailbox",
]
