"""Who asks and a ticket in; what their role allows them on it out. The one place that decides it."""

from __future__ import annotations

from django.utils.translation import override

from hosts.errors import NotAllowed
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import User
from hosts.services.audit import Actor
from tickets.choices import Permission
from tickets.models import Agent, Department, Ticket
from tickets.models.read_once import once
from tickets.models.ticket import agent_at_work

EVERYTHING = frozenset(Permission.values)


def agent_of(user: User | None) -> Agent | None:
    """The person as an agent; None for everybody else, and for agents whose login is off."""
    if user is None or not user.is_active:
        return None
    return agent_at_work(user)


def permissions(user: User, ticket: Ticket) -> frozenset[str]:
    """What the person may do: by the role in the ticket's department, or by one's own role where the ticket was
    given or referred to one. Nothing for somebody who may not even see it, everything for administrators.
    """
    if user.is_superuser:
        return EVERYTHING
    agent = agent_of(user)
    if agent is None:
        return frozenset()
    there = _role_in(agent, ticket.department_id)
    if there is not None and not agent.only_assigned:
        return there
    own = frozenset(agent.role.permissions) if there is None else there
    return own if _is_given(agent, ticket) else frozenset()


def require(by: Actor, ticket: Ticket, permission: Permission) -> None:
    """NotAllowed where the person may not; the panel itself (an actor without a person) may."""
    if by.user is not None and permission not in permissions(by.user, ticket):
        raise _refused(permission)


def require_in(by: Actor, department: Department, permission: Permission) -> None:
    """The same where there is no ticket yet."""
    if by.user is None or by.user.is_superuser:
        return
    agent = agent_of(by.user)
    if agent is None or permission not in (_role_in(agent, department.pk) or frozenset()):
        raise _refused(permission)


def require_anywhere(by: Actor, permission: Permission) -> None:
    """The same for what belongs to no department: contacts, banned addresses, canned responses for all."""
    if by.user is not None and permission not in permissions_anywhere(by.user):
        raise _refused(permission)


def permissions_anywhere(user: User) -> frozenset[str]:
    """What the person may do in any department at all."""
    if user.is_superuser:
        return EVERYTHING
    agent = agent_of(user)
    if agent is None:
        return frozenset()
    roles = [agent.role, *(one.role for one in agent.accesses.select_related("role"))]
    return frozenset(name for role in roles for name in role.permissions)


def works_in(agent: Agent, department_id: int) -> bool:
    """Whether the department is one of the agent's."""
    return _role_in(agent, department_id) is not None


def _role_in(agent: Agent, department_id: int) -> frozenset[str] | None:
    if agent.department_id == department_id:
        return frozenset(agent.role.permissions)
    access = once(
        ("access", agent.pk, department_id),
        lambda: agent.accesses.select_related("role").filter(department=department_id).first(),
    )
    return None if access is None else frozenset(access.role.permissions)


def _is_given(agent: Agent, ticket: Ticket) -> bool:
    """Whether the ticket is the agent's or their team's, or was referred to them, their team or department."""
    if ticket.agent_id == agent.pk:
        return True
    teams = set(agent.memberships.values_list("team", flat=True))
    if ticket.team_id in teams:
        return True
    departments = {agent.department_id, *agent.accesses.values_list("department", flat=True)}
    rows = ticket.referrals.values_list("agent", "team", "department")
    return any(
        who == agent.pk or team in teams or (there in departments and not agent.only_assigned)
        for who, team, there in rows
    )


def _refused(permission: Permission) -> NotAllowed:
    return NotAllowed(
        words(
            gettext_noop(
                "Your role does not allow this here: “%(permission)s”. Nothing was changed. "
                "An administrator can give you another role in this department."
            ),
            permission=_word(permission),
        )
    )


def _word(permission: Permission) -> Words:
    """What the permission is called, as a sentence that is translated where it is read."""
    with override(None):
        return words(str(permission.label))
