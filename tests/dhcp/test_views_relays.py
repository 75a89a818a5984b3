"""Relays: the picture of all ways, what is wrong on one of them, and the form."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.models import Problem, Relay, Subnet
from dhcp.services import editing
from dhcp.services.relay_links import ways
from dhcp.views.relay_picture import BOX_HEIGHT, relay_picture
from hosts.models import Change
from tests import make
from tests.dhcp.dhcp_pages import a_relay, operator, seed_in_use
from tests.dhcp.sites import a_server, a_subnet, the_seed
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db


def test_the_picture_leads_from_networks_through_relays_to_servers() -> None:
    server, subnet = seed_in_use()
    found = ways(operator())
    picture = relay_picture(found)
    names = {box.name: box for box in picture.boxes}
    assert set(names) == {"192.168.1.0/24", "192.168.0.0/24", "relay01", str(server)}
    assert names["192.168.1.0/24"].x < names["relay01"].x < names[str(server)].x
    assert names["192.168.1.0/24"].url == subnet.get_absolute_url()
    assert [line.tone for line in picture.lines] == ["", "good", ""]
    assert picture.height > max(box.y for box in picture.boxes) + BOX_HEIGHT


def test_a_network_that_no_server_declares_is_red_and_offers_to_declare_it() -> None:
    server, _subnet = seed_in_use()
    relay = a_relay(server, "relay02", giaddr=["192.168.7.254/24"])
    client = logged_in(operator())
    listed = text_of(client.get(url("dhcp:relays")))
    assert "192.168.7.0/24" in listed
    assert "declared nowhere" in listed
    page = text_of(client.get(url("dhcp:relay", relay.pk)))
    assert "Declare the subnet 192.168.7.0/24" in page
    problem = Problem.objects.get(rule="dhcp.relay.no-subnet")
    client.post(url("dhcp:mend", problem.pk))
    assert Subnet.objects.filter(network="192.168.7.0/24", server=server).exists()
    assert "declared nowhere" not in text_of(client.get(url("dhcp:relay", relay.pk)))


def test_a_server_that_the_panel_does_not_know_is_said() -> None:
    relay = a_relay(a_server(), "relay01", servers=["10.0.0.9"])
    page = text_of(logged_in(operator()).get(url("dhcp:relay", relay.pk)))
    assert "not a server of the panel" in page
    assert "10.0.0.9" in page


def test_an_empty_page_says_what_a_relay_is() -> None:
    text = text_of(logged_in(operator()).get(url("dhcp:relays")))
    assert "No relay is in the panel yet" in text
    assert url("dhcp:relay-new") in text


def test_a_relay_is_added_edited_planned_and_taken_out() -> None:
    host = make.host("relay01")
    client = logged_in(operator())
    sent = {"host": host.pk, "servers": "192.168.0.1, 192.168.0.2", "giaddr": "192.168.1.254/24", "interfaces": "eth0"}
    client.post(url("dhcp:relay-new"), sent)
    relay = Relay.objects.get(host=host)
    assert (relay.servers, relay.giaddr) == (["192.168.0.1", "192.168.0.2"], ["192.168.1.254/24"])
    client.post(url("dhcp:relay-edit", relay.pk), {**sent, "interfaces": "eth0 eth1"})
    relay.refresh_from_db()
    assert relay.interfaces == ["eth0", "eth1"]
    answer = client.post(url("dhcp:relay-plan", relay.pk))
    assert answer["Location"] == Change.objects.get().get_absolute_url()
    client.post(url("dhcp:relay-delete", relay.pk))
    assert not Relay.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        pytest.param({"servers": ""}, "Name at least one server", id="no server"),
        pytest.param({"servers": "10.0.0.1", "giaddr": "here"}, "is no address with its length", id="no length"),
    ],
)
def test_a_wrong_relay_is_refused_and_nothing_typed_is_lost(sent: dict[str, str], words: str) -> None:
    host = make.host("relay01")
    answer = logged_in(operator()).post(url("dhcp:relay-new"), {"host": host.pk, "note": "typed note", **sent})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "typed note" in text_of(answer)
    assert not Relay.objects.exists()


PAGES = ("relay", "relay-edit", "relay-delete")


@pytest.mark.parametrize("name", PAGES)
def test_a_relay_of_another_organization_is_nowhere(name: str) -> None:
    row = Relay(host=make.host(organization=make.organization()), servers=["10.0.0.1"])
    editing.save_relay(row, by=make.actor())
    client = logged_in(operator("Operator", make.organization()))
    assert client.get(url(f"dhcp:{name}", row.pk)).status_code == 404
    assert client.post(url("dhcp:relay-plan", row.pk)).status_code == 404
    assert str(row.host) not in text_of(client.get(url("dhcp:relays")))


@pytest.mark.parametrize("name", ["relay-edit", "relay-delete", "relay-plan"])
def test_a_viewer_and_a_customer_change_no_relay(name: str) -> None:
    row = a_relay(the_seed())
    customer = make.customer(permissions=["dhcp.view_relay", "dhcp.change_relay", "dhcp.delete_relay"])
    for user in (operator("Viewer"), customer):
        assert logged_in(user).post(url(f"dhcp:{name}", row.pk)).status_code == 403
    assert Relay.objects.exists()
    assert not Change.objects.exists()


def test_many_relays_cost_no_more_queries_than_one() -> None:
    server, _subnet = seed_in_use()
    client = logged_in(operator())
    client.get(url("dhcp:relays"))
    with CaptureQueriesContext(connection) as little:
        client.get(url("dhcp:relays"))
    for number in range(8):
        a_subnet(server, f"10.{number}.0.0/24")
        a_relay(server, f"relay1{number}", giaddr=[f"10.{number}.0.254/24"])
    with CaptureQueriesContext(connection) as much:
        text: Any = text_of(client.get(url("dhcp:relays")))
    assert "relay17" in text
    assert len(much) <= len(little) + 1 <= 25
