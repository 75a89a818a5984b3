"""Which tickets an agent sees."""

from __future__ import annotations

import pytest

from hosts.models import User
from tickets.choices import TicketState
from tickets.models import (
    Agent,
    Contact,
    Department,
    DepartmentAccess,
    Referral,
    Role,
    Team,
    TeamMember,
    Ticket,
)
from tickets.services.house import default_priority, desk, first_status

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> dict:
    support = desk().department
    sales = Department.objects.create(name="Sales")
    user = User.objects.create_user("agent@example.com", is_staff=True)
    agent = Agent.objects.create(user=user, department=support, role=Role.objects.get(name="All access"))
    return {"support": support, "sales": sales, "agent": agent, "user": user}


def make(number: str, department: Department, state: str = TicketState.OPEN, **fields) -> Ticket:
    return Ticket.objects.create(
        number=number,
        subject="Broken",
        contact=Contact.objects.create(name="Kim"),
        department=department,
        status=first_status(state),
        state=state,
        priority=default_priority(),
        **fields,
    )


def seen(user: User) -> set[str]:
    return set(Ticket.objects.visible_to(user).values_list("number", flat=True))


def test_an_agent_sees_the_own_department_and_what_is_given_or_referred(house) -> None:
    support, sales, agent = house["support"], house["sales"], house["agent"]
    team = Team.objects.create(name="Night")
    TeamMember.objects.create(team=team, agent=agent)
    make("own", support)
    make("foreign", sales)
    make("mine", sales, agent=agent)
    make("teams", sales, team=team)
    Referral.objects.create(ticket=make("referred", sales), department=support)
    Referral.objects.create(ticket=make("referred to me", sales), agent=agent)
    assert seen(house["user"]) == {"own", "mine", "teams", "referred", "referred to me"}


def test_a_further_department_is_seen_too_and_deleted_tickets_are_not(house) -> None:
    make("sales", house["sales"])
    make("gone", house["support"], TicketState.DELETED)
    DepartmentAccess.objects.create(
        agent=house["agent"], department=house["sales"], role=Role.objects.get(name="View only")
    )
    assert seen(house["user"]) == {"sales"}


def test_one_who_is_limited_to_assigned_tickets_sees_no_others(house) -> None:
    house["agent"].only_assigned = True
    house["agent"].save()
    make("own", house["support"])
    make("mine", house["support"], agent=house["agent"])
    assert seen(house["user"]) == {"mine"}


def test_staff_who_are_no_agents_see_none_and_administrators_all(house) -> None:
    make("one", house["sales"])
    assert seen(User.objects.create_user("op@example.com", is_staff=True)) == set()
    assert seen(User.objects.create_superuser("root@example.com")) == {"one"}
