"""The mails of one ticket's life, from the verbs of the desk through the outbox to a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hosts.services.audit import PANEL
from tests.tickets.mail_rows import House, make_agent, make_house
from tests.tickets.smtp_server import Running, smtp_server
from tickets.choices import MailLogin, Security, TicketSource
from tickets.facts.mail import MailFacts
from tickets.facts.verbs import NewEntry, NewFile, NewTicket
from tickets.models import StoredFile
from tickets.models.stored import lay_down
from tickets.parse.mail import mail_facts
from tickets.render.message_id import tags_in
from tickets.services import assign, state, thread, tickets
from tickets.services.mail_keys import mail_keys
from tickets.tasks.send import send_due_mail

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG not really"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with smtp_server(tmp_path) as running:
        yield running


@pytest.fixture
def house(server: Running, settings, tmp_path: Path) -> House:
    settings.VAR_DIR = tmp_path
    where = {"smtp_host": "localhost", "smtp_port": server.port}
    return make_house(**where, smtp_security=Security.NONE, smtp_login=MailLogin.NONE)


def arrived(server: Running) -> list[MailFacts]:
    """What the server took since the last time, in the order of its addresses."""
    send_due_mail()
    found = [mail_facts(one.content) for one in sorted(server.keeper.taken, key=lambda one: one.to)]
    server.keeper.taken.clear()
    return found


def kept(name: str, data: bytes) -> NewFile:
    sha256, size = lay_down([data])
    StoredFile.objects.create(sha256=sha256, size=size)
    return NewFile(name, "image/png", sha256, size, is_inline=True, content_id="pic@desk")


def test_everybody_hears_what_they_should_and_no_more(server: Running, house: House) -> None:
    night = make_agent("night@desk.example", "Night")
    said = NewEntry(text="서버가 부팅되지 않습니다.", message_id="first@customer.example", source=TicketSource.MAIL)
    new = NewTicket("서버 문제", said, email="lee@customer.example", name="이지우", source=TicketSource.MAIL)
    ticket = tickets.open_ticket(new, by=PANEL)
    to_kim, receipt, to_night = arrived(server)
    assert (to_kim.to[0].email, to_night.to[0].email) == ("kim@desk.example", "night@desk.example")
    assert "서버가 부팅되지 않습니다." in to_kim.text
    assert receipt.subject == f"서버 문제 [#{ticket.number}]"
    assert "접수되었으며" in receipt.text
    assert receipt.in_reply_to == "first@customer.example"
    assert receipt.automatic is not None

    assign.claim(ticket, house.agent, by=house.by)
    assert arrived(server) == []  # who takes it themselves is not told

    ticket.refresh_from_db()
    files = (kept("화면.png", PICTURE),)
    words = NewEntry(text="고쳤습니다.", html='<p>고쳤습니다. <img src="cid:pic@desk"></p>', attachments=files)
    entry = thread.post_reply(ticket, words, by=house.by, agent=house.agent)
    (answer,) = arrived(server)
    assert answer.automatic is None
    assert answer.subject == f"Re: 서버 문제 [#{ticket.number}]"
    assert "> 서버가 부팅되지 않습니다." in answer.text
    assert [(file.name, file.data) for file in answer.attachments] == [("화면.png", PICTURE)]
    assert "cid:pic@desk" in answer.html
    assert answer.attachments[0].inline
    assert tags_in(answer.message_id, mail_keys())[0].entry == entry.pk
    assert answer.references[0] == receipt.references[0]

    ticket.refresh_from_db()
    thread.post_note(ticket, NewEntry(text="@Night 한번 봐 주세요"), by=house.by, agent=house.agent)
    (noted,) = arrived(server)
    assert noted.to[0].email == night.user.email

    ticket.refresh_from_db()
    state.resolve(ticket, by=house.by)
    (resolved,) = arrived(server)
    assert resolved.to[0].email == "lee@customer.example"
    assert "처리가 완료되었습니다" in resolved.text
    assert "봐 주세요" not in resolved.text + resolved.html
