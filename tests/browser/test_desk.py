"""An agent's morning in a browser: the queue by keys, a ticket, an answer, the end; and the pages at every size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from hosts.models import User
from tests import make
from tests.browser.fixtures import Visitor
from tests.tickets import rows
from tickets.choices import MailKind
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, CannedResponse, Draft, Entry, OutgoingMail, SavedQueue, Ticket
from tickets.services import canned, files, thread, viewing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]
ASKED = "안녕하세요. 어제 저녁부터 webserver01이 부팅 후 IP 주소를 받지 못합니다."


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Path) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def mina() -> Agent:
    """An agent who also sees machines."""
    found = rows.agent("Mina Park")
    User.objects.filter(pk=found.user_id).update(is_superuser=True)
    return Agent.objects.get(pk=found.pk)


def asked(subject: str = "웹서버가 IP를 못 받습니다", text: str = ASKED) -> Ticket:
    """A ticket of Haneul's."""
    return rows.ticket(subject, text=text, contact_id=rows.contact("sky@customer.example", "김하늘").pk)


def test_an_agent_answers_by_keys_and_resolves(browser_as: Browse, mina: Agent) -> None:
    rows.ticket("Older question")
    ticket = asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit("/panel/desk/")
    expect(page.locator("tr.unread")).to_have_count(2)

    page.keyboard.press("j")
    expect(page.locator("tr.here")).to_contain_text("웹서버가")
    page.keyboard.press("Enter")
    expect(page.locator("article.entry")).to_contain_text("webserver01")

    page.keyboard.press("c")
    expect(page.get_by_text("The ticket is yours.")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("Only agents see this.")).to_be_visible()
    page.keyboard.type("No subnet for giaddr 192.168.1.1.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.internal")).to_contain_text("No subnet")

    page.keyboard.press("r")
    page.keyboard.type("지금은 192.168.1.151 주소를 받습니다.")
    page.get_by_role("button", name="Send and resolve").click()
    expect(page.locator("article.agent")).to_contain_text("192.168.1.151")
    expect(page.locator("h1 .state")).to_have_text("Resolved")
    expect(page.locator("article.agent .delivery").first).to_contain_text("Waiting")

    ticket.refresh_from_db()
    assert (ticket.state, ticket.agent, ticket.is_answered) == ("resolved", mina, True)
    assert OutgoingMail.objects.filter(kind=MailKind.TICKET_REPLY, to_email="sky@customer.example").count() == 1
    visitor.visit("/panel/desk/?queue=open")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_draft_survives_leaving_and_each_tab_has_its_own(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    with page.expect_response(lambda answer: "/draft/" in answer.url):
        page.locator("#id_text").press_sequentially("Half an answer")
    page.get_by_text("Note", exact=True).click()
    expect(page.locator("#id_text")).to_have_value("")
    with page.expect_response(lambda answer: "/draft/" in answer.url):
        page.locator("#id_text").press_sequentially("A thought")
    page.get_by_text("Reply", exact=True).click()
    expect(page.locator("#id_text")).to_have_value("Half an answer")
    assert {draft.kind: draft.text for draft in Draft.objects.all()} == {
        "response": "Half an answer",
        "note": "A thought",
    }
    visitor.visit(ticket.get_absolute_url())
    expect(page.locator("#id_text")).to_have_value("Half an answer")


def test_a_slash_brings_canned_responses(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    CannedResponse.objects.create(title="Ask for the log", text="Please send us the log.")
    CannedResponse.objects.create(title="Greeting", text="Hello.")
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.locator("#id_text").press_sequentially("/")
    expect(page.locator("[data-takes]")).to_have_count(2)
    page.keyboard.type("log")
    expect(page.locator("[data-takes]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_text")).to_have_value("Please send us the log.")


def test_the_files_of_a_canned_response_go_along_unless_they_are_left_out(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    for name in ("manual.pdf", "invoice.pdf"):
        file = files.keep(name, "application/pdf", [name.encode()])
        canned.save_canned(CannedResponse(title=f"See {name}", text=f"See {name}. "), by=make.actor(), new_files=[file])
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    for name in ("manual.pdf", "invoice.pdf", "manual.pdf"):
        page.get_by_role("button", name="Canned responses").click()
        page.get_by_role("button", name=f"See {name}").click()
        expect(page.locator("[data-canned-list]")).to_be_hidden()  # its words have come; a click now opens it again
    chips = page.locator("[data-of-canned] > span")
    expect(chips).to_have_count(2)
    chips.filter(has_text="invoice.pdf").get_by_role("button", name="Without these files").click()
    expect(chips).to_have_count(1)
    page.get_by_role("button", name="Send", exact=False).last.click()
    expect(page.locator("article.agent .files a")).to_have_text([re.compile("manual.pdf")])


def test_files_are_dropped_and_sent(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.locator("[name=attachments]").set_input_files(
        [{"name": "relay.conf", "mimeType": "text/plain", "buffer": b"subnet"}]
    )
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["leases"], "dhcpd.leases", { type: "text/plain" }));
          const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
          document.querySelector("[data-composer]").dispatchEvent(drop);
        }"""
    )
    expect(page.locator("[data-chosen] > span")).to_have_count(2)
    page.locator("#id_text").fill("Both are here.")
    page.get_by_role("button", name="Send", exact=False).last.click()
    expect(page.locator("article.agent .files a")).to_have_count(2)
    found = Entry.objects.latest("pk").attachments.order_by("pk")
    assert [(one.name, one.file.read()) for one in found] == [("relay.conf", b"subnet"), ("dhcpd.leases", b"leases")]


def test_an_answer_is_sent_without_scripts(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    visitor = browser_as(mina.user, javascript=False)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.locator("#id_text").fill("Plain and simple.")
    page.locator("[data-sends]").click()
    expect(page.locator("article.agent")).to_contain_text("Plain and simple.")


def test_properties_are_edited_in_place(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.get_by_role("combobox", name="Priority").select_option(label="Emergency")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("textbox", name="Tags").fill("dhcp relay")
    page.get_by_role("textbox", name="Tags").press("Enter")
    expect(page.locator(".facts-line .tag")).to_have_text(["dhcp", "relay"])
    ticket.refresh_from_db()
    assert ticket.priority.name == "Emergency"


def test_quoted_text_and_pictures_open_with_a_click(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    html = '<p>고맙습니다<img src="cid:none@x"></p><blockquote>old words</blockquote>'
    thread.post_message(ticket, NewEntry(text="고맙습니다", html=html, contact_id=ticket.contact_id), by=rows.by(mina))
    start = Entry.objects.latest("pk").html.index("<blockquote")
    Entry.objects.filter(pk=Entry.objects.latest("pk").pk).update(html_folds=[[start, start + 40, "quote"]])
    visitor = browser_as(mina.user)
    visitor.visit(ticket.get_absolute_url())
    folded = visitor.page.locator("details.quoted")
    expect(folded.get_by_text("old words")).not_to_be_visible()
    folded.locator("summary").click()
    expect(folded.get_by_text("old words")).to_be_visible()


def test_what_comes_meanwhile_is_told_without_a_reload(browser_as: Browse, mina: Agent) -> None:
    ticket = asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    viewing.look(ticket, rows.agent("Joon Lee"), is_writing=True)
    thread.post_message(ticket, NewEntry(text="그리고요?", contact_id=ticket.contact_id), by=rows.by(mina))
    expect(page.locator("#viewers")).to_contain_text("Joon Lee is writing")
    page.get_by_text("1 new entry").click()
    expect(page.locator("article.entry")).to_have_count(2)


def test_new_tickets_do_not_move_the_rows_until_asked_for(browser_as: Browse, mina: Agent) -> None:
    asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit("/panel/desk/")
    rows.ticket("Brand new")
    expect(page.locator("#news")).to_contain_text("1 new")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("#news a").click()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_ticked_tickets_are_claimed_by_keys(browser_as: Browse, mina: Agent) -> None:
    rows.tickets(3)
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit("/panel/desk/")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#bulk [data-count]")).to_have_text("2")
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_text("Done for 2 tickets.")).to_be_visible()
    assert mina.tickets.count() == 2


def test_a_person_is_found_while_typing_and_a_ticket_opened(browser_as: Browse, mina: Agent) -> None:
    asked()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit("/panel/desk/new/")
    page.locator("#id_email").press_sequentially("하늘")
    page.locator(".suggest button").click()
    expect(page.locator("#id_email")).to_have_value("sky@customer.example")
    page.locator("#id_subject").fill("Second disk")
    page.locator("#id_text").fill("He called: please add one.")
    page.get_by_role("button", name="Open the ticket").click()
    expect(page.locator("article.entry")).to_contain_text("He called")


def test_the_pages_fit_every_window(browser_as: Browse, mina: Agent, tmp_path: Path) -> None:
    ticket = asked()
    thread.post_reply(ticket, NewEntry(text="네, 확인하겠습니다."), by=rows.by(mina), agent=mina)
    make.host("webserver01")
    SavedQueue.objects.create(owner=mina, name="Disks", filters={"q": ["disk"]})
    visitor = browser_as(mina.user)
    for name, path in (
        ("desk-queue", "/panel/desk/"),
        ("desk-ticket", ticket.get_absolute_url()),
        ("desk-new", "/panel/desk/new/"),
        ("desk-me", "/panel/desk/me/"),
        ("desk-mail", "/panel/desk/mail/"),
        ("desk-quarantine", "/panel/desk/mail/quarantine/"),
        ("desk-outbox", "/panel/desk/mail/outbox/"),
    ):
        assert len(visitor.pictures(path, name, tmp_path)) == 8
