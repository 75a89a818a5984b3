"""The seed's two networks from the first page to a lease and back: real hosts, real workers, a real browser.

Everything that a person does is done in the panel's pages; the client is asked from outside, as it would be.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, Page, expect

from dhcp.models import Relay, Server, Subnet
from hosts.facts.machine import PinnedKey
from hosts.models import Host, User
from hosts.services import enrol
from tests import make
from tests.browser.fixtures import Visitor
from tests.browser.whole_panel import logged_in, whole_panel
from tests.hosts.changes import until
from tests.hosts.faults.panel import needs
from tests.lab import Lab, LabHost
from tests.lab.dhcp_site import GUEST_MAC, DhcpSite, dhcp_site

pytestmark = [pytest.mark.browser, pytest.mark.lab]
CONF = "/etc/dhcp/dhcpd.conf"
SECOND_MAC = "00:16:3e:ee:92:cd"
POOL = tuple(f"192.168.1.{number}" for number in range(10, 21))
SLOW_MS = 240_000  # what hosts, workers and readings may take on a busy machine


@dataclass
class Desk:
    """A person at the panel, and the site that it looks after."""

    visitor: Visitor
    site: DhcpSite

    @property
    def page(self) -> Page:
        return self.visitor.page

    def visit(self, path: str) -> None:
        assert self.visitor.visit(path).status == 200

    def fill(self, **typed: str) -> None:
        """Fields by name; closed parts of the form are opened."""
        self.page.evaluate("document.querySelectorAll('form.form details').forEach(each => each.open = true)")
        for name, value in typed.items():
            self.page.locator(f'form.form [name="{name}"]').first.fill(value)

    def save(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("form.form button[type=submit]").click()
        expect(self.page.get_by_text("is saved.").first).to_be_visible()

    def row_of(self, table: str, first: str, second: str) -> None:
        """The first row of a table of inputs, by the names of its two inputs."""
        self.page.locator(f'[name="{table}-{first.split("=")[0]}"]').first.fill(first.split("=")[1])
        self.page.locator(f'[name="{table}-{second.split("=")[0]}"]').first.fill(second.split("=")[1])

    def push(self, server: Server, *, to: str) -> None:
        """Review what the server would be told, plan, approve and apply it; what became of it."""
        self.visit(f"/panel/dhcp/servers/{server.pk}/review/")
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Plan the change").click()
        self.carry_out(to=to)

    def carry_out(self, *, to: str) -> None:
        """Approve and apply the change that is shown."""
        self.page.get_by_role("button", name="Approve and apply").click(timeout=SLOW_MS)
        expect(self.page.locator("#change-head h1 .state")).to_have_text(to, timeout=SLOW_MS)

    def looks_until(self, path: str, words: str, *, at: str = "body") -> None:
        """Look at a page again and again until it says that; the readings of hosts come meanwhile."""
        deadline = time.monotonic() + SLOW_MS / 1000
        while True:
            read_soon()
            self.visit(path)
            said = self.page.locator(at)
            if said.count() and re.search(words, said.first.inner_text()):
                return
            assert time.monotonic() < deadline, f"{path} does not say {words}: {self.page.locator('main').inner_text()}"
            self.page.wait_for_timeout(1000)


def read_soon() -> None:
    """A minute passes: beat finds the turn of every server and relay come."""
    for kind in (Server, Relay):
        kind.objects.filter(read_since=None).update(next_read_at=make.ago(seconds=1))


def enrolled(machine: LabHost, credential: Any) -> Host:
    """A host that is in the panel already, its key accepted."""
    host = make.host(
        machine.name,
        key=False,
        address=machine.address,
        port=machine.port,
        username="root",
        use_sudo=False,
        credential=credential,
    )
    enrol.record_offered_keys(host, [PinnedKey(*machine.host_key.split())])
    enrol.accept_keys(host, by=make.actor())
    return host


@pytest.fixture
def desk(lab: Lab, chromium: Browser, django_db_blocker: Any, tmp_path: Path) -> Iterator[Desk]:
    """An operator who has the three hosts in the panel, and no DHCP yet."""
    if lack := needs():
        pytest.skip(lack)
    with dhcp_site(lab) as site, django_db_blocker.unblock(), whole_panel(tmp_path) as origin:
        credential = make.credential(private_key=lab.key_path.read_text())
        for machine in site.hosts:
            enrolled(machine, credential)
        person = User.objects.create_user("mina@example.test", is_staff=True, all_organizations=True, name="Mina Park")
        person.groups.set(Group.objects.filter(name="Operator"))
        with logged_in(chromium, origin, person) as visitor:
            yield Desk(visitor, site)
        assert visitor.complaints == []


def test_two_networks_are_served_from_the_first_page_to_the_release(desk: Desk) -> None:
    server, branch = a_server_with_two_networks(desk)
    everything_is_applied(desk, server)
    address = the_client_gets_an_address_and_the_panel_shows_it(desk, branch)
    the_conversation_came_through_the_relay(desk)
    its_lease_becomes_a_reservation(desk, server, address)
    its_host_name_follows(desk, address)
    a_lease_never_ends(desk, server, branch)
    a_broken_subnet_is_refused_and_dhcp_goes_on(desk, server, branch, address)
    a_lease_is_released(desk, server)


def a_server_with_two_networks(desk: Desk) -> tuple[Server, Subnet]:
    page = desk.page
    desk.visit("/panel/dhcp/")
    page.get_by_role("link", name="Add a DHCP server").click()
    page.locator('[name="host"]').fill(desk.site.server.name[:-1])
    page.locator(".suggest").get_by_role("button", name=desk.site.server.name).click()
    desk.fill(interfaces="eth1")
    desk.save()
    server = Server.objects.get()
    page.get_by_role("link", name="add a subnet").click()
    desk.fill(network="192.168.0.0/24", name="office")
    desk.row_of("ranges", "first=192.168.0.10", "last=192.168.0.20")
    desk.row_of("options", "name=routers", "value=192.168.0.254")
    desk.save()
    desk.visit(server.get_absolute_url())
    page.get_by_role("link", name="Add a subnet").first.click()
    desk.fill(network="192.168.1.0/24", name="branch")
    desk.row_of("ranges", "first=192.168.1.10", "last=192.168.1.20")
    desk.row_of("options", "name=routers", "value=192.168.1.254")
    desk.save()
    desk.visit("/panel/dhcp/relays/new/")
    page.locator('[name="host"]').fill(desk.site.relay.name)
    desk.fill(servers="192.168.0.1", interfaces="eth1 eth2", giaddr="192.168.1.254/24")
    desk.save()
    return server, Subnet.objects.get(network="192.168.1.0/24")


def everything_is_applied(desk: Desk, server: Server) -> None:
    """The server and its relay in one rollout, once the panel has seen that the relay passes on to this server."""
    review, page = f"/panel/dhcp/servers/{server.pk}/review/", desk.page
    desk.looks_until(review, "Together with its relay")
    page.locator('[name="with"]').check()
    page.locator("#why").fill("The branch gets its addresses from the office.")
    with page.expect_navigation():
        page.get_by_role("button", name="Plan the change").click()
    page.get_by_role("button", name="Approve all 2").click(timeout=SLOW_MS)
    page.get_by_role("button", name="Start").click(timeout=SLOW_MS)
    expect(page.get_by_text("2 of 2 hosts have it")).to_be_visible(timeout=SLOW_MS)
    desk.looks_until(server.get_absolute_url(), "Running", at="h1")


def the_client_gets_an_address_and_the_panel_shows_it(desk: Desk, branch: Subnet) -> str:
    got = desk.site.ask(timeout=120)
    assert got.address == POOL[0], f"{got}\n{desk.site.log()}"
    desk.looks_until("/panel/dhcp/leases/", re.escape(got.address))
    expect(desk.page.locator("tr", has_text=got.address)).to_contain_text(GUEST_MAC)
    desk.visit(branch.get_absolute_url())
    expect(desk.page.locator(f'[data-ip="{got.address}"]')).to_have_class(re.compile("leased"))
    return got.address


def the_conversation_came_through_the_relay(desk: Desk) -> None:
    desk.looks_until(f"/panel/dhcp/conversations/?q={GUEST_MAC}", "192.168.1.254")
    desk.page.locator("table.rows a.title").first.click()
    ladder = desk.page.locator(".ladder")
    expect(ladder.locator(".heads")).to_contain_text("Relay")
    for message in ("DISCOVER", "OFFER", "REQUEST", "ACK"):
        expect(ladder).to_contain_text(message)


def its_lease_becomes_a_reservation(desk: Desk, server: Server, address: str) -> None:
    desk.visit(f"/panel/dhcp/leases/?q={address}")
    desk.page.locator("table.rows a.title", has_text=address).click()
    desk.page.get_by_role("link", name="Make it a reservation").click()
    expect(desk.page.locator('[name="mac"]')).to_have_value(GUEST_MAC)
    desk.fill(name="web01", hostname="webserver01")
    desk.save()
    desk.push(server, to="Applied")
    got = desk.site.ask(timeout=120)
    assert got.address == address, f"{got}\n{desk.site.log()}"
    assert 'option host-name "webserver01"' in got.lease


def its_host_name_follows(desk: Desk, address: str) -> None:
    """The way there begins at the reservation; the machine's own name is what the lease says after its next renewal."""
    client = desk.site.client
    desk.visit(f"/panel/dhcp/reservations/?q={address}")
    desk.page.locator("table.rows a.title").first.click()
    desk.page.get_by_role("link", name="make its host name follow").click()
    expect(desk.page.locator('[name="preset"][value="host_name_from_dhcp"]')).to_be_checked()
    guest = Host.objects.get(name=client.name)
    desk.visit(f"/panel/changes/new/?preset=host_name_from_dhcp&host={guest.pk}")
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="Plan and compare").click()
    desk.carry_out(to="Applied")
    assert client.check(["hostname"]).strip() == client.name.encode()
    assert desk.site.ask(timeout=120).address == address
    until(lambda: client.check(["hostname"]).strip() == b"webserver01")


def a_lease_never_ends(desk: Desk, server: Server, branch: Subnet) -> None:
    desk.visit(f"/panel/dhcp/edit/subnets/{branch.pk}/")
    desk.fill(default_lease_seconds="-1", max_lease_seconds="infinite")
    desk.save()
    desk.push(server, to="Applied")
    got = desk.site.ask(mac=SECOND_MAC, timeout=120)
    assert got.address in POOL, f"{got}\n{desk.site.log()}"
    desk.looks_until(f"/panel/dhcp/leases/?q={SECOND_MAC}", "never", at="table.rows tbody")


def a_broken_subnet_is_refused_and_dhcp_goes_on(desk: Desk, server: Server, branch: Subnet, address: str) -> None:
    served = desk.site.server.read(CONF)
    desk.visit(f"/panel/dhcp/edit/subnets/{branch.pk}/")
    desk.fill(raw="this-is-no-statement 1;")
    desk.save()
    desk.push(server, to="Refused")
    expect(desk.page.locator("body")).to_contain_text("this-is-no-statement")
    assert desk.site.server.read(CONF) == served
    assert desk.site.ask(timeout=120).address == address
    desk.visit(f"/panel/dhcp/edit/subnets/{branch.pk}/")
    desk.fill(raw="")
    desk.save()


def a_lease_is_released(desk: Desk, server: Server) -> None:
    """OMAPI takes the lease back at the running server; its key goes to the host as any other change."""
    page = desk.page
    desk.visit(f"/panel/dhcp/servers/{server.pk}/new/keys/")
    desk.fill(name="omapi", secret="pRP5FapFoJ95JEL06sv4PQ==")
    page.locator('[name="is_for_omapi"]').check()
    desk.save()
    desk.push(server, to="Applied")
    desk.visit(f"/panel/dhcp/leases/?q={SECOND_MAC}")
    page.locator("table.rows a.title").first.click()
    page.get_by_role("button", name="Release", exact=True).click()
    page.locator("dialog[open] button.primary").click()
    expect(page.locator(".note.good", has_text="Released")).to_be_visible(timeout=SLOW_MS)
    desk.looks_until(f"/panel/dhcp/leases/?q={SECOND_MAC}", "Free", at="table.rows tbody")
