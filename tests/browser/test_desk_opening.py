"""What comes when it is opened: the filters of a queue, the dialogs of an entry; and the way without scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.fixtures import Visitor
from tests.tickets import rows
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Path) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


def test_filters_are_there_when_they_are_opened_and_stay_chosen_when_they_are_not(browser_as: Browse) -> None:
    me, tagged, other = rows.agent(), rows.ticket("With a tag"), rows.ticket("Without")
    tagged.tags.add(make.tag("dhcp"))
    visitor = browser_as(me.user)
    page = visitor.page
    visitor.visit("/panel/desk/")
    page.click("form.filters summary:has-text('Filter')")
    page.check("input[type=checkbox][name=tag][value=dhcp]")
    page.click(".filter-panel button:has-text('Show')")
    expect(page.locator("table.tickets")).not_to_contain_text(other.subject)
    expect(page.locator("table.tickets")).to_contain_text(tagged.subject)
    page.fill("input[name=q]", "tag")
    page.press("input[name=q]", "Enter")
    expect(page.locator(".chip", has_text="dhcp")).to_be_visible()
    assert not visitor.complaints


def test_an_entry_is_edited_and_a_ticket_split_in_dialogs_that_come_when_asked_for(browser_as: Browse) -> None:
    me, ticket = rows.agent(), rows.ticket("Two things", text="Wrong words.")
    entry = ticket.entries.get()
    visitor = browser_as(me.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    for button in ("Edit", "Edit"):  # a second time, after it was closed
        page.click(f"#entry-{entry.pk} .entry-acts button:has-text('{button}')")
        dialog = page.locator("dialog[open]")
        expect(dialog.locator("textarea")).to_have_value("Wrong words.")
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    page.click(f"#entry-{entry.pk} .entry-acts button:has-text('Edit')")
    page.fill("dialog[open] textarea", "Right words.")
    page.click("dialog[open] button:has-text('Save')")
    expect(page.locator(f"#entry-{entry.pk} .said")).to_contain_text("Right words.")
    assert Ticket.objects.get().entries.get().text == "Right words."
    assert not visitor.complaints


def test_without_scripts_a_link_shows_the_filters(browser_as: Browse) -> None:
    rows.ticket()
    visitor = browser_as(rows.agent().user, javascript=False)
    visitor.visit("/panel/desk/?queue=open")
    visitor.page.click("form.filters summary:has-text('Filter')")
    visitor.page.click(".filter-panel a:has-text('Show the filters')")
    expect(visitor.page.locator("input[type=checkbox][name=status]").first).to_be_attached()
