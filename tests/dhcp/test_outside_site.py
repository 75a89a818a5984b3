"""Everything that is read and asked over SSH, on whole hosts: a server, a relay and a client of two networks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from dhcp.choices import Outcome, ServerKind, Service
from dhcp.errors import UnreadableLeases, UnreadableLog
from dhcp.facts.answers import Heard, KeaSocket, Omapi, ReleaseState
from dhcp.facts.reading import LeaseFile, LogPlace
from dhcp.outside.leases import read_news
from dhcp.outside.logs import read_log
from dhcp.outside.ping import ping
from dhcp.outside.release import release
from dhcp.outside.state import read_state
from dhcp.render.probe import probe
from dhcp.rules.conversations import conversations
from hosts.facts.machine import Login
from hosts.outside.shell import Shell
from tests.hosts.faults import ways
from tests.lab.dhcp_site import GUEST_MAC, DhcpSite, dhcp_site
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab

pytestmark = [pytest.mark.lab]
SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0"
CONF = f"""omapi-port 7911;
key omapi {{ algorithm hmac-sha256; secret "{SECRET}"; }}
omapi-key omapi;
authoritative;
subnet 192.168.0.0 netmask 255.255.255.0 {{ range 192.168.0.10 192.168.0.20; }}
subnet 192.168.1.0 netmask 255.255.255.0 {{ range 192.168.1.10 192.168.1.20; option routers 192.168.1.254; }}
"""
KEA = """{"Dhcp4": {"interfaces-config": {"interfaces": ["eth1"]},
"lease-database": {"type": "memfile"},
"control-socket": {"socket-type": "unix", "socket-name": "/run/kea/kea4-ctrl-socket"},
"hooks-libraries": [{"library": "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so"}],
"loggers": [{"name": "kea-dhcp4", "output_options": [{"output": "stdout", "pattern": "%-5p %m\\n"}], "severity": "INFO"}],
"subnet4": [{"id": 1, "subnet": "192.168.1.0/24", "pools": [{"pool": "192.168.1.30 - 192.168.1.40"}]}]}}
"""
WAY = Omapi(7911, "omapi", "hmac-sha256", SECRET)
LEASES = LeaseFile("/var/lib/dhcp/dhcpd.leases")


class Ways:
    """Open ways to the hosts of a site."""

    def __init__(self, lab: Lab, site: DhcpSite, stack: ExitStack) -> None:
        self.site, self._lab, self._stack = site, lab, stack
        self._open: dict[str, Shell] = {}

    def to(self, host: LabHost) -> Shell:
        if host.name not in self._open:
            self._open[host.name] = self._stack.enter_context(ways.way(ways.facts(self._lab, host)))
        return self._open[host.name]


@pytest.fixture(scope="module")
def site(lab: Lab) -> Iterator[DhcpSite]:
    with dhcp_site(lab, kea=True) as running:
        yield running


@pytest.fixture
def net(lab: Lab, site: DhcpSite) -> Iterator[Ways]:
    with ExitStack() as stack:
        yield Ways(lab, site, stack)


def serve(site: DhcpSite) -> None:
    site.server.write("/etc/dhcp/dhcpd.conf", CONF.encode())
    site.server.write("/etc/default/isc-dhcp-server", b'INTERFACESv4="eth1"\n')
    site.server.check(["systemctl", "restart", "isc-dhcp-server"])
    relay(site, "192.168.0.1")


def relay(site: DhcpSite, server: str) -> None:
    text = f'SERVERS="{server}"\nINTERFACES="eth1 eth2"\nOPTIONS=""\n'
    site.relay.write("/etc/default/isc-dhcp-relay", text.encode())
    site.relay.check(["systemctl", "restart", "isc-dhcp-relay"])


def test_a_client_gets_its_address_and_leases_log_and_state_tell_of_it(net):
    site = net.site
    serve(site)
    server, relaying = net.to(site.server), net.to(site.relay)
    before = read_news(server, LEASES)
    log = read_log(server, LogPlace())
    address = site.ask().address
    news = read_news(server, LEASES, before.news.mark)
    assert {lease.ip: lease.state for lease in news.news.leases} == {address: "active"}
    assert not news.news.whole

    # Debian's relay keeps what it forwards to itself (dhcrelay -q), so its log has nothing to add.
    lines = [*read_log(server, LogPlace(), log.mark, source="dhcp1").lines, *read_log(relaying, LogPlace()).lines]
    talks = [talk for talk in conversations(lines) if talk.mac == GUEST_MAC and talk.outcome is Outcome.BOUND]
    assert [(talk.ip, talk.relay) for talk in talks[-1:]] == [(address, "192.168.1.254")]
    assert {line.source for line in talks[-1].lines} == {"dhcp1"}

    state = read_state(server)
    found = state.server(4, ServerKind.ISC)
    assert (found.service, found.listening, found.lease_path) == (Service.RUNNING, ("eth1",), LEASES.path)
    assert found.config_path == "/etc/dhcp/dhcpd.conf"
    assert "192.168.0.1/24" in state.addresses
    assert "192.168.1.0/24" in state.networks or "0.0.0.0/0" in state.networks
    told = read_state(relaying).relay
    assert (told.service, told.relay.servers) == (Service.RUNNING, ("192.168.0.1",))
    assert (told.relay.giaddr, told.relay.uplinks) == (("192.168.1.254/24",), ("192.168.0.254/24",))

    heard = [answer.heard for answer in ping(server, [address, "192.168.0.254", "192.168.0.77"])]
    assert heard == [Heard.ANSWERS, Heard.ANSWERS, Heard.SILENT]

    freed = [release(server, WAY, address, GUEST_MAC).state, release(server, WAY, address, GUEST_MAC).state]
    assert freed == [ReleaseState.RELEASED, ReleaseState.NOT_LEASED]
    after = read_news(server, LEASES, news.news.mark).news.leases
    assert {lease.ip: lease.state for lease in after} == {address: "free"}


def test_another_login_reads_with_sudo_and_without_it_is_told_why_it_cannot(lab, net):
    serve(net.site)
    host = net.site.server
    host.write("/var/lib/dhcp/closed.leases", b"lease 192.0.2.1 {\n  binding state active;\n}\n", mode=0o600)
    file = LeaseFile("/var/lib/dhcp/closed.leases")
    operator = Login("operator", private_key=lab.key_path.read_text())
    with ways.way(ways.facts(lab, host, login=operator, sudo=True)) as shell:
        assert len(read_news(shell, file).news.leases) == 1
        assert read_log(shell, LogPlace()).mark.cursor
        assert read_state(shell).damage == ()
    with ways.way(ways.facts(lab, host, login=operator)) as shell:
        with pytest.raises(UnreadableLeases, match="may not read"):
            read_news(shell, file)
        with pytest.raises(UnreadableLog, match="may not read"):
            read_log(shell, LogPlace())


def test_a_journal_with_nothing_new_tells_nothing_twice(net):
    serve(net.site)
    server = net.to(net.site.server)
    first = read_log(server, LogPlace())
    second = read_log(server, LogPlace(), first.mark)
    assert first.mark.cursor
    assert (second.lines, second.mark, second.gap) == ((), first.mark, False)


def test_a_cursor_that_is_none_is_told_as_a_gap_and_the_log_is_read_anew(net):
    serve(net.site)
    server = net.to(net.site.server)
    mark = read_log(server, LogPlace()).mark
    bad = read_log(server, LogPlace(), type(mark)(cursor="nonsense"))
    assert (bad.gap, bad.mark.cursor != "nonsense") == (True, True)


def test_probes_get_an_offer_on_the_server_as_a_relay_and_on_the_relay_itself(net):
    site = net.site
    serve(site)
    site.relay.check(["systemctl", "restart", "isc-dhcp-relay"])
    before = site.server.read(LEASES.path)
    as_relay = site.server.run(list(probe("eth1", giaddr="192.168.1.254").argv))
    at_relay = site.relay.run(list(probe("eth2").argv))
    assert (as_relay.status, as_relay.stdout[:19]) == (0, b"OFFER of 192.168.1.")
    assert (at_relay.status, at_relay.stdout[:19]) == (0, b"OFFER of 192.168.1.")
    assert site.server.read(LEASES.path).count(b"52:44") == before.count(b"52:44")


def test_kea_on_its_host_tells_the_same_and_lets_a_lease_go(net):
    site = net.site
    assert site.kea is not None
    site.kea.write("/etc/kea/kea-dhcp4.conf", KEA.encode())
    site.kea.check(["systemctl", "restart", "kea-dhcp4-server"])
    relay(site, "192.168.0.3")
    kea = net.to(site.kea)
    address = site.ask().address
    found = read_state(kea).server()
    assert (found.kind, found.service, found.lease_commands) == (ServerKind.KEA, Service.RUNNING, True)
    reading = read_news(kea, LeaseFile(found.lease_path, kea=True))
    assert {lease.ip: lease.state for lease in reading.news.leases} == {address: "active"}
    (talk,) = [one for one in conversations(read_log(kea, LogPlace()).lines) if one.ip == address][-1:]
    assert (talk.mac, talk.outcome) == (GUEST_MAC, Outcome.BOUND)
    assert found.control == KeaSocket("/run/kea/kea4-ctrl-socket")
    assert release(kea, found.control, address, GUEST_MAC).state is ReleaseState.RELEASED
