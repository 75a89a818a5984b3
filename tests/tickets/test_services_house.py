"""The first desk, and what stays of one that people made."""

from __future__ import annotations

import pytest

from tickets.choices import Permission, TicketState
from tickets.models import Department, DeskSettings, Priority, Role, Sla, Status
from tickets.services.house import default_priority, desk, first_status

pytestmark = pytest.mark.django_db


def test_a_new_panel_has_a_desk_that_can_take_a_ticket() -> None:
    settings = desk()
    assert settings.department.name == "Support"
    assert settings.sequence.pattern == "######"
    assert {first_status(state).name for state in TicketState} == {
        "Open",
        "Resolved",
        "Closed",
        "Archived",
        "Deleted",
    }
    assert default_priority().name == "Normal"
    assert set(Role.objects.get(name="All access").permissions) == {one.value for one in Permission}


def test_asking_again_makes_nothing_twice() -> None:
    first = desk()
    counts = [kind.objects.count() for kind in (Department, Priority, Role, Sla, Status, DeskSettings)]
    assert desk() == first
    assert [kind.objects.count() for kind in (Department, Priority, Role, Sla, Status, DeskSettings)] == counts


def test_what_people_made_is_kept() -> None:
    Department.objects.create(name="Hosting")
    Priority.objects.create(name="Someday", urgency=9)
    Status.objects.create(name="Done", state=TicketState.RESOLVED, is_first=True)
    settings = desk()
    assert settings.department.name == "Hosting"
    assert default_priority().name == "Someday"
    assert first_status(TicketState.RESOLVED).name == "Done"


def test_the_second_question_is_one_query(django_assert_num_queries) -> None:
    desk()
    with django_assert_num_queries(1):
        desk()
