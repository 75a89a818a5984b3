"""People of the desk: one for each address, whoever asks first; bans; contacts with several addresses."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from hosts.errors import BadInput, NotAllowed
from hosts.models import AuditEntry, Organization
from hosts.services.audit import PANEL
from tests import make
from tests.tickets import rows
from tickets.choices import Permission
from tickets.facts.mail import Address
from tickets.models import Ban, Contact, ContactAddress, Customer, CustomerDomain
from tickets.models.read_once import one_reading
from tickets.services import people, search

pytestmark = pytest.mark.django_db


def test_a_domain_brings_a_new_person_into_its_organization() -> None:
    organization = Organization.objects.create(name="Example")
    customer = Customer.objects.create(organization=organization)
    CustomerDomain.objects.create(customer=customer, domain="example.com")
    assert people.contact_for("new@EXAMPLE.com", "New").organization == organization
    assert people.contact_for("new@sub.example.com").organization is None


def test_a_name_fills_a_gap_and_never_replaces_one() -> None:
    people.contact_for("kim@example.com")
    assert people.contact_for("kim@example.com", " Kim  Minji ").name == "Kim Minji"
    assert people.contact_for("kim@example.com", "Somebody else").name == "Kim Minji"
    assert AuditEntry.objects.filter(object_type="contact", action="create").count() == 1


@pytest.mark.parametrize(
    "email", ["", "kim", "kim@", "a b@c.example", "kim@example.com\nbcc: x", "x" * 250 + "@a.example"]
)
def test_what_is_no_address_makes_nobody(email: str) -> None:
    with pytest.raises(BadInput):
        people.contact_for(email)
    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_person() -> None:
    found, errors = [], []
    start = threading.Barrier(10)

    def ask() -> None:
        try:
            start.wait(10)
            found.append(people.contact_for("Kim@example.com", "Kim").pk)
        except Exception as error:  # noqa: BLE001  (shown below)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(set(found)) == 1
    assert ContactAddress.objects.count() == 1


def test_a_contact_is_saved_with_all_addresses_and_the_first_gets_the_mail() -> None:
    contact = people.save_contact(Contact(name="Kim"), ["kim@example.com", "k@home.example"], by=PANEL)
    assert contact.email == "kim@example.com"
    people.save_contact(contact, ["k@home.example", "KIM@example.com"], by=PANEL)
    fresh = Contact.objects.get()
    assert fresh.email == "k@home.example"
    assert set(fresh.addresses.values_list("email", flat=True)) == {"k@home.example", "KIM@example.com"}
    people.save_contact(fresh, ["k@home.example"], by=PANEL)
    assert fresh.addresses.count() == 1


def test_an_address_of_somebody_else_is_not_taken_away() -> None:
    rows.contact("lee@example.com")
    with pytest.raises(BadInput, match="Somebody else"):
        people.save_contact(Contact(name="Kim"), ["LEE@example.com"], by=PANEL)
    with pytest.raises(BadInput, match="needs an address"):
        people.save_contact(Contact(name="Kim"), [" "], by=PANEL)
    assert Contact.objects.count() == 1


def test_contacts_and_bans_need_their_rights() -> None:
    reader = rows.agent(role=rows.role(Permission.REPLY))
    with pytest.raises(NotAllowed):
        people.save_contact(Contact(name="Kim"), ["kim@example.com"], by=rows.by(reader))
    with pytest.raises(NotAllowed):
        people.ban("kim@example.com", by=rows.by(reader))


def test_an_address_or_a_whole_domain_is_banned_once_and_let_in_again() -> None:
    people.ban("Spam@bad.example", by=PANEL)
    row = people.ban("@worse.example", by=PANEL)
    assert people.ban("@worse.example", by=PANEL) == row
    assert [people.is_banned(one) for one in ("spam@BAD.example", "ham@bad.example", "any@worse.example")] == [
        True,
        False,
        True,
    ]
    with pytest.raises(BadInput, match="no address"):
        people.ban("*", by=PANEL)
    people.unban(row, by=PANEL)
    assert Ban.objects.count() == 1


def test_a_login_finds_its_person_by_its_address_once() -> None:
    kim = rows.contact("kim@example.com", "Kim")
    user = make.customer("kim@example.com")
    assert people.contact_of_login(user) == kim
    assert Contact.objects.get(pk=kim.pk).user == user
    assert people.contact_of_login(user) == kim


class TestMeetTogether:
    """People of a batch of mails, made in few statements."""

    def test_who_is_not_known_is_made_once_with_organization_words_and_a_line_of_the_book(self) -> None:
        customer = make.organization("Haneul")
        CustomerDomain.objects.create(customer=Customer.objects.create(organization=customer), domain="h.example")
        known = rows.contact("old@h.example", "Old")
        said = [
            Address("old@h.example"),
            Address("New@h.example", "  New   One "),
            Address("new@H.example"),
            Address("no"),
        ]
        with one_reading():
            people.meet_together(said)
            made = people.contact_for("new@h.example")
        assert (made.name, made.email, made.organization) == ("New One", "New@h.example", customer)
        assert Contact.objects.exclude(pk__in=(known.pk, made.pk)).count() == 0
        assert AuditEntry.objects.filter(action="create", object_type="contact", object_id=str(made.pk)).count() == 1
        assert list(search.people_with(Contact.objects.all(), "new one")) == [made]

    def test_where_somebody_else_makes_one_at_this_moment_each_is_met_alone(self) -> None:
        with one_reading():
            assert people.contact_of("a@x.example") is None
            theirs = Contact.objects.create(name="Theirs")
            ContactAddress.objects.create(contact=theirs, email="a@x.example", is_main=True)
            people.meet_together([Address("a@x.example", "A"), Address("b@x.example", "B")])
            assert not Contact.objects.filter(name="B").exists(), "all of them, or none"
            assert people.contact_for("a@x.example", "A") == theirs
            assert people.contact_for("b@x.example", "B").name == "B"
