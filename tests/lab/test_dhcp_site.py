"""The DHCP site: real servers, a real relay and a real client, set up by hand as the panel will do it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from dhcp.render import client_hooks
from tests.lab import Lab, LabHost, processes
from tests.lab.dhcp_neighbours import ask_for
from tests.lab.dhcp_site import GUEST_MAC, DhcpSite, dhcp_site

PROJECT = Path(__file__).parents[2]
pytestmark = [pytest.mark.lab, pytest.mark.story]
POOL = range(int(IPv4Address("192.168.1.10")), int(IPv4Address("192.168.1.20")) + 1)
OTHER_MAC = "00:16:3e:ee:92:cd"
CONF = """\
authoritative;
subnet 192.168.0.0 netmask 255.255.255.0 {
    range 192.168.0.10 192.168.0.20;
}
subnet 192.168.1.0 netmask 255.255.255.0 {
    range 192.168.1.10 192.168.1.20;
    option routers 192.168.1.254;
}
"""
RESERVATION = f"""\
host test {{
    hardware ethernet {GUEST_MAC.upper()};
    fixed-address 192.168.1.151;
    option host-name webserver01;
}}
"""
KEA = f"""\
{{"Dhcp4": {{
    "interfaces-config": {{"interfaces": ["eth1"]}},
    "lease-database": {{"type": "memfile"}},
    "subnet4": [{{
        "subnet": "192.168.1.0/24",
        "pools": [{{"pool": "192.168.1.10 - 192.168.1.20"}}],
        "option-data": [{{"name": "routers", "data": "192.168.1.254"}}],
        "reservations": [{{"hw-address": "{GUEST_MAC}", "ip-address": "192.168.1.151", "hostname": "webserver01"}}]
    }}]
}}}}
"""
NETWORK_MANAGER = """\
[main]
plugins=keyfile
[keyfile]
unmanaged-devices=interface-name:eth0
[device-eth1]
match-device=interface-name:eth1
managed=1
"""
CONNECTION = """\
[connection]
id=eth1
type=ethernet
interface-name=eth1
[ipv4]
method=auto
[ipv6]
method=disabled
"""


@pytest.fixture(scope="module")
def site(lab: Lab) -> Iterator[DhcpSite]:
    """One site for all tests here; each test says what it serves."""
    with dhcp_site(lab, failover=True, kea=True) as running:
        yield running


def serve(site: DhcpSite, conf: str = CONF, server: LabHost | None = None) -> None:
    """Have one server of the site serve this, and the relay ask that one."""
    host = server or site.server
    if host is site.kea:
        host.write("/etc/kea/kea-dhcp4.conf", conf.encode())
        host.check(["systemctl", "restart", "kea-dhcp4-server"])
    else:
        host.write("/etc/dhcp/dhcpd.conf", conf.encode())
        host.write("/etc/default/isc-dhcp-server", b'INTERFACESv4="eth1"\n')
        host.check(["systemctl", "restart", "isc-dhcp-server"])
    relay(site, site.leg(host).address)


def relay(site: DhcpSite, *servers: str) -> None:
    """Have the relay hand on to these servers."""
    text = f'SERVERS="{" ".join(servers)}"\nINTERFACES="eth1 eth2"\nOPTIONS=""\n'
    site.relay.write("/etc/default/isc-dhcp-relay", text.encode())
    site.relay.run(["systemctl", "reset-failed", "isc-dhcp-relay"])  # tests restart it more often than systemd lets
    site.relay.check(["systemctl", "restart", "isc-dhcp-relay"])


def paired(part: str, mine: str, other: str) -> str:
    """The same networks, shared by a pair."""
    lines = [f"{part};", f"address {mine};", "port 647;", f"peer address {other};", "peer port 647;"]
    lines += ["max-response-delay 30;", "max-unacked-updates 10;", "load balance max seconds 3;"]
    lines += ["mclt 120;", "split 128;"] if part == "primary" else []
    pool = 'pool { failover peer "pair"; range 192.168.1.10 192.168.1.20; }'
    return f'failover peer "pair" {{ {" ".join(lines)} }}\n' + CONF.replace("range 192.168.1.10 192.168.1.20;", pool)


def is_from_the_pool(address: str) -> bool:
    return address != "" and int(IPv4Address(address)) in POOL


# -- the seed's networks ---------------------------------------------------------------------------------------------
def test_services_are_there_and_nothing_is_configured_or_running(site: DhcpSite) -> None:
    for host, unit in (
        (site.server, "isc-dhcp-server"),
        (site.second, "isc-dhcp-server"),
        (site.kea, "kea-dhcp4-server"),
    ):
        assert host is not None
        assert host.run(["systemctl", "is-enabled", unit]).stdout == b"disabled\n"
    assert site.relay.run(["systemctl", "is-enabled", "isc-dhcp-relay"]).stdout == b"disabled\n"
    site.client.reset()
    site.mend()
    assert site.client.run(["ip", "-4", "-br", "address", "show", "dev", "eth1"]).stdout == b""


def test_a_client_behind_the_relay_gets_an_address_of_its_own_network(site: DhcpSite) -> None:
    serve(site)
    got = site.ask(hostname="printer")
    assert is_from_the_pool(got.address), got.said
    assert "option dhcp-server-identifier 192.168.0.1;" in got.lease
    log = site.log()
    for step in ("DHCPDISCOVER from", "DHCPOFFER on", "DHCPREQUEST for", f"DHCPACK on {got.address} to {GUEST_MAC}"):
        assert step in log
    assert "via 192.168.1.254" in log
    leases = site.leases()
    assert f"lease {got.address} {{" in leases
    assert 'client-hostname "printer";' in leases
    assert site.client.run(["ping", "-c", "1", "-W", "5", "192.168.0.1"]).status == 0


def test_machines_that_are_not_there_have_leases_in_both_networks(site: DhcpSite) -> None:
    serve(site)
    assert is_from_the_pool(site.ask().address)

    def have_leases() -> bool:
        ask_for(site.client, "eth1", [("00:16:3e:10:01:01", "till01"), ("00:16:3e:10:01:02", "till02")])
        ask_for(site.relay, "eth1", [("00:16:3e:10:00:01", "desk01")])
        leases = site.leases()
        return all(f'client-hostname "{name}";' in leases for name in ("till01", "till02", "desk01"))

    processes.wait_until(have_leases, "leases of machines that are not there", 60)
    assert is_from_the_pool(site.ask().address)  # who was there before gets its own answers and not theirs


def test_two_hardware_addresses_get_two_addresses_and_a_released_one_is_free(site: DhcpSite) -> None:
    serve(site)
    one, other = site.ask(), site.ask(mac=OTHER_MAC)
    assert is_from_the_pool(one.address)
    assert is_from_the_pool(other.address)
    assert one.address != other.address
    assert f"DHCPRELEASE of {other.address}" in site.release()

    def is_free() -> bool:
        last = site.leases().rpartition(f"lease {other.address} {{")[2]
        return "binding state free;" in last and OTHER_MAC in last

    processes.wait_until(is_free, "the lease to be free", 120)


def test_a_client_that_nobody_answers_is_told_why(site: DhcpSite) -> None:
    site.relay.check(["systemctl", "stop", "isc-dhcp-relay"])
    got = site.ask(timeout=2)
    assert (got.address, got.lease) == ("", "")
    assert "No DHCPOFFERS received." in got.why


def test_a_client_that_keeps_asking_has_its_address_soon_after_somebody_serves(site: DhcpSite) -> None:
    site.relay.check(["systemctl", "stop", "isc-dhcp-relay"])
    site.client.reset()
    site.mend()
    site.keep_asking()
    assert b"192.168.1." not in site.client.check(["ip", "-4", "address"])
    serve(site)
    show = ["ip", "-4", "-br", "address", "show", "dev", "eth1"]
    processes.wait_until(lambda: b" 192.168.1." in site.client.run(show).stdout, "the client's address", 180)
    site.client.reset()
    site.mend()


def test_a_cut_cable_keeps_a_client_from_its_address_until_it_is_mended(site: DhcpSite) -> None:
    serve(site)
    leg = site.leg(site.relay, "eth2")
    site.switches.cut(leg)
    assert site.ask(timeout=2).address == ""
    site.switches.mend(leg)
    assert is_from_the_pool(site.ask().address)


def test_an_offer_with_an_unfinished_checksum_is_sent_and_never_received(site: DhcpSite) -> None:
    serve(site)
    leg = site.leg(site.server)
    site.switches.lose_checksums(leg)
    got = site.ask(mac="00:16:3e:00:77:03", timeout=4)
    assert got.address == "", got.said
    assert "No DHCPOFFERS received." in got.why
    offers = re.compile("DHCPOFFER on .* to 00:16:3e:00:77:03")
    processes.wait_until(lambda: offers.search(site.log()) is not None, "the offer in the server's log", 60)
    assert site.relay.run(["ping", "-c", "1", "-W", "5", "192.168.0.1"]).status == 0, "it is not the line itself"
    site.switches.mend(leg)
    assert is_from_the_pool(site.ask(mac="00:16:3e:00:77:03").address)


def test_a_lease_time_of_minus_one_never_ends(site: DhcpSite) -> None:
    forever = "default-lease-time -1;\nmax-lease-time -1;\nmin-lease-time -1;\n"
    serve(site, forever + CONF)
    got = site.ask(mac="00:16:3e:00:77:01")
    assert is_from_the_pool(got.address), got.said
    assert "ends never;" in site.leases().rpartition(f"lease {got.address} {{")[2]


def test_a_broken_subnet_is_refused_by_the_server_itself_which_goes_on_serving(site: DhcpSite) -> None:
    serve(site)
    site.server.write("/root/staged.conf", CONF.replace("192.168.1.20;", "192.168.1.20").encode())
    answer = site.server.run(["dhcpd", "-t", "-4", "-cf", "/root/staged.conf"])
    assert answer.status == 1
    assert b"/root/staged.conf line 7: semicolon expected" in answer.stderr
    assert is_from_the_pool(site.ask().address)


def test_a_second_server_serves_when_the_first_is_off(site: DhcpSite) -> None:
    assert site.second is not None
    serve(site)
    serve(site, server=site.second)
    relay(site, "192.168.0.1", "192.168.0.2")
    site.server.check(["systemctl", "stop", "isc-dhcp-server"])
    got = site.ask(mac="00:16:3e:00:77:02")
    assert is_from_the_pool(got.address), got.said
    assert "option dhcp-server-identifier 192.168.0.2;" in got.lease
    assert f"lease {got.address} {{" in site.leases(site.second)
    site.second.check(["systemctl", "stop", "isc-dhcp-server"])


def test_two_servers_are_a_failover_pair(site: DhcpSite) -> None:
    assert site.second is not None
    serve(site, paired("primary", "192.168.0.1", "192.168.0.2"))
    serve(site, paired("secondary", "192.168.0.2", "192.168.0.1"), site.second)
    relay(site, "192.168.0.1", "192.168.0.2")
    for host in (site.server, site.second):
        processes.wait_until(lambda h=host: " to normal" in site.log(h), f"{host.name} to be in normal state", 180)
    assert is_from_the_pool(site.ask(mac="00:16:3e:00:77:04").address)
    for host in (site.server, site.second):
        assert 'failover peer "pair" state {' in site.leases(host)
    site.second.check(["systemctl", "stop", "isc-dhcp-server"])


def test_kea_serves_the_same(site: DhcpSite) -> None:
    assert site.kea is not None
    serve(site, KEA, site.kea)
    assert site.ask().address == "192.168.1.151"
    got = site.ask(mac=OTHER_MAC, hostname="printer")
    assert is_from_the_pool(got.address), got.said
    rows = [line.split(",") for line in site.leases(site.kea).splitlines()]
    assert [OTHER_MAC, "printer"] in [[row[1], row[8]] for row in rows if row[0] == got.address]
    assert f"{got.address} has been allocated" in site.log(site.kea)


# -- the host name ---------------------------------------------------------------------------------------------------
def by_dhclient(site: DhcpSite) -> None:
    client = site.client
    client.write(client_hooks.DHCLIENT, client_hooks.dhclient_exit_hook().encode())
    got = site.ask()
    assert got.address == "192.168.1.151", got.said


def by_network_manager(site: DhcpSite) -> None:
    client = site.client
    client.write("/etc/NetworkManager/conf.d/lab.conf", NETWORK_MANAGER.encode())
    client.write("/etc/NetworkManager/system-connections/eth1.nmconnection", CONNECTION.encode(), mode=0o600)
    text = client_hooks.network_manager_dispatcher()
    client.write(client_hooks.NETWORK_MANAGER, text.encode(), mode=0o755)
    client.check(["systemctl", "enable", "--quiet", "--now", "NetworkManager"])


def by_networkd(site: DhcpSite) -> None:
    """A static name goes before a lease's (hostnamed), so that only a machine without one takes it this way."""
    client = site.client
    client.check(["rm", "-f", "/etc/hostname"])
    client.check(["systemctl", "stop", "systemd-hostnamed"])
    client.write("/etc/systemd/network/10-eth1.network", b"[Match]\nName=eth1\n[Network]\nDHCP=ipv4\n")
    path, text = client_hooks.networkd_drop_in("10-eth1")
    client.check(["mkdir", "-p", str(Path(path).parent)])
    client.write(path, text.encode())
    client.check(["systemctl", "start", "systemd-networkd"])


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(by_dhclient, id="dhclient"),
        pytest.param(by_network_manager, id="NetworkManager"),
        pytest.param(by_networkd, id="systemd-networkd"),
    ],
)
def test_a_reservation_gives_the_client_its_host_name(site: DhcpSite, way) -> None:
    site.client.reset()
    site.mend()
    serve(site, CONF + RESERVATION)
    assert site.client.check(["hostname"]) == b"guest1\n"
    way(site)

    def has_the_name() -> bool:
        return site.client.check(["hostname"]) == b"webserver01\n"

    processes.wait_until(has_the_name, "the host name of the reservation", 180)
    if way is not by_networkd:
        assert site.client.read("/etc/hostname") == b"webserver01\n"
        assert b"127.0.1.1\twebserver01\n" in site.client.read("/etc/hosts")


# -- the networks ----------------------------------------------------------------------------------------------------
def test_a_relay_that_lost_its_power_serves_again_when_it_is_back_on_its_networks(site: DhcpSite) -> None:
    serve(site)
    site.relay.power_off()
    assert site.ask(timeout=2).address == ""
    site.relay.power_on()
    site.mend()
    site.relay.check(["systemctl", "restart", "isc-dhcp-relay"])
    assert is_from_the_pool(site.ask().address)


def test_no_interface_of_the_site_is_the_machines_own(site: DhcpSite) -> None:
    mine = {name for _index, name in socket.if_nameindex()}
    assert not mine & {leg.port for leg in site.legs}
    for host in site.hosts:
        ways = host.check(["ip", "-4", "route", "show", "default"]).decode()
        assert host.line.gateway not in ways


def test_a_killed_owner_takes_its_networks_along(lab: Lab, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from tests.lab.lab import Lab\n"
        "from tests.lab.dhcp_site import dhcp_site\n"
        "with Lab(pathlib.Path(sys.argv[1]), prefix=sys.argv[2]) as lab, dhcp_site(lab) as site:\n"
        "    print(site.switches.space[1], flush=True); sys.stdin.read()\n"
    )
    root, prefix = tmp_path / "lab", f"k{os.getpid():x}"[:8]
    argv = [sys.executable, "-c", script, str(root), prefix]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT) as owner:
        assert owner.stdout is not None
        keeper = int(owner.stdout.readline().decode().partition("=")[2])
        hosts = Lab(root, prefix=prefix).hosts()
        assert all(host.is_on for host in hosts)
        owner.send_signal(signal.SIGKILL)
    processes.wait_until(lambda: not processes.alive(keeper), "the switches to go", 120)
    processes.wait_until(lambda: not any(host.is_on for host in hosts), "the hosts to go", 120)
    Lab(root, prefix=prefix).down()
