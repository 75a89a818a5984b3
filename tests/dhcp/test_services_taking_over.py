"""Taking over what a site has: its configuration becomes rows, and what they render to says the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dhcp.choices import ServerKind
from dhcp.errors import UnreadableConfig
from dhcp.models import Key, Reservation, Server, Subnet, UsageSample, server_facts
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.server import server as server_of
from dhcp.render.dhcpd import dhcpd_conf
from dhcp.render.kea import kea_conf
from dhcp.services import editing, pushing
from dhcp.services.taking_over import TakenOver, take_over
from dhcp.services.told import last_told
from hosts.errors import BadInput, NotAllowed, WrongState
from tests import make
from tests.dhcp.a_server import EVERYTHING, SIX
from tests.dhcp.plain import without_origin
from tests.dhcp.real_servers import dhcpd_says, needs_dhcpd
from tests.dhcp.sites import a_server
from tests.dhcp.test_services_rows import SITE

pytestmark = pytest.mark.django_db
WITH_INCLUDE = """\
default-lease-time 600;
include "/etc/dhcp/hosts.conf";
include "/etc/dhcp/gone.conf";
# the branch
subnet 192.168.1.0 netmask 255.255.255.0 {
    range 192.168.1.10 192.168.1.20;
    if known {
        max-lease-time 9;
    }
}
on commit { log(info, "x"); }
"""
HOSTS = "host web01 { hardware ethernet 02:00:00:00:00:01; fixed-address 192.168.1.151; }\n"


def taken(server: Server, text: str, **more: object) -> TakenOver:
    return take_over(server, text, by=make.actor(), read_include={"/etc/dhcp/hosts.conf": HOSTS}.get, **more)


@pytest.mark.parametrize("text", [SITE, dhcpd_conf(EVERYTHING), ""], ids=["a site", "everything", "an empty file"])
def test_a_file_becomes_rows_and_reads_the_same(text: str) -> None:
    server = a_server()
    taken(server, text)
    facts = server_of(read_conf(text, lambda _: None, "dhcpd.conf"))
    assert without_origin(server_facts(server)) == without_origin(facts)


@needs_dhcpd
def test_what_was_taken_over_is_accepted_by_dhcpd(tmp_path) -> None:
    server = a_server()
    taken(server, SITE)
    assert dhcpd_says(dhcpd_conf(server_facts(server)), tmp_path) == ""


def test_what_nobody_understood_is_kept_in_place_and_listed_with_its_line() -> None:
    server = a_server()
    done = taken(server, WITH_INCLUDE)
    assert done.counts == {"subnet": 1, "range": 1, "reservation": 1}
    assert done.missing == ("/etc/dhcp/gone.conf",)
    assert [(kept.line, kept.within, kept.text.splitlines()[0]) for kept in done.kept] == [
        (3, "", 'include "/etc/dhcp/gone.conf";'),
        (11, "", "on commit {"),
        (7, "192.168.1.0/24", "if known {"),
    ]
    assert all(kept.file == "/etc/dhcp/dhcpd.conf" for kept in done.kept)


def test_the_first_change_is_told_against_what_was_taken_over() -> None:
    server = a_server()
    taken(server, WITH_INCLUDE)
    base = last_told(server)
    assert base is not None
    assert without_origin(base) == without_origin(server_facts(server))
    lines = [str(line.words) for line in pushing.propose_server(server).means]
    assert "The server is told the same as before; only comments and the order change." in lines


def test_kea_is_taken_over_with_its_numbers() -> None:
    server = a_server(kind=ServerKind.KEA)
    conf = json.loads(kea_conf(replace(EVERYTHING, failover=(), keys=(), zones=())).text)
    del conf["Dhcp4"]["subnet4"][0]["id"]
    taken(server, json.dumps(conf))
    assert Subnet.objects.filter(number=0).count() == 0
    assert Subnet.objects.count() == 4
    six = a_server(kind=ServerKind.KEA, version=6)
    taken(six, "// the house\n" + kea_conf(SIX).text)
    assert six.subnets.get().network == "2001:db8::/64"


def test_a_server_with_rows_is_left_alone_unless_they_are_to_be_replaced() -> None:
    server = a_server()
    taken(server, SITE)
    Reservation.objects.filter(name="web01").update(organization=make.organization("Acme"))
    Subnet.objects.filter(network="10.0.0.0/24").update(name="Office", warn_percent=60)
    Key.objects.update(is_for_omapi=True)
    old = Subnet.objects.get(network="10.0.0.0/24")
    UsageSample.objects.create(server=server, subnet=old, at=make.ago(days=1), defined=11)
    with pytest.raises(WrongState):
        taken(server, SITE)
    taken(server, SITE, replace=True)
    new = Subnet.objects.get(network="10.0.0.0/24")
    assert (new.pk != old.pk, new.name, new.warn_percent, new.samples.count()) == (True, "Office", 60, 1)
    assert Reservation.objects.get(name="web01").organization.name == "Acme"
    assert Key.objects.get().is_for_omapi
    facts = server_of(read_conf(SITE, lambda _: None, "dhcpd.conf"))
    assert without_origin(server_facts(server)) == without_origin(facts)


def test_an_edit_after_a_take_over_goes_behind_what_is_there() -> None:
    server = a_server()
    taken(server, SITE)
    row = Subnet(server=server, network="172.16.0.0/24")
    editing.save_subnet(row, by=make.actor())
    assert server_facts(server).subnets[-1].network == "172.16.0.0/24"


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        pytest.param(ServerKind.ISC, "subnet {", UnreadableConfig, id="broken"),
        pytest.param(ServerKind.ISC, '{"Dhcp4": {}}', BadInput, id="Kea's file for dhcpd"),
        pytest.param(ServerKind.KEA, "authoritative;", BadInput, id="dhcpd's file for Kea"),
        pytest.param(ServerKind.KEA, '{"Dhcp6": {}}', BadInput, id="another IP version"),
        pytest.param(ServerKind.KEA, "{", UnreadableConfig, id="no JSON"),
    ],
)
def test_what_cannot_be_taken_over_leaves_everything_as_it_was(kind: str, text: str, error: type[Exception]) -> None:
    server = a_server(kind=kind)
    before = server_facts(server)
    with pytest.raises(error):
        taken(server, text)
    assert server_facts(Server.objects.get()) == before


def test_a_stranger_takes_nothing_over() -> None:
    stranger = make.actor(make.operator(organizations=[make.organization()]))
    with pytest.raises(NotAllowed):
        take_over(a_server(), SITE, by=stranger, read_include=lambda _: None)
