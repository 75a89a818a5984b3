"""What `dhcpd -t` lets pass and the panel does not, and what dhcpd refuses only when it is too late."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from dhcp.facts.check import Place
from dhcp.facts.server import Range, Reservation, Server, Subnet
from dhcp.parse.dhcpd_conf import dhcpd_conf
from dhcp.parse.server import server
from dhcp.rules.preflight import preflight
from dhcp.rules.written import number, written
from tests.dhcp.a_server import EVERYTHING, SIX
from tests.dhcp.real_servers import dhcpd_says, needs_dhcpd
from tests.dhcp.test_render_dhcpd import SERVERS

LAN = "subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.200; }\n"


def checks(text: str, *listening: str):
    conf = dhcpd_conf(text, {}.get)
    return [*preflight(server(conf), listening), *written(conf.statements)]


def found_in(text: str, *listening: str) -> list[tuple[str, str]]:
    return [(each.finding.id, each.finding.subject) for each in checks(text, *listening)]


CASES = [
    pytest.param(
        LAN + "host a { hardware ethernet 0:16:3e:0:0:1; }\nhost b { hardware ethernet 00:16:3E:00:00:01; }",
        ("dhcp.mac.twice", "00:16:3e:00:00:01"),
        id="one MAC in two hosts",
    ),
    pytest.param(
        LAN + 'host a { option dhcp-client-identifier "x"; }\nhost b { option dhcp-client-identifier "x"; }',
        ("dhcp.client-id.twice", '"x"'),
        id="one client id in two hosts",
    ),
    pytest.param(
        LAN + "host a { fixed-address 192.0.2.5; }\nhost b { fixed-address 192.0.2.005; }",
        ("dhcp.address.twice", "192.0.2.5"),
        id="one address in two hosts",
    ),
    pytest.param(
        LAN + "host a { fixed-address 192.0.2.150; }", ("dhcp.address.in-range", "192.0.2.150"), id="address in a range"
    ),
    pytest.param(
        LAN + "host a { fixed-address 198.51.100.1; }",
        ("dhcp.address.outside", "198.51.100.1"),
        id="address outside of every subnet",
    ),
    pytest.param(
        LAN + "host a { fixed-address nobody.invalid; }", ("dhcp.address.name", "nobody.invalid"), id="a name"
    ),
    pytest.param(
        LAN + "subnet 192.0.2.64 netmask 255.255.255.192 { }",
        ("dhcp.subnet.overlap", "192.0.2.0/24, 192.0.2.64/26"),
        id="overlapping subnets",
    ),
    pytest.param("", ("dhcp.subnet.none", ""), id="an empty file"),
    pytest.param(
        LAN.replace("100 192.0.2.200", "200 192.0.2.100"),
        ("dhcp.range.reversed", "range 192.0.2.200 192.0.2.100"),
        id="a range written backwards",
    ),
    pytest.param(
        LAN.replace("192.0.2.200", "192.0.2.255"),
        ("dhcp.range.edge", "192.0.2.100 192.0.2.255"),
        id="a range with the broadcast address",
    ),
    pytest.param(
        LAN + "min-lease-time 900; max-lease-time 600;", ("dhcp.time.min-max", "900 > 600"), id="min beyond max"
    ),
    pytest.param(
        LAN.replace("{", "{ min-lease-time 900;") + "max-lease-time 600;",
        ("dhcp.time.min-max", "900 > 600"),
        id="min beyond the max of the whole server",
    ),
    pytest.param(
        LAN + "default-lease-time infinite; max-lease-time 600;",
        ("dhcp.time.default-max", "infinite > 600"),
        id="default beyond max",
    ),
    pytest.param(
        LAN + "default-lease-time 60;", ("dhcp.time.default-min", "60 < 300"), id="default below dhcpd's own shortest"
    ),
    pytest.param(
        LAN + "default-lease-time 0600;", ("dhcp.number.octal", "default-lease-time 0600"), id="an octal number"
    ),
    pytest.param(
        LAN + "max-lease-time 4294967896;",
        ("dhcp.number.wraps", "max-lease-time 4294967896"),
        id="a number beyond 32 bits",
    ),
    pytest.param(
        LAN.replace("{", "{ option routers 198.51.100.1;"),
        ("dhcp.subnet.routers", "198.51.100.1"),
        id="a router on another network",
    ),
]
REFUSED = [
    pytest.param(
        LAN.replace("range", 'pool { allow members of "x"; range').replace("; }", "; } }"),
        ("dhcp.class.unknown", "x"),
        id="an unknown class",
    ),
    pytest.param(
        "subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.9 192.0.2.20; range 192.0.2.20 192.0.2.30; }",
        ("dhcp.range.overlap", "192.0.2.9 192.0.2.20, 192.0.2.20 192.0.2.30"),
        id="overlapping ranges",
    ),
    pytest.param(
        LAN.replace("192.0.2.200", "192.0.3.200"),
        ("dhcp.range.outside", "192.0.2.100 192.0.3.200"),
        id="a range outside",
    ),
    pytest.param(LAN + "host a { }\nhost a { }", ("dhcp.name.twice", "a"), id="one name twice"),
    pytest.param(
        LAN.replace("range", 'pool { failover peer "fo"; range').replace("; }", "; } }"),
        ("dhcp.failover.unknown", "fo"),
        id="an unknown failover pair",
    ),
    pytest.param(LAN + 'subclass "x" "y";', ("dhcp.class.unknown", "x"), id="a subclass of no class"),
]


@pytest.mark.parametrize(("text", "finding"), CASES + REFUSED)
def test_each_is_found_and_nothing_else(text, finding):
    assert found_in(text) == [finding]


@needs_dhcpd
@pytest.mark.parametrize(("text", "finding"), CASES)
def test_the_real_dhcpd_lets_it_pass(text, finding, tmp_path):
    assert dhcpd_says(text, tmp_path) == ""


@needs_dhcpd
@pytest.mark.parametrize(("text", "finding"), REFUSED)
def test_the_real_dhcpd_refuses_it(text, finding, tmp_path):
    assert dhcpd_says(text, tmp_path) != ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LAN, id="a plain subnet"),
        pytest.param(LAN + "min-lease-time 600; max-lease-time -1;", id="a maximum without end"),
        pytest.param(LAN + "default-lease-time infinite;", id="infinite"),
        pytest.param(LAN + "subnet 192.0.3.0 netmask 255.255.255.0 { }", id="neighbouring subnets"),
        pytest.param(LAN + "host a { hardware ethernet 0:1:2:3:4:5; fixed-address 192.0.2.5; }", id="a reservation"),
        pytest.param(LAN + "host a { }\nhost b { }", id="hosts without a MAC"),
        pytest.param(LAN + 'subclass "x" "y"; include "classes";', id="a class that an include may hold"),
        pytest.param(
            "shared-network w { subnet 192.0.2.0 netmask 255.255.255.0 { option routers 192.0.3.1; }\n"
            "subnet 192.0.3.0 netmask 255.255.255.0 { } pool { range 192.0.3.9 192.0.3.10; } }",
            id="a router of the other subnet on one wire",
        ),
    ],
)
def test_a_good_file_has_no_findings(text):
    assert found_in(text) == []


def test_a_site_with_one_of_everything_has_no_findings():
    assert [each.finding.id for each in (*preflight(EVERYTHING), *preflight(SIX))] == []


def test_an_interface_or_relay_without_a_subnet_is_found():
    assert found_in(LAN, "192.0.2.1", "198.51.100.1") == [("dhcp.subnet.interface", "198.51.100.1")]


def test_a_subnet_that_holds_several_others_is_told_for_each():
    text = "subnet 10.0.0.0 netmask 255.0.0.0 { }\n"
    text += "".join(f"subnet 10.{number}.0.0 netmask 255.255.0.0 {{ }}\n" for number in (1, 2))
    assert [subject for _, subject in found_in(text)] == ["10.0.0.0/8, 10.1.0.0/16", "10.0.0.0/8, 10.2.0.0/16"]


def test_each_finding_has_its_place_and_a_mend_that_mends():
    (found,) = checks(LAN + "host a { fixed-address 192.0.2.150; }")
    assert found.place == Place("reservation", "a", "addresses")
    assert (str(found.mend.words), found.mend.value) == ("Write 192.0.2.1", "192.0.2.1")
    assert found_in(LAN + f"host a {{ fixed-address {found.mend.value}; }}") == []


def test_a_place_in_a_file_has_its_line():
    (found,) = checks(LAN + "\nmax-lease-time 0600;")
    assert (found.place.line, found.place.field, found.mend.value) == (3, "max-lease-time", "600")


def test_a_disabled_reservation_is_in_nobodys_way():
    twice = [Reservation(name, mac="00:16:3e:00:00:01", addresses=("192.0.2.5",)) for name in "ab"]
    whole = Server(subnets=(Subnet("192.0.2.0/24", reservations=tuple(twice)),))
    assert len(preflight(whole)) == 2
    one = replace(whole.subnets[0], reservations=(twice[0], replace(twice[1], enabled=False)))
    assert preflight(replace(whole, subnets=(one,))) == []


def test_a_range_that_was_typed_backwards_is_found():
    whole = Server(subnets=(Subnet("192.0.2.0/24", ranges=(Range("192.0.2.20", "192.0.2.10"),)),))
    (found,) = preflight(whole)
    assert (found.finding.id, found.mend.value) == ("dhcp.range.reversed", "192.0.2.10 192.0.2.20")


@pytest.mark.parametrize(
    ("text", "finding"),
    [("0600", "dhcp.number.octal"), ("4294967296", "dhcp.number.wraps"), ("-4294967296", "dhcp.number.wraps")],
)
def test_a_number_in_a_form_is_looked_at_as_it_was_typed(text, finding):
    assert [each.finding.id for each in number(text, Place("subnet", "192.0.2.0/24", "default"))] == [finding]


@pytest.mark.parametrize("text", ["0", "600", "-1", "0x10", "infinite", "soon", ""])
def test_other_numbers_are_as_they_look(text):
    assert list(number(text, Place("subnet", "", "default"))) == []


@settings(max_examples=150, deadline=None)
@given(SERVERS)
def test_any_server_is_judged_and_the_same_way_again(whole):
    assert preflight(whole) == preflight(whole)
    assert len(set(preflight(whole))) == len(preflight(whole))
