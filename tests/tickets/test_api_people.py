"""People over the API: who is found, two who are one, addresses that move, what is known of organizations."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import Permission
from tickets.models import Contact, ContactAddress, CustomerDomain
from tickets.services import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    """An agent who sees every organization."""
    agent = rows.agent("Mina Park")
    agent.user.all_organizations = True
    agent.user.save()
    return Program(agent.user)


def test_people_of_ones_tickets_are_found_though_they_belong_to_no_organization() -> None:
    asked, hidden = rows.ticket().contact, rows.ticket(department_id=rows.department().pk).contact
    mine = Program(rows.agent().user)
    assert [row["id"] for row in mine.get("/contacts/").json()["results"]] == [asked.pk]
    assert mine.get(f"/contacts/{hidden.pk}/").status_code == 404
    ticket = rows.ticket()
    assert mine.post(f"/tickets/{ticket.pk}/message/", {"text": "x", "contact": asked.pk}).status_code == 201
    refused = mine.post(f"/tickets/{ticket.pk}/message/", {"text": "x", "contact": hidden.pk})
    assert (refused.status_code, refused.json()["field"]) == (400, "contact")


@pytest.mark.parametrize(
    "query",
    [{"text": "haneul"}, {"text": "sky@"}, {"has_failed": "true"}, {"email": "SKY@work.example"}],
    ids=["a word of the name", "the beginning of an address", "mail that came back", "the whole address"],
)
def test_people_are_found_as_on_the_page(query: dict[str, str], program: Program) -> None:
    wanted = rows.contact("sky@work.example", "Kim Haneul")
    wanted.addresses.update(failed_at=wanted.created_at, failed_why="No such user")
    rows.contact("joon@other.example", "Joon")
    [found] = program.get("/contacts/", **query).json()["results"]
    assert found["id"] == wanted.pk
    assert found["addresses"][0]["failed_why"] == "No such user"


def test_a_person_is_added_once_for_each_key(program: Program) -> None:
    sent = {"name": "Kim", "emails": ["kim@example.com"]}
    first, second = (program.post("/contacts/", sent, once="k") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_somebody_who_is_written_down_is_shown_though_they_have_no_ticket_yet() -> None:
    made = Program(rows.agent().user).post("/contacts/", {"name": "Kim", "emails": ["kim@example.com"]})
    assert (made.status_code, made.json()["emails"]) == (201, ["kim@example.com"])


def test_a_merge_is_looked_at_first_and_then_done(program: Program) -> None:
    stays, goes = rows.contact("sky@work.example", "Haneul"), rows.contact("sky@home.example", "H. Kim")
    Contact.objects.filter(pk=goes.pk).update(phone="+82 2 123")
    rows.ticket(contact_id=goes.pk)
    path = f"/contacts/{stays.pk}"
    plan = program.get(f"{path}/merge-plan/", contact=goes.pk).json()
    assert (plan["tickets"], plan["entries"], plan["emails"]) == (1, 1, ["sky@home.example"])
    assert (plan["takes"], plan["loses"], plan["refused"]) == (["phone"], {"name": "H. Kim"}, "")
    assert Contact.objects.filter(pk=goes.pk).exists()
    merged = program.post(f"{path}/merge/", {"contact": goes.pk}).json()
    assert merged["emails"] == ["sky@work.example", "sky@home.example"]
    assert merged["phone"] == "+82 2 123"
    assert not Contact.objects.filter(pk=goes.pk).exists()


def test_two_with_logins_are_said_in_the_plan_and_stay_apart(program: Program) -> None:
    stays, goes = rows.contact(), rows.contact()
    for one in (stays, goes):
        one.user = make.customer()
        one.save()
    assert "each have a login" in program.get(f"/contacts/{stays.pk}/merge-plan/", contact=goes.pk).json()["refused"]
    answer = program.post(f"/contacts/{stays.pk}/merge/", {"contact": goes.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_an_address_moves_and_a_failed_one_gets_mail_again(program: Program) -> None:
    owner, other = rows.contact("main@example.com"), rows.contact()
    people.save_contact(owner, ["main@example.com", "second@example.com"], by=make.actor())
    address = owner.addresses.get(email="second@example.com")
    sent = {"address": address.pk, "to": other.pk}
    moved = program.post(f"/contacts/{owner.pk}/move-address/", sent).json()
    assert (moved["id"], moved["emails"][-1]) == (other.pk, "second@example.com")
    assert program.post(f"/contacts/{owner.pk}/move-address/", sent).status_code == 404
    last = {"address": owner.addresses.get().pk, "to": other.pk}
    assert program.post(f"/contacts/{owner.pk}/move-address/", last).json()["field"] == "email"
    ContactAddress.objects.update(failed_at=owner.created_at, failed_why="x")
    cleared = program.post(f"/contacts/{other.pk}/clear-failure/", {"address": address.pk}).json()
    assert [one["failed_at"] is None for one in cleared["addresses"]] == [False, True]


@pytest.mark.parametrize("lacks", ["the right", "sight of the other one"])
@pytest.mark.parametrize("verb", ["merge", "move-address"])
def test_who_may_not_changes_nobody(verb: str, lacks: str) -> None:
    one = rows.ticket().contact
    other = rows.contact() if lacks == "sight of the other one" else rows.ticket().contact
    people.save_contact(one, [one.email, "second@example.com"], by=make.actor())
    mine = Program(rows.agent(role="All access" if lacks != "the right" else rows.role(Permission.REPLY)).user)
    sent = {"contact": other.pk, "to": other.pk, "address": one.addresses.latest("pk").pk}
    answer = mine.post(f"/contacts/{one.pk}/{verb}/", sent)
    assert answer.status_code == (403 if lacks == "the right" else 400)
    assert (one.addresses.count(), other.addresses.count()) == (2, 1)


def test_the_card_of_an_organization_is_read_and_changed() -> None:
    organization, manager = make.organization("Haneul Trading"), rows.agent()
    inside = rows.contact("kim@haneul.example")
    root = Program(make.admin())
    path = f"/customers/{organization.pk}/"
    assert root.get(path).json()["domains"] == []
    sent: dict[str, Any] = {"domains": ["@Haneul.example"], "account_manager": manager.pk, "sharing": "everyone"}
    changed = root.patch(path, sent)
    assert changed.status_code == 200, changed.json()
    assert (changed.json()["name"], changed.json()["domains"]) == ("Haneul Trading", ["haneul.example"])
    assert root.patch(path, {"notes": "Pays late"}).json() == changed.json() | {"notes": "Pays late"}
    assert Contact.objects.get(pk=inside.pk).organization == organization
    assert [row["id"] for row in root.get("/customers/", text="haneul.ex").json()["results"]] == [organization.pk]
    assert root.get("/customers/", text="nobody").json()["results"] == []
    other = make.organization()
    assert root.patch(f"/customers/{other.pk}/", {"domains": ["haneul.example"]}).json()["field"] == "domains"
    assert root.patch(path, {"domains": []}).json()["domains"] == []
    assert not CustomerDomain.objects.exists()


def test_the_card_of_an_organization_is_changed_with_the_permission_alone() -> None:
    agent = rows.agent()
    organization = make.organization()
    agent.user.organizations.add(organization)
    mine = Program(agent.user)
    assert mine.get(f"/customers/{organization.pk}/").status_code == 200
    assert mine.patch(f"/customers/{organization.pk}/", {"notes": "x"}).status_code == 403
    assert mine.get(f"/customers/{make.organization().pk}/").status_code == 404


def test_a_page_of_people_costs_the_same_whatever_its_length(
    program: Program, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        contact = rows.contact()
        contact.organization = make.organization()
        contact.save()
    for path in ("/contacts/", "/customers/"):
        program.get(path)
        with django_assert_max_num_queries(8):
            assert len(program.get(path).json()["results"]) == 12


def test_somebody_without_a_ticket_is_deleted_with_the_permission_alone(program: Program) -> None:
    alone, asked = rows.contact(), rows.ticket().contact
    assert program.delete(f"/contacts/{alone.pk}/").status_code == 403
    root = Program(make.admin())
    assert root.delete(f"/contacts/{asked.pk}/").json()["code"] == "in_use"
    assert root.delete(f"/contacts/{alone.pk}/").status_code == 204
    assert list(Contact.objects.all()) == [asked]


def test_a_login_is_given_by_those_who_see_people(program: Program) -> None:
    contact, other, login = rows.contact(), rows.contact(), make.customer()
    refused = program.patch(f"/contacts/{contact.pk}/", {"login": login.pk})
    assert (refused.status_code, refused.json()["field"]) == (400, "login")
    root = Program(make.admin())
    assert root.patch(f"/contacts/{contact.pk}/", {"login": login.pk}).json()["login"] == login.pk
    assert root.patch(f"/contacts/{other.pk}/", {"login": login.pk}).status_code == 400
    assert root.patch(f"/contacts/{other.pk}/", {"login": make.user().pk}).status_code == 400
    assert program.patch(f"/contacts/{contact.pk}/", {"phone": "1"}).json()["login"] == login.pk
    assert root.patch(f"/contacts/{contact.pk}/", {"login": None}).json()["login"] is None


def test_the_notes_of_a_ban_change_and_its_address_does_not() -> None:
    root = Program(make.admin())
    path = f"/bans/{root.post('/bans/', {'pattern': '@spam.example'}).json()['id']}/"
    changed = root.patch(path, {"notes": "Newsletters", "pattern": "@other.example"}).json()
    assert (changed["notes"], changed["pattern"]) == ("Newsletters", "@spam.example")
    assert Program(rows.agent().user).patch(path, {"notes": "x"}).status_code == 403
