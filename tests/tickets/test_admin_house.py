"""The settings pages of the desk: each opens, saves through the book, refuses in words, and is closed to others."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.models import AuditEntry, User
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tickets.choices import AlertTo, MailKind, OutgoingState, Permission, TicketState
from tickets.models import (
    Agent,
    Department,
    DepartmentAccess,
    HelpTopic,
    Mailbox,
    MailTemplate,
    OutgoingMail,
    Priority,
    Role,
    Schedule,
    Sequence,
    Sla,
    Status,
    Team,
    TemplateSet,
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


def page(model: str, name: str, *args: object, query: str = "") -> str:
    return url(f"admin:tickets_{model}_{name}", *args, query=query)


def parts(prefix: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """The fields of rows below a row, as a browser sends them."""
    fields: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def errors_of(answer: Any) -> Any:
    return answer.context["adminform"].form.errors


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


class TestHoursAndNumbers:
    """Promises, working hours and number sequences."""

    def test_hours_are_typed_as_people_say_them(self, admin: Any) -> None:
        fields = {"name": "Office", "time_zone": "Asia/Seoul", "mon": "13:00–18:00, 9-12", "sat": "10:00-24:00"}
        admin.post(page("schedule", "add"), {**fields, "days_off": "2026-12-25 Christmas\n\n2026-10-09"})
        row = Schedule.objects.get()
        assert row.hours == {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "sat": [["10:00", "24:00"]]}
        assert row.holidays == ["2026-10-09", "2026-12-25"]
        assert 'value="09:00–12:00, 13:00–18:00"' in text_of(admin.get(page("schedule", "change", row.pk)))

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            pytest.param({"mon": "nine to five"}, "mon", id="words"),
            pytest.param({"tue": "18:00-09:00"}, "tue", id="an end before the beginning"),
            pytest.param({"wed": "09:00-12:00, 11:00-13:00"}, "wed", id="hours that overlap"),
            pytest.param({"mon": "9-17", "days_off": "25.12.2026"}, "days_off", id="a date that is none"),
            pytest.param({}, "__all__", id="no hour at all"),
        ],
    )
    def test_what_is_no_time_is_said_at_its_field(self, admin: Any, fields: dict[str, str], field: str) -> None:
        answer = admin.post(page("schedule", "add"), {"name": "Office", "time_zone": "UTC", **fields})
        assert field in errors_of(answer)
        assert not Schedule.objects.exists()

    def test_a_promise_is_shown_in_hours(self, admin: Any) -> None:
        admin.post(page("sla", "add"), {"name": "Gold", "first_response_minutes": "90", "resolve_minutes": "480"})
        assert Sla.objects.get(name="Gold").first_response_minutes == 90
        assert "1 h 30 min" in text_of(admin.get(page("sla", "changelist")))

    def test_numbers_only_go_up(self, admin: Any) -> None:
        row = Sequence.objects.create(name="Network", pattern="NET-####", next_value=41)
        where = page("sequence", "change", row.pk)
        fields = {"name": "Network", "kind": "sequence", "pattern": "NET-####"}
        assert "next_value" in errors_of(admin.post(where, {**fields, "next_value": "7"}))
        admin.post(where, {**fields, "next_value": "100"})
        row.refresh_from_db()
        assert row.next_value == 100
        assert "NET-0100" in text_of(admin.get(page("sequence", "changelist")))

    @pytest.mark.parametrize(
        ("kind", "pattern"),
        [pytest.param("sequence", "NET", id="no digit"), pytest.param("random", "##", id="too few to be random")],
    )
    def test_a_pattern_needs_digits(self, admin: Any, kind: str, pattern: str) -> None:
        fields = {"name": "N", "kind": kind, "pattern": pattern, "next_value": "1"}
        assert "pattern" in errors_of(admin.post(page("sequence", "add"), fields))


class TestLabels:
    """Statuses and priorities."""

    def test_another_status_takes_the_first_place_of_its_state(self, admin: Any) -> None:
        fields = {"name": "Done", "state": "resolved", "is_first": "on", "position": "5"}
        admin.post(page("status", "add"), fields)
        assert [row.name for row in Status.objects.filter(state=TicketState.RESOLVED, is_first=True)] == ["Done"]

    def test_a_state_keeps_its_first_status(self, admin: Any) -> None:
        first = Status.objects.get(state=TicketState.OPEN)
        answer = admin.post(page("status", "change", first.pk), {"name": "Open", "state": "open", "position": "0"})
        assert "Mark another status of that state first" in text_of(answer)
        admin.post(page("status", "delete", first.pk), {"post": "yes"})
        first.refresh_from_db()
        assert first.is_first

    def test_another_priority_is_taken_where_none_is_said(self, admin: Any) -> None:
        admin.post(page("priority", "add"), {"name": "Someday", "urgency": "9", "is_default": "on"})
        assert [row.name for row in Priority.objects.filter(is_default=True)] == ["Someday"]

    def test_a_topic_says_where_it_leads(self, admin: Any) -> None:
        fields = {"name": "Invoices", "department": desk().department_id, "position": "0"}
        admin.post(page("helptopic", "add"), fields)
        assert HelpTopic.objects.get().department == desk().department
        assert "Invoices" in text_of(admin.get(page("helptopic", "changelist")))


class TestTemplates:
    """The words of mails."""

    def test_a_set_shows_every_mail_with_the_way_to_its_words(self, admin: Any) -> None:
        row = TemplateSet.objects.create(name="Friendly")
        text = text_of(admin.get(page("templateset", "change", row.pk)))
        for kind in MailKind:
            assert f"kind={kind.value}&amp;language=ko" in text

    def test_the_built_in_words_are_the_start(self, admin: Any) -> None:
        row = TemplateSet.objects.create(name="Friendly")
        query = f"templates={row.pk}&kind=ticket.autoresp&language=en"
        text = text_of(admin.get(page("mailtemplate", "add", query=query)))
        assert "Your request has arrived" in text
        assert "ticket.client_link" in text

    def test_own_words_are_saved_and_lead_back_to_the_set(self, admin: Any) -> None:
        row = TemplateSet.objects.create(name="Friendly")
        fields = {
            "templates": row.pk,
            "kind": "ticket.autoresp",
            "language": "en",
            "subject": "We have it: %{ticket.subject}",
        }
        answer = admin.post(page("mailtemplate", "add"), {**fields, "body": "Hi %{recipient.name},\nthanks!"})
        assert answer["Location"] == page("templateset", "change", row.pk)
        assert MailTemplate.objects.get().body.startswith("Hi %{recipient.name}")
        assert AuditEntry.objects.filter(object_type="mailtemplate", action="create").exists()

    def test_a_variable_that_does_not_exist_is_said_at_its_field(self, admin: Any) -> None:
        row = TemplateSet.objects.create(name="Friendly")
        fields = {"templates": row.pk, "kind": "ticket.autoresp", "language": "en", "subject": "Hello"}
        answer = admin.post(page("mailtemplate", "add"), {**fields, "body": "Hi\n%{ticket.nummer}"})
        assert "Do you mean “ticket.number”?" in str(errors_of(answer)["body"])
        assert not MailTemplate.objects.exists()

    @pytest.mark.parametrize("kind", [pytest.param(kind.value, id=kind.name.lower()) for kind in MailKind])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_the_built_in_words_of_every_mail_can_be_previewed(self, admin: Any, kind: str, language: str) -> None:
        start = text_of(admin.get(page("mailtemplate", "add", query=f"kind={kind}&language={language}")))
        assert "mail-preview" in start
        typed = {"kind": kind, "language": language, "subject": "About %{company.name}", "body": "To %{recipient.name}"}
        answer = admin.post(page("mailtemplate", "preview"), typed)
        assert "Minji Kim" in text_of(answer)
        assert not MailTemplate.objects.exists()

    def test_a_preview_says_what_is_wrong(self, admin: Any) -> None:
        typed = {"kind": "ticket.reply", "language": "en", "subject": "x", "body": "%{note}"}
        assert "there is no variable" in text_of(admin.post(page("mailtemplate", "preview"), typed))

    def test_a_sample_goes_to_the_one_who_asks(self, admin: Any) -> None:
        typed = {"kind": "ticket.reply", "language": "ko", "subject": "Re: %{ticket.subject}", "body": "%{response}"}
        assert "No mailbox of the desk can send" in text_of(
            admin.post(page("mailtemplate", "preview"), typed | {"send": "1"})
        )
        Mailbox.objects.create(name="Help", address="help@hanbit.example", smtp_host="smtp.hanbit.example")
        answer = admin.post(page("mailtemplate", "preview"), typed | {"send": "1"})
        row = OutgoingMail.objects.get()
        assert row.to_email == User.objects.get().email
        assert row.to_email in text_of(answer)
        assert (row.from_email, row.state, row.ticket) == ("help@hanbit.example", OutgoingState.WAITING, None)
        assert AuditEntry.objects.filter(action="send sample").exists()

    def test_a_preview_is_for_those_who_may_look(self) -> None:
        typed = {"kind": "ticket.reply", "language": "en", "subject": "x", "body": "x"}
        assert logged_in(make.user()).post(page("mailtemplate", "preview"), typed).status_code == 403


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
