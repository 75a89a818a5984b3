"""The settings of hours, numbers, labels and templates: what is saved, and what is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.models import AuditEntry, User
from tests import make
from tests.hosts.pages import logged_in, text_of
from tests.tickets.settings_pages import errors_of, page
from tickets.choices import MailKind, OutgoingState, TicketState
from tickets.models import (
    HelpTopic,
    Mailbox,
    MailTemplate,
    OutgoingMail,
    Priority,
    Schedule,
    Sequence,
    Sla,
    Status,
    TemplateSet,
)
from tickets.services.house import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Any:
    desk()
    return logged_in(make.admin())


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
        assert AuditEntry.objects.filter(action="test-mail").exists()

    def test_a_test_mail_goes_to_the_address_that_was_typed(self, admin: Any) -> None:
        Mailbox.objects.create(name="Help", address="help@hanbit.example", smtp_host="smtp.hanbit.example")
        typed = {"kind": "ticket.reply", "language": "en", "subject": "Re: x", "body": "%{response}", "send": "1"}
        admin.post(page("mailtemplate", "preview"), typed | {"to_email": "boss@hanbit.example"})
        assert OutgoingMail.objects.get().to_email == "boss@hanbit.example"
        assert "Type an address" in text_of(admin.post(page("mailtemplate", "preview"), typed | {"to_email": "nobody"}))

    def test_who_may_only_look_at_words_sends_none(self) -> None:
        Mailbox.objects.create(name="Help", address="help@hanbit.example", smtp_host="smtp.hanbit.example")
        client = logged_in(make.user(permissions=["tickets.view_mailtemplate"]))
        typed = {"kind": "ticket.reply", "language": "en", "subject": "Re: x", "body": "%{response}"}
        assert client.post(page("mailtemplate", "preview"), typed).status_code == 200
        assert client.post(page("mailtemplate", "preview"), typed | {"send": "1"}).status_code == 403
        assert not OutgoingMail.objects.exists()

    def test_a_preview_is_for_those_who_may_look(self) -> None:
        typed = {"kind": "ticket.reply", "language": "en", "subject": "x", "body": "x"}
        assert logged_in(make.user()).post(page("mailtemplate", "preview"), typed).status_code == 403
