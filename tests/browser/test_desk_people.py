"""People and organizations in a browser: one merged into another by a click, hosts of a ticket, cards over links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hosts.models import User
from tests import make
from tests.browser.fixtures import Visitor
from tests.tickets import rows
from tickets.models import Agent, Contact, Customer, CustomerDomain
from tickets.services import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Visitor]
expect.set_options(timeout=20_000)


@pytest.fixture
def mina() -> Agent:
    """An agent who also sees machines."""
    found = rows.agent("Mina Park")
    User.objects.filter(pk=found.user_id).update(is_superuser=True)
    return Agent.objects.get(pk=found.pk)


@pytest.fixture
def haneul(mina: Agent) -> Contact:
    """A customer with two addresses, one of them bounced, an organization, hosts and tickets."""
    trading = make.organization("하늘무역 Haneul Trading")
    card = Customer.objects.create(organization=trading, account_manager=mina, notes="Calls before nine.")
    CustomerDomain.objects.create(customer=card, domain="haneul.example")
    found = rows.contact("sky@haneul.example", "김하늘")
    people.save_contact(found, ["sky@haneul.example", "sky.kim@a-rather-long-domain.example"], by=make.actor(mina.user))
    found.addresses.filter(is_main=False).update(failed_at=found.created_at, failed_why="550 5.1.1 No such user")
    found.organization, found.phone, found.language = trading, "+82 2 555 0100", "ko"
    found.notes = "오전에만 전화 가능"
    found.save()
    make.host("webserver01", organization=trading)
    make.host("xen03", organization=trading)
    rows.ticket("웹서버가 IP를 못 받습니다", contact_id=found.pk)
    rows.ticket("Fan of xen03 is loud", contact_id=found.pk, agent_id=mina.pk)
    return found


def test_two_contacts_become_one(browser_as: Browse, mina: Agent, haneul: Contact) -> None:
    rows.ticket("From home", contact_id=rows.contact("haneul@home.example", "Haneul at home").pk)
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(f"/panel/desk/contacts/{haneul.pk}/")
    page.get_by_role("button", name="Merge", exact=True).click()
    page.locator("#merge-email").fill("haneul at")
    page.get_by_role("button", name="Haneul at home").click()
    expect(page.locator("#merge-email")).to_have_value("haneul@home.example")
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_text("What comes along")).to_be_visible()
    page.get_by_role("button", name="Merge into 김하늘").click()
    expect(page.get_by_text("Haneul at home was merged into this contact.")).to_be_visible()
    expect(page.get_by_role("link", name="From home")).to_be_visible()


def test_an_organization_is_found_while_its_name_is_typed(browser_as: Browse, mina: Agent, haneul: Contact) -> None:
    make.organization("Sea Bank")
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(f"/panel/desk/contacts/{haneul.pk}/edit/")
    page.get_by_label("Organization", exact=True).fill("sea")
    page.get_by_role("button", name="Sea Bank").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".facts-line")).to_contain_text("Sea Bank")


def test_a_card_opens_over_a_name(browser_as: Browse, mina: Agent, haneul: Contact) -> None:
    visitor = browser_as(mina.user)
    visitor.visit("/panel/desk/contacts/")
    visitor.page.get_by_role("link", name="김하늘").hover()
    expect(visitor.page.locator(".hover-card")).to_contain_text("sky@haneul.example")


@pytest.mark.parametrize("place", ["contacts", "contact", "contact form", "organizations", "organization", "card form"])
def test_pages_fit_every_window(browser_as: Browse, mina: Agent, haneul: Contact, place: str) -> None:
    ours = f"/panel/desk/organizations/{haneul.organization_id}/"
    where = {
        "contacts": "/panel/desk/contacts/",
        "contact": f"/panel/desk/contacts/{haneul.pk}/",
        "contact form": f"/panel/desk/contacts/{haneul.pk}/edit/",
        "organizations": "/panel/desk/organizations/",
        "organization": ours,
        "card form": f"{ours}edit/",
    }[place]
    browser_as(mina.user).pictures(where, f"people-{place.replace(' ', '-')}")


def test_hosts_of_a_ticket_are_added_while_typing(browser_as: Browse, mina: Agent, haneul: Contact) -> None:
    ticket = haneul.tickets.earliest("pk")
    visitor = browser_as(mina.user)
    page = visitor.page
    visitor.visit(ticket.get_absolute_url())
    page.get_by_role("textbox", name="Host that the ticket is about").fill("xen")
    page.locator(".suggest").get_by_role("button", name="xen03").click()
    expect(page.get_by_text("The ticket is about xen03 now.")).to_be_visible()
    page.get_by_role("button", name="The ticket is not about xen03").click()
    expect(page.locator(".machine .tag")).to_have_count(0)
    visitor.pictures(ticket.get_absolute_url(), "ticket-with-hosts")


def test_tickets_of_a_host_fit_every_window(browser_as: Browse, mina: Agent, haneul: Contact) -> None:
    ticket = haneul.tickets.earliest("pk")
    host = ticket.organization.hosts.get(name="xen03")
    ticket.hosts.add(host)
    browser_as(mina.user).pictures(f"/panel/hosts/{host.pk}/more/tickets/", "host-tickets")


@pytest.mark.parametrize("much", [False, True], ids=["nothing", "much"])
def test_lists_with_nothing_and_with_much_fit_every_window(browser_as: Browse, mina: Agent, *, much: bool) -> None:
    long = "An organization whose name is so long that it does not fit into any column of a table"
    if much:
        for number in range(60):
            who = rows.contact(f"a.very.long.address.{number}@a-rather-long-domain.example", f"Person number {number}")
            who.organization = make.organization(f"{long} {number}")
            who.save()
            rows.ticket("A subject " * 12, contact_id=who.pk)
    name = "much" if much else "nothing"
    visitor = browser_as(mina.user)
    for place in ("contacts", "organizations"):
        visitor.pictures(f"/panel/desk/{place}/", f"people-{place}-{name}", languages=("en",))
    if not much:
        alone = rows.contact("alone@example.com", "")
        visitor.pictures(f"/panel/desk/contacts/{alone.pk}/", "people-contact-nothing", languages=("en",))
        empty = make.organization("Sea Bank")
        visitor.pictures(f"/panel/desk/organizations/{empty.pk}/", "people-organization-nothing", languages=("en",))
