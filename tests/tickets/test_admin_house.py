"""The settings pages of the desk: each opens, saves through the book, refuses in words, and is closed to others."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.models import AuditEntry, User
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets.settings_pages import errors_of, page, parts
from tickets.choices import AlertTo, Permission
from tickets.models import (
    Agent,
    Department,
    DepartmentAccess,
    HelpTopic,
    Priority,
    Role,
    Schedule,
    Sla,
    Status,
    Team,
)
from tickets.services.house import desk

pytestmark = pytest.mark.django_db

SETTINGS = (
    "agent",
    "ban",
    "contact",
    "customer",
    "department",
    "helptopic",
    "mailtemplate",
    "priority",
    "role",
    "schedule",
    "sequence",
    "sla",
    "status",
    "team",
    "templateset",
    "webhook",
)


@pytest.fixture
def admin() -> Any:
    desk()
    return logged_in(make.admin())


@pytest.mark.parametrize("model", SETTINGS)
def test_every_list_opens_and_so_does_the_page_of_a_new_row(admin: Any, model: str) -> None:
    assert admin.get(page(model, "changelist")).status_code == 200
    assert admin.get(page(model, "add")).status_code == 200


@pytest.mark.parametrize("model", [*SETTINGS, "desksettings", "webhookdelivery"])
def test_every_list_needs_a_permission(model: str) -> None:
    assert logged_in(make.user()).get(page(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", SETTINGS)
def test_who_may_only_look_cannot_add(model: str) -> None:
    client = logged_in(make.user(permissions=[f"tickets.view_{model}"], all_organizations=True))
    assert client.get(page(model, "changelist")).status_code == 200
    assert client.post(page(model, "add"), {}).status_code == 403


def test_an_existing_row_opens_on_every_page(admin: Any) -> None:
    settings = desk()
    for model, row in (
        ("department", settings.department),
        ("sequence", settings.sequence),
        ("sla", settings.sla),
        ("role", Role.objects.earliest("pk")),
        ("status", Status.objects.earliest("pk")),
        ("priority", Priority.objects.earliest("pk")),
    ):
        assert admin.get(page(model, "change", row.pk)).status_code == 200


class TestDesk:
    """The one row of the desk."""

    FIELDS = {
        "name": "Hanbit help",
        "automatic_mails_per_hour": "5",
        "close_after_days": "3",
        "max_open_per_contact": "0",
    }

    def fields(self) -> dict[str, Any]:
        settings = desk()
        return {**self.FIELDS, "department": settings.department_id, "sequence": settings.sequence_id}

    def test_the_list_leads_to_the_one_row(self, admin: Any) -> None:
        answer = admin.get(page("desksettings", "changelist"))
        assert answer["Location"] == page("desksettings", "change", desk().pk)
        assert "close_after_days" in text_of(admin.get(answer["Location"]))

    def test_the_matrix_is_drawn_as_boxes_and_kept_as_ticked(self, admin: Any) -> None:
        where = page("desksettings", "change", desk().pk)
        text = text_of(admin.get(where))
        assert 'value="ticket.alert|manager" checked' in text
        assert 'value="ticket.alert|followers" checked' not in text
        answer = admin.post(where, {**self.fields(), "alerts": ["ticket.alert|followers", "note.alert|manager"]})
        assert answer.status_code == 302
        settings = desk()
        assert settings.alerts["ticket.alert"] == [AlertTo.FOLLOWERS]
        assert settings.alerts["message.alert"] == []
        assert (settings.name, settings.close_after_days) == ("Hanbit help", 3)
        details = AuditEntry.objects.get(object_type="desksettings").details
        assert details["alerts ticket.alert"] == ["manager, members", "followers"]
        assert details["name"] == ["Help desk", "Hanbit help"]

    def test_a_box_that_does_not_exist_is_refused(self, admin: Any) -> None:
        answer = admin.post(
            page("desksettings", "change", desk().pk), {**self.fields(), "alerts": ["ticket.alert|everybody"]}
        )
        assert "alerts" in errors_of(answer)
        assert desk().name == "Help desk"

    def test_it_is_neither_added_nor_deleted(self, admin: Any) -> None:
        assert admin.get(page("desksettings", "add")).status_code == 403
        assert admin.post(page("desksettings", "delete", desk().pk), {"post": "yes"}).status_code == 403


class TestDepartments:
    """Departments and topics: trees."""

    def test_one_is_added_below_another_and_shown_by_its_path(self, admin: Any) -> None:
        support = desk().department
        admin.post(page("department", "add"), {"name": "Network", "parent": support.pk})
        assert Department.objects.get(name="Network").parent == support
        assert "Support / Network" in text_of(admin.get(page("department", "changelist")))
        assert AuditEntry.objects.filter(action="create", object_name="Network").exists()

    @pytest.mark.parametrize(("model", "kind"), [("department", Department), ("helptopic", HelpTopic)])
    def test_none_is_put_below_itself(self, admin: Any, model: str, kind: Any) -> None:
        upper = kind.objects.create(name="Upper")
        lower = kind.objects.create(name="Lower", parent=upper)
        answer = admin.post(page(model, "change", upper.pk), {"name": "Upper", "parent": lower.pk, "position": "0"})
        upper.refresh_from_db()
        assert upper.parent is None
        assert "cannot be a part of itself" in text_of(answer)

    def test_the_one_for_new_tickets_is_not_archived(self, admin: Any) -> None:
        support = desk().department
        answer = admin.post(page("department", "change", support.pk), {"name": "Support", "is_archived": "on"})
        support.refresh_from_db()
        assert not support.is_archived
        assert "Choose another default department" in text_of(answer)

    def test_one_with_agents_is_not_deleted(self, admin: Any) -> None:
        home = Department.objects.create(name="Night")
        Agent.objects.create(user=make.user(), department=home, role=Role.objects.earliest("pk"))
        admin.post(page("department", "delete", home.pk), {"post": "yes"})
        assert Department.objects.filter(pk=home.pk).exists()


class TestRolesAndAgents:
    """Who may do what, and who they are."""

    def test_a_role_is_made_of_ticked_permissions(self, admin: Any) -> None:
        admin.post(page("role", "add"), {"name": "First line", "permissions": ["reply", "note"]})
        assert Role.objects.get(name="First line").permissions == [Permission.REPLY, Permission.NOTE]

    def test_a_role_may_allow_nothing(self, admin: Any) -> None:
        assert admin.post(page("role", "add"), {"name": "Readers"}).status_code == 302
        assert Role.objects.get(name="Readers").permissions == []

    def test_working_hours_need_no_day_off(self, admin: Any) -> None:
        form = {"name": "Office", "time_zone": "Asia/Seoul", "mon": "9-12, 13-18", "days_off": ""}
        assert admin.post(page("schedule", "add"), form).status_code == 302
        assert Schedule.objects.get().hours == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}

    def test_a_role_says_what_changed_of_it(self, admin: Any) -> None:
        role = Role.objects.create(name="First line", permissions=["reply"])
        admin.post(page("role", "change", role.pk), {"name": "First line", "permissions": ["reply", "close"]})
        details = AuditEntry.objects.get(object_type="role", action="change").details
        assert details == {"permissions": ["reply", "reply, close"]}

    def test_an_agent_gets_further_departments_in_the_same_step(self, admin: Any) -> None:
        person, role, home = make.user(name="Sora"), Role.objects.get(name="All access"), desk().department
        billing = Department.objects.create(name="Billing")
        limited = Role.objects.get(name="Limited access")
        fields = {"user": person.pk, "department": home.pk, "role": role.pk, "signature_kind": "own"}
        rows = parts("accesses", {"department": billing.pk, "role": limited.pk, "gets_alerts": "on"})
        answer = admin.post(page("agent", "add"), {**fields, **rows}, follow=True)
        access = DepartmentAccess.objects.get()
        assert (access.agent.user, access.department, access.role) == (person, billing, limited)
        assert "they also need the role" in text_of(answer)
        assert AuditEntry.objects.get(object_type="agent").details["departmentaccess"][1].startswith("Billing")

    def test_an_access_is_taken_away(self, admin: Any) -> None:
        role, home = Role.objects.get(name="All access"), desk().department
        agent = Agent.objects.create(user=make.user(), department=home, role=role)
        access = DepartmentAccess.objects.create(agent=agent, department=Department.objects.create(name="B"), role=role)
        fields = {"department": home.pk, "role": role.pk, "signature_kind": "own"}
        rows = {"accesses-TOTAL_FORMS": 1, "accesses-INITIAL_FORMS": 1, "accesses-0-id": access.pk}
        rows |= {
            "accesses-0-agent": agent.pk,
            "accesses-0-department": access.department_id,
            "accesses-0-role": role.pk,
        }
        admin.post(page("agent", "change", agent.pk), {**fields, **rows, "accesses-0-DELETE": "on"})
        assert not agent.accesses.exists()

    def test_a_customer_is_no_agent(self, admin: Any) -> None:
        person = make.customer()
        fields = {"user": person.pk, "department": desk().department_id, "role": Role.objects.earliest("pk").pk}
        answer = admin.post(page("agent", "add"), {**fields, **parts("accesses"), "signature_kind": "own"})
        assert "user" in errors_of(answer)
        assert not Agent.objects.exists()

    def test_a_team_has_members(self, admin: Any) -> None:
        agent = Agent.objects.create(
            user=make.user(), department=desk().department, role=Role.objects.get(name="All access")
        )
        rows = parts("memberships", {"agent": agent.pk, "gets_alerts": "on"})
        admin.post(page("team", "add"), {"name": "Night shift", "is_active": "on", **rows})
        assert list(Team.objects.get().members.all()) == [agent]


def test_somebody_with_one_permission_writes_that_one_kind_only() -> None:
    desk()
    person: User = make.user(permissions=["tickets.view_sla", "tickets.add_sla"])
    client = logged_in(person)
    assert client.post(page("sla", "add"), {"name": "Silver"}).status_code == 302
    assert client.post(page("role", "add"), {"name": "Everything"}).status_code == 403
    assert AuditEntry.objects.get(object_type="sla").actor == person


def test_the_book_calls_the_settings_of_the_desk_by_their_names(admin: Any) -> None:
    admin.post(page("sla", "add"), {"name": "Silver", "first_response_minutes": "30"})
    row = Sla.objects.get(name="Silver")
    admin.post(page("sla", "change", row.pk), {"name": "Silver", "first_response_minutes": "60"})
    text = text_of(admin.get(url("admin:hosts_auditentry_changelist", query="object_type=sla")))
    assert "minutes to the first response</b> 30 → 60" in text
    assert "SLA Silver" in text
