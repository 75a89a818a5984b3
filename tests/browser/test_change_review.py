"""A change from the plan to the outcome, seen through a browser that is never reloaded; it takes README's picture.

The picture goes to var/pictures; with NEW_PICTURES=1 in the environment also to docs/, where README shows it from.

What a worker would report is written through the services that a worker uses, in the order in which a host says it.
"""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hosts.choices import ChangeState
from hosts.facts.change import Bundle, Command, Guard, Outcome, OutputEvent, StepEvent, WantedFile
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import words
from hosts.models import Change, Host, User
from hosts.rules.protocol import Progress
from hosts.services import changes
from hosts.services.audit import Actor
from tests import make
from tests.browser.fixtures import PICTURES, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURE = Path(__file__).resolve().parents[2] / "docs" / "change-review.png"
TALL = {"width": 1400, "height": 1010}
PATH = "/etc/dhcp/dhcpd.conf"
OLD = b"""# dhcpd.conf of the lab
authoritative;
default-lease-time 600;
max-lease-time 7200;
min-lease-time 300;
log-facility local7;
ddns-update-style none;
option domain-name "lab.example";
option domain-name-servers 192.168.0.2, 192.168.0.3;

subnet 192.168.0.0 netmask 255.255.255.0 {
    range 192.168.0.10 192.168.0.20;
    option routers 192.168.0.254;
}
"""
NEW = (
    OLD.replace(b"192.168.0.20;", b"192.168.0.40;")
    + b"""
# B network, through relay01
subnet 192.168.1.0 netmask 255.255.255.0 {
    range 192.168.1.10 192.168.1.20;
    option routers 192.168.1.1;
}
host webserver01 {
    hardware ethernet 00:16:3e:cf:e6:3a;
    fixed-address 192.168.1.151;
}
"""
)
SAID = (
    ("connect", 0.027, ""),
    ("lock", 0.003, "lock taken\n"),
    ("drift", 0.002, f"{PATH} is what the difference was made from\n"),
    ("stage", 0.004, ""),
    ("check", 0.018, "dhcpd -t -4 -cf staged/dhcpd.conf\nInternet Systems Consortium DHCP Server 4.4.3-P1\n"),
    ("swap", 0.001, "the old file is kept; renamed into place\n"),
)


@pytest.fixture
def people() -> tuple[User, User]:
    planner = make.admin("mina@example.test")
    User.objects.filter(pk=planner.pk).update(name="Mina Park")
    approver = make.admin("joon@example.test")
    User.objects.filter(pk=approver.pk).update(name="Joon Lee")
    return User.objects.get(pk=planner.pk), User.objects.get(pk=approver.pk)


@pytest.fixture
def host() -> Host:
    return make.host(
        "dhcp01.lab",
        organization=make.organization("Hanbit Hosting"),
        address="192.168.0.1",
        os_name="Debian GNU/Linux 12 (bookworm)",
        last_seen_at=make.ago(minutes=2),
        needs_second_person=True,
    )


def planned(host: Host, planner: User) -> Change:
    means = (
        ("add", "Adds subnet %(range)s with 11 addresses, reached through %(name)s.", "192.168.1.0/24", "relay01"),
        ("add", "Reserves %(range)s for host %(name)s.", "192.168.1.151", "webserver01"),
        ("same", "No live lease changes: 9 leases on %(range)s stay on %(name)s.", "192.168.0.0/24", "dhcp01"),
        ("heed", "%(name)s restarts, about 2 s without answers on %(range)s.", "192.168.0.0/24", "dhcpd"),
    )
    proposal = Proposal(
        "Serve the B network: 192.168.1.0/24",
        Bundle(
            files=(WantedFile(PATH, NEW),),
            check=(Command(("dhcpd", "-t", "-4", "-cf", "{staged}")),),
            activate=(Command(("systemctl", "restart", "isc-dhcp-server")),),
            verify=(Command(("systemctl", "is-active", "isc-dhcp-server")),),
            guard=Guard(120),
        ),
        tuple(Meaning(sign, words(text, range=network, name=name)) for sign, text, network, name in means),
    )
    return changes.plan_change(host, proposal, by=Actor(planner), source="managed_file", reference="#204-117")


def claimed(change: Change) -> Change:
    mine = changes.claim_change(change.pk, claim=uuid.uuid4())
    assert mine is not None
    return mine


def events(began: float) -> list[StepEvent | OutputEvent]:
    told: list[StepEvent | OutputEvent] = []
    for name, seconds, output in SAID:
        told.append(StepEvent(name, "running", began))
        if output:
            told.append(OutputEvent(output, began + seconds / 2))
        began += seconds
        told.append(StepEvent(name, "ok", began))
    return [*told, StepEvent("activate", "running", began), OutputEvent("systemctl restart isc-dhcp-server\n", began)]


def test_a_change_is_read_approved_and_applied_without_a_reload(
    browser_as: Callable[..., Visitor], people: tuple[User, User], host: Host
) -> None:
    planner, approver = people
    change = planned(host, planner)
    visitor = browser_as(approver)
    page = visitor.page
    visitor.visit(change.get_absolute_url())
    page.evaluate("window.neverReloaded = true")
    expect(page.locator("#change-files")).to_contain_text("Not compared yet")

    changes.record_comparison(change, [make.seen(PATH, OLD)], seconds=0.21)
    expect(page.locator("#change-files .l.p").first).to_be_visible()
    expect(page).to_have_title(re.compile("Waiting for approval"))
    page.keyboard.press("a")
    expect(page.locator("#change-head .state")).to_have_text("Queued")

    mine, progress, began = claimed(change), Progress(), time.time()
    changes.record_progress(mine, progress, events(began))
    expect(page.locator(".rail li.now")).to_contain_text("Activate")
    expect(page.locator("#log-lines")).to_contain_text("Internet Systems Consortium")
    page.set_viewport_size(TALL)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / PICTURE.name, animations="disabled")
    if os.environ.get("NEW_PICTURES") or not PICTURE.exists():
        shutil.copyfile(PICTURES / PICTURE.name, PICTURE)

    ended = [
        StepEvent("activate", "ok", began + 1.6),
        StepEvent("verify", "running", began + 1.6),
        StepEvent("verify", "ok", began + 1.65),
        StepEvent("confirm", "running", began + 1.65),
        StepEvent("confirm", "ok", began + 1.74),
    ]
    changes.record_outcome(mine, Outcome(ChangeState.APPLIED, "confirm"), progress, ended)
    expect(page.locator("#change-standing")).to_contain_text("dhcp01.lab has it")
    expect(page).to_have_title(re.compile("^\\s*Applied"))
    assert page.evaluate("window.neverReloaded") is True
    assert page.locator("#change-poll").get_attribute("hx-get") is None


def test_a_refusal_opens_the_step_that_failed(
    browser_as: Callable[..., Visitor], people: tuple[User, User], host: Host
) -> None:
    planner, approver = people
    change = changes.record_comparison(planned(host, planner), [make.seen(PATH, OLD)], seconds=0.2)
    by = Actor(approver)
    changes.queue_change(changes.approve_change(change, by=by), by=by)
    visitor = browser_as(approver)
    visitor.visit(change.get_absolute_url())
    now, progress = time.time(), Progress()
    told = [
        StepEvent("check", "running", now),
        OutputEvent("line 17: semicolon expected.\n", now),
        StepEvent("check", "failed", now + 0.02, "dhcpd ended with code 1"),
    ]
    changes.record_outcome(claimed(change), Outcome("refused", "check", "The check did not hold."), progress, told)
    expect(visitor.page.locator(".rail li.failed .open")).to_contain_text("semicolon expected")
    expect(visitor.page.locator("#change-standing")).to_contain_text("dhcp01.lab is untouched")


def test_unchanged_lines_open_and_the_view_is_kept(
    browser_as: Callable[..., Visitor], people: tuple[User, User], host: Host
) -> None:
    planner, approver = people
    change = changes.record_comparison(planned(host, planner), [make.seen(PATH, OLD)], seconds=0.2)
    visitor = browser_as(approver)
    visitor.visit(change.get_absolute_url())
    visitor.page.locator(".diff .fold").first.click()
    expect(visitor.page.locator(".diff")).to_contain_text("# dhcpd.conf of the lab")
    visitor.page.keyboard.press("s")
    visitor.page.wait_for_url("**view=side**")
    visitor.visit(change.get_absolute_url())
    expect(visitor.page.locator(".diff.wide")).to_be_visible()


def test_discarding_asks_why_and_says_so(
    browser_as: Callable[..., Visitor], people: tuple[User, User], host: Host
) -> None:
    planner, _ = people
    change = changes.record_comparison(planned(host, planner), [make.seen(PATH, OLD)], seconds=0.2)
    visitor = browser_as(planner)
    visitor.visit(change.get_absolute_url())
    expect(visitor.page.locator("#change-standing")).to_contain_text("asks for four eyes")
    visitor.page.keyboard.press("d")
    visitor.page.fill("#discard-why", "Wrong rack")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#change-standing")).to_contain_text("Wrong rack")


def test_it_fits_every_window_in_both_themes(
    browser_as: Callable[..., Visitor], people: tuple[User, User], host: Host
) -> None:
    planner, approver = people
    change = changes.record_comparison(planned(host, planner), [make.seen(PATH, OLD)], seconds=0.2)
    visitor = browser_as(approver)
    assert len(visitor.pictures(change.get_absolute_url(), "change")) == 8
    for path in ("/panel/changes/", "/panel/changes/new/", "/panel/rollouts/", "/panel/files/", "/panel/drift/"):
        visitor.look(width=360)
        visitor.visit(path)
        assert not visitor.scrolls_sideways(), path
