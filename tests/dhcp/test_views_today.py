"""What DHCP adds to the page of today and to the page of a host."""

from __future__ import annotations

import re

import pytest

from dhcp.choices import Service
from dhcp.models import Alarm, Problem, Server, UsageSample
from dhcp.services import editing
from tests import make
from tests.dhcp.sites import routers, the_seed
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db
SEES = ("hosts.view_host", "dhcp.view_server")
WRONG_ROUTER = "The router 10.9.9.9 is not in its subnet"


def with_a_finding() -> Server:
    server = the_seed(host=make.host("gate", organization=make.organization("Acme")))
    subnet = server.subnets.get(network="192.168.1.0/24")
    subnet.options = routers("10.9.9.9")
    editing.save_subnet(subnet, by=make.actor())
    return server


def today(*permissions: str, **fields: object) -> str:
    return text_of(logged_in(make.user(permissions=permissions, **fields)).get("/panel/"))


def test_findings_stopped_servers_and_full_networks_are_shown() -> None:
    server = with_a_finding()
    Server.objects.update(service=Service.STOPPED, service_why="It was stopped.")
    Alarm.objects.create(server=server, subnet=server.subnets.first(), percent=97, opened_at=make.ago(hours=1))
    page = today(*SEES, all_organizations=True)
    for said in (WRONG_ROUTER, "It was stopped.", "97 % full"):
        assert said in page


def test_the_fullest_networks_are_shown_as_the_last_sample_says() -> None:
    server = the_seed(host=make.host("gate", organization=make.organization("Acme")))
    near, far = server.subnets.order_by("network")
    for subnet, hours, active in ((near, 2, 1), (near, 1, 4), (far, 1, 10)):
        at = make.ago(hours=hours).replace(minute=0, second=0, microsecond=0)
        UsageSample.objects.create(server=server, subnet=subnet, at=at, defined=11, active=active)
    make.change(server.host)
    page = today(*SEES, all_organizations=True)
    shown = re.findall(r">([^<]+)</a><svg.*?<b[^>]*>(\d+) %", page[page.index("Fullest networks") :])
    assert shown == [(str(far), "91"), (str(near), "36")]
    assert "Fullest networks" not in today("hosts.view_host", all_organizations=True)


def test_nothing_is_shown_where_nothing_waits() -> None:
    the_seed()
    assert "all networks" not in today(*SEES, all_organizations=True)


def test_nobody_sees_what_is_not_theirs() -> None:
    with_a_finding()
    assert WRONG_ROUTER not in today(*SEES, organizations=[make.organization("Other")])
    assert WRONG_ROUTER not in today("hosts.view_host", all_organizations=True)


def test_the_host_has_a_tab_with_its_server_and_what_is_wrong() -> None:
    server = with_a_finding()
    reader = logged_in(make.user(permissions=SEES, all_organizations=True))
    page = text_of(reader.get(url("host-added", server.host.pk, "dhcp")))
    assert WRONG_ROUTER in page
    assert "ISC dhcpd, IPv4" in page
    assert "edits are not on the host yet" in page
    other = text_of(reader.get(url("host-added", make.host("plain").pk, "dhcp")))
    assert "No DHCP server or relay here" in other


def test_the_tab_is_for_those_who_may_see_dhcp() -> None:
    server = with_a_finding()
    stranger = logged_in(make.user(permissions=("hosts.view_host",), all_organizations=True))
    assert stranger.get(url("host-added", server.host.pk, "dhcp")).status_code == 404
    assert Problem.objects.exists()
