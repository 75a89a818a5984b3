"""The page of a network: its map, its pools, what it tells its clients, how full it was; of small, large and IPv6 ones."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.facts.address_key import address_key
from dhcp.facts.fullness import Forecast
from dhcp.models import Alarm, Holding, Lease, Server, SharedNetwork, Subnet
from dhcp.services import editing
from dhcp.views.usage_chart import HEIGHT, WIDTH, usage_chart
from hosts.models import NetworkCard
from tests import make
from tests.dhcp.dhcp_pages import lease, operator, samples, seed_in_use
from tests.dhcp.sites import a_server, a_subnet, routers, the_seed
from tests.hosts.pages import logged_in, text_of, url
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.services.house import desk
from tickets.services.tickets import open_ticket

pytestmark = pytest.mark.django_db


def kinds_of(text: str) -> dict[str, str]:
    """Addresses of the map by what they are drawn as."""
    found = re.findall(r'<i role="gridcell"[^>]*class="(\w+)" data-ip="([^"]+)"', text)
    return {address: kind for kind, address in found}


def test_every_address_is_a_cell_of_its_kind() -> None:
    _server, subnet = seed_in_use()
    text = text_of(logged_in(operator()).get(url("dhcp:subnet", subnet.pk)))
    cells = kinds_of(text)
    assert len(cells) == 256
    expected = {
        "192.168.1.10": "leased",
        "192.168.1.12": "free",
        "192.168.1.17": "abandoned",
        "192.168.1.151": "reserved",
        "192.168.1.254": "gateway",
        "192.168.1.99": "outside",
    }
    assert {address: cells[address] for address in expected} == expected


def test_the_head_tells_who_serves_it_through_whom_and_for_how_long() -> None:
    server, subnet = seed_in_use()
    Server.objects.filter(pk=server.pk).update(default_lease_seconds=28800)
    text = text_of(logged_in(operator()).get(url("dhcp:subnet", subnet.pk)))
    assert "dhcp01.lab" in text
    assert "relay01" in text
    assert "lease 8 h (T1 4 h, T2 7 h)" in text
    assert "<b>64 %</b>" in text
    assert "<b>7 / 11</b>" in text
    assert "192.168.1.254" in text
    assert "set here" in text
    assert "all leases" in text
    assert "all reservations" in text


def test_a_network_that_is_too_full_leads_to_its_ticket() -> None:
    desk()
    subnet = the_seed().subnets.get(network="192.168.1.0/24")
    ticket = open_ticket(NewTicket(subject="full", email="a@example.org", entry=NewEntry(text="x")), by=make.actor())
    Alarm.objects.create(server=subnet.server, subnet=subnet, percent=97, opened_at=timezone.now(), ticket_id=ticket.pk)
    assert ticket.get_absolute_url() in text_of(logged_in(make.admin()).get(subnet.get_absolute_url()))
    assert ticket.get_absolute_url() not in text_of(logged_in(operator()).get(subnet.get_absolute_url()))


def test_an_address_names_the_host_whose_card_has_its_mac() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    lease(server, "192.168.1.10", mac="02:00:00:00:00:99")
    card = NetworkCard.objects.create(host=make.host("xen01"), mac="02:00:00:00:00:99", name="eth0 VF 3")
    admin = logged_in(make.admin())
    assert "xen01 eth0 VF 3" in text_of(admin.get(subnet.get_absolute_url()))
    panel = text_of(admin.get(url("dhcp:address", subnet.pk), {"address": "192.168.1.10"}))
    assert card.host.get_absolute_url() in panel
    assert "eth0 VF 3" in panel


def test_options_tell_from_where_they_come_and_the_innermost_counts() -> None:
    server = a_server("dhcp01")
    option = [{"name": "domain-name", "values": ["above.example"], "expression": ""}]
    Server.objects.filter(pk=server.pk).update(options=[*option, *routers("10.2.0.1")], next_server="10.2.0.5")
    shared = SharedNetwork(server=server, name="second floor", default_lease_seconds=600)
    shared.options = [{"name": "domain-name", "values": ["floor.example"], "expression": ""}]
    editing.save_network(shared, by=make.actor())
    subnet = a_subnet(server, "10.2.0.0/24", shared_network=shared, options=routers("10.2.0.254"))
    text = text_of(logged_in(operator()).get(url("dhcp:subnet", subnet.pk)))
    assert "floor.example" in text
    assert "above.example" not in text
    assert "10.2.0.254" in text
    assert "10.2.0.5" in text
    assert "from second floor" in text
    assert "from dhcp01" in text
    assert "10 min" in text


def test_one_address_tells_who_has_it_and_who_had_it() -> None:
    server, subnet = seed_in_use()
    now = timezone.now()
    Holding.objects.create(
        server=server, address="192.168.1.14", mac="00:16:3e:aa:aa:aa", began_at=now - timedelta(days=9),
        ended_at=now - timedelta(days=8), is_open=False,
    )  # fmt: skip
    client = logged_in(operator())
    text = text_of(client.get(url("dhcp:address", subnet.pk, query="address=192.168.1.14")))
    assert "build-04" in text
    assert "Leased" in text
    assert "00:16:3e:aa:aa:aa" in text
    assert "Make it a reservation" in text
    reserved = text_of(client.get(url("dhcp:address", subnet.pk, query="address=192.168.1.151")))
    assert "webserver01" in reserved
    assert "Make it" not in reserved
    assert "Gateway" in text_of(client.get(url("dhcp:address", subnet.pk, query="address=192.168.1.254")))
    assert "Nobody" in text_of(client.get(url("dhcp:address", subnet.pk, query="address=192.168.1.99")))


@pytest.mark.parametrize("address", ["192.168.9.1", "here", "", "2001:db8::1"])
def test_an_address_that_is_not_in_the_subnet_is_not_found(address: str) -> None:
    _server, subnet = seed_in_use()
    answer = logged_in(operator()).get(url("dhcp:address", subnet.pk), {"address": address})
    assert answer.status_code == 404


def test_a_large_network_is_blocks_and_the_fullest_is_open_first() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.9.0.0/16", ("10.9.1.0", "10.9.8.255"))
    for last in range(1, 4):
        lease(server, f"10.9.5.{last}", last)
    client = logged_in(operator())
    text = text_of(client.get(url("dhcp:subnet", subnet.pk)))
    assert text.count('href="?block=') == 256
    cells = kinds_of(text)
    assert len(cells) == 256
    assert cells["10.9.5.2"] == "leased"
    other = kinds_of(text_of(client.get(url("dhcp:subnet", subnet.pk, query="block=10.9.7.0"))))
    assert other["10.9.7.1"] == "free"
    assert "10.9.5.2" not in other


def test_a_network_that_is_no_whole_block_begins_where_it_begins() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.9.0.72/29", ("10.9.0.74", "10.9.0.77"))
    text = text_of(logged_in(operator()).get(url("dhcp:subnet", subnet.pk)))
    assert len(kinds_of(text)) == 8
    assert ">.64</b>" in text
    assert text.count('class="none" aria-hidden') == 8


def test_of_ipv6_its_ranges_are_drawn_and_never_the_network() -> None:
    server = Server.objects.create(host=make.host(), version=6)
    small = a_subnet(server, "2001:db8:1::/64", ("2001:db8:1::100", "2001:db8:1::1ff"))
    large = a_subnet(server, "2001:db8:2::/64", ("2001:db8:2::", "2001:db8:2::ffff:ffff"))
    empty = a_subnet(server, "2001:db8:3::/64")
    client = logged_in(operator())
    assert len(kinds_of(text_of(client.get(url("dhcp:subnet", small.pk))))) == 256
    for subnet in (large, empty):
        text = text_of(client.get(url("dhcp:subnet", subnet.pk)))
        assert "no map is drawn" in text or "data-map" in text
        assert 'href="?block=' not in text


def test_a_full_network_costs_no_more_queries_than_an_empty_one() -> None:
    server, subnet = seed_in_use()
    empty = server.subnets.get(network="192.168.0.0/24")
    client = logged_in(operator())
    client.get(url("dhcp:subnet", empty.pk))
    with CaptureQueriesContext(connection) as little:
        client.get(url("dhcp:subnet", empty.pk))
    Lease.objects.filter(server=server).delete()
    now = timezone.now()
    Lease.objects.bulk_create(
        Lease(server=server, address=f"192.168.1.{last}", key=address_key(f"192.168.1.{last}"), state="active",
              mac=f"00:16:3e:00:01:{last:02x}", ends_at=now + timedelta(hours=1))
        for last in range(1, 250)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as much:
        client.get(url("dhcp:subnet", subnet.pk))
    assert len(much) <= len(little) + 3 <= 40


def test_a_shared_network_tells_how_full_its_subnets_are_together() -> None:
    server = a_server("dhcp01")
    shared = SharedNetwork(server=server, name="second floor")
    editing.save_network(shared, by=make.actor())
    subnet = a_subnet(server, "10.2.0.0/24", ("10.2.0.10", "10.2.0.20"), shared_network=shared)
    samples(subnet, days=3)
    text = text_of(logged_in(operator()).get(url("dhcp:shared-network", shared.pk)))
    assert "second floor" in text
    assert "10.2.0.0/24" in text
    assert f"shared_network={shared.pk}" in text


@pytest.mark.parametrize("name", ["subnet", "address", "shared-network"])
def test_networks_of_another_organization_are_nowhere(name: str) -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    shared = SharedNetwork.objects.create(server=server, name="floor")
    pk = shared.pk if name == "shared-network" else server.subnets.get(network="192.168.1.0/24").pk
    client = logged_in(operator("Operator", make.organization()))
    assert client.get(url(f"dhcp:{name}", pk, query="address=192.168.1.10")).status_code == 404


@pytest.mark.parametrize("name", ["subnet", "address", "shared-network"])
def test_networks_are_for_those_who_may_see_them(name: str) -> None:
    server = the_seed()
    shared = SharedNetwork.objects.create(server=server, name="floor")
    pk = shared.pk if name == "shared-network" else server.subnets.get(network="192.168.1.0/24").pk
    address = url(f"dhcp:{name}", pk, query="address=192.168.1.10")
    customer = make.customer(permissions=["dhcp.view_subnet", "dhcp.view_sharednetwork"])
    assert logged_in(make.user(permissions=["dhcp.view_server"])).get(address).status_code == 403
    assert logged_in(customer).get(address).status_code == 403
    assert logged_in(operator("Viewer")).get(address).status_code == 200


def test_who_only_looks_sees_no_button_that_writes() -> None:
    _server, subnet = seed_in_use()
    text = text_of(logged_in(operator("Viewer")).get(url("dhcp:subnet", subnet.pk)))
    assert "Add a pool" not in text
    assert "Reserve an address" not in text
    assert "data-pool" not in text


class TestTheChart:
    """Numbers in a box: zero at the bottom, now at its place, and a dashed line to what is to come."""

    def test_two_samples_make_a_line_and_one_makes_none(self) -> None:
        now = timezone.now()
        assert usage_chart([(now, 3, 10)], None, now) is None
        chart = usage_chart([(now - timedelta(days=1), 0, 10), (now, 10, 10)], None, now)
        assert chart is not None
        assert (chart.line, chart.top) == (f"0.0,{HEIGHT}.0 {WIDTH}.0,0.0", 10)
        assert (chart.size_y, chart.ahead) == (0, "")

    def test_a_forecast_goes_on_from_now_and_never_above_the_axis(self) -> None:
        now = timezone.now()
        told = Forecast(full_in_days=1, more_each_week=500.0)
        chart = usage_chart([(now - timedelta(days=7), 2, 10), (now, 9, 10)], told, now)
        assert chart is not None
        begin, end = chart.ahead.split(" ")
        assert begin == chart.line.split(" ")[-1]
        assert end == f"{WIDTH}.0,0.0"
        assert round(chart.now_x) == WIDTH // 2

    def test_much_is_drawn_with_few_points_and_keeps_its_peaks(self) -> None:
        now = timezone.now()
        samples = [(now - timedelta(minutes=15 * at), 9000 if at == 700 else 10, 16384) for at in range(1344, -1, -1)]
        chart = usage_chart(samples, None, now)
        assert chart is not None
        points = [float(point.split(",")[1]) for point in chart.line.split(" ")]
        assert len(points) <= 240
        assert min(points) < HEIGHT - HEIGHT * 8000 / chart.top
        assert max(active for _at, active, _size in chart.days) == 9000


def test_a_subnet_with_a_name_carries_it() -> None:
    _server, subnet = seed_in_use()
    found: Any = Subnet.objects.get(pk=subnet.pk)
    assert "B network" in text_of(logged_in(operator()).get(found.get_absolute_url()))
