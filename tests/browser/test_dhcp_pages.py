"""DHCP in a browser: a range drawn on the map becomes a pool, rows of a form, one address; the pages at every size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dhcp.models import Relay, Server, SharedNetwork, Subnet
from dhcp.services import editing
from dhcp.services.taking_over import take_over
from tests import make
from tests.browser.fixtures import Visitor
from tests.dhcp.dhcp_pages import a_relay, lease, many_networks, operator, seed_in_use
from tests.dhcp.sites import a_server, a_subnet
from tests.hosts.pages import url

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]


def test_a_range_drawn_on_the_map_becomes_a_pool(browser_as: Browse) -> None:
    _server, subnet = seed_in_use()
    visitor = browser_as(operator())
    page = visitor.page
    visitor.visit(subnet.get_absolute_url())
    page.locator('[data-ip="192.168.1.100"]').hover()
    page.mouse.down()
    page.locator('[data-ip="192.168.1.120"]').hover()
    page.locator('[data-ip="192.168.1.140"]').hover()
    page.mouse.up()
    expect(page.locator("[data-selected-words]")).to_have_text("192.168.1.100 – 192.168.1.140 (41)")
    page.locator("[data-selected-link]").click()
    expect(page.locator('[name="ranges-first"]').first).to_have_value("192.168.1.100")
    expect(page.locator('[name="ranges-last"]').first).to_have_value("192.168.1.140")
    page.locator('[name="name"]').fill("more")
    page.get_by_role("button", name="Add a pool").click()
    expect(page.get_by_text("more is saved.")).to_be_visible()
    expect(page.locator('[data-ip="192.168.1.100"]')).to_have_class("free")
    assert subnet.pools.filter(name="more").exists()


def test_an_address_is_opened_by_a_click_and_by_keys(browser_as: Browse) -> None:
    _server, subnet = seed_in_use()
    visitor = browser_as(operator())
    page = visitor.page
    visitor.visit(subnet.get_absolute_url())
    page.locator('[data-ip="192.168.1.14"]').click()
    expect(page.locator("#address")).to_contain_text("build-04")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#address")).to_contain_text("build-05")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("[data-selected-words]")).to_have_text("192.168.1.31 – 192.168.1.32 (2)")


def test_a_host_is_found_while_typing_with_the_mouse_and_with_keys(browser_as: Browse) -> None:
    for name in ("gate", "xen01", "xen02"):
        make.host(name)
    visitor = browser_as(operator())
    page = visitor.page
    visitor.visit(url("dhcp:server-new"))
    field = page.locator('[name="host"]')
    field.click()
    expect(page.locator(".suggest button")).to_have_count(3)
    field.press_sequentially("xen")
    expect(page.locator(".suggest button")).to_have_count(2)
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("xen02")
    expect(page.locator(".suggest button")).to_have_count(0)
    field.fill("ga")
    page.locator(".suggest").get_by_role("button", name="gate").click()
    expect(field).to_have_value("gate")
    page.get_by_role("button", name="Add a DHCP server").click()
    expect(page.get_by_role("heading", name="What gate has now")).to_be_visible()
    assert Server.objects.get().host.name == "gate"


def test_columns_that_are_put_away_stay_away(browser_as: Browse) -> None:
    seed_in_use()
    visitor = browser_as(operator())
    page = visitor.page
    visitor.visit(url("dhcp:leases"))
    page.locator(".columns-box summary").click()
    page.locator('.columns-box input[value="mac"]').uncheck()
    visitor.visit(f"{url('dhcp:leases')}?sort=-key")
    expect(page.locator('th[data-col="mac"]')).to_be_hidden()
    expect(page.locator('th[aria-sort="descending"]')).to_contain_text("Address")


def test_options_are_added_by_rows_that_say_what_they_take(browser_as: Browse) -> None:
    _server, subnet = seed_in_use()
    visitor = browser_as(operator())
    page = visitor.page
    visitor.visit(url("dhcp:edit", "subnets", subnet.pk))
    table = page.locator('[data-rows-in="options"]')
    page.locator('[id="id_options"] [data-add-row]').click()
    row = table.locator(".row-in").last
    row.locator('[name="options-name"]').fill("domain-name-servers")
    expect(row.locator(".live")).to_contain_text("several with commas")
    row.locator('[name="options-value"]').fill("192.168.1.999")
    expect(row.locator(".live")).to_contain_text("does not fit")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".summary-errors")).to_contain_text("does not fit")
    assert all("422" in complaint for complaint in visitor.complaints)  # Chromium's console tells of each such answer
    visitor.complaints.clear()
    wrong = page.locator('[data-rows-in="options"] .row-in.is-wrong')
    expect(wrong.locator('[name="options-value"]')).to_have_value("192.168.1.999")
    wrong.locator('[name="options-value"]').fill("192.168.1.1")
    page.locator('[name="default_lease_seconds"]').fill("8 h")
    expect(page.get_by_text("renews after 4 h (T1)")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    subnet.refresh_from_db()
    assert [each["name"] for each in subnet.options] == ["routers", "domain-name-servers"]
    assert subnet.default_lease_seconds == 28800


def test_rows_that_were_typed_come_back_until_they_are_saved(browser_as: Browse) -> None:
    server, subnet = seed_in_use()
    visitor = browser_as(operator())
    page = visitor.page
    address = url("dhcp:edit", "subnets", subnet.pk)
    visitor.visit(address)
    page.locator('[name="options-name"]').nth(1).fill("domain-name")
    page.locator('[name="options-value"]').nth(1).fill("typed.example")
    visitor.visit(url("dhcp:relays"))
    visitor.visit(address)
    expect(page.locator("[data-kept-note]")).to_be_visible()
    expect(page.locator('[name="options-value"]').nth(1)).to_have_value("typed.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    visitor.visit(address)
    expect(page.locator("[data-kept-note]")).to_be_hidden()
    visitor.visit(url("dhcp:new", server.pk, "groups"))
    page.locator('[name="name"]').fill("desks")
    page.get_by_role("button", name="Add a group").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    visitor.visit(url("dhcp:new", server.pk, "groups"))
    expect(page.locator("[data-kept-note]")).to_be_hidden()
    expect(page.locator('[name="name"]')).to_have_value("")


def test_a_form_without_scripts_saves_too(browser_as: Browse) -> None:
    _server, subnet = seed_in_use()
    visitor = browser_as(operator(), javascript=False)
    page = visitor.page
    visitor.visit(url("dhcp:edit", "subnets", subnet.pk))
    page.locator('[name="options-name"]').nth(1).fill("domain-name")
    page.locator('[name="options-value"]').nth(1).fill("b.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is saved.")).to_be_visible()
    subnet.refresh_from_db()
    assert [each["name"] for each in subnet.options] == ["routers", "domain-name"]


def test_the_pages_with_nothing(browser_as: Browse) -> None:
    server = a_server("empty.lab")
    visitor = browser_as(operator())
    for name, path in (
        ("server", server.get_absolute_url()),
        ("relays", url("dhcp:relays")),
        ("problems", url("dhcp:problems")),
        ("take-over", url("dhcp:take-over", server.pk)),
        ("server-new", url("dhcp:server-new")),
    ):
        visitor.pictures(path, f"dhcp-{name}-empty")


def test_the_pages_with_little_and_with_much(browser_as: Browse) -> None:
    server, subnet = seed_in_use()
    much = a_crowded_server()
    large = Subnet.objects.get(network="10.200.0.0/16")
    six = Server.objects.create(host=make.host("six.lab"), version=6)
    prefixes = a_subnet(six, "2001:db8:1::/64", ("2001:db8:1::100", "2001:db8:1::1ff"))
    relay = Relay.objects.get(host__name="relay01")
    visitor = browser_as(operator())
    for name, path in (
        ("overview", url("dhcp:overview")),
        ("server", server.get_absolute_url()),
        ("server-much", much.get_absolute_url()),
        ("subnet", subnet.get_absolute_url()),
        ("subnet-large", large.get_absolute_url()),
        ("subnet-six", prefixes.get_absolute_url()),
        ("review", url("dhcp:server-file", server.pk)),
        ("settings", url("dhcp:server-edit", much.pk)),
        ("pool", url("dhcp:new", server.pk, "pools", query=f"subnet={subnet.pk}")),
        ("relays", url("dhcp:relays")),
        ("relay", relay.get_absolute_url()),
        ("problems", url("dhcp:problems")),
        ("delete", url("dhcp:delete", "subnets", subnet.pk)),
    ):
        visitor.pictures(path, f"dhcp-{name}")


def a_crowded_server() -> Server:
    """With faults that were there already, text that nobody understands, classes, and many networks."""
    server = a_server("crowded-server-with-a-long-name.example.net")
    take_over(server, CROWDED, by=make.actor(), read_include=lambda _name: None)
    shared = SharedNetwork(server=server, name="second floor of the eastern building")
    editing.save_network(shared, by=make.actor())
    for number in range(3):
        a_subnet(server, f"10.150.{number}.0/24", shared_network=shared)
    many_networks(server, 30)
    a_subnet(server, "10.200.0.0/16", ("10.200.1.0", "10.200.40.255"))
    for number in range(60):
        lease(server, f"10.200.{number % 9 + 1}.{number + 1}", number)
    for number in range(5):
        a_relay(server, f"relay1{number}", giaddr=[f"10.{number}.0.254/24", f"10.99.{number}.254/24"])
    return server


CROWDED = """
option domain-name "a-rather-long-domain-name.of-the-company.example.org";
option domain-name-servers 192.168.0.1, 192.168.0.2, 192.168.0.3;
class "phones" { match if substring(option vendor-class-identifier, 0, 5) = "phone"; }
if exists agent.circuit-id { log(info, "a line that is quite long and is kept word for word, whatever it says"); }
subnet 172.16.1.0 netmask 255.255.255.0 { range 172.16.1.0 172.16.1.20; default-lease-time 900; max-lease-time 600; }
host web { hardware ethernet 00:16:3e:cf:e6:3a; fixed-address 172.16.1.15; }
host mail { hardware ethernet 00:16:3e:cf:e6:3a; fixed-address 172.16.9.15; }
"""
