"""Words of mails tried out before anybody gets them."""

from __future__ import annotations

import pytest

from hosts.errors import BadInput, RenderError
from tests.tickets.mail_rows import House, make_entry, make_house, message, response
from tickets.choices import EntryKind, MailKind, OutgoingState
from tickets.models import MailTemplate, OutgoingMail, TemplateSet
from tickets.services.mail_out import tell
from tickets.services.mail_words import built_in
from tickets.services.template_trials import preview_on, send_test
from tickets.services.templates import save_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_kind_of_mail_can_be_sent_as_a_test(house: House, language: str) -> None:
    for kind in MailKind:
        words = built_in(kind, language)
        mail = send_test(kind, language, words.subject, words.body, to_email="me@desk.example", by=house.by)
        assert (mail.state, mail.from_email) == (OutgoingState.WAITING, "support@desk.example")
        assert mail.subject
        assert "%{" not in mail.subject + mail.text


def test_a_test_mail_needs_an_address(house: House) -> None:
    with pytest.raises(BadInput, match="Type an address"):
        send_test(MailKind.TICKET_REPLY, "en", "s", "b", to_email="me", by=house.by)


def test_a_test_mail_with_an_unknown_variable_is_refused(house: House) -> None:
    with pytest.raises(RenderError, match="there is no variable “note”"):
        send_test(MailKind.TICKET_REPLY, "en", "s", "%{note}", to_email="me@desk.example", by=house.by)
    assert not OutgoingMail.objects.exists()


def test_a_preview_shows_the_ticket_it_is_made_on(house: House) -> None:
    message(house.ticket)
    response(house.ticket, house.agent, "It was the fuse.")
    said = preview_on(MailKind.TICKET_REPLY, "en", house.ticket, by=house.by)
    assert said.subject == f"Re: The server does not boot [#{house.ticket.number}]"
    assert "It was the fuse." in said.text
    typed = preview_on(MailKind.NOTE_ALERT, "ko", house.ticket, by=house.by, typed=("%{ticket.number}", "%{staff}님"))
    assert "Kim Minsu님" in typed.text
    assert not OutgoingMail.objects.exists()


def test_own_words_of_a_department_are_used_in_their_language(house: House) -> None:
    house.support.templates = TemplateSet.objects.create(name="Formal")
    house.support.save()
    own = MailTemplate(templates=house.support.templates, kind=MailKind.TICKET_REPLY, language="ko")
    own.subject, own.body = "답변: %{ticket.subject}", "%{recipient.name} 고객님께\n\n%{response}\n%{ticket.topic}"
    save_template(own, by=house.by)
    house.ticket.refresh_from_db()
    entry = response(house.ticket, house.agent)
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)
    assert mail.subject.startswith("Re: ")
    house.customer.language = "ko"
    house.customer.save()
    (mail,) = tell(MailKind.TICKET_REPLY, house.ticket, entry=response(house.ticket, house.agent), by=house.by)
    assert mail.subject == f"답변: The server does not boot [#{house.ticket.number}]"
    assert "Lee Jiwoo 고객님께" in mail.text


def test_a_customers_thread_has_no_notes_in_it(house: House) -> None:
    message(house.ticket, "Hello")
    make_entry(house.ticket, EntryKind.NOTE, "He never pays.", agent=house.agent)
    said = preview_on(MailKind.TICKET_AUTORESPONSE, "en", house.ticket, by=house.by, typed=("s", "%{ticket.thread}"))
    assert "Hello" in said.text
    assert "never pays" not in said.text
    for_agents = preview_on(MailKind.TICKET_ALERT, "en", house.ticket, by=house.by, typed=("s", "%{ticket.thread}"))
    assert "never pays" in for_agents.text
