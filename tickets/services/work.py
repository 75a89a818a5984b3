"""Tasks on a ticket: made, changed, done, opened again; and marked when they are late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import PANEL, Actor, note
from tickets.choices import EventKind, MailKind, Permission, TicketState
from tickets.models import Agent, Department, Task, Team, Ticket
from tickets.models.seeded import as_kept
from tickets.services import access, mail_out
from tickets.services.book import happened
from tickets.services.hold import hold

EDITABLE = ("title", "text", "department", "agent", "team", "due_at")


@transaction.atomic
def add_task(
    ticket: Ticket,
    title: str,
    *,
    by: Actor,
    text: str = "",
    department: Department | None = None,
    agent: Agent | None = None,
    team: Team | None = None,
    due_at: datetime | None = None,
) -> Task:
    """Put a piece of work on a ticket, in its department unless another is named. A ticket with one is not resolved."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.TASKS)
    if not title.strip():
        raise BadInput(words(gettext_noop("A task needs a title.")), field="title")
    task = Task.objects.create(
        ticket=ticket,
        title=title.strip()[:255],
        text=text,
        department=department or ticket.department,
        agent=agent,
        team=team,
        due_at=due_at,
    )
    happened(ticket, EventKind.TASK, by=by, title=task.title, agent=str(agent or ""), done=False)
    kind = MailKind.TASK_ASSIGNED_ALERT if agent or team else MailKind.TASK_ALERT
    mail_out.tell(kind, ticket, by=by, extra=_extra(task))
    return task


@transaction.atomic
def edit_task(task: Task, changes: Mapping[str, Any], *, by: Actor) -> Task:
    """Change any of EDITABLE: {column: value or row}."""
    ticket, task = _held(task, by)
    unknown = [name for name in changes if name not in EDITABLE]
    if unknown or not str(changes.get("title", task.title)).strip():
        raise BadInput(words(gettext_noop("A task needs a title.")), field="title")
    before = {name: getattr(task, name) for name in changes}
    for name, value in changes.items():
        setattr(task, name, value)
    differing = {name: [as_kept(before[name]), as_kept(value)] for name, value in changes.items()}
    differing = {name: pair for name, pair in differing.items() if pair[0] != pair[1]}
    if not differing:
        return task
    task.is_overdue = task.is_overdue and task.due_at is not None and task.due_at <= timezone.now()
    task.save()
    happened(ticket, EventKind.TASK, by=by, title=task.title, changes=differing)
    if {"agent", "team"} & differing.keys():
        mail_out.tell(MailKind.TASK_ASSIGNED_ALERT, ticket, by=by, extra=_extra(task))
    elif "department" in differing:
        mail_out.tell(MailKind.TASK_TRANSFER_ALERT, ticket, by=by, extra=_extra(task))
    else:
        mail_out.tell(MailKind.TASK_ACTIVITY_ALERT, ticket, by=by, extra=_extra(task))
    return task


@transaction.atomic
def set_done(task: Task, *, is_done: bool, by: Actor) -> Task:
    """It is done, or it is to be done after all."""
    ticket, task = _held(task, by)
    if is_done == (task.closed_at is not None):
        return task
    task.closed_at = timezone.now() if is_done else None
    task.is_overdue = False
    task.save(update_fields=["closed_at", "is_overdue"])
    happened(ticket, EventKind.TASK, by=by, title=task.title, done=is_done)
    mail_out.tell(MailKind.TASK_ACTIVITY_ALERT, ticket, by=by, extra=_extra(task))
    return task


@transaction.atomic
def delete_task(task: Task, *, by: Actor) -> None:
    """Take it off the ticket; the thread still tells of it."""
    ticket, task = _held(task, by)
    happened(ticket, EventKind.TASK, by=by, **{"from": task.title})
    task.delete()


def late_tasks(now: datetime, most: int = 200) -> list[int]:
    """Keys of open tasks whose time has run out and that are not marked so."""
    rows = Task.objects.filter(closed_at=None, is_overdue=False, due_at__lte=now)
    rows = rows.exclude(ticket__state=TicketState.DELETED)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def mark_task_late(pk: int, now: datetime) -> bool:
    """Mark one of them and tell whom the matrix names; False where it was done or moved in the meantime."""
    found = Task.objects.filter(pk=pk, closed_at=None, is_overdue=False, due_at__lte=now)
    if not found.update(is_overdue=True):
        return False
    task = Task.objects.select_related("ticket__organization", "ticket__department", "ticket__status").get(pk=pk)
    note(PANEL, "task overdue", task.ticket, organization=task.ticket.organization, details={"title": task.title})
    mail_out.tell(MailKind.TASK_OVERDUE_ALERT, task.ticket, by=PANEL, extra=_extra(task))
    return True


def _held(task: Task, by: Actor) -> tuple[Ticket, Task]:
    ticket = hold(task.ticket)
    access.require(by, ticket, Permission.TASKS)
    return ticket, Task.objects.select_related("agent__user", "team", "department").get(pk=task.pk)


def _extra(task: Task) -> dict[str, Any]:
    """What the words of the mail may say. Who does the task is told whatever the matrix says of the ticket's agent."""
    return {"task": task, "agents": (task.agent,) if task.agent is not None else ()}
