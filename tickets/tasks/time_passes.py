"""What happens at the desk because time passes: overdue marks, tickets closed after days, files nobody points at."""

from __future__ import annotations

from django.utils import timezone

from hosts.tasks.naming import named_task
from tickets.models import Ticket
from tickets.services import files, promises, state, work
from tickets.tasks import send


@named_task("tickets.sweep_promises")
def sweep_promises() -> None:
    """Mark tickets and tasks whose time has run out, and let their mails go."""
    now = timezone.now()
    marked = [promises.mark_overdue(Ticket(pk=pk), now) for pk in promises.newly_late(now)]
    marked += [work.mark_task_late(pk, now) for pk in work.late_tasks(now)]
    if any(marked):
        send.wake()


@named_task("tickets.close_resolved")
def close_resolved() -> None:
    """Close what was resolved so many days ago that nobody will answer any more."""
    state.close_resolved_due(timezone.now())


@named_task("tickets.sweep_files")
def sweep_files() -> None:
    """Remove stored files that no row points at."""
    files.sweep(timezone.now())
