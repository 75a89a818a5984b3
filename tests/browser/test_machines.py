"""The pages of machines, seen through a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hosts.choices import ChangeState, HostState
from tests import make
from tests.browser.fixtures import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def furnished() -> None:
    hosts = [make.host(f"xen0{n}", tags=["rack-a"], roles=["xen"], site="Seoul") for n in range(1, 6)]
    make.host("far", site="Busan", state=HostState.UNREACHABLE, state_why="Connection refused.")
    make.change(hosts[0], ChangeState.COMPARED)
    make.change(hosts[1], ChangeState.APPLIED)


def test_the_list_is_filtered_selected_and_ordered_by_hand_and_by_key(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    visitor.visit("/panel/hosts/")
    page = visitor.page
    page.click("details.filter-box summary")
    page.check("input[name=site][value=Seoul]")
    with page.expect_navigation():
        page.click(".filter-panel .btn.primary")
    assert page.locator("tbody tr").count() == 5
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.inner_text("#bulk [data-count]") == "2"
    with page.expect_navigation():
        page.click(".chip a")
    assert page.locator("tbody tr").count() == 6


def test_a_question_mark_tells_the_keys_of_a_page(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    page = visitor.page
    visitor.visit("/panel/hosts/")
    page.keyboard.press("?")
    keys = page.locator("#keys")
    expect(keys).to_contain_text("Add a host")
    expect(keys).to_contain_text("Search hosts")
    expect(keys).to_contain_text("Select the row")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("far?")
    expect(page.locator("input[name=q]")).to_have_value("far?")


def test_a_panel_that_does_not_answer_is_said_until_it_does(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    page = visitor.page
    page.route("**/today/running/", lambda route: route.abort())
    visitor.visit("/panel/")
    ask = "htmx.ajax('GET', '/panel/today/running/', {target: '#running', swap: 'none'}).catch(() => {})"
    page.evaluate(ask)
    expect(page.locator("#lost")).to_contain_text("does not answer")
    page.unroute("**/today/running/")
    page.evaluate(ask)
    expect(page.locator("#lost")).to_be_hidden()
    visitor.complaints.clear()  # what the browser says of the request that was cut


def test_a_column_that_was_hidden_stays_hidden(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    visitor.visit("/panel/hosts/")
    visitor.page.click(".columns-box summary")
    visitor.page.uncheck(".columns-box input[value=site]")
    visitor.visit("/panel/hosts/")
    assert not visitor.page.locator("td[data-col=site]").first.is_visible()
    assert visitor.page.locator("td[data-col=address]").first.is_visible()


def test_the_palette_finds_a_host_and_leads_to_it(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    visitor.visit("/panel/")
    visitor.page.click(".rd-find")
    visitor.page.locator("input[type=search]:focus").press_sequentially("xen03")
    with visitor.page.expect_navigation():
        visitor.page.click("#command-results-list a")
    assert visitor.page.inner_text("h1").startswith("xen03")


def test_a_name_in_use_is_said_while_it_is_typed(browser_as: Callable[..., Visitor]) -> None:
    furnished()
    visitor = browser_as(make.admin())
    visitor.visit("/panel/hosts/new/")
    visitor.page.fill("#id_name", "xen01")
    visitor.page.locator("[data-live=name] .wrong").wait_for()


@pytest.mark.parametrize(
    ("path", "name"),
    [("/panel/", "today"), ("/panel/hosts/", "hosts"), ("/panel/hosts/new/", "host-form")],
    ids=["today", "list", "form"],
)
def test_they_fit_every_window(browser_as: Callable[..., Visitor], path: str, name: str) -> None:
    furnished()
    assert len(browser_as(make.admin()).pictures(path, name)) == 8
