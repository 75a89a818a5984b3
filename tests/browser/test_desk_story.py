"""A customer writes to the desk and is helped: real SMTP, real IMAP, real browser, from the first mail to the reopening."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.fixtures import Visitor
from tests.lab import post_office
from tests.lab.desk_story import DeskStory, accounts
from tests.lab.letters import DESK, KIM, answer, letter, read, send
from tickets.choices import EventKind, TicketState
from tickets.models import Agent, Entry, Mailbox, Ticket
from tickets.services.rights import ensure_desk_roles
from tickets.tasks.fetch import fetch_mailbox
from tickets.tasks.intake import take_in_waiting
from tickets.tasks.send import send_due_mail

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(post_office.missing()), reason=post_office.missing() or "nothing is missing"),
]
Browse = Callable[..., Visitor]
PASSWORD = "of the test"


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Path) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[dict[str, int]]:
    """The desk of the demo, and the servers that its mailboxes lie on."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in post_office.PLACES]
    free = {name: one.getsockname()[1] for name, one in zip(post_office.PLACES, held, strict=True)}
    for one in held:
        one.close()
    ensure_desk_roles()
    make.admin("admin@rackdesk.localhost")
    story = DeskStory(tmp_path / "keys", lambda line: None)
    story.tell()
    with post_office.running(tmp_path, free, accounts(PASSWORD)) as office:
        story.fetch_from(office.ports, office.authority, PASSWORD)
        yield free


def mail_goes_round() -> None:
    """What the workers do when they are woken."""
    for mailbox in Mailbox.objects.all():
        fetch_mailbox(mailbox.pk)
    take_in_waiting()
    send_due_mail()


def letters_of_kim(ports: dict[str, int]) -> list[EmailMessage]:
    """What lies in the customer's mailbox, oldest first."""
    return list(read(KIM, PASSWORD, ports["imap"]))


def words_of(mail: EmailMessage) -> str:
    """The plain part."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_mail_becomes_a_ticket_is_answered_resolved_and_opened_again(
    browser_as: Browse, ports: dict[str, int]
) -> None:
    # The customer writes; the mail is in the queue.
    send(letter(f"Minji Kim <{KIM}>", DESK, "The shop is slow", "Since noon.\n"), ports["smtp"])
    mail_goes_round()
    agent = Agent.objects.get(user__name="Sora Han")
    visitor = browser_as(agent.user)
    page = visitor.page
    visitor.visit("/panel/desk/")
    expect(page.locator("tr.unread")).to_contain_text("The shop is slow")
    receipt = letters_of_kim(ports)
    assert [f"[#{Ticket.objects.get().number}]" in mail["Subject"] for mail in receipt] == [True]

    # The agent answers; the customer's mailbox holds the answer.
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("article.entry")).to_contain_text("Since noon.")
    page.keyboard.press("r")
    page.keyboard.type("We gave it more memory. Is it better?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.agent")).to_contain_text("more memory")
    mail_goes_round()
    got = letters_of_kim(ports)
    assert len(got) == 2
    assert "more memory" in words_of(got[1])
    assert "Sora Han" in words_of(got[1])
    visitor.visit(Ticket.objects.get().get_absolute_url())
    expect(page.locator("article.agent .delivery").first).to_contain_text("Sent")

    # Her answer joins the ticket, without the quoted mail in the way.
    quoted = "\n".join(f"> {line}" for line in words_of(got[1]).splitlines())
    send(answer(got, f"Minji Kim <{KIM}>", f"Much better, thank you!\n\n{quoted}\n"), ports["smtp"])
    mail_goes_round()
    ticket = Ticket.objects.get()
    assert [entry.kind for entry in ticket.entries.order_by("pk")] == ["message", "response", "message"]
    visitor.visit(ticket.get_absolute_url())
    expect(page.locator("article.entry").last).to_contain_text("Much better, thank you!")

    # The agent resolves it, and she is told.
    page.keyboard.press("r")
    page.keyboard.type("Glad to hear it.")
    page.get_by_role("button", name="Send and resolve").click()
    expect(page.locator("h1 .state")).to_have_text("Resolved")
    mail_goes_round()
    told = letters_of_kim(ports)[len(got) :]
    assert len(told) == 1, [mail["Subject"] for mail in told]
    assert "Glad to hear it." in words_of(told[0])
    assert "문의의 처리가 완료되었습니다." in words_of(told[0])

    # An answer after that opens it again.
    send(answer(told, f"Minji Kim <{KIM}>", "It is slow again.\n"), ports["smtp"])
    mail_goes_round()
    ticket.refresh_from_db()
    assert (ticket.state, Ticket.objects.count()) == (TicketState.OPEN, 1)
    assert ticket.events.filter(kind=EventKind.REOPENED).count() == 1
    assert Entry.objects.latest("pk").author_email == KIM
    visitor.visit("/panel/desk/")
    expect(page.locator("tbody tr").first).to_contain_text("The shop is slow")
