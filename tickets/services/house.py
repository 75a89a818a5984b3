"""The desk's own order: a first one where there is none, so that mail can be taken in from the first minute.

What is asked here is read once within a `read_once.one_reading`; the rows are to be looked at, not to be changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from tickets.choices import Permission, TicketState
from tickets.models import (
    Agent,
    Customer,
    Department,
    DeskSettings,
    HelpTopic,
    Mailbox,
    Priority,
    Role,
    Sequence,
    Sla,
    Status,
    Team,
    Ticket,
)
from tickets.models.read_once import once
from tickets.services.small_tables import SmallTables, small_tables

THE_ONE = 1
ALL = [permission.value for permission in Permission]
NOT_EXPANDED = {Permission.DELETE, Permission.EDIT_THREAD, Permission.BAN}
NOT_LIMITED = NOT_EXPANDED | {
    *(Permission.EDIT, Permission.CLOSE, Permission.MERGE),
    *(Permission.MANAGE_CANNED, Permission.MANAGE_KB),
}
FIRST_ROLES: dict[str, list[str]] = {
    "All access": ALL,
    "Expanded access": [name for name in ALL if name not in NOT_EXPANDED],
    "Limited access": [name for name in ALL if name not in NOT_LIMITED],
    "View only": [],
}
FIRST_STATUSES = (
    ("Open", TicketState.OPEN),
    ("Resolved", TicketState.RESOLVED),
    ("Closed", TicketState.CLOSED),
    ("Archived", TicketState.ARCHIVED),
    ("Deleted", TicketState.DELETED),
)
FIRST_PRIORITIES = (("Emergency", 1), ("High", 2), ("Normal", 3), ("Low", 4))
FIRST_SLA_MINUTES = (4 * 60, 18 * 60)


def desk() -> DeskSettings:
    """The settings of the desk, with a department, a number sequence, statuses and priorities behind them."""
    return once("desk", _desk)


def _desk() -> DeskSettings:
    found = DeskSettings.objects.select_related("department", "sequence", "sla").filter(pk=THE_ONE).first()
    return found if found is not None and found.department_id and found.sequence_id else _first_desk()


@transaction.atomic
def _first_desk() -> DeskSettings:
    """Fill in what is missing; what people made is left as it is. Two at once end with the same rows."""
    settings, _ = DeskSettings.objects.select_for_update().get_or_create(pk=THE_ONE)
    for name, permissions in FIRST_ROLES.items():
        Role.objects.get_or_create(name=name, defaults={"permissions": permissions})
    for position, (name, state) in enumerate(FIRST_STATUSES):
        if not Status.objects.filter(state=state, is_first=True).exists():
            Status.objects.get_or_create(
                name=name, defaults={"state": state, "is_first": True, "position": position * 10}
            )
    if not Priority.objects.exists():
        for name, urgency in FIRST_PRIORITIES:
            Priority.objects.create(name=name, urgency=urgency, is_default=name == "Normal")
    if settings.sla_id is None and not Sla.objects.exists():
        first_response, resolve = FIRST_SLA_MINUTES
        settings.sla = Sla.objects.create(
            name="Default", first_response_minutes=first_response, resolve_minutes=resolve
        )
    if settings.department_id is None:
        settings.department = Department.objects.filter(is_archived=False).order_by(
            "pk"
        ).first() or Department.objects.create(name="Support")
    if settings.sequence_id is None:
        settings.sequence, _ = Sequence.objects.get_or_create(name="Tickets", defaults={"next_value": 100001})
    settings.save()
    return settings


def first_status(state: str) -> Status:
    """The status that is meant where only a state is said."""
    return once(("first status", state), lambda: Status.objects.get(state=state, is_first=True))


def default_priority() -> Priority:
    """The priority of a ticket for which nobody said one: the one marked so, else the least urgent."""
    return once("default priority", _default_priority)


def _default_priority() -> Priority:
    found = Priority.objects.filter(is_default=True).first() or Priority.objects.order_by("-urgency").first()
    if found is None:
        desk()
        return _default_priority()
    return found


def mailboxes() -> tuple[Mailbox, ...]:
    """All mailboxes in the order of their keys, with their departments and without their secrets."""
    return once("mailboxes", _mailboxes)


def _mailboxes() -> tuple[Mailbox, ...]:
    rows = Mailbox.objects.select_related("department").defer("secret", "smtp_secret", "ca_certificate")
    return tuple(rows.order_by("pk"))


def mailbox_of(pk: int | None) -> Mailbox | None:
    """One of `mailboxes`; None for None and for one that is gone."""
    return next((box for box in mailboxes() if box.pk == pk), None) if pk is not None else None


def department_of(pk: int) -> Department:
    """A department with what a ticket in it asks for."""
    return once(("department", pk), lambda: Department.objects.select_related("sla", "schedule", "mailbox").get(pk=pk))


def topic_of(pk: int | None) -> HelpTopic | None:
    """A help topic with what a ticket gets by it; None for None and for one that is gone."""
    if pk is None:
        return None
    return once(
        ("topic", pk),
        lambda: HelpTopic.objects.select_related("sla", "status", "sequence").filter(pk=pk).first(),
    )


def priority_of(pk: int) -> Priority:
    """A priority."""
    return once(("priority", pk), lambda: Priority.objects.get(pk=pk))


def customer_of(organization_id: int | None) -> Customer | None:
    """What the desk knows of an organization, if anything."""
    if organization_id is None:
        return None
    return once(
        ("customer", organization_id),
        lambda: (
            Customer.objects.select_related("sla", "account_manager__user").filter(organization=organization_id).first()
        ),
    )


def statuses() -> tuple[Status, ...]:
    """All of them; small tables like this one and those below are read whole, and together."""
    return _small().statuses


def priorities() -> tuple[Priority, ...]:
    """All of them, the most urgent first."""
    return _small().priorities


def departments() -> tuple[Department, ...]:
    """All of them by name, archived ones too."""
    return _small().departments


def topics() -> tuple[HelpTopic, ...]:
    """All of them in their order, archived ones too."""
    return _small().topics


def teams() -> tuple[Team, ...]:
    """All of them by name, those that are not active too."""
    return _small().teams


def agents() -> tuple[Agent, ...]:
    """All of them by name, with their logins; those whose login is off too."""
    return _small().agents


def slas() -> tuple[Sla, ...]:
    """All of them by name, those that are not active too."""
    return _small().slas


def put_names(tickets: Iterable[Ticket]) -> None:
    """Let tickets name their status, priority, department, topic, team and agent without asking for each."""
    small = _small()
    tables = {
        "status": small.statuses,
        "priority": small.priorities,
        "department": small.departments,
        "topic": small.topics,
        "team": small.teams,
        "agent": small.agents,
    }
    known: dict[str, dict[int, Any]] = {name: {row.pk: row for row in rows} for name, rows in tables.items()}
    for ticket in tickets:
        for name, rows in known.items():
            if row := rows.get(getattr(ticket, f"{name}_id")):
                setattr(ticket, name, row)


def _small() -> SmallTables:
    return once("small tables", small_tables)
