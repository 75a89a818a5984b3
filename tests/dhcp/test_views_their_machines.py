"""The card beside a ticket: reservations and leases of the customer's machines, for who may see them, in few queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.models import Server
from dhcp.services.roles import ensure_dhcp_rights
from hosts.models import FactsRecord, Organization, User
from tests import make
from tests.dhcp.clients import ANNE, BERT, a_lease
from tests.dhcp.sites import a_reservation, the_seed
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.models import Agent, Ticket
from tickets.services.rights import ensure_desk_roles

pytestmark = pytest.mark.django_db
SEES = ("dhcp.view_reservation", "dhcp.view_lease", "hosts.view_host")
VF = "02:00:00:00:00:07"


@pytest.fixture
def haneul() -> Organization:
    return make.organization("Haneul Trading")


def an_agent(permissions: Sequence[str] = SEES, **person: Any) -> User:
    user = make.user(permissions=permissions, **{"all_organizations": True, **person})
    Agent.objects.filter(pk=rows.agent().pk).update(user=user)
    return User.objects.get(pk=user.pk)


def a_ticket(organization: Organization) -> Ticket:
    contact = rows.contact()
    contact.organization = organization
    contact.save()
    return rows.ticket(contact_id=contact.pk)


def beside(user: User, ticket: Ticket) -> str:
    """What the page of the ticket says."""
    return text_of(logged_in(user).get(url("tickets:ticket", ticket.number)))


def test_reservations_and_leases_stand_beside_the_ticket_with_their_pages(haneul: Organization) -> None:
    server, ticket = the_seed(), a_ticket(haneul)
    reserved = a_reservation(server, "webserver01", ANNE, "192.168.1.101", organization=haneul)
    lease = a_lease(server, "192.168.1.14", ANNE, hostname="web-now")
    a_lease(server, "192.168.1.15", BERT, hostname="stranger")
    page = beside(an_agent(), ticket)
    for each in ("webserver01", "192.168.1.101", reserved.get_absolute_url(), "web-now", f"leases/{lease.pk}/"):
        assert each in page
    assert "stranger" not in page
    assert "Has another address" in page
    assert 'class="dot warn"' in page


def test_cards_and_virtual_functions_of_their_hosts_are_known_by_their_facts(haneul: Organization) -> None:
    server, ticket = the_seed(), a_ticket(haneul)
    host = make.host("xen03", organization=haneul, address="192.168.1.17")
    links = [{"name": "eth0", "mac": BERT.upper(), "vfs": [{"index": 3, "mac": VF}, "damaged"]}, {"mac": None}, 7]
    old = make.facts_record(host, {"links": [{"name": "eth0", "mac": ANNE}]})
    FactsRecord.objects.filter(pk=old.pk).update(last_at=timezone.now() - timedelta(days=2))
    make.facts_record(host, {"links": links})
    a_lease(server, "192.168.1.11", BERT, hostname="the-card")
    a_lease(server, "192.168.1.12", VF, hostname="the-guest")
    a_lease(server, "192.168.1.13", ANNE, hostname="the-old-card")
    a_lease(server, "192.168.1.17", "02:00:00:00:00:99", hostname="the-address")
    page = beside(an_agent(), ticket)
    for each in ("the-card", "the-guest", "the-address"):
        assert each in page
    assert "the-old-card" not in page


def test_a_lease_that_is_over_is_not_shown(haneul: Organization) -> None:
    server, ticket = the_seed(), a_ticket(haneul)
    a_reservation(server, "webserver01", ANNE, "192.168.1.101", organization=haneul)
    a_lease(server, "192.168.1.14", ANNE, hostname="web-then", ends_at=timezone.now() - timedelta(hours=1))
    a_lease(server, "192.168.1.15", ANNE, hostname="web-freed", state="free")
    page = beside(an_agent(), ticket)
    assert "webserver01" in page
    assert "web-then" not in page
    assert "web-freed" not in page


@pytest.mark.parametrize(
    ("permissions", "reserved", "leased"),
    [
        (("dhcp.view_reservation",), True, False),
        (("dhcp.view_lease", "hosts.view_host"), False, True),
        (("hosts.view_host",), False, False),
    ],
    ids=["reservations alone", "leases alone", "neither"],
)
def test_each_is_for_who_may_see_it(
    permissions: tuple[str, ...], reserved: bool, leased: bool, haneul: Organization
) -> None:
    server, ticket = the_seed(), a_ticket(haneul)
    make.facts_record(make.host(organization=haneul), {"links": [{"name": "eth0", "mac": ANNE}]})
    a_reservation(server, "webserver01", ANNE, "192.168.1.101", organization=haneul)
    a_lease(server, "192.168.1.14", ANNE, hostname="web-now")
    page = beside(an_agent(permissions), ticket)
    assert ("webserver01" in page, "web-now" in page) == (reserved, leased)
    assert ("Their addresses" in page) == (reserved or leased)


def test_the_desks_role_may_see_them_and_keeps_what_people_made_of_it(haneul: Organization) -> None:
    ensure_desk_roles()
    role = Group.objects.get(name="Agent")
    assert role in ensure_dhcp_rights()
    rights = role.permissions.filter(content_type__app_label="dhcp")
    assert set(rights.values_list("codename", flat=True)) == {"view_lease", "view_reservation"}
    user = an_agent(())
    user.groups.add(role)
    a_reservation(the_seed(), "webserver01", ANNE, "192.168.1.101", organization=haneul)
    assert "webserver01" in beside(User.objects.get(pk=user.pk), a_ticket(haneul))
    role.permissions.remove(rights.get(codename="view_lease"))
    assert role not in ensure_dhcp_rights()


def test_what_belongs_to_others_is_left_out(haneul: Organization) -> None:
    mine = make.organization()
    server = the_seed(host=make.host(organization=make.organization()))
    a_reservation(server, "webserver01", ANNE, "192.168.1.101", organization=haneul)
    a_lease(server, "192.168.1.14", ANNE, hostname="web-now")
    page = beside(an_agent(all_organizations=False, organizations=[mine]), a_ticket(haneul))
    assert "webserver01" not in page
    assert "web-now" not in page


def test_without_anything_there_is_no_card(haneul: Organization) -> None:
    the_seed()
    user = an_agent()
    assert "Their addresses" not in beside(user, a_ticket(haneul))
    assert "Their addresses" not in beside(user, rows.ticket())


def test_pages_of_people_and_of_organizations_show_it_too(haneul: Organization) -> None:
    ticket = a_ticket(haneul)
    a_reservation(the_seed(), "webserver01", ANNE, "192.168.1.101", organization=haneul)
    client = logged_in(an_agent())
    for address in (url("tickets:contact", ticket.contact_id), url("tickets:organization", haneul.pk)):
        assert "webserver01" in text_of(client.get(address))


def questions(user: User, ticket: Ticket) -> int:
    client, address = logged_in(user), url("tickets:ticket", ticket.number)
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def many(server: Server, organization: Organization, numbers: range) -> None:
    for number in numbers:
        mac = f"02:00:00:00:01:{number:02x}"
        a_reservation(server, f"web{number:02d}", mac, f"192.168.1.{100 + number}", organization=organization)
        a_lease(server, f"192.168.0.{100 + number}", mac)


def test_many_machines_take_as_many_questions_as_one_and_some_are_shown(haneul: Organization) -> None:
    server, ticket, user = the_seed(), a_ticket(haneul), an_agent()
    for number in range(3):
        make.facts_record(
            make.host(organization=haneul), {"links": [{"name": "eth0", "mac": f"02:00:00:00:02:0{number}"}]}
        )
    bare = questions(an_agent(("hosts.view_host",)), ticket)
    many(server, haneul, range(1))
    one = questions(user, ticket)
    many(server, haneul, range(1, 12))
    assert questions(user, ticket) == one
    assert one <= bare + 6
    page = beside(user, ticket)
    assert sum(f"web{number:02d} " in page for number in range(12)) == 6
    assert f"?organization={haneul.pk}" in page
