"""Celery tasks of the desk: claim a row, go outside, one service call to record. Sweeps wake what was missed."""

from tickets.tasks.fetch import fetch_mailbox, test_mailbox
from tickets.tasks.intake import take_in_waiting
from tickets.tasks.send import send_due_mail, send_mail, sweep_outbox
from tickets.tasks.sweeps_in import sweep_mail_in, sweep_mailboxes

__all__ = [
    "fetch_mailbox",
    "send_due_mail",
    "send_mail",
    "sweep_mail_in",
    "sweep_mailboxes",
    "sweep_outbox",
    "take_in_waiting",
    "test_mailbox",
]
