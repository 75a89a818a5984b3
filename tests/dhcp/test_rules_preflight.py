"""What `dhcpd -t` lets pass and the panel does not."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from dhcp.parse.dhcpd_conf import dhcpd_conf
from dhcp.parse.site import site
from dhcp.rules.preflight import preflight

DHCPD = shutil.which("dhcpd") or shutil.which("dhcpd", path="/usr/sbin:/sbin")
LAN = "subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.200; }\n"


def found_in(text: str, *listening: str) -> list[tuple[str, str]]:
    conf = dhcpd_conf(text, {}.get)
    return [(each.id, each.subject) for each in preflight(site(conf), conf.statements, listening)]


CASES = [
    pytest.param(
        LAN + "host a { hardware ethernet 0:16:3e:0:0:1; }\nhost b { hardware ethernet 00:16:3E:00:00:01; }",
        ("dhcp.mac.twice", "00:16:3e:00:00:01"),
        id="one MAC in two hosts",
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
        LAN + "min-lease-time 900; max-lease-time 600;", ("dhcp.time.min-max", "900 > 600"), id="min beyond max"
    ),
    pytest.param(
        LAN + "default-lease-time 0600;", ("dhcp.number.octal", "default-lease-time 0600"), id="an octal number"
    ),
    pytest.param(
        LAN + "max-lease-time 4294967296;",
        ("dhcp.number.wraps", "max-lease-time 4294967296"),
        id="a number beyond 32 bits",
    ),
]


@pytest.mark.parametrize(("text", "finding"), CASES)
def test_each_is_found_and_nothing_else(text, finding):
    assert found_in(text) == [finding]


@pytest.mark.skipif(not DHCPD, reason="dhcpd is missing (Debian package isc-dhcp-server)")
@pytest.mark.parametrize(("text", "finding"), CASES)
def test_the_real_dhcpd_lets_it_pass(text, finding, tmp_path):
    (tmp_path / "dhcpd.conf").write_text(text)
    (tmp_path / "leases").touch()
    argv = [DHCPD, "-t", "-4", "-cf", tmp_path / "dhcpd.conf", "-lf", tmp_path / "leases"]
    assert subprocess.run(argv, capture_output=True, check=False, timeout=30).returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(LAN, id="a plain subnet"),
        pytest.param(LAN + "min-lease-time 600; max-lease-time -1;", id="a maximum without end"),
        pytest.param(LAN + "default-lease-time infinite;", id="infinite"),
        pytest.param(LAN + "subnet 192.0.3.0 netmask 255.255.255.0 { }", id="neighbouring subnets"),
        pytest.param(LAN + "host a { hardware ethernet 0:1:2:3:4:5; fixed-address 192.0.2.5; }", id="a reservation"),
        pytest.param(LAN + "host a { }\nhost b { }", id="hosts without a MAC"),
    ],
)
def test_a_good_file_has_no_findings(text):
    assert found_in(text) == []


def test_an_interface_or_relay_without_a_subnet_is_found():
    assert found_in(LAN, "192.0.2.1", "198.51.100.1") == [("dhcp.subnet.interface", "198.51.100.1")]


def test_a_subnet_that_holds_several_others_is_told_for_each():
    text = "subnet 10.0.0.0 netmask 255.0.0.0 { }\n"
    text += "".join(f"subnet 10.{number}.0.0 netmask 255.255.0.0 {{ }}\n" for number in (1, 2))
    assert [subject for _, subject in found_in(text)] == ["10.0.0.0/8, 10.1.0.0/16", "10.0.0.0/8, 10.2.0.0/16"]
