"""Contacts as agents work with them: who sees whom, two who are one, addresses that move, an organization's domains."""

from __future__ import annotations

import pytest
from django.db import transaction

from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.models import AuditEntry
from tests import make
from tests.tickets import rows
from tickets.choices import Permission
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, Collaborator, Contact, Customer, CustomerDomain, OutgoingMail, Ticket
from tickets.services import contacts, organizations, people, search, sharing, thread

pytestmark = pytest.mark.django_db


def boss() -> Agent:
    """An agent who sees everything."""
    found = rows.agent("Mina Park")
    found.user.all_organizations = True
    found.user.save()
    return found


class TestWhoSeesWhom:
    """The people an agent works with."""

    def test_an_agent_sees_those_of_their_tickets_and_of_their_organizations(self) -> None:
        ours = make.organization()
        asked = rows.ticket().contact
        member, stranger = rows.contact(), rows.ticket(department_id=rows.department().pk).contact
        member.organization = ours
        member.save()
        me = rows.agent()
        me.user.organizations.add(ours)
        assert set(contacts.seen_by(me.user)) == {asked, member}
        assert stranger in contacts.seen_by(make.admin())

    def test_staff_who_are_no_agents_see_nobody(self) -> None:
        rows.ticket()
        assert not contacts.seen_by(make.operator()).exists()
        assert not organizations.seen_by(make.operator()).exists()

    def test_an_agent_limited_to_what_is_given_sees_the_owners_of_that_alone(self) -> None:
        me = rows.agent(only_assigned=True)
        mine, other = rows.ticket(agent_id=me.pk), rows.ticket()
        assert list(contacts.seen_by(me.user)) == [mine.contact]
        assert other.contact not in contacts.seen_by(me.user)


class TestMerge:
    """Two who are one."""

    def test_everything_of_the_other_one_comes_along(self) -> None:
        me, organization = boss(), make.organization()
        stays, goes = rows.contact("sky@work.example", "Haneul"), rows.contact("sky@home.example", "H. Kim")
        goes.organization, goes.phone, goes.notes = organization, "+82 2 123", "Calls at night"
        goes.save()
        ticket = rows.ticket("Fan is loud", contact_id=goes.pk)
        mine = rows.ticket(contact_id=stays.pk)
        thread.post_message(mine, NewEntry(text="It still is", contact_id=goes.pk), by=rows.by(me))
        contacts.merge_contacts(stays, goes, by=rows.by(me))
        stays.refresh_from_db()
        assert not Contact.objects.filter(pk=goes.pk).exists()
        assert set(stays.tickets.all()) == {ticket, mine}
        assert set(Ticket.objects.values_list("organization", flat=True)) == {organization.pk}
        assert (stays.name, stays.phone, stays.notes) == ("Haneul", "+82 2 123", "Calls at night")
        assert stays.organization == organization
        assert sorted(stays.addresses.values_list("email", "is_main")) == [
            ("sky@home.example", False),
            ("sky@work.example", True),
        ]
        assert mine.entries.filter(contact=stays).count() == 2
        assert people.contact_for("SKY@home.example") == stays
        assert not OutgoingMail.objects.filter(contact=goes.pk).exists()

    def test_who_was_in_copy_of_their_own_ticket_is_its_owner_alone(self) -> None:
        me = boss()
        stays, goes = rows.contact(), rows.contact()
        theirs, third = rows.ticket(contact_id=stays.pk), rows.ticket()
        both = rows.ticket()
        for ticket, who in ((theirs, goes), (third, goes), (both, goes), (both, stays)):
            sharing.add_collaborator(ticket, who.email, by=rows.by(me))
        contacts.merge_contacts(stays, goes, by=rows.by(me))
        found = Collaborator.objects.values_list("ticket", "contact")
        assert sorted(found) == sorted([(third.pk, stays.pk), (both.pk, stays.pk)])

    def test_their_tickets_are_found_by_the_one_who_stays(self) -> None:
        me = boss()
        stays, goes = rows.contact("a@one.example", "Zwetschge"), rows.contact("b@two.example", "Mirabelle")
        ticket = rows.ticket(contact_id=goes.pk)
        contacts.merge_contacts(stays, goes, by=rows.by(me))
        assert list(search.search(make.admin(), "zwetschge")) == [ticket]
        assert list(search.search(make.admin(), "b@two.example")) == [ticket]

    def test_a_login_comes_along_and_two_logins_stay_apart(self) -> None:
        me = boss()
        stays, goes, third = rows.contact(), rows.contact(), rows.contact()
        for one in (goes, third):
            one.user = make.customer()
            one.save()
        contacts.merge_contacts(stays, goes, by=rows.by(me))
        stays.refresh_from_db()
        assert stays.user_id == goes.user_id
        with pytest.raises(WrongState), transaction.atomic():
            contacts.merge_contacts(stays, third, by=rows.by(me))
        assert third.addresses.exists()

    def test_the_plan_tells_what_will_be_done_and_does_nothing(self) -> None:
        me = boss()
        stays, goes = rows.contact("sky@work.example", "Haneul"), rows.contact("sky@home.example", "H. Kim")
        goes.organization, goes.phone, goes.language = make.organization("Haneul Trading"), "+82 2 123", "ko"
        stays.phone = "+82 2 999"
        for one in (stays, goes):
            one.save()
        ticket, third = rows.ticket(contact_id=goes.pk), rows.ticket()
        rows.ticket(contact_id=goes.pk, department_id=rows.department().pk)
        sharing.add_collaborator(third, goes.email, by=rows.by(me))
        before = Contact.objects.count(), list(Ticket.objects.order_by("pk").values_list("contact", flat=True))
        plan = contacts.merge_plan(stays, goes, by=rows.by(me))
        assert (plan.tickets, plan.open_tickets, plan.hidden_tickets, plan.copies) == (2, 2, 1, 1)
        assert (plan.entries, plan.emails) == (2, ("sky@home.example",))
        assert plan.mails == OutgoingMail.objects.filter(contact=goes).count() > 0
        assert plan.takes == ("language", "organization")
        assert plan.loses == {"name": "H. Kim", "phone": "+82 2 123"}
        assert (
            Contact.objects.count(),
            list(Ticket.objects.order_by("pk").values_list("contact", flat=True)),
        ) == before
        contacts.merge_contacts(stays, goes, by=rows.by(me))
        stays.refresh_from_db()
        assert (stays.tickets.count(), stays.language, stays.phone) == (plan.tickets, "ko", "+82 2 999")
        assert ticket in stays.tickets.all()

    def test_it_is_written_down(self) -> None:
        stays, goes = rows.contact(), rows.contact("gone@example.com", "Gone")
        contacts.merge_contacts(stays, goes, by=rows.by(boss()))
        entry = AuditEntry.objects.get(action="merge", object_type="contact")
        assert entry.details["addresses"] == "gone@example.com"
        assert entry.object_id == str(stays.pk)

    @pytest.mark.parametrize("which", ["the right", "sight of the other one"])
    def test_without_the_right_or_the_sight_nothing_is_merged(self, which: str) -> None:
        stays = rows.ticket().contact
        goes = rows.contact() if which == "sight of the other one" else rows.ticket().contact
        me = rows.agent(role="All access" if which == "sight of the other one" else rows.role(Permission.REPLY))
        with pytest.raises(NotAllowed), transaction.atomic():
            contacts.merge_contacts(stays, goes, by=rows.by(me))
        assert goes.addresses.count() == 1

    def test_one_person_is_not_merged_with_themselves(self) -> None:
        one = rows.contact()
        with pytest.raises(BadInput):
            contacts.merge_contacts(one, one, by=rows.by(boss()))


class TestAddresses:
    """An address belongs to one person, and may be given to another one."""

    def test_an_address_moves_and_what_it_wrote_stays(self) -> None:
        me, owner, other = boss(), rows.contact("main@example.com"), rows.contact()
        people.save_contact(owner, ["main@example.com", "second@example.com"], by=rows.by(me))
        ticket = rows.ticket(contact_id=owner.pk)
        contacts.move_address(owner.addresses.get(email="main@example.com"), other, by=rows.by(me))
        assert people.contact_for("main@example.com") == other
        assert list(owner.addresses.values_list("email", "is_main")) == [("second@example.com", True)]
        assert ticket.contact == owner

    def test_the_last_address_of_somebody_stays(self) -> None:
        owner, other = rows.contact(), rows.contact()
        with pytest.raises(BadInput), transaction.atomic():
            contacts.move_address(owner.addresses.get(), other, by=rows.by(boss()))
        assert owner.addresses.count() == 1

    def test_a_bounced_address_gets_mail_again(self) -> None:
        owner = rows.contact()
        address = owner.addresses.get()
        address.failed_at, address.failed_why = owner.created_at, "No such user"
        address.save()
        contacts.clear_failure(address, by=rows.by(boss()))
        address.refresh_from_db()
        assert (address.failed_at, str(address.failed_why)) == (None, "")
        assert AuditEntry.objects.filter(action="clear failure").count() == 1


class TestCards:
    """What is typed about people and their organizations."""

    def test_a_first_organization_takes_their_tickets_along(self) -> None:
        me, organization, one = boss(), make.organization(), rows.contact()
        ticket = rows.ticket(contact_id=one.pk)
        one.organization = organization
        contacts.save_card(one, [one.email], by=rows.by(me))
        ticket.refresh_from_db()
        assert ticket.organization == organization

    def test_an_organization_of_others_is_not_given(self) -> None:
        me, one = rows.agent(), rows.ticket().contact
        one.organization = make.organization()
        with pytest.raises(NotAllowed), transaction.atomic():
            contacts.save_card(one, [one.email], by=rows.by(me))
        assert not Contact.objects.filter(organization=one.organization).exists()

    def test_a_contact_of_a_strange_organization_keeps_it_when_the_name_is_mended(self) -> None:
        one = rows.ticket().contact
        Contact.objects.filter(pk=one.pk).update(organization=make.organization())
        one = Contact.objects.get(pk=one.pk)
        one.name = "Kim Haneul"
        assert contacts.save_card(one, [one.email], by=rows.by(rows.agent())).organization_id

    def test_a_new_domain_brings_its_people_and_their_tickets_in(self) -> None:
        organization = make.organization()
        inside, outside = rows.contact("kim@haneul.example"), rows.contact("kim@nothaneul.example")
        ticket = rows.ticket(contact_id=inside.pk)
        card = organizations.card_of(organization)
        organizations.save_card(card, ["@Haneul.example", " "], by=make.actor())
        for row in (inside, outside, ticket):
            row.refresh_from_db()
        assert (inside.organization, outside.organization, ticket.organization) == (organization, None, organization)
        organizations.save_card(organizations.card_of(organization), [], by=make.actor())
        assert not CustomerDomain.objects.exists()

    def test_a_domain_belongs_to_one_organization(self) -> None:
        first, second = make.organization(), make.organization()
        organizations.save_card(organizations.card_of(first), ["haneul.example"], by=make.actor())
        with pytest.raises(BadInput), transaction.atomic():
            organizations.save_card(organizations.card_of(second), ["haneul.example"], by=make.actor())
        assert not Customer.objects.filter(organization=second).exists()
