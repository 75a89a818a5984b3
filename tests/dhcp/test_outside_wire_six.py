"""DHCPv6 on a wire with a real dhcpd or Kea: its log is told as conversations, its leases are read and taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dhcp.choices import Outcome
from dhcp.facts.answers import KeaSocket, ReleaseState
from dhcp.facts.reading import LeaseFile, LogPlace
from dhcp.outside.leases import read_news
from dhcp.outside.logs import read_log
from dhcp.outside.release import release
from dhcp.outside.state import read_state
from dhcp.rules.conversations import conversations
from tests.dhcp.real_servers import DHCPD, KEA6
from tests.dhcp.wires import DHCLIENT, HOOK, MAC, Wire, missing, wire

pytestmark = [pytest.mark.slow, pytest.mark.lab, pytest.mark.skipif(bool(missing()), reason=missing())]
DUID = f"00:03:00:01:{MAC}"
CONF = """default-lease-time 600;
subnet6 2001:db8:1::/64 { range6 2001:db8:1::100 2001:db8:1::1ff; }
"""


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Wire]:
    with wire(tmp_path) as made:
        made.six()
        yield made


def kea_conf(place: Path) -> str:
    output = {"output": "stdout", "pattern": "%d{%Y-%m-%d %H:%M:%S.%q} %-5p %m\n"}
    said = {
        "interfaces-config": {"interfaces": ["eth0"]},
        "server-id": {"type": "EN", "enterprise-id": 2495, "identifier": "0123456789", "persist": False},
        "lease-database": {"type": "memfile", "lfc-interval": 0, "name": str(place / "kea-leases6.csv")},
        "valid-lifetime": 600,
        "preferred-lifetime": 400,
        "control-socket": {"socket-type": "unix", "socket-name": str(place / "socket")},
        "hooks-libraries": [{"library": str(HOOK)}],
        "subnet6": [
            {
                "id": 1,
                "subnet": "2001:db8:1::/64",
                "interface": "eth0",
                "pools": [{"pool": "2001:db8:1::100 - 2001:db8:1::1ff"}],
            }
        ],
        "loggers": [{"name": "kea-dhcp6", "output_options": [output], "severity": "INFO"}],
    }
    return json.dumps({"Dhcp6": said})


@pytest.mark.skipif(
    not (DHCPD and DHCLIENT), reason="dhcpd or dhclient is missing (Debian packages isc-dhcp-server, isc-dhcp-client)"
)
def test_what_dhcpd_says_of_a_client_is_one_conversation_and_its_lease_is_read(net: Wire) -> None:
    log = net.dhcpd6(CONF)
    net.ask6()
    shell = net.shell(net.server)
    (lease,) = read_news(shell, LeaseFile(str(net.place / "dhcpd6.leases"))).news.leases
    (talk,) = conversations(read_log(shell, LogPlace(str(log))).lines)
    assert (lease.client_id, lease.state) == (DUID, "active")
    assert (talk.mac, talk.duid, talk.outcome, talk.ip) == (MAC, DUID, Outcome.BOUND, lease.ip)
    assert [line.message for line in talk.lines] == ["Solicit", "Advertise", "Request", "Reply"]
    assert release(shell, None, lease.ip, MAC).state is ReleaseState.NOT_POSSIBLE


@pytest.mark.skipif(
    not (KEA6 and DHCLIENT and HOOK),
    reason="Kea or dhclient is missing (Debian packages kea-dhcp6-server, isc-dhcp-client)",
)
def test_kea_takes_back_a_lease_of_ipv6_of_the_client_that_is_meant(net: Wire) -> None:
    log = net.kea(kea_conf(net.place), 6)
    net.ask6()
    shell, file = net.shell(net.server), LeaseFile(str(net.place / "kea-leases6.csv"), kea=True)
    first = read_news(shell, file)
    (lease,) = first.news.leases
    (talk,) = conversations(read_log(shell, LogPlace(str(log))).lines)
    assert (talk.mac, talk.duid, talk.outcome, talk.ip) == (MAC, DUID, Outcome.BOUND, lease.ip)
    way = KeaSocket(str(net.place / "socket"))
    clients = ("02:00:00:00:00:99", "00:04:12:34", DUID, MAC)
    states = [release(shell, way, lease.ip, each).state for each in clients]
    assert states == [
        *(ReleaseState.OTHER_CLIENT, ReleaseState.OTHER_CLIENT, ReleaseState.RELEASED, ReleaseState.NOT_LEASED),
    ]
    assert {each.state for each in read_news(shell, file, first.news.mark).news.leases} == {"free"}
    found = read_state(shell).server(6)
    assert found is not None
    assert found.lease_hook == str(HOOK)
