"""The roles that a desk begins with open the pages they are for, and no others."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tests import make
from tests.hosts.pages import logged_in, url
from tickets.models import Department, DeskSettings
from tickets.services.rights import ensure_desk_roles

pytestmark = pytest.mark.django_db


def in_role(name: str) -> object:
    ensure_desk_roles()
    person = make.user(all_organizations=True)
    person.groups.set([Group.objects.get(name=name)])
    return logged_in(person)


@pytest.mark.parametrize(
    ("role", "model", "status"),
    [
        pytest.param("Agent", "contact", 200, id="an agent sees contacts"),
        pytest.param("Agent", "cannedresponse", 200, id="an agent sees canned responses"),
        pytest.param("Agent", "mailbox", 403, id="an agent does not see mailboxes"),
        pytest.param("Agent", "webhook", 403, id="an agent does not see webhooks"),
        pytest.param("Desk manager", "mailbox", 200, id="a manager sees mailboxes"),
        pytest.param("Desk manager", "role", 200, id="a manager sees desk roles"),
    ],
)
def test_a_role_opens_what_it_is_for(role: str, model: str, status: int) -> None:
    assert in_role(role).get(url(f"admin:tickets_{model}_changelist")).status_code == status


def test_a_role_that_people_changed_stays_so() -> None:
    ensure_desk_roles()
    role = Group.objects.get(name="Agent")
    role.permissions.clear()
    assert ensure_desk_roles() == []
    assert not role.permissions.exists()


def test_the_start_of_the_panel_makes_a_desk_once() -> None:
    call_command("first_desk")
    call_command("first_desk")
    assert DeskSettings.objects.get().department == Department.objects.get(name="Support")
    assert set(Group.objects.values_list("name", flat=True)) >= {"Agent", "Desk manager"}
