"""Nothing in; the desk's small tables out, read whole and with what pages show of them, in one question.

A page asks for the names of statuses, priorities, departments, topics, teams, agents and SLAs. Each has a few rows,
and seven questions take longer than their answers. What is not read here is read where somebody looks at it.
"""

# Names of our own tables and columns are put into SQL; nothing else is.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from hosts.models import User
from tickets.models import Agent, Department, HelpTopic, Priority, Sla, Status, Team

Row = TypeVar("Row", bound=Model)
_COLUMNS: dict[type[Model], tuple[str, str, str, str]] = {
    Status: ("position", "state", "can_reopen", "is_shown_to_customers"),
    Priority: ("urgency", "", "is_default", ""),
    Department: ("", "", "is_archived", "claims_by_answer"),
    HelpTopic: ("position", "", "is_archived", ""),
    Team: ("", "", "is_active", ""),
    Sla: ("", "", "is_active", ""),
}
"""What is read beside key and name: a number that goes before the name in the order, a word, two marks."""
_NOTHING = ("0", "''", "false", "false")
Found = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class SmallTables:
    """All rows of each, in the order in which pages show them."""

    statuses: tuple[Status, ...]
    priorities: tuple[Priority, ...]
    departments: tuple[Department, ...]
    topics: tuple[HelpTopic, ...]
    teams: tuple[Team, ...]
    agents: tuple[Agent, ...]
    slas: tuple[Sla, ...]


def small_tables() -> SmallTables:
    """Read them, archived and inactive rows too; agents with their logins' names, addresses and whether they are on."""
    found: Found = {}
    with connection.cursor() as cursor:
        cursor.execute(_question())
        for table, *row in cursor.fetchall():
            found.setdefault(table, []).append(tuple(row))
    return SmallTables(
        statuses=tuple(sorted(_rows(Status, found), key=lambda row: (row.position, row.pk))),
        priorities=tuple(_rows(Priority, found)),
        departments=tuple(_rows(Department, found)),
        topics=tuple(_rows(HelpTopic, found)),
        teams=tuple(_rows(Team, found)),
        agents=tuple(_agents(found)),
        slas=tuple(_rows(Sla, found)),
    )


@cache
def _question() -> str:
    agents, users = Agent._meta.db_table, User._meta.db_table
    of_agents = (
        f"SELECT '{agents}' AS part, agent.id AS id, login.name AS name, login.id AS place, login.email AS word,"
        f" login.is_active AS mark, agent.is_on_vacation AS other"
        f" FROM {agents} AS agent JOIN {users} AS login ON login.id = agent.user_id"
    )
    parts = [of_agents]
    for model, columns in _COLUMNS.items():
        table = model._meta.db_table
        shown = ", ".join(column or nothing for column, nothing in zip(columns, _NOTHING, strict=True))
        parts.append(f"SELECT '{table}', id, name, {shown} FROM {table}")
    place = f"CASE part WHEN '{agents}' THEN 0 ELSE place END"
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS small ORDER BY part, {place}, name, id"


def _rows(model: type[Row], found: Found) -> Iterator[Row]:
    columns = _COLUMNS[model]
    at = {"id": 0, "name": 1, **{column: place for place, column in enumerate(columns, 2) if column}}
    names = [field.attname for field in model._meta.concrete_fields if field.attname in at]  # from_db wants this order
    marks = frozenset(filter(None, columns[2:]))
    for row in found.get(model._meta.db_table, ()):
        yield model.from_db(connection.alias, names, [bool(row[at[n]]) if n in marks else row[at[n]] for n in names])


def _agents(found: Found) -> Iterator[Agent]:
    for pk, name, user_id, email, is_active, is_away in found.get(Agent._meta.db_table, ()):
        agent = Agent.from_db(connection.alias, ["id", "user_id", "is_on_vacation"], [pk, user_id, bool(is_away)])
        known = ["id", "email", "name", "is_active"]
        agent.user = User.from_db(connection.alias, known, [user_id, email, name, bool(is_active)])
        yield agent
