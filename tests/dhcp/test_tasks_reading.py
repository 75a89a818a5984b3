"""A turn at a server: claimed once, everything read in one connection, and every failure told where it belongs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone

from dhcp.choices import ServerKind, Service
from dhcp.errors import UnreadableLeases, UnreadableLog, UnreadableState
from dhcp.facts import server as said
from dhcp.facts.lease import Lease as Said
from dhcp.facts.lease import LeaseMark, LeaseNews
from dhcp.facts.reading import LeaseReading, LogMark, LogNews
from dhcp.facts.state import DhcpServer, Interface, KnownRoute, RelayState, ServerState
from dhcp.models import Exchange, Lease, Relay, Server
from dhcp.services import readings
from dhcp.tasks.reading import Outside, carry_out
from dhcp.tasks.sweeps import forget_old, sweep_samples
from hosts.errors import HostLost, HostUnreachable
from hosts.facts.words import plain
from hosts.models import AuditEntry
from tests import make
from tests.dhcp.fakes import FakeServerHost, ToldShell
from tests.dhcp.lease_text import ANNE, NOON, a_server
from tests.dhcp.test_services_exchanges import bound
from tests.dhcp.test_services_exchanges import said as log_said

pytestmark = pytest.mark.django_db
DHCPD = DhcpServer(
    ServerKind.ISC,
    4,
    Service.RUNNING,
    plain("It runs."),
    "isc-dhcp-server",
    "4.4.3",
    ("eth0",),
    lease_path="/srv/dhcpd.leases",
)
STATE = ServerState(
    NOON,
    (DHCPD,),
    interfaces=(Interface("lo", ("127.0.0.1/8",)), Interface("eth0", ("10.0.0.1/24",))),
    routes=(KnownRoute("0.0.0.0/0", "10.0.0.254"),),
    tools=("journalctl",),
)


def leases(
    *ips: str, offset: int = 10, whole: bool = False, restarted: bool = False, more: bool = False
) -> LeaseReading:
    told = tuple(Said(ip, starts_at=NOON, ends_at=NOON, state="active", mac=ANNE) for ip in ips)
    news = LeaseNews(told, LeaseMark(1, offset, str(offset)), whole, ())
    return LeaseReading(news, restarted, more, offset, NOON)


def log(*lines: object, cursor: str = "a", more: bool = False) -> LogNews:
    return LogNews(tuple(lines), LogMark(cursor=cursor), more)  # type: ignore[arg-type]


def outside(host: FakeServerHost) -> Outside:
    return Outside(host.read_state, host.read_news, host.read_log)


def read(server: Server, host: FakeServerHost) -> Server:
    carry_out(Server, server.pk, ToldShell(), outside(host))
    return Server.objects.get(pk=server.pk)


@dataclass
class NoWay:
    """A pool whose host does not answer."""

    error: Exception

    @contextmanager
    def open(self, host: object, *, fresh: bool = False):
        raise self.error
        yield


def test_state_leases_and_log_are_read_in_one_turn() -> None:
    server = a_server()
    host = FakeServerHost([leases("10.0.0.5", whole=True, restarted=True)], [log(*log_said(*bound(0)))], STATE)
    row = read(server, host)
    assert [each[0] for each in host.asked] == ["state", "leases", "log"]
    assert (row.service, row.program_version, row.addresses, row.routes, row.listening) == (
        Service.RUNNING,
        "4.4.3",
        ["10.0.0.1/24"],
        ["0.0.0.0/0"],
        ["eth0 10.0.0.1/24"],
    )
    assert [each.address for each in Lease.objects.all()] == ["10.0.0.5"]
    assert Exchange.objects.get().mac == ANNE
    assert host.asked[1][1].path == "/srv/dhcpd.leases"
    assert row.read_since is None
    assert row.next_read_at is not None
    assert row.next_read_at > timezone.now() + timedelta(seconds=30)


def test_a_path_that_people_entered_goes_before_what_the_host_says() -> None:
    host = FakeServerHost([leases()], [log()], STATE)
    read(a_server(lease_path="/data/leases"), host)
    assert host.asked[1][1].path == "/data/leases"


def test_a_turn_belongs_to_one_worker_until_it_falls_silent() -> None:
    server, now = a_server(), timezone.now()
    turn = readings.begin(Server, server.pk, now=now)
    assert turn is not None
    assert readings.begin(Server, server.pk, now=now) is None
    late = now + readings.SILENT_AFTER + timedelta(seconds=1)
    other = readings.begin(Server, server.pk, now=late)
    assert other is not None
    readings.end(Server, turn, now=late)
    assert Server.objects.get().read_since == late
    readings.end(Server, other, now=late)
    assert Server.objects.get().read_since is None
    assert readings.begin(Server, server.pk + 99, now=now) is None


def test_servers_are_due_once_and_only_where_the_panel_may_speak_to_the_host() -> None:
    now = timezone.now()
    due, later = a_server(), a_server(next_read_at=now + timedelta(hours=1))
    a_server(host=make.host(is_in_maintenance=True))
    a_server(host=make.host(key=False))
    a_server(read_since=now)
    assert readings.due_servers(now) == [due.pk]
    assert readings.due_servers(now) == []
    assert readings.due_servers(now + timedelta(hours=2))[-1] == later.pk
    relay = Relay.objects.create(host=make.host())
    assert readings.due_relays(now) == [relay.pk]


def test_a_person_may_have_it_read_now() -> None:
    server = a_server(next_read_at=timezone.now() + timedelta(hours=1))
    readings.read_now(server, by=make.actor())
    assert readings.due_servers(timezone.now()) == [server.pk]
    assert AuditEntry.objects.filter(action="read", object_id=str(server.pk)).exists()


def test_a_long_file_is_read_in_parts_and_what_no_part_names_is_gone() -> None:
    server = a_server()
    read(server, FakeServerHost([leases("10.0.0.1", "10.0.0.9", whole=True, restarted=True)], [log()], STATE))
    parts = [
        leases("10.0.0.1", offset=20, restarted=True, more=True),
        leases("10.0.0.2", offset=30, more=True),
        leases("10.0.0.3", offset=40),
    ]
    host = FakeServerHost(parts, [log(cursor="b")], STATE)
    row = read(server, host)
    assert sorted(each.address for each in Lease.objects.all()) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert row.mark == LeaseMark(1, 40, "40")
    assert [each[2].offset for each in host.asked if each[0] == "leases"] == [10, 20, 30]


def test_a_long_log_is_read_to_its_end() -> None:
    lines = log_said(*bound(0))
    told = [log(*lines[:2], more=True), log(*lines[2:], cursor="b")]
    row = read(a_server(), FakeServerHost([leases()], told, STATE))
    assert Exchange.objects.get().outcome == "bound"
    assert row.log_mark["cursor"] == "b"


@pytest.mark.parametrize(
    ("column", "parts"),
    [
        ("service_why", {"state": UnreadableState("said why")}),
        ("leases_why", {"readings": [UnreadableLeases("said why")]}),
        ("log_why", {"logs": [UnreadableLog("said why")]}),
    ],
)
def test_what_cannot_be_read_says_why_and_the_rest_is_read(column: str, parts: dict[str, object]) -> None:
    host = replace(FakeServerHost([leases("10.0.0.5")], [log(*log_said(*bound(0)))], STATE), **parts)
    row = read(a_server(), host)
    whys = {name: str(getattr(row, name)) for name in ("leases_why", "log_why")} | {"service_why": str(row.service_why)}
    assert whys.pop(column) == "said why"
    assert "said why" not in whys.values()
    assert Lease.objects.exists() is (column != "leases_why")
    assert Exchange.objects.exists() is (column != "log_why")


def test_a_host_that_is_not_reached_is_told_everywhere_and_asked_again_later() -> None:
    server = a_server()
    carry_out(Server, server.pk, NoWay(HostUnreachable("no route to host")), outside(FakeServerHost()))
    row = Server.objects.get()
    assert row.service == Service.UNREACHABLE
    assert {str(row.service_why), str(row.leases_why), str(row.log_why)} == {"no route to host"}
    assert row.read_since is None
    assert row.next_read_at > timezone.now() + timedelta(seconds=readings.AFTER_FAILURE_SECONDS * 0.8)


def test_a_line_that_breaks_leaves_what_was_read() -> None:
    server = a_server()
    host = FakeServerHost([leases("10.0.0.5")], [HostLost("the line broke")], STATE)
    assert read(server, host).service == Service.UNREACHABLE
    assert Lease.objects.exists()


def test_a_program_that_is_not_there_is_missing() -> None:
    row = read(a_server(kind=ServerKind.KEA), FakeServerHost([leases()], [log()], STATE))
    assert row.service == Service.MISSING
    assert "Kea" in str(row.service_why)


def test_conversations_are_followed_for_ipv4_only() -> None:
    host = FakeServerHost([leases()], [], STATE)
    read(a_server(version=6), host)
    assert [each[0] for each in host.asked] == ["state", "leases"]


def test_a_relay_is_read_and_its_addresses_are_taken_over_where_nobody_entered_any() -> None:
    relay = Relay.objects.create(host=make.host(), servers=["10.0.0.1"])
    server = a_server(addresses=["10.0.0.1/24"])
    known = said.Relay(host="", servers=("10.0.0.1",), giaddr=("10.0.1.254/24",), uplinks=("10.0.0.254/24",))
    state = replace(STATE, relay=RelayState(Service.RUNNING, plain("It runs."), known))
    lines = log_said((0, f"Forwarded BOOTREQUEST for {ANNE} to 10.0.0.1"))
    carry_out(Relay, relay.pk, ToldShell(), outside(FakeServerHost(logs=[log(*lines)], state=state)))
    relay.refresh_from_db()
    server.refresh_from_db()
    assert (relay.service, relay.giaddr, relay.uplinks) == (Service.RUNNING, ["10.0.1.254/24"], ["10.0.0.254/24"])
    assert [each["mac"] for each in server.log_rest] == [ANNE]
    carry_out(Relay, relay.pk, ToldShell(), outside(FakeServerHost(state=UnreadableState("said why"))))
    relay.refresh_from_db()
    assert str(relay.service_why) == "said why"


def test_the_sweeps_do_no_harm_where_there_is_nothing() -> None:
    sweep_samples.apply(throw=True)
    forget_old.apply(throw=True)
