"""What a host says of its DHCP programs, read from the program's output."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.choices import ServerKind, Service
from dhcp.errors import UnreadableState
from dhcp.facts.answers import KeaSocket
from dhcp.facts.server import Relay
from dhcp.facts.state import Interface, KnownRoute
from dhcp.outside.state import read_state
from dhcp.parse.relay_state import relay_of
from dhcp.parse.server_state import server_state
from hosts.errors import UnreadableFacts
from tests.dhcp.fakes import LocalShell, ToldShell, busybox_tools

ADDRESSES = [
    {
        "ifindex": 1,
        "ifname": "lo",
        "flags": ["UP"],
        "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}],
    },
    {
        "ifindex": 2,
        "ifname": "up0",
        "flags": ["UP"],
        "operstate": "UP",
        "address": "02:00:00:00:00:02",
        "addr_info": [
            {"family": "inet", "local": "192.168.0.254", "prefixlen": 24},
            {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"},
        ],
    },
    {
        "ifindex": 3,
        "ifname": "dn0",
        "flags": ["UP"],
        "operstate": "UP",
        "addr_info": [{"family": "inet", "local": "192.168.1.254", "prefixlen": 24}],
    },
]
ROUTES = [
    {"dst": "default", "gateway": "192.168.0.1", "dev": "up0"},
    {"dst": "192.168.0.0/24", "dev": "up0"},
    {"dst": "192.168.1.0/24", "dev": "dn0"},
    {"type": "unreachable", "dst": "10.0.0.0/8"},
    {"dst": "nonsense"},
]
RELAY = ["dhcrelay", "-q", "-i", "up0", "-i", "dn0", "192.168.0.1"]


def report(**sections: str) -> bytes:
    said = {"date": "1795447589", "ip_address": json.dumps(ADDRESSES), "ip_route": json.dumps(ROUTES)} | sections
    lines = ["@rackdesk-facts 1"]
    for name, text in said.items():
        lines += [f"@begin {name}", *(f"|{line}" for line in text.split("\n")), f"@end {name} 0"]
    return "\n".join([*lines, "@finish", ""]).encode()


def process(*argv: str, pid: int = 71, files: tuple[str, ...] = ()) -> str:
    told = [f"pid {pid}", f"name {argv[0].rpartition('/')[2]}", *(f"arg {word}" for word in argv)]
    return "\n".join([*told, *(f"fd {each}" for each in files)])


def test_a_running_relay_tells_its_servers_and_which_side_is_which():
    found = server_state(report(processes=process(*RELAY), relay_version="isc-dhcrelay-4.4.3-P1")).relay
    assert (found.service, found.program_version) == (Service.RUNNING, "4.4.3-P1")
    assert found.relay == Relay(
        host="",
        servers=("192.168.0.1",),
        interfaces=("up0", "dn0"),
        options=("-q",),
        giaddr=("192.168.1.254/24",),
        uplinks=("192.168.0.254/24",),
    )


def test_a_relay_that_does_not_run_is_told_by_its_defaults():
    text = 'SERVERS="192.168.0.1 192.168.0.2"\nINTERFACES="up0 dn0"\nOPTIONS=""\n'
    units = "Id=isc-dhcp-relay.service\nActiveState=failed\nResult=exit-code\n"
    found = server_state(report(places="program dhcrelay", defaults_relay=text, units=units)).relay
    assert (found.service, found.relay.servers) == (Service.STOPPED, ("192.168.0.1", "192.168.0.2"))
    assert "systemd says failed (exit-code)" in str(found.why)


@pytest.mark.parametrize(
    ("words", "giaddr", "uplinks", "servers"),
    [
        (["-id", "dn0", "-iu", "up0", "10.1.1.1"], ("192.168.1.254/24",), ("192.168.0.254/24",), ("10.1.1.1",)),
        (["-a", "-m", "append", "-i", "dn0", "dhcp.example"], ("192.168.1.254/24",), (), ("dhcp.example",)),
        (["-i", "dn0", "10.1.1.1"], ("192.168.1.254/24",), ("192.168.0.254/24",), ("10.1.1.1",)),
        ([], (), (), ()),
        (["-i"], (), (), ()),
    ],
    ids=["sides are said", "a server by name", "the uplink by its route", "nothing", "a word is missing"],
)
def test_the_sides_of_a_relay_come_from_its_words_and_from_routes(words, giaddr, uplinks, servers):
    interfaces = (Interface("up0", ("192.168.0.254/24",)), Interface("dn0", ("192.168.1.254/24", "2001:db8::1/64")))
    routes = (KnownRoute("0.0.0.0/0", "192.168.0.1", "up0"), KnownRoute("192.168.1.0/24", "", "dn0"))
    found = relay_of(words, interfaces, routes)
    assert (found.giaddr, found.uplinks, found.servers) == (giaddr, uplinks, servers)


def test_listening_is_what_the_kernel_knows_of_the_process():
    sockets = (
        "packet sk RefCnt Type Proto Iface R Rmem User Inode\n"
        "packet ffff 3 3 0003 3 1 0 0 555\n"
        "packet ffff 3 3 0003 2 1 0 0 999\n"
        "udp 1: FE00A8C0:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 556 2 ffff 0"
    )
    told = process(
        "/usr/sbin/dhcpd", "-4", "-cf", "/etc/x.conf", files=("socket:[555]", "socket:[556]", "/var/x/dhcpd.leases")
    )
    (server,) = server_state(report(processes=told, sockets=sockets)).servers
    assert (server.listening, server.lease_path) == (("dn0", "up0"), "/var/x/dhcpd.leases")


def test_a_lease_file_that_the_configuration_names_is_found_also_while_dhcpd_stands():
    places = 'file /etc/dhcp/dhcpd.conf\n  lease-file-name "/srv/leases"; # ours\nOMAPI-port 7911;\nfile /other\nomapi-port 1;'
    (server,) = server_state(report(places="program dhcpd", dhcpd_places=places)).servers
    assert (server.service, server.lease_path, server.omapi_port) == (Service.STOPPED, "/srv/leases", 7911)


def test_kea_that_keeps_its_leases_in_a_database_has_no_file_of_that_name():
    conf = '{"Dhcp4": {"lease-database": {"type": "mysql", "name": "kea"}, // elsewhere\n"control-socket": {"socket-name": "/run/s"}}}'
    (server,) = server_state(report(places="program kea-dhcp4", kea4=conf)).servers
    assert (server.kind, server.control, server.lease_commands) == (ServerKind.KEA, KeaSocket("/run/s"), False)
    assert server.lease_path == "/var/lib/kea/kea-leases4.csv"


@pytest.mark.parametrize("conf", ["{", "[]", '{"Dhcp4": 7}', '{"Dhcp4": {"loggers": [7], "hooks-libraries": {}}}'])
def test_a_configuration_of_kea_that_cannot_be_read_leaves_the_rest(conf):
    (server,) = server_state(report(places="program kea-dhcp4", kea4=conf)).servers
    assert server.control is None


def test_the_server_that_runs_comes_before_the_one_that_is_only_installed():
    told = process("kea-dhcp4", "-c", "/etc/kea/kea-dhcp4.conf")
    state = server_state(report(processes=told, places="program dhcpd\nprogram kea-dhcp4"))
    assert [server.kind for server in state.servers] == [ServerKind.KEA, ServerKind.ISC]
    assert state.server().kind is ServerKind.KEA


def test_addresses_and_networks_are_those_that_the_picture_wants():
    state = server_state(report())
    assert state.addresses == ("192.168.0.254/24", "192.168.1.254/24")
    assert state.networks == ("0.0.0.0/0", "192.168.0.0/24", "192.168.1.0/24")
    assert (state.servers, state.relay) == ((), None)


def test_a_report_that_is_cut_off_tells_what_came_and_that_it_is_not_all():
    whole = report(places="program dhcpd", zzz="end")
    state = server_state(whole[: whole.index(b"@begin zzz")])
    assert (len(state.servers), len(state.damage)) == (1, 1)


def test_a_host_that_says_nothing_is_an_error_with_what_it_complained_of():
    with pytest.raises(UnreadableState, match=r"did not tell what runs DHCP there\. sh: broken"):
        read_state(ToldShell([b""], stderr=b"sh: broken"))


@pytest.mark.parametrize("kind", ["dash", "busybox"])
def test_the_program_runs_on_this_machine_whole_and_says_nothing_on_stderr(kind, tmp_path):
    tools = busybox_tools(tmp_path / "bin") if kind == "busybox" else None
    if kind == "busybox" and tools is None:
        pytest.skip("busybox is missing: apt-get install busybox")
    state = read_state(LocalShell(tools))
    assert state.damage == ()
    assert state.taken_at.year > 2020


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["processes", "sockets", "places", "kea4", "units", "ip_route", "ip_address", "dhcpd_places", "defaults_relay"]), st.text(max_size=200)))  # fmt: skip
def test_no_text_of_a_host_makes_the_reading_fail(sections):
    try:
        server_state(
            report(
                places="program dhcpd\nprogram kea-dhcp4\nprogram dhcrelay",
                **{k: v for k, v in sections.items() if k != "places"},
            )
        )
    except UnreadableFacts:
        pytest.fail("a report with a header is always read")
