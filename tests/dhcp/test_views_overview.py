"""The page of all networks, as those see it who may and those who may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dhcp.models import Alarm, Server, SharedNetwork
from dhcp.services import editing
from dhcp.services.roles import ensure_dhcp_rights
from hosts.services.access import ensure_roles
from tests import make
from tests.dhcp.dhcp_pages import many_networks, operator, samples, seed_in_use
from tests.dhcp.sites import a_server, a_subnet
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30


def seen(user: Any) -> str:
    return text_of(logged_in(user).get(url("dhcp:overview")))


def test_an_empty_panel_says_what_a_dhcp_server_is_and_how_to_begin(client) -> None:
    client.force_login(make.admin())
    text = client.get(reverse("dhcp:overview")).content.decode()
    assert "No DHCP server is in the panel yet" in text
    assert reverse("dhcp:server-new") in text


def test_roles_of_a_new_panel_see_dhcp_and_a_role_that_was_changed_stays_so() -> None:
    ensure_roles()
    assert {group.name for group in ensure_dhcp_rights()} == {"Viewer", "Planner", "Approver", "Operator"}
    assert ensure_dhcp_rights() == []


def test_a_person_without_the_right_is_turned_away(client) -> None:
    client.force_login(make.user())
    assert client.get(reverse("dhcp:overview")).status_code == 403
    assert not Server.objects.exists()


def test_a_customer_is_turned_away(client) -> None:
    client.force_login(make.customer(permissions=["dhcp.view_server"]))
    assert client.get(reverse("dhcp:overview")).status_code == 403


def test_each_network_stands_under_its_server_with_how_full_it_is() -> None:
    server, subnet = seed_in_use()
    text = seen(operator())
    assert subnet.network in text
    assert "B network" in text
    assert "6 / 11" in text
    assert "Every network is served" in text
    assert url("dhcp:server-file", server.pk) in text  # never applied, so there are changes to review


def test_subnets_of_a_shared_network_stand_below_it_and_a_full_one_is_said_on_top() -> None:
    server = a_server("dhcp01.lab")
    shared = SharedNetwork(server=server, name="second floor")
    editing.save_network(shared, by=make.actor())
    subnet = a_subnet(server, "10.2.0.0/24", ("10.2.0.10", "10.2.0.20"), shared_network=shared)
    samples(subnet, days=2, first=11)
    Alarm.objects.create(server=server, subnet=subnet, percent=100, opened_at=timezone.now(), ticket_number="204-117")
    text = seen(operator())
    assert text.index("second floor") < text.index("10.2.0.0/24")
    assert "1 network almost full" in text
    assert "204-117" in text


def test_a_server_of_another_organization_is_not_there() -> None:
    seed_in_use()
    text = seen(operator("Viewer", make.organization()))
    assert "192.168.1.0/24" not in text
    assert "dhcp01.lab" not in text


def test_who_may_not_plan_sees_no_button_for_it() -> None:
    server, _subnet = seed_in_use()
    assert url("dhcp:server-file", server.pk) not in seen(operator("Viewer"))


def test_much_costs_no_more_queries_than_little() -> None:
    server, _subnet = seed_in_use()
    client = logged_in(operator())
    client.get(url("dhcp:overview"))
    with CaptureQueriesContext(
        connection,
    ) as little:
        client.get(url("dhcp:overview"))
    many_networks(server, 30)
    for number in range(4):
        many_networks(a_server(f"other{number}"), 3)
    with CaptureQueriesContext(connection) as much:
        answer = client.get(url("dhcp:overview"))
    assert "All 32 networks" in text_of(answer)
    assert len(much) <= len(little) + 2 <= MOST_QUERIES
