"""Pages of contacts and organizations: what they show to whom, their buttons, cards over links, how many queries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets import rows
from tickets.choices import Permission
from tickets.models import Agent, Ban, Contact, ContactAddress, Customer, CustomerDomain
from tickets.services import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def haneul() -> Contact:
    """Somebody with an organization and a ticket in the desk's own department."""
    found = rows.contact("sky@haneul.example", "Kim Haneul")
    found.organization, found.phone = make.organization("Haneul Trading"), "+82 2 555 0100"
    found.save()
    rows.ticket("No address after boot", contact_id=found.pk)
    return found


def boss() -> Agent:
    """An agent who sees every organization and may do all of it."""
    found = rows.agent()
    found.user.is_superuser = True
    found.user.save()
    return found


def get(who: Agent, name: str, *args: object, query: str = "") -> Any:
    return logged_in(who.user).get(url(f"tickets:{name}", *args, query=query))


class TestList:
    """Who writes to us?"""

    def test_people_are_found_by_name_address_and_organization(self, haneul: Contact) -> None:
        rows.ticket(contact_id=rows.contact("joon@other.example", "Joon").pk)
        me = rows.agent()
        assert "Joon" in text_of(get(me, "contacts"))
        for query in ("q=hane", "q=sky@haneul", f"organization={haneul.organization_id}"):
            page = text_of(get(me, "contacts", query=query))
            assert "Kim Haneul" in page
            assert "joon@other.example" not in page

    def test_bounced_addresses_are_a_list_of_their_own(self, haneul: Contact) -> None:
        me = rows.agent()
        assert "Nobody fits" in text_of(get(me, "contacts", query="show=bounced"))
        haneul.addresses.update(failed_at=haneul.created_at)
        assert "bounced" in text_of(get(me, "contacts", query="show=bounced"))

    def test_a_page_leads_to_the_next_by_key(self) -> None:
        me = boss()
        for number in range(60):
            rows.contact(f"p{number:02}@example.com", f"Person {number:02}")
        first = get(me, "contacts", query="q=person")
        assert "Person 00" in text_of(first)
        assert "Person 55" not in text_of(first)
        after = first.context["shown"].after
        second = text_of(get(me, "contacts", query=f"q=person&after={after}"))
        assert "Person 55" in second
        assert "Person 00" not in second

    def test_people_of_other_departments_are_not_listed(self) -> None:
        rows.ticket(department_id=rows.department().pk, contact_id=rows.contact("far@example.com", "Far Away").pk)
        assert "Far Away" not in text_of(get(rows.agent(), "contacts"))

    def test_twenty_people_take_as_many_queries_as_one(self, haneul: Contact) -> None:
        me = rows.agent()
        client = logged_in(me.user)
        client.get(url("tickets:contacts"))
        with CaptureQueriesContext(
            connection,
        ) as one:
            client.get(url("tickets:contacts"))
        for number in range(20):
            who = rows.contact()
            people.save_contact(who, [who.email, f"second{number}@example.com"], by=make.actor())
            rows.ticket(contact_id=who.pk)
        with CaptureQueriesContext(connection) as many:
            client.get(url("tickets:contacts"))
        assert len(many) == len(one)
        assert len(many) <= 30


class TestContact:
    """Who is this, and what do they need?"""

    def test_it_shows_addresses_tickets_hosts_and_organization(self, haneul: Contact) -> None:
        make.host("webserver01", organization=haneul.organization)
        haneul.addresses.update(failed_at=haneul.created_at, failed_why="Mailbox is full")
        page = text_of(get(boss(), "contact", haneul.pk))
        for words in ("Kim Haneul", "sky@haneul.example", "Mailbox is full", "bounced", "Haneul Trading"):
            assert words in page
        for words in ("No address after boot", "webserver01", "555 0100"):
            assert words in page

    def test_tickets_that_one_may_not_see_are_not_shown(self, haneul: Contact) -> None:
        rows.ticket("Secret matter", department_id=rows.department().pk, contact_id=haneul.pk)
        assert "Secret matter" not in text_of(get(rows.agent(), "contact", haneul.pk))

    def test_hosts_need_the_right_to_see_hosts(self, haneul: Contact) -> None:
        make.host("webserver01", organization=haneul.organization)
        assert "webserver01" not in text_of(get(rows.agent(), "contact", haneul.pk))

    @pytest.mark.parametrize("name", ["contact", "contact-edit", "contact-card"])
    def test_somebody_of_another_department_is_not_there(self, name: str) -> None:
        far = rows.ticket(department_id=rows.department().pk).contact
        assert get(rows.agent(), name, far.pk).status_code == 404

    @pytest.mark.parametrize("name", ["contacts", "contact-find", "organizations", "organization-find"])
    def test_staff_who_are_no_agents_are_refused(self, name: str) -> None:
        assert logged_in(make.operator()).get(url(f"tickets:{name}")).status_code == 403

    def test_buttons_follow_the_role(self, haneul: Contact) -> None:
        page = text_of(get(rows.agent(role=rows.role(Permission.REPLY)), "contact", haneul.pk))
        for words in ("merge-contact", "ban-", "/edit/", "contact-do"):
            assert words not in page
        assert "merge-contact" in text_of(get(rows.agent(), "contact", haneul.pk))

    def test_a_much_used_contact_takes_as_many_queries_as_a_fresh_one(self, haneul: Contact) -> None:
        client = logged_in(boss().user)
        make.host(organization=haneul.organization)
        client.get(url("tickets:contact", haneul.pk))
        with CaptureQueriesContext(connection) as one:
            client.get(url("tickets:contact", haneul.pk))
        rows.tickets(30, contact_id=haneul.pk)
        make.host(organization=haneul.organization)
        with CaptureQueriesContext(connection) as many:
            client.get(url("tickets:contact", haneul.pk))
        assert len(many) == len(one)
        assert len(many) <= 35


class TestWriting:
    """What is typed and pressed."""

    def test_a_card_is_changed(self, haneul: Contact) -> None:
        me, other = boss(), make.organization("Sea Bank")
        form = {"name": "Haneul Kim", "emails": "sky@haneul.example\nnew@haneul.example", "organization": "sea bank"}
        answer = logged_in(me.user).post(url("tickets:contact-edit", haneul.pk), form)
        assert answer.status_code == 302
        haneul.refresh_from_db()
        assert (haneul.name, haneul.organization) == ("Haneul Kim", other)
        assert haneul.addresses.count() == 2

    def test_an_organization_that_is_not_there_is_said_at_the_field(self, haneul: Contact) -> None:
        form = {"name": "Haneul", "emails": "sky@haneul.example", "organization": "Nowhere"}
        answer = logged_in(boss().user).post(url("tickets:contact-edit", haneul.pk), form)
        assert answer.status_code == 422
        assert "There is no organization “Nowhere”" in text_of(answer)

    def test_somebody_is_written_down(self) -> None:
        me = boss()
        answer = logged_in(me.user).post(url("tickets:contact-new"), {"name": "New", "emails": "new@example.com"})
        made = Contact.objects.get(addresses__email="new@example.com")
        assert answer["Location"] == url("tickets:contact", made.pk)

    def test_somebody_written_down_who_is_not_seen_yet_is_said_to_come_later(self) -> None:
        client = logged_in(rows.agent().user)
        answer = client.post(url("tickets:contact-new"), {"name": "New", "emails": "new@example.com"})
        assert answer["Location"] == url("tickets:contacts")
        assert said(answer) == ["Saved.", "New appears here with a ticket that you may see."]

    def test_an_agent_without_the_right_changes_nobody(self, haneul: Contact) -> None:
        client = logged_in(rows.agent(role=rows.role(Permission.REPLY)).user)
        form = {"name": "X", "emails": "sky@haneul.example"}
        assert client.post(url("tickets:contact-edit", haneul.pk), form).status_code == 403
        assert client.post(url("tickets:contact-new"), form).status_code == 403
        address = haneul.addresses.get().pk
        other = rows.ticket().contact
        assert client.get(url("tickets:contact-merge", haneul.pk, query=f"email={other.email}")).status_code == 403
        assert client.post(url("tickets:contact-merge", haneul.pk), {"other": other.pk}).status_code == 403
        for verb in ("ban", "clear-failed", "move-address"):
            fields = {"address": address, "email": rows.ticket().contact.email}
            client.post(url("tickets:contact-do", haneul.pk, verb), fields)
        haneul.refresh_from_db()
        assert (haneul.name, haneul.addresses.count(), Ban.objects.exists()) == ("Kim Haneul", 1, False)

    def test_two_are_merged_once_it_was_seen_what_that_does(self, haneul: Contact) -> None:
        other = rows.ticket(contact_id=rows.contact("sky@home.example", "Sky at home").pk).contact
        Contact.objects.filter(pk=other.pk).update(language="ko", phone="+82 10 555")
        client = logged_in(rows.agent().user)
        plan = text_of(client.get(url("tickets:contact-merge", haneul.pk, query="email=SKY@home.example")))
        for words in ("Merge Sky at home into Kim Haneul?", "sky@home.example", "1 of them open", "+82 10 555"):
            assert words in plan
        assert "language" in plan.partition("What is not kept")[0]
        assert haneul.tickets.count() == 1
        answer = client.post(url("tickets:contact-merge", haneul.pk), {"other": other.pk})
        assert said(answer) == ["Sky at home was merged into this contact."]
        assert haneul.tickets.count() == 2

    def test_two_with_a_login_each_are_offered_no_button(self, haneul: Contact) -> None:
        other = rows.ticket(contact_id=rows.contact("sky@home.example").pk).contact
        for one in (haneul, other):
            Contact.objects.filter(pk=one.pk).update(user=make.customer())
        client = logged_in(rows.agent().user)
        plan = text_of(client.get(url("tickets:contact-merge", haneul.pk, query="email=sky@home.example")))
        assert "each have a login" in plan
        assert "Merge into" not in plan
        answer = client.post(url("tickets:contact-merge", haneul.pk), {"other": other.pk})
        assert "each have a login" in said(answer)[0]
        assert Contact.objects.filter(pk=other.pk).exists()

    def test_somebody_whom_one_does_not_see_is_not_merged_in(self, haneul: Contact) -> None:
        hidden = rows.contact()
        client = logged_in(rows.agent().user)
        assert client.post(url("tickets:contact-merge", haneul.pk), {"other": hidden.pk}).status_code == 404
        assert client.post(url("tickets:contact-merge", haneul.pk), {"other": "x"}).status_code == 404
        assert Contact.objects.filter(pk=hidden.pk).exists()

    def test_an_address_of_nobody_is_said(self, haneul: Contact) -> None:
        client = logged_in(rows.agent().user)
        answer = client.get(url("tickets:contact-merge", haneul.pk, query="email=who@example.com"))
        assert "There is no contact with the address “who@example.com”." in said(answer)

    def test_an_address_is_banned_and_let_in_again(self, haneul: Contact) -> None:
        client, address = logged_in(rows.agent().user), haneul.addresses.get()
        client.post(url("tickets:contact-do", haneul.pk, "ban"), {"address": address.pk})
        assert people.is_banned("sky@haneul.example")
        assert "banned" in text_of(client.get(url("tickets:contact", haneul.pk)))
        client.post(url("tickets:contact-do", haneul.pk, "unban"), {"address": address.pk})
        assert not people.is_banned("sky@haneul.example")

    def test_an_address_of_somebody_else_is_not_touched(self, haneul: Contact) -> None:
        strange = ContactAddress.objects.get(contact=rows.contact())
        client = logged_in(rows.agent().user)
        assert client.post(url("tickets:contact-do", haneul.pk, "ban"), {"address": strange.pk}).status_code == 404
        assert client.post(url("tickets:contact-do", haneul.pk, "fly"), {}).status_code == 404


class TestOrganization:
    """Who are they, and what did we promise them?"""

    def test_it_shows_people_tickets_domains_and_hosts(self, haneul: Contact) -> None:
        me = boss()
        card = Customer.objects.create(organization=haneul.organization, account_manager=me, notes="Pays late")
        CustomerDomain.objects.create(customer=card, domain="haneul.example")
        make.host("webserver01", organization=haneul.organization)
        page = text_of(get(me, "organization", haneul.organization_id))
        for words in ("Haneul Trading", "Kim Haneul", "No address after boot", "haneul.example", "webserver01"):
            assert words in page
        assert "Pays late" in page
        listed = text_of(get(me, "organizations", query="q=haneul.ex"))
        assert "Haneul Trading" in listed

    def test_an_agent_sees_those_of_their_tickets(self, haneul: Contact) -> None:
        make.organization("Sea Bank")
        page = text_of(get(rows.agent(), "organizations"))
        assert "Haneul Trading" in page
        assert "Sea Bank" not in page

    @pytest.mark.parametrize("name", ["organization", "organization-edit", "organization-card"])
    def test_one_of_others_is_not_there(self, name: str) -> None:
        assert get(rows.agent(), name, make.organization().pk).status_code == 404

    def test_its_card_is_changed_by_who_may(self, haneul: Contact) -> None:
        where = url("tickets:organization-edit", haneul.organization_id)
        form = {"domains": "haneul.example\nhaneul.test", "sharing": "everyone", "notes": "Pays late"}
        assert logged_in(rows.agent().user).post(where, form).status_code == 403
        answer = logged_in(boss().user).post(where, form)
        assert answer.status_code == 302
        card = Customer.objects.get(organization=haneul.organization)
        assert (card.sharing, card.domains.count()) == ("everyone", 2)

    def test_a_domain_that_is_none_is_said(self, haneul: Contact) -> None:
        where = url("tickets:organization-edit", haneul.organization_id)
        answer = logged_in(boss().user).post(where, {"domains": "not a domain", "sharing": "nobody"})
        assert answer.status_code == 422
        assert not Customer.objects.exists()

    def test_many_take_as_many_queries_as_one(self, haneul: Contact) -> None:
        client = logged_in(boss().user)
        client.get(url("tickets:organizations"))
        with CaptureQueriesContext(connection) as one:
            client.get(url("tickets:organizations"))
        for _ in range(10):
            card = Customer.objects.create(organization=make.organization(), account_manager=rows.agent())
            CustomerDomain.objects.create(customer=card, domain=f"d{card.pk}.example")
        with CaptureQueriesContext(connection) as many:
            client.get(url("tickets:organizations"))
        assert len(many) <= len(one) + 3  # domains, managers and their logins, once each
        page = url("tickets:organization", haneul.organization_id)
        with CaptureQueriesContext(connection) as one:
            client.get(page)
        rows.tickets(20, contact_id=haneul.pk)
        with CaptureQueriesContext(connection) as many:
            client.get(page)
        assert len(many) == len(one)


class TestCards:
    """Cards over links."""

    def test_each_says_the_most_needed_in_few_lines(self, haneul: Contact) -> None:
        me, ticket = rows.agent("Mina Park"), haneul.tickets.get()
        assert "sky@haneul.example" in text_of(get(me, "contact-card", haneul.pk))
        assert "Haneul Trading" in text_of(get(me, "organization-card", haneul.organization_id))
        assert ticket.number in text_of(get(me, "ticket-card", ticket.number))
        assert "mina.park@desk.example" in text_of(get(me, "agent-card", me.pk))

    def test_a_ticket_of_others_has_no_card(self) -> None:
        theirs = rows.ticket(department_id=rows.department().pk)
        assert get(rows.agent(), "ticket-card", theirs.number).status_code == 404
        assert logged_in(make.operator()).get(url("tickets:agent-card", rows.agent().pk)).status_code == 403
