"""What agents do by keys and clicks: a colleague named with an @, a task edited, columns kept, webhooks called again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from hosts.models import User
from hosts.models.sealed import Sealed
from tests import make
from tests.browser.fixtures import Visitor
from tests.tickets import rows
from tickets.models import Agent, Follower, SavedQueue, Webhook, WebhookDelivery
from tickets.services import work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]
expect.set_options(timeout=20_000)


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


def test_a_colleague_is_named_by_a_few_letters(browser_as: Browse, mina: Agent) -> None:
    joon, ticket = rows.agent("Joon Lee"), rows.ticket()
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.keyboard.press("n")
    page.locator("#id_text").press_sequentially("Please look, @joo")
    expect(page.locator("[data-mentions]")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#id_text")).to_have_value("Please look, @joon.lee ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("article.internal")).to_contain_text("@joon.lee")
    assert Follower.objects.get(ticket=ticket).agent == joon


def test_a_task_is_edited_in_a_dialog(browser_as: Browse, mina: Agent) -> None:
    ticket = rows.ticket()
    work.add_task(ticket, "Order a disk", by=make.actor())
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.get_by_role("button", name="Edit Order a disk").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Agent").select_option(label="Mina Park")
    dialog.get_by_label("Due").fill("2031-05-06T10:30")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".tasks li")).to_contain_text("Mina Park")
    expect(page.locator(".tasks li")).to_contain_text("2031-05-06")


def test_columns_are_kept_with_a_saved_queue(browser_as: Browse, mina: Agent) -> None:
    rows.ticket(agent_id=mina.pk)
    row = SavedQueue.objects.create(owner=mina, name="Mine", filters={"queue": "mine"}, columns=["contact", "status"])
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(f"/panel/desk/?queue=saved-{row.pk}")
    expect(page.locator("th[data-col=due]")).to_be_hidden()
    expect(page.locator("th[data-col=status]")).to_be_visible()
    page.locator(".columns-box summary").click()
    with page.expect_response(lambda answer: "/columns/" in answer.url):
        page.locator(".columns-box").get_by_label("Due").check()
    expect(page.locator("th[data-col=due]")).to_be_visible()
    row.refresh_from_db()
    assert row.columns == ["contact", "status", "due"]
    visitor.visit("/panel/desk/?queue=mine")
    expect(page.locator("th[data-col=agent]")).to_be_visible()


def test_the_log_of_webhooks_fits_every_window(browser_as: Browse, mina: Agent) -> None:
    hook = Webhook.objects.create(name="Chat", url="https://chat.example/hook/of/the/desk", secret=Sealed.of("x"))
    payload = {"event": "created", "ticket": {"number": "100001", "subject": "웹서버가 IP를 못 받습니다"}}
    rows_of_log = [
        WebhookDelivery(webhook=hook, event="created", payload=payload, state="failed", tries=8, status_code=500),
        WebhookDelivery(webhook=hook, event="reply", payload=payload, state="sent", tries=1, status_code=200),
        WebhookDelivery(webhook=hook, event="note", payload=payload),
    ]
    rows_of_log[0].why = "The other side answered 500 and not that it understood."
    WebhookDelivery.objects.bulk_create(rows_of_log)
    visitor = browser_as(mina.user)
    visitor.pictures("/panel/desk/hooks/", "hooks")
    failed = WebhookDelivery.objects.get(state="failed")
    visitor.pictures(f"/panel/desk/hooks/{failed.pk}/", "hook")
    visitor.look()
    visitor.speak("en")
    visitor.visit(f"/panel/desk/hooks/{failed.pk}/")
    visitor.page.get_by_role("button", name="Send again").click()
    expect(visitor.page.locator("h1 .state")).to_have_text("Waiting")
