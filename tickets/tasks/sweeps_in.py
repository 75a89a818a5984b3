"""Beat's part for incoming mail: mailboxes whose turn it is, and mails that nobody reads. Each may run twice."""

from __future__ import annotations

from django.utils import timezone

from hosts.tasks.naming import named_task
from tickets.services import incoming, mailboxes
from tickets.tasks.fetch import fetch_mailbox, test_mailbox
from tickets.tasks.intake import take_in_waiting


@named_task("tickets.sweep_mailboxes")
def sweep_mailboxes() -> None:
    """Fetch from the mailboxes whose turn it is, and make the connection tests whose wake-up call was lost."""
    now = timezone.now()
    for pk in mailboxes.due_mailboxes(now):
        fetch_mailbox.delay(pk)
    for pk in mailboxes.tests_to_make(now):
        test_mailbox.delay(pk)


@named_task("tickets.sweep_mail_in")
def sweep_mail_in() -> None:
    """Wake a worker where mails wait or their workers fell silent."""
    if incoming.has_work(timezone.now()):
        take_in_waiting.delay()
