"""A ticket on behalf of somebody, an agent's own preferences, the desk's part of today."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from hosts.models import User
from hosts.views.palette import found
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.choices import MailboxState, Permission
from tickets.models import Agent, Contact, Mailbox, Ticket
from tickets.services.house import desk

pytestmark = pytest.mark.django_db
ASKED = {"email": "sky@c.example", "name": "Haneul", "source": "phone", "subject": "No address", "text": "Since noon."}


class TestNew:
    """Somebody called."""

    def test_a_ticket_is_opened_for_somebody_new(self) -> None:
        me = rows.agent()
        answer = logged_in(me.user).post(url("tickets:new"), ASKED)
        ticket = Ticket.objects.get()
        assert answer["Location"] == ticket.get_absolute_url()
        assert (ticket.contact.email, ticket.source, ticket.entries.get().text) == (
            "sky@c.example",
            "phone",
            "Since noon.",
        )

    def test_somebody_who_is_known_stays_one_person(self) -> None:
        known = rows.contact("Sky@C.example", "Haneul")
        logged_in(rows.agent().user).post(url("tickets:new"), ASKED)
        assert Ticket.objects.get().contact == known
        assert Contact.objects.count() == 1

    def test_people_in_copy_files_and_where_it_goes_come_along(self, settings: Any, tmp_path: Any) -> None:
        settings.VAR_DIR = tmp_path
        me = rows.agent()
        logged_in(me.user).post(
            url("tickets:new"), {**ASKED, "cc": "ops@c.example", "agent": me.pk, "department": me.department_id}
        )
        ticket = Ticket.objects.get()
        assert (ticket.agent, [row.contact.email for row in ticket.collaborators.all()]) == (me, ["ops@c.example"])

    @pytest.mark.parametrize("field", ["email", "subject", "text"])
    def test_what_is_missing_is_said_at_its_field_and_the_rest_is_kept(self, field: str) -> None:
        answer = logged_in(rows.agent().user).post(url("tickets:new"), {**ASKED, field: ""})
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        kept = "Since noon." if field != "text" else "No address"
        assert kept in text_of(answer)
        assert not Ticket.objects.exists()

    def test_a_role_that_opens_none_is_refused_in_words(self) -> None:
        answer = logged_in(rows.agent(role=rows.role(Permission.REPLY)).user).post(url("tickets:new"), ASKED)
        assert "Your role does not allow this here" in text_of(answer)
        assert not Ticket.objects.exists()

    def test_staff_who_are_no_agents_are_refused(self) -> None:
        assert logged_in(make.user()).get(url("tickets:new")).status_code == 403

    def test_known_people_are_offered_while_one_types(self) -> None:
        me = rows.agent()
        rows.ticket(contact_id=rows.contact("sky@c.example", "Haneul").pk)
        page = text_of(logged_in(me.user).get(url("tickets:contact-find"), {"q": "hane"}))
        assert 'data-email="sky@c.example"' in page

    def test_people_of_tickets_that_one_may_not_see_are_not_offered(self) -> None:
        me = rows.agent()
        rows.ticket(contact_id=rows.contact("sky@c.example", "Haneul").pk, department_id=rows.department().pk)
        assert "sky@" not in text_of(logged_in(me.user).get(url("tickets:contact-find"), {"q": "hane"}))


class TestMe:
    """Signature, queues, name and language."""

    def test_preferences_are_kept(self) -> None:
        me = rows.agent("Mina Park")
        sent = {
            "signature": "Mina",
            "signature_kind": "own",
            "default_queue": "mine",
            "page_size": "25",
            "is_on_vacation": "on",
            "name": "Mina P.",
            "language": "ko",
            "time_zone": "Asia/Seoul",
        }
        assert logged_in(me.user).post(url("tickets:me"), sent).status_code == 302
        me = Agent.objects.get(pk=me.pk)
        assert (me.signature, me.default_queue, me.page_size, me.is_on_vacation) == ("Mina", "mine", 25, True)
        assert (me.user.name, me.user.language, me.user.time_zone) == ("Mina P.", "ko", "Asia/Seoul")

    def test_nobody_makes_themselves_an_administrator_or_takes_a_role(self) -> None:
        me = rows.agent(role="View only")
        sent = {
            "signature_kind": "none",
            "page_size": "25",
            "name": "x",
            "language": "en",
            "time_zone": "UTC",
            "is_superuser": "on",
            "role": Agent.objects.get(pk=me.pk).role_id + 1,
            "department": rows.department().pk,
        }
        logged_in(me.user).post(url("tickets:me"), sent)
        now = Agent.objects.get(pk=me.pk)
        assert (now.role, now.department, now.user.is_superuser) == (me.role, me.department, False)

    def test_a_time_zone_of_nowhere_is_refused_and_what_was_typed_is_kept(self) -> None:
        me = rows.agent()
        sent = {"signature_kind": "own", "page_size": "25", "signature": "Bye", "language": "en", "time_zone": "Mars"}
        answer = logged_in(me.user).post(url("tickets:me"), sent)
        assert answer.status_code == 422
        assert "Bye" in text_of(answer)
        assert User.objects.get(pk=me.user.pk).time_zone == "UTC"


class TestToday:
    """What needs me now."""

    def test_an_agent_without_machines_has_a_page_of_today(self) -> None:
        me, _ = rows.agent(), rows.ticket("The disk is full")
        page = text_of(logged_in(me.user).get(url("dashboard")))
        assert "The disk is full" in page
        assert "Credential" not in page

    def test_the_last_days_are_a_picture_with_its_numbers(self) -> None:
        me = rows.agent()
        assert "Tickets by day" not in text_of(logged_in(me.user).get(url("dashboard")))
        rows.ticket("The disk is full")
        answer = logged_in(me.user).get(url("dashboard"))
        assert 'Tickets by day <span class="right num">1 / 0</span>' in text_of(answer)
        assert answer.content.count(b'<rect class="run"') == 1

    def test_somebody_who_works_at_no_desk_sees_no_tickets(self) -> None:
        rows.ticket("The disk is full")
        assert "The disk is full" not in text_of(logged_in(make.operator()).get(url("dashboard")))

    def test_somebody_with_neither_is_refused(self) -> None:
        assert logged_in(make.user()).get(url("dashboard")).status_code == 403

    def test_a_mailbox_that_fails_is_said_to_those_who_may_know(self) -> None:
        desk()
        Mailbox.objects.create(name="x", address="ticket@x.example", state=MailboxState.FAILING, state_why="No login.")
        assert "ticket@x.example" in text_of(logged_in(make.admin()).get(url("dashboard")))
        assert "ticket@x.example" not in text_of(logged_in(rows.agent().user).get(url("dashboard")))


class TestPalette:
    """Ctrl+K."""

    def results(self, who: User, words: str) -> list[str]:
        request = RequestFactory().get("/")
        request.user = who
        return [result.title for result in found(request, words)]

    def test_a_ticket_is_found_by_its_number_and_by_its_words(self) -> None:
        me, ticket = rows.agent(), rows.ticket("The disk is full")
        assert self.results(me.user, f"#{ticket.number}") == [f"{ticket.number} The disk is full"]
        assert self.results(me.user, "disk") == [f"{ticket.number} The disk is full"]

    def test_tickets_that_one_may_not_see_are_not_found(self) -> None:
        ticket = rows.ticket("The disk is full", department_id=rows.department().pk)
        assert self.results(rows.agent().user, "disk") == []
        assert self.results(rows.agent().user, ticket.number) == []
        assert self.results(make.operator(), "disk") == []

    def test_doings_are_found_by_their_names(self) -> None:
        assert self.results(rows.agent().user, "new tick") == ["New ticket"]

    def test_people_and_organizations_are_found_by_those_who_work_for_them(self) -> None:
        haneul = rows.contact("sky@haneul.example", "Kim Haneul")
        haneul.organization = make.organization("Haneul Trading")
        haneul.save()
        me = rows.agent()
        assert self.results(me.user, "haneul") == []
        ticket = rows.ticket(contact_id=haneul.pk)
        assert self.results(me.user, "haneul") == [
            f"{ticket.number} {ticket.subject}",
            "Kim Haneul",
            "Haneul Trading",
        ]
