"""Send what waits in the outbox, and wake what was missed."""

from __future__ import annotations

from django.utils import timezone

from hosts.tasks.naming import named_task
from tickets.services import outbox
from tickets.tasks.post import Post

AT_ONCE = 100
ROUNDS = 10


def wake() -> None:
    """Called by front doors behind every verb: once the transaction is there, a worker looks into the outbox."""
    send_due_mail.delay_on_commit()


@named_task("tickets.send_due_mail")
def send_due_mail() -> None:
    """Send everything that is due; what is still there after a thousand mails is left to the next worker."""
    with Post() as post:
        for _ in range(ROUNDS):
            due = outbox.due_mails(AT_ONCE)
            for mail_id in due:
                post.send(mail_id)
            if len(due) < AT_ONCE:
                return
    send_due_mail.delay()


@named_task("tickets.send_mail")
def send_mail(mail_id: int) -> None:
    """Send one mail, which somebody asked for by hand."""
    with Post() as post:
        post.send(mail_id)


@named_task("tickets.sweep_outbox")
def sweep_outbox() -> None:
    """Take back mails whose worker is gone, and wake a worker where something is due."""
    outbox.take_back_silent(timezone.now())
    if outbox.due_mails(1):
        send_due_mail.delay()
