"""Rows of a desk for tests: every maker fills in what the test does not care about. Names are numbered."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from hosts.models import User
from hosts.services.audit import PANEL, Actor
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.models import Agent, Contact, Department, DepartmentAccess, Role, Team, TeamMember, Ticket
from tickets.services.house import desk
from tickets.services.people import contact_for
from tickets.services.tickets import open_ticket

_numbers = itertools.count(1)


def department(name: str = "", **fields: Any) -> Department:
    """A department beside the first one."""
    desk()
    return Department.objects.create(name=name or f"Department {next(_numbers)}", **fields)


def role(*permissions: str) -> Role:
    """A role that allows exactly these."""
    return Role.objects.create(name=f"Role {next(_numbers)}", permissions=[str(one) for one in permissions])


def agent(name: str = "", *, role: Role | str = "All access", **fields: Any) -> Agent:
    """An agent of the desk's own department, who may do everything there."""
    support = desk().department
    number = next(_numbers)
    person = User.objects.create_user(
        f"{name.lower().replace(' ', '.') or f'agent{number}'}@desk.example",
        name=name or f"Agent {number}",
        is_staff=True,
    )
    found = role if isinstance(role, Role) else Role.objects.get(name=role)
    return Agent.objects.create(user=person, **{"department": support, "role": found, **fields})


def access(to: Agent, where: Department, *, role: Role | str = "All access") -> DepartmentAccess:
    """A further department of an agent."""
    found = role if isinstance(role, Role) else Role.objects.get(name=role)
    return DepartmentAccess.objects.create(agent=to, department=where, role=found)


def team(*members: Agent, **fields: Any) -> Team:
    """A team of these."""
    made = Team.objects.create(name=f"Team {next(_numbers)}", **fields)
    for member in members:
        TeamMember.objects.create(team=made, agent=member)
    return made


def contact(email: str = "", name: str = "") -> Contact:
    """A person who writes to the desk."""
    number = next(_numbers)
    return contact_for(email or f"customer{number}@example.com", name or f"Customer {number}")


def ticket(
    subject: str = "The disk is full", *, text: str = "Please help.", by: Actor = PANEL, **fields: Any
) -> Ticket:
    """A ticket that really was opened; fields are those of NewTicket."""
    if "contact_id" not in fields and "email" not in fields:
        fields["contact_id"] = contact().pk
    fields.setdefault("entry", NewEntry(text=text))
    return open_ticket(NewTicket(subject, **fields), by=by)


def tickets(count: int, **fields: Any) -> list[Ticket]:
    """So many of one person."""
    fields.setdefault("contact_id", contact().pk)
    return [ticket(**fields) for _ in range(count)]


def by(who: Agent) -> Actor:
    """The agent as the one who asks."""
    return Actor(who.user)


def kinds(rows: Iterable[Any]) -> list[str]:
    """The kinds of events or mails, the oldest row first."""
    return [str(row.kind) for row in sorted(rows, key=lambda row: row.pk)]
