"""The first desk, and what stays of one that people made."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

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


def test_the_first_roles_manage_canned_responses_and_the_knowledge_base_or_neither() -> None:
    desk()
    found = {role.name: {"manage-canned", "manage-kb"} & set(role.permissions) for role in Role.objects.all()}
    both = {"manage-canned", "manage-kb"}
    assert found == {"All access": both, "Expanded access": both, "Limited access": set(), "View only": set()}


def test_roles_of_older_panels_manage_the_knowledge_base_where_they_manage_canned_responses() -> None:
    step = import_module("tickets.migrations.0007_roles_manage_the_knowledge_base")
    for name, permissions in (("Old", ["reply", "manage-canned", "ban"]), ("Small", ["reply"])):
        Role.objects.create(name=name, permissions=permissions)
    for _ in range(2):
        step.allow(apps, None)
    assert Role.objects.get(name="Old").permissions == ["reply", "manage-canned", "manage-kb", "ban"]
    assert Role.objects.get(name="Small").permissions == ["reply"]
    step.forget(apps, None)
    assert Role.objects.get(name="Old").permissions == ["reply", "manage-canned", "ban"]
