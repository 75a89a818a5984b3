"""A machine without an address in a browser: one search, its ladder, its lease made a reservation; pages at every size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dhcp.choices import ErrandState, Outcome
from dhcp.models import Errand, Reservation, Server
from hosts.facts.words import words
from tests import make
from tests.browser.fixtures import Visitor
from tests.dhcp.clients import ANNE, BERT, a_holding, a_lease, an_exchange, line
from tests.dhcp.sites import a_reservation, the_seed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]
LOST = words("The server sent an offer and the client took none.")


def site() -> Server:
    """A server with leases, reservations, and a machine that takes no offer."""
    server = the_seed(host=make.host("dhcp01.lab"))
    a_lease(server, "192.168.1.14", ANNE, hostname="build-07")
    a_holding(server, "192.168.1.14", ANNE, hostname="build-07")
    a_reservation(server, "db01", BERT, "192.168.1.101")
    at = timezone.now()
    lines = [
        line("DHCPDISCOVER", at, ANNE, via="192.168.1.254"),
        line("DHCPOFFER", at, ANNE, "192.168.1.14", via="192.168.1.254"),
    ]
    relay = {"relay": "192.168.1.254", "via": "192.168.1.254", "hostname": "build-07"}
    an_exchange(server, ANNE, outcome=Outcome.NO_REQUEST, reason=LOST, lines=lines, **relay)
    return server


def test_why_a_machine_gets_no_address(browser_as: Browse) -> None:
    site()
    visitor = browser_as(make.admin())
    page = visitor.page
    visitor.visit("/panel/dhcp/conversations/")
    page.keyboard.press("/")
    page.keyboard.type("0016.3E00.0001")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("Its last attempt failed")
    expect(page.locator(".pair")).to_contain_text("192.168.1.14")
    page.keyboard.press("Escape")
    page.locator("tbody a.title").first.click()
    ladder = page.locator(".ladder")
    expect(ladder.locator(".rung.missing")).to_contain_text("never came")
    expect(ladder.locator(".why")).to_contain_text("the client took none")
    visitor.look(width=360)
    expect(ladder).to_be_hidden()
    expect(page.locator(".as-table")).to_contain_text("never came")


def test_a_lease_becomes_a_reservation_with_words_beside_its_fields(browser_as: Browse) -> None:
    site()
    visitor = browser_as(make.admin())
    page = visitor.page
    visitor.visit("/panel/dhcp/leases/?q=build-07")
    page.locator("a.title").first.click()
    page.get_by_role("link", name="Make it a reservation").click()
    addresses = page.locator("[data-remark=addresses]")
    expect(page.locator("[data-remark=mac]")).to_contain_text("Known: it has 192.168.1.14")
    expect(addresses).to_contain_text("leaves the range")
    page.locator("#id_addresses").fill("192.168.1.101")
    expect(addresses).to_contain_text("reserved for db01")
    addresses.locator("[data-take]").click()
    expect(page.locator("#id_addresses")).to_have_value("192.168.1.1")
    expect(addresses).to_contain_text("192.168.1.1 is free")
    page.get_by_role("button", name="Suggest a free address").click()
    expect(addresses).to_contain_text("The next free address")
    page.get_by_role("button", name="Reserve it").click()
    expect(page.get_by_text("build-07 is saved.")).to_be_visible()
    made = Reservation.objects.get(name="build-07")
    assert [each.address for each in made.addresses.all()] == ["192.168.1.1"]


def test_the_answer_of_an_errand_comes_by_itself(browser_as: Browse) -> None:
    site()
    visitor = browser_as(make.admin())
    page = visitor.page
    visitor.visit("/panel/dhcp/leases/?q=build-07")
    page.locator("a.title").first.click()
    page.get_by_role("button", name="Release", exact=True).click()
    page.get_by_role("button", name="Release 192.168.1.14").click()
    expect(page.get_by_text("is being released")).to_be_visible()
    why = words("%(server)s takes no orders: it has no OMAPI key.", server="dhcp01.lab")
    Errand.objects.update(state=ErrandState.FAILED, why=why, done_at=timezone.now())
    expect(page.get_by_text("dhcp01.lab takes no orders")).to_be_visible()


def test_selecting_shows_what_can_be_done(browser_as: Browse) -> None:
    site()
    visitor = browser_as(make.admin())
    page = visitor.page
    visitor.visit("/panel/dhcp/reservations/")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("1 reservation is switched off.")).to_be_visible()
    assert not Reservation.objects.get().is_enabled


@pytest.mark.parametrize("name", ["leases", "reservations", "conversations"])
def test_the_pages_at_every_size(browser_as: Browse, name: str) -> None:
    visitor = browser_as(make.admin())
    visitor.pictures(f"/panel/dhcp/{name}/", f"dhcp-{name}-empty", languages=("ko",))
    server = site()
    visitor.pictures(f"/panel/dhcp/{name}/", f"dhcp-{name}")
    deeper = {
        "leases": f"/panel/dhcp/leases/{server.leases.get().pk}/",
        "reservations": f"/panel/dhcp/servers/{server.pk}/reservations/new/?lease={server.leases.get().pk}",
        "conversations": server.exchanges.get().get_absolute_url(),
    }[name]
    visitor.pictures(deeper, f"dhcp-{name}-one")
