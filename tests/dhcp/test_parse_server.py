"""A dhcpd.conf that somebody wrote, as the facts that a site keeps."""

from __future__ import annotations

import pytest

from dhcp.facts.flat import flat
from dhcp.facts.server import (
    INFINITE,
    DdnsZone,
    LeaseTimes,
    OptionDefinition,
    OptionSpace,
    OptionValue,
    Permit,
    PrefixRange,
    Range,
    Server,
    TsigKey,
)
from dhcp.parse.dhcpd_conf import dhcpd_conf as read
from dhcp.parse.server import server
from dhcp.parse.settings import lease_seconds
from dhcp.render.dhcpd import dhcpd_conf
from tests.dhcp.real_servers import dhcpd_says, needs_dhcpd

SITE = r"""
option space LAN; option LAN.colour code 1 = integer 8;
key "k" { algorithm hmac-md5; secret "pRP5FapFoJ95JEL06sv4PQ=="; }
zone example.org. { primary 127.0.0.1; key k; }
failover peer "fo" { primary; address 192.0.2.1; port 519; peer address 192.0.2.2; peer port 520;
  max-response-delay 60; max-unacked-updates 10; mclt 120; hba ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:
  00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00; load balance max seconds 3; }
class "all" { match option host-name; lease limit 3; }
class "ports" { match if exists agent.circuit-id; spawn with option agent.circuit-id; }
subclass "all" "x" { option LAN.colour 7; }
group {
  # the desks
  option routers 192.0.2.1; # the gate
  group inner { max-lease-time infinite;
    subnet 192.0.2.0 netmask 255.255.255.0 { interface "eth0";
      pool { failover peer "fo"; deny dynamic bootp clients; deny members of "all"; range 192.0.2.20 192.0.2.10; }
      group { host inside { hardware token-ring 0:1:2:3:4:5; fixed-address 192.0.2.9; } } }
    host outside { hardware ethernet 0:1:2:3:4:6; fixed-address 198.51.100.9, 192.0.2.8; filename "x"; } } }
"""


@pytest.fixture(scope="module")
def site() -> Server:
    return server(read(SITE, {}.get))


def test_definitions_keys_zones_and_partners_are_facts(site):
    assert (site.spaces, site.definitions) == (
        (OptionSpace("LAN"),),
        (OptionDefinition("LAN.colour", 1, "integer 8"),),
    )
    assert site.keys == (TsigKey("k", "hmac-md5", "pRP5FapFoJ95JEL06sv4PQ=="),)
    assert "pRP5" not in repr(site)
    assert site.zones == (DdnsZone("example.org.", "127.0.0.1", "k"),)
    (peer,) = site.failover
    assert (peer.name, peer.primary, peer.port, peer.peer_port, peer.mclt_seconds) == ("fo", True, 519, 520, 120)
    assert [each.name for each in peer.others] == ["hba"]


def test_classes_and_subclasses_are_facts(site):
    (found, ports), (sub,) = site.classes, site.subclasses
    assert (found.match, found.lease_limit) == (("option host-name",), 3)
    assert (ports.match, ports.spawn) == (("if exists agent.circuit-id",), "option agent.circuit-id")
    assert (sub.of, sub.data, sub.settings.options) == ("all", '"x"', (OptionValue("LAN.colour", ("7",)),))


def test_groups_hold_what_stands_in_them(site):
    (desks,) = site.groups
    (inner,) = desks.groups
    assert (desks.note, inner.name, inner.settings.times) == (
        "the desks\nthe gate",
        "inner",
        LeaseTimes(None, INFINITE),
    )
    (subnet,) = inner.subnets
    (pool,) = subnet.pools
    assert (subnet.network, subnet.interface, pool.failover) == ("192.0.2.0/24", "eth0", "fo")
    assert pool.ranges == (Range("192.0.2.10", "192.0.2.20"),)
    assert pool.permits == (Permit("deny", "dynamic bootp clients"), Permit("deny", 'members of "all"'))
    assert subnet.groups[0].reservations[0].hardware == "token-ring"


def test_without_groups_each_has_the_settings_it_had_in_them(site):
    plain = flat(site)
    (subnet,) = plain.subnets
    assert (plain.groups, subnet.settings.times.maximum) == ((), INFINITE)
    assert [(host.name, host.addresses) for host in subnet.reservations] == [
        ("outside", ("192.0.2.8",)),
        ("inside", ("192.0.2.9",)),
    ]
    assert [(host.name, host.addresses) for host in plain.reservations] == [("outside", ("198.51.100.9",))]


@needs_dhcpd
def test_the_real_dhcpd_accepts_it_before_and_after(site, tmp_path):
    assert dhcpd_says(SITE, tmp_path) == ""
    assert dhcpd_says(dhcpd_conf(site), tmp_path) == ""
    assert server(read(dhcpd_conf(site), {}.get)) == site


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("subnet 192.0.2.1 netmask 255.255.255.0 { }", id="a subnet that does not fit its mask"),
        pytest.param('include "more";', id="an include that is missing"),
        pytest.param("key k { algorithm hmac-md5; }", id="a key without a secret"),
        pytest.param("zone x. { primary 127.0.0.1; secondary 127.0.0.2; }", id="a zone with more"),
        pytest.param('on commit { log(info, "x"); }', id="an event"),
        pytest.param("lease 192.0.2.1 { }", id="a block of the lease file"),
    ],
)
def test_what_is_not_understood_is_kept_as_raw_text(text):
    found = server(read(text, {}.get))
    assert [" ".join(each.text.split()) for each in found.settings.raw] == [text]
    assert " ".join(dhcpd_conf(found).split()) == text


def test_a_server_of_ipv6_has_ranges_and_prefixes():
    text = "subnet6 2001:db8::/32 { range6 2001:db8::10 2001:db8::20; range6 2001:db8:1::/64 temporary;\n"
    text += "prefix6 2001:db8:100:: 2001:db8:200:: /56; host a { host-identifier option dhcp6.client-id 0:1;\n"
    text += "fixed-address6 2001:db8::5; fixed-prefix6 2001:db8:5::/56; } }"
    found = server(read(text, {}.get), 6)
    (subnet,) = found.subnets
    assert subnet.ranges[1] == Range("2001:db8:1::", "2001:db8:1:0:ffff:ffff:ffff:ffff", temporary=True)
    assert subnet.prefixes == (PrefixRange("2001:db8:100::", "2001:db8:200::", 56),)
    (host,) = subnet.reservations
    assert (host.match, host.addresses, host.prefixes) == (
        "option dhcp6.client-id 0:1", ("2001:db8::5",), ("2001:db8:5::/56",)
    )  # fmt: skip
    assert server(read(dhcpd_conf(found), {}.get), 6) == found


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("infinite", INFINITE), ("-1", INFINITE), ("0600", 384), ("0x10", 16), ("4294967296", 0), ("600", 600)],
)
def test_a_lease_time_is_read_as_dhcpd_reads_it(written, seconds):
    assert lease_seconds(written) == seconds
    assert lease_seconds("soon") is None


def test_options_and_keywords_are_known_in_any_case_and_with_their_space_in_front():
    text = 'HOST a { Hardware Ethernet 0:1:2:3:4:5; OPTION HOST-NAME "h"; option dhcp.domain-name "x"; }'
    (host,) = server(read(text, {}.get)).reservations
    assert (host.hostname, host.mac) == ("h", "00:01:02:03:04:05")
    assert [option.name for option in host.settings.options] == ["domain-name"]
