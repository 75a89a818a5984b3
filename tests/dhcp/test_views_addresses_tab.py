"""The tab of a host with the leases, reservations and conversations of its network cards."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.models import Host
from tests import make
from tests.dhcp.clients import ALL, ANNE, BERT, a_lease, an_exchange
from tests.dhcp.sites import a_reservation, the_seed
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db
VF = "02:00:00:00:00:07"
REPORT = {
    "links": [
        {"name": "lo", "mac": "00:00:00:00:00:00"},
        {"name": "eth0", "mac": ANNE, "vfs": [{"index": 3, "mac": VF}]},
        {"name": "vif1.0", "mac": "fe:ff:ff:ff:ff:ff"},
    ]
}


def machine(**more: Any) -> Host:
    host = make.host("web01", **more)
    make.facts_record(host, REPORT)
    return host


def shown(host: Host, **person: Any) -> str:
    user = make.user(**{"permissions": ALL, "all_organizations": True, **person})
    return text_of(logged_in(user).get(url("host-added", host.pk, "addresses")))


def test_leases_of_its_cards_and_of_its_virtual_functions() -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14", ANNE)
    a_lease(server, "192.168.1.15", VF, hostname="guest-7")
    a_lease(server, "192.168.1.16", BERT, hostname="stranger")
    a_lease(server, "192.168.1.17", "fe:ff:ff:ff:ff:ff", hostname="backend")
    a_reservation(server, "webs-box", ANNE, "192.168.1.100")
    an_exchange(server, ANNE)
    page = shown(machine())
    for each in ("192.168.1.14", "guest-7", "eth0 VF 3", "webs-box", "Got an address"):
        assert each in page
    for each in ("stranger", "backend"):
        assert each not in page


def test_a_host_nobody_knows_is_told_so() -> None:
    assert "None of its MAC addresses" in shown(machine())
    assert "not known yet" in shown(make.host("new"))


def test_what_belongs_to_others_is_left_out() -> None:
    mine = make.organization()
    server = the_seed(host=make.host(organization=make.organization()))
    a_lease(server, "192.168.1.14", ANNE)
    a_reservation(server, "webs-box", ANNE, "192.168.1.100")
    an_exchange(server, ANNE)
    page = shown(machine(organization=mine), all_organizations=False, organizations=[mine])
    assert "None of its MAC addresses" in page


def test_the_tab_is_for_those_who_may_see_leases() -> None:
    host = machine()
    user = make.user(permissions=("hosts.view_host",), all_organizations=True)
    assert logged_in(user).get(url("host-added", host.pk, "addresses")).status_code == 404
