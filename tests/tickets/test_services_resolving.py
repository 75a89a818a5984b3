"""An answer that resolves a ticket is one mail that says so; how many open tickets somebody may have."""

from __future__ import annotations

import pytest
from django.db import transaction

from hosts.errors import WrongState
from hosts.services.audit import Actor
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.choices import MailKind, TicketSource, TicketState
from tickets.facts.verbs import NewEntry
from tickets.models import MailTemplate, OutgoingMail, Status, TemplateSet, Ticket
from tickets.services import state, thread
from tickets.services.house import desk, first_status

pytestmark = pytest.mark.django_db
ENGLISH, REOPENS = "We have marked your request as resolved.", "Answer this mail, and the request opens again."


def answer(ticket: Ticket, to: str = thread.TO_ALL, *, resolves: bool = True) -> list[OutgoingMail]:
    """Answer, with the status; the mails of it to the customer."""
    agent = rows.agent()
    before = set(OutgoingMail.objects.values_list("pk", flat=True))
    status = first_status(TicketState.RESOLVED) if resolves else None
    new = NewEntry(text="It was the fuse.")
    thread.post_reply(ticket, new, by=rows.by(agent), agent=agent, status=status, to=to)
    written = OutgoingMail.objects.exclude(pk__in=before)
    return list(written.filter(to_email=ticket.contact.email).order_by("pk"))


class TestOneMail:
    """The answer and the end of it."""

    def test_an_answer_that_resolves_is_one_mail_that_says_so(self) -> None:
        ticket = rows.ticket()
        (mail,) = answer(ticket)
        assert mail.kind == MailKind.TICKET_REPLY
        for said in ("It was the fuse.", ENGLISH, REOPENS):
            assert said in mail.text
        assert ENGLISH in mail.html
        ticket.refresh_from_db()
        assert ticket.state == TicketState.RESOLVED

    def test_it_says_so_in_the_language_of_the_reader(self) -> None:
        ticket = rows.ticket()
        ticket.contact.language = "ko"
        ticket.contact.save()
        (mail,) = answer(ticket)
        assert "문의의 처리가 완료되었습니다." in mail.text
        assert ENGLISH not in mail.text

    def test_an_answer_alone_says_nothing_of_it(self) -> None:
        (mail,) = answer(rows.ticket(), resolves=False)
        assert "resolved" not in mail.text
        assert "\n\n\n" not in mail.text

    def test_an_answer_to_a_resolved_ticket_does_not_say_it_again(self) -> None:
        ticket = rows.ticket()
        state.resolve(ticket, by=rows.by(rows.agent()))
        (mail,) = answer(ticket)
        assert ENGLISH not in mail.text

    @pytest.mark.parametrize("body", ["Hello!\n\n%{response}", "%{resolution}\n\n%{response}"], ids=["without", "with"])
    def test_own_words_say_it_once_with_or_without_the_variable(self, body: str) -> None:
        ticket = rows.ticket()
        ticket.department.templates = TemplateSet.objects.create(name="Own")
        ticket.department.save()
        MailTemplate.objects.create(
            templates=ticket.department.templates, kind=MailKind.TICKET_REPLY, language="en", subject="Re: x", body=body
        )
        (mail,) = answer(ticket)
        assert mail.text.count(ENGLISH) == 1

    def test_a_status_that_cannot_be_opened_again_promises_nothing(self) -> None:
        ticket = rows.ticket()
        Status.objects.filter(state=TicketState.RESOLVED).update(can_reopen=False)
        (mail,) = answer(ticket)
        assert ENGLISH in mail.text
        assert REOPENS not in mail.text

    def test_an_answer_to_nobody_leaves_the_notice(self) -> None:
        (mail,) = answer(rows.ticket(), thread.TO_NOBODY)
        assert mail.kind == MailKind.TICKET_RESOLVED

    def test_a_note_and_a_status_alone_are_followed_by_the_notice(self) -> None:
        me = rows.agent()
        noted, alone = rows.ticket(), rows.ticket()
        thread.post_note(noted, NewEntry(text="x"), by=rows.by(me), status=first_status(TicketState.RESOLVED))
        state.resolve(alone, by=rows.by(me))
        assert OutgoingMail.objects.filter(kind=MailKind.TICKET_RESOLVED).count() == 2


class TestMostOpen:
    """How many open tickets somebody may have."""

    @pytest.fixture(autouse=True)
    def two(self) -> None:
        settings = desk()
        settings.max_open_per_contact = 2
        settings.save()

    @pytest.mark.parametrize("source", [TicketSource.WEB, TicketSource.API])
    def test_the_portal_and_programs_are_stopped_there(self, source: TicketSource) -> None:
        who = rows.contact()
        who.user = make.customer()
        who.save()
        rows.tickets(2, contact_id=who.pk)
        with pytest.raises(WrongState, match="2 open tickets"), transaction.atomic():
            rows.ticket(contact_id=who.pk, source=source, by=Actor(who.user))
        assert who.tickets.count() == 2
        state.resolve(who.tickets.earliest("pk"), by=rows.by(rows.agent()))
        rows.ticket(contact_id=who.pk, source=source, by=Actor(who.user))
        assert who.tickets.open().count() == 2

    def test_an_agent_goes_on_and_is_told(self) -> None:
        who, me = rows.contact("sky@haneul.example", "Haneul"), rows.agent()
        rows.tickets(2, contact_id=who.pk)
        form = {"email": "sky@haneul.example", "source": "phone", "subject": "Third", "text": "One more"}
        page = logged_in(me.user).post(url("tickets:new"), form, follow=True)
        assert "Haneul has 3 open tickets now; from outside only 2 are let in." in text_of(page)
        assert who.tickets.count() == 3

    def test_what_the_panel_finds_is_never_turned_away(self) -> None:
        who = rows.contact()
        rows.tickets(3, contact_id=who.pk, source=TicketSource.PANEL)
        assert who.tickets.count() == 3
