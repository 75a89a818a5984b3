"""What is asked of running servers: pings, releases and test clients, on a wire with a real dhcpd or Kea."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dhcp.choices import ServerKind, Service
from dhcp.facts.answers import Heard, KeaSocket, Omapi, ReleaseState
from dhcp.facts.reading import LeaseFile, LogPlace
from dhcp.outside.leases import read_news
from dhcp.outside.logs import read_log
from dhcp.outside.ping import ping
from dhcp.outside.release import release
from dhcp.outside.state import read_state
from dhcp.render.probe import probe
from dhcp.rules.conversations import conversations
from tests.dhcp.real_servers import DHCPD, KEA4
from tests.dhcp.wires import DHCLIENT, HOOK, MAC, OMAPI_SECRET, Wire, missing, until, wire

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.skipif(bool(missing()), reason=missing())]
needs_isc = pytest.mark.skipif(
    not (DHCPD and DHCLIENT), reason="dhcpd or dhclient is missing (Debian packages isc-dhcp-server, isc-dhcp-client)"
)
needs_kea = pytest.mark.skipif(
    not (KEA4 and DHCLIENT and HOOK),
    reason="Kea or dhclient is missing (Debian packages kea-dhcp4-server, isc-dhcp-client)",
)
WAY = Omapi(7911, "omapi", "hmac-sha256", OMAPI_SECRET)
CONF = f"""omapi-port 7911;
key omapi {{ algorithm hmac-sha256; secret "{OMAPI_SECRET}"; }}
omapi-key omapi;
authoritative;
default-lease-time 600;
ping-check false;
subnet 192.0.2.0 netmask 255.255.255.0 {{ range 192.0.2.10 192.0.2.20; }}
subnet 198.51.100.0 netmask 255.255.255.0 {{ range 198.51.100.10 198.51.100.20; }}
"""


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Wire]:
    with wire(tmp_path) as made:
        yield made


def kea_conf(place: Path, *, hook: bool = True, socket: bool = True) -> str:
    said: dict[str, object] = {
        "interfaces-config": {"interfaces": ["eth0"]},
        "lease-database": {"type": "memfile", "lfc-interval": 0, "name": str(place / "kea-leases4.csv")},
        "valid-lifetime": 600,
        "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.11"}]}],
        "loggers": [
            {
                "name": "kea-dhcp4",
                "output_options": [{"output": "stdout", "pattern": "%d{%Y-%m-%d %H:%M:%S.%q} %-5p %m\n"}],
                "severity": "INFO",
            }
        ],
    }
    if hook:
        said["hooks-libraries"] = [{"library": str(HOOK)}]
    if socket:
        said["control-socket"] = {"socket-type": "unix", "socket-name": str(place / "socket")}
    return json.dumps({"Dhcp4": said})


def runs(net: Wire, where: str, *argv: str) -> tuple[int, str]:
    done = subprocess.run(
        ["ip", "netns", "exec", where, *argv], check=False, capture_output=True, text=True, timeout=90
    )
    return done.returncode, done.stdout


def test_pings_tell_who_answers_who_is_silent_and_where_there_is_no_way(net):
    net.do("ip", "-n", net.client, "addr", "add", "192.0.2.7/24", "dev", "eth0")
    answers = ping(net.shell(net.server), ["192.0.2.7", "192.0.2.8", "203.0.113.9", "192.0.2.1"])
    heard = [(answer.ip, answer.heard) for answer in answers]
    assert heard == [
        ("192.0.2.7", Heard.ANSWERS),
        ("192.0.2.8", Heard.SILENT),
        ("203.0.113.9", Heard.NOT_ASKED),
        ("192.0.2.1", Heard.ANSWERS),
    ]
    assert answers[0].mac == MAC


def test_a_machine_that_answers_no_ping_is_seen_as_a_neighbour(net):
    net.do("ip", "-n", net.client, "addr", "add", "192.0.2.7/24", "dev", "eth0")
    net.do("ip", "netns", "exec", net.client, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all")
    (answer,) = ping(net.shell(net.server), ["192.0.2.7"])
    assert (answer.heard, answer.mac, answer.is_free) == (Heard.NEIGHBOUR, MAC, False)


@needs_isc
def test_a_lease_is_released_without_a_restart_and_only_of_the_client_that_is_meant(net):
    net.dhcpd(CONF)
    address = net.ask()
    file = LeaseFile(str(net.place / "dhcpd.leases"))
    shell = net.shell(net.server)
    first = read_news(shell, file)
    other = release(shell, WAY, address, "02:00:00:00:00:99")
    done = release(shell, WAY, address, MAC)
    again = release(shell, WAY, address, MAC)
    states = [other.state, done.state, again.state]
    assert states == [ReleaseState.OTHER_CLIENT, ReleaseState.RELEASED, ReleaseState.NOT_LEASED]
    assert MAC in str(other.words)
    assert {lease.ip: lease.state for lease in first.news.leases} == {address: "active"}
    assert {lease.ip: lease.state for lease in read_news(shell, file, first.news.mark).news.leases} == {address: "free"}


@needs_isc
@pytest.mark.parametrize(
    ("way", "told"),
    [
        (Omapi(7911, "omapi", "hmac-sha256", "d3Jvbmd3cm9uZ3dyb25n"), "does not accept the panel's OMAPI key"),
        (Omapi(7911), "wants a key for OMAPI"),
        (Omapi(7912, "omapi", "hmac-sha256", OMAPI_SECRET), "Add omapi-port 7912"),
        (None, "Add omapi-port and omapi-key"),
    ],
    ids=["another key", "no key", "another port", "no way at all"],
)
def test_where_dhcpd_cannot_be_told_the_lease_stays_and_a_sentence_says_what_to_add(net, way, told):
    net.dhcpd(CONF)
    found = release(net.shell(net.server), way, "192.0.2.10", MAC)
    assert (found.state, told in str(found.words)) == (ReleaseState.NOT_POSSIBLE, True), str(found.words)


@needs_kea
def test_kea_releases_a_lease_over_its_socket_and_its_file_and_log_are_followed(net):
    log = net.kea(kea_conf(net.place))
    address = net.ask()
    shell, file, socket = (
        net.shell(net.server),
        LeaseFile(str(net.place / "kea-leases4.csv"), kea=True),
        net.place / "socket",
    )
    first = read_news(shell, file)
    other = release(shell, KeaSocket(str(socket)), address, "02:00:00:00:00:99")
    done = release(shell, KeaSocket(str(socket)), address, MAC)
    again = release(shell, KeaSocket(str(socket)), address, MAC)
    states = [other.state, done.state, again.state]
    assert states == [ReleaseState.OTHER_CLIENT, ReleaseState.RELEASED, ReleaseState.NOT_LEASED]
    assert {lease.ip: lease.state for lease in first.news.leases} == {address: "active"}
    assert {lease.ip: lease.state for lease in read_news(shell, file, first.news.mark).news.leases} == {address: "free"}
    (talk,) = conversations(read_log(shell, LogPlace(str(log))).lines)
    assert (talk.mac, talk.outcome, talk.ip) == (MAC, "bound", address)


@needs_kea
@pytest.mark.parametrize(
    ("how", "told"),
    [({"hook": False}, "Add libdhcp_lease_cmds.so"), ({"socket": False}, "Add control-socket")],
    ids=["without the hook", "without the socket"],
)
def test_where_kea_cannot_be_told_a_sentence_says_what_to_add(net, how, told):
    net.kea(kea_conf(net.place, **how))
    found = release(net.shell(net.server), KeaSocket(str(net.place / "socket")), "192.0.2.10", MAC)
    assert (found.state, told in str(found.words)) == (ReleaseState.NOT_POSSIBLE, True), str(found.words)


@needs_isc
def test_a_probe_gets_an_offer_from_the_clients_and_from_the_servers_own_host_and_takes_no_lease(net):
    net.dhcpd(CONF)
    leases = net.place / "dhcpd.leases"
    before = leases.read_bytes()
    from_client = runs(net, net.client, *probe("eth0").argv)
    from_server = runs(net, net.server, *probe("eth0").argv)
    assert from_client[0] == from_server[0] == 0
    assert from_client[1].startswith("OFFER of 192.0.2.")
    assert leases.read_bytes() == before


@needs_isc
def test_a_probe_on_the_server_asks_as_a_relay_would_and_needs_a_way_back(net):
    net.dhcpd(CONF)
    command = probe("eth0", giaddr="198.51.100.1", seconds=4)
    without = runs(net, net.server, *command.argv)
    net.do("ip", "-n", net.client, "addr", "add", "192.0.2.254/24", "dev", "eth0")
    net.do("ip", "-n", net.server, "route", "add", "198.51.100.0/24", "via", "192.0.2.254")
    with_route = runs(net, net.server, *probe("eth0", giaddr="198.51.100.1", seconds=20).argv)
    assert without == (1, "No OFFER within 4 seconds.\n")
    assert (with_route[0], with_route[1].startswith("OFFER of 198.51.100.")) == (0, True)


@needs_kea
def test_a_probe_gets_an_offer_of_kea_on_its_own_host(net):
    net.kea(kea_conf(net.place))
    assert runs(net, net.server, *probe("eth0").argv)[0] == 0


def test_a_probe_where_nobody_serves_fails_in_words(net):
    assert runs(net, net.client, *probe("eth0", seconds=1).argv) == (1, "No OFFER within 1 seconds.\n")
    assert runs(net, net.client, *probe("eth7", seconds=1).argv) == (2, "There is no interface eth7.\n")


@needs_isc
def test_a_failed_conversation_of_a_real_server_is_read_from_its_log(net):
    net.dhcpd(CONF.replace("192.0.2.10 192.0.2.20", "192.0.2.10"))
    net.ask()
    runs(net, net.client, *probe("eth0", seconds=2).argv)
    log = LogPlace(str(net.place / "dhcpd.log"))
    until(lambda: b"no free leases" in (net.place / "dhcpd.log").read_bytes(), "dhcpd says that it has none")
    outcomes = {talk.mac: talk.outcome for talk in conversations(read_log(net.shell(net.server), log).lines)}
    assert outcomes == {MAC: "bound", "02:52:44:00:00:01": "refused"}


@needs_isc
def test_the_state_of_a_host_tells_where_dhcpd_listens_and_what_it_uses(net):
    net.dhcpd(CONF)
    net.do("ip", "-n", net.server, "route", "add", "198.51.100.0/24", "via", "192.0.2.254")
    state = read_state(net.shell(net.server))
    server = state.server(4, ServerKind.ISC)
    assert (server.service, server.listening) == (Service.RUNNING, ("eth0",))
    assert server.config_path == str(net.place / "dhcpd.conf")
    assert server.lease_path == str(net.place / "dhcpd.leases")
    assert (server.omapi_port, server.omapi_key, server.program_version[:3]) == (7911, "omapi", "4.4")
    assert state.addresses == ("192.0.2.1/24",)
    assert state.networks == ("192.0.2.0/24", "198.51.100.0/24")
    assert OMAPI_SECRET not in repr(state)
    assert state.damage == ()


@needs_kea
def test_the_state_of_a_host_tells_of_kea_its_socket_and_its_hook(net):
    net.kea(kea_conf(net.place))
    server = read_state(net.shell(net.server)).server()
    assert (server.kind, server.service, server.listening) == (ServerKind.KEA, Service.RUNNING, ("eth0",))
    assert server.lease_path.endswith(str(net.place / "kea-leases4.csv"))  # in a chroot, as seen from outside of it
    assert (server.control, server.lease_commands) == (KeaSocket(str(net.place / "socket")), True)
    assert server.program_version.startswith("2.")


def test_a_server_in_another_network_is_none_of_this_host(net):
    if DHCPD and DHCLIENT:
        net.dhcpd(CONF)
    state = read_state(net.shell(net.client))
    assert [server for server in state.servers if server.service == Service.RUNNING] == []
