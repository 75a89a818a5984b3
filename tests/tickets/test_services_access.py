"""Who may do what on which ticket: by department, by assignment, by referral, by nothing."""

from __future__ import annotations

import pytest

from hosts.errors import NotAllowed
from hosts.services.audit import PANEL, Actor
from tests import make
from tests.tickets import rows
from tickets.choices import Permission
from tickets.models import Referral, Ticket
from tickets.services import access

pytestmark = pytest.mark.django_db
REPLY = {Permission.REPLY.value}
NOTE = {Permission.NOTE.value}


@pytest.fixture
def here():
    return rows.department("Here")


def replier(**fields):
    """An agent of the desk's own department whose role there allows replies."""
    return rows.agent(role=rows.role(Permission.REPLY), **fields)


def test_the_role_of_the_department_decides(here) -> None:
    agent = replier()
    rows.access(agent, here, role=rows.role(Permission.NOTE))
    assert access.permissions(agent.user, rows.ticket()) == REPLY
    assert access.permissions(agent.user, rows.ticket(department_id=here.pk)) == NOTE


@pytest.mark.parametrize(
    "given", ["to the agent", "to a team", "by referral", "by referral to a team", "by referral to the department"]
)
def test_what_was_given_to_one_follows_ones_own_role(given: str, here) -> None:
    agent = replier()
    team = rows.team(agent)
    ticket = rows.ticket(department_id=here.pk)
    assert access.permissions(agent.user, ticket) == set()
    if given == "to the agent":
        ticket.agent = agent
    elif given == "to a team":
        ticket.team = team
    else:
        whom = {"by referral": {"agent": agent}, "by referral to a team": {"team": team}}
        Referral.objects.create(ticket=ticket, **whom.get(given, {"department": agent.department}))
    assert access.permissions(agent.user, ticket) == REPLY


def test_one_who_is_limited_to_assigned_has_nothing_else(here) -> None:
    agent = replier(only_assigned=True)
    mine, other = rows.ticket(agent_id=agent.pk), rows.ticket()
    Referral.objects.create(ticket=other, department=agent.department)
    assert access.permissions(agent.user, mine) == REPLY
    assert access.permissions(agent.user, other) == set()


def test_what_one_may_do_and_what_one_sees_agree(here) -> None:
    agents = [replier(), replier(only_assigned=True), rows.agent(department=here)]
    made = [rows.ticket(), rows.ticket(department_id=here.pk), rows.ticket(agent_id=agents[0].pk)]
    Referral.objects.create(ticket=made[1], agent=agents[1])
    for agent in agents:
        seen = set(Ticket.objects.visible_to(agent.user))
        assert {ticket for ticket in made if access.permissions(agent.user, ticket)} == seen


@pytest.mark.parametrize("who", ["customer", "staff", "agent whose login is off"])
def test_others_may_nothing(who: str) -> None:
    ticket = rows.ticket()
    user = {"customer": make.customer, "staff": make.user, "agent whose login is off": lambda: replier().user}[who]()
    if who == "agent whose login is off":
        user.is_active = False
        user.save()
    for refused in (
        lambda: access.require(Actor(user), ticket, Permission.REPLY),
        lambda: access.require_in(Actor(user), ticket.department, Permission.REPLY),
        lambda: access.require_anywhere(Actor(user), Permission.REPLY),
    ):
        with pytest.raises(NotAllowed, match="Reply"):
            refused()


def test_administrators_and_the_panel_itself_may_everything() -> None:
    ticket = rows.ticket()
    assert access.permissions(make.admin(), ticket) == set(Permission.values)
    for by in (PANEL, Actor(make.admin())):
        access.require(by, ticket, Permission.DELETE)
        access.require_in(by, ticket.department, Permission.CREATE)
        access.require_anywhere(by, Permission.BAN)


def test_a_right_in_any_department_is_enough_for_what_belongs_to_none(here) -> None:
    agent = replier()
    rows.access(agent, here, role=rows.role(Permission.BAN))
    access.require_anywhere(rows.by(agent), Permission.BAN)
    with pytest.raises(NotAllowed):
        access.require_in(rows.by(agent), agent.department, Permission.BAN)
