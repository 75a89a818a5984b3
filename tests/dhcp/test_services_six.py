"""DHCPv6 in rows: conversations of its clients, their leases, what is reserved for them and taken back."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from dhcp.choices import Outcome, ServerKind
from dhcp.facts.lease import Lease as Said
from dhcp.facts.state import DhcpServer, ServerState
from dhcp.models import Errand, Exchange, Lease, Problem, Reservation
from dhcp.services import errands
from dhcp.services.checks import NO_COMMANDS, checks_of, look_over
from dhcp.services.diagnoses import diagnose
from dhcp.services.errands import ask_release
from dhcp.services.lookups import find_exchanges, find_leases
from dhcp.services.mending import is_mendable, mend
from dhcp.services.readings import record_server_state
from dhcp.services.reservations import draft_of, reservation_for, reserve_lease
from hosts.errors import WrongState
from hosts.facts.words import plain
from hosts.models import User
from tests import make
from tests.dhcp.lease_text import ANNE, NOON, a_server
from tests.dhcp.sites import a_subnet
from tests.dhcp.test_parse_log_six import DUID, HIDDEN, MAC, UUID, came, says, sent
from tests.dhcp.test_services_exchanges import bound, kept, read, said

pytestmark = pytest.mark.django_db
HOOK = "/usr/lib/aarch64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so"


def a_lease(duid: str = DUID, address: str = "2001:db8:1::100", **more: object) -> Lease:
    server = a_server(version=6, **more)
    row = Lease.of(server.pk, Said(address, NOON, NOON, "active", uid=duid))
    row.save()
    return Lease.objects.select_related("server__host").get(pk=row.pk)


def test_a_client_is_called_by_its_mac_as_soon_as_its_duid_is_known() -> None:
    server = a_server(version=6)
    told = [(0, came("Solicit", HIDDEN)), (1, says("Advertise")), (1, sent("Advertise", HIDDEN))]
    read(server, said(*told[:1]), at=1)
    assert kept() == [(HIDDEN, Outcome.UNFINISHED, 1)]
    read(server, said((2, came("Request", HIDDEN)), (2, says("Reply")), (2, sent("Reply", HIDDEN))), at=3)
    assert kept() == [(MAC, Outcome.BOUND, 3)]
    row = Exchange.objects.get()
    assert (row.client_id, row.ip, row.lines[-1]["iaid"]) == (DUID, "2001:db8:1::100", "7")


def test_of_two_servers_of_a_host_each_keeps_what_is_of_its_ip_version() -> None:
    four = a_server()
    six = a_server(host=four.host, version=6)
    lines = said(*bound(0), (2, came("Renew")), (2, says("Reply")), (2, sent("Reply")))
    read(four, lines, at=30)
    read(six, lines, at=30)
    assert [(row.server, row.mac) for row in Exchange.objects.order_by("started_at")] == [(four, ANNE), (six, MAC)]


@pytest.mark.parametrize("asked", [MAC, DUID, DUID[:20], "0001.0001.3297.3e81", "02-00-00-00-01-10", "00:01:10"])
def test_a_machine_is_found_with_its_conversations_and_leases(asked: str) -> None:
    lease, user = a_lease(), make.admin()
    read(lease.server, said((0, came("Renew")), (0, says("Reply")), (0, sent("Reply"))), at=30)
    assert [row.mac for row in find_exchanges(user, asked).rows] == [MAC]
    assert [(row.address, row.mac) for row in find_leases(user, asked).rows] == [(lease.address, MAC)]


def test_one_answer_tells_why_it_has_none(admin: User) -> None:
    server = a_server(version=6)
    read(server, said((0, came("Solicit")), (1, "Unable to pick client address: no addresses available")), at=60)
    answer = diagnose(MAC, admin, now=NOON)
    assert str(answer.answers[0]) == "Its last attempt failed: The pools of this network have no free lease."


def test_its_page_draws_the_ladder_and_the_api_tells_the_duid(client, admin: User) -> None:
    server = a_server(version=6)
    read(server, said((0, came("Solicit")), (1, says("Advertise")), (1, sent("Advertise"))), at=60)
    client.force_login(admin)
    page = client.get(Exchange.objects.get().get_absolute_url()).content.decode()
    assert "Advertise" in page
    assert "never came" in page
    assert DUID in page


@pytest.fixture
def admin() -> User:
    return make.admin()


def test_a_lease_becomes_a_reservation_by_the_duid() -> None:
    lease = a_lease(UUID)
    a_subnet(lease.server, "2001:db8:1::/64")
    row = reserve_lease(lease, by=make.actor(), name="web")
    assert (row.match, row.mac, row.client_id) == (f"option dhcp6.client-id {UUID}", "", "")
    assert reservation_for(lease) == Reservation.objects.get()
    with pytest.raises(WrongState):
        draft_of(lease)


def test_dhcpd_is_not_asked_for_what_it_cannot_do(client, admin: User) -> None:
    lease = a_lease()
    with pytest.raises(WrongState, match="cannot end an IPv6 lease"):
        ask_release(lease, by=make.actor())
    assert Errand.objects.count() == 0
    client.force_login(admin)
    page = client.get(reverse("dhcp:lease", args=[lease.pk])).content.decode()
    assert "dhcpd cannot end an IPv6 lease while it runs" in page
    assert 'data-opens="release-lease"' not in page


def test_kea_is_asked() -> None:
    errand = ask_release(a_lease(kind=ServerKind.KEA), by=make.actor())
    assert errand.asked == {"address": "2001:db8:1::100", "mac": MAC, "client_id": DUID}
    assert errands.can_release(errand.server)


def test_that_kea_takes_no_commands_is_told_and_mended_with_the_hook_that_the_host_has() -> None:
    server = a_server(version=6, kind=ServerKind.KEA, kea=[["hooks-libraries", '[{"library": "/x/libdhcp_ha.so"}]']])
    look_over(server)
    problem = Problem.objects.get(rule=NO_COMMANDS)
    assert not is_mendable(problem)
    kea = DhcpServer(ServerKind.KEA, 6, "running", plain(""), "kea-dhcp6-server.service", lease_hook=HOOK)
    record_server_state(server.pk, ServerState(NOON, (kea,)), now=NOON)
    problem = Problem.objects.get(rule=NO_COMMANDS)
    assert is_mendable(problem)
    mend(problem, by=make.actor(), confirmed=True)
    server.refresh_from_db()
    assert json.loads(dict(server.kea)["hooks-libraries"]) == [{"library": "/x/libdhcp_ha.so"}, {"library": HOOK}]
    assert not Problem.objects.filter(rule=NO_COMMANDS).exists()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"default_lease_seconds": 600}, ["600 < 3600"]),
        ({"default_lease_seconds": 600, "parameters": [["preferred-lifetime", "400"]]}, []),
        ({"default_lease_seconds": 7200}, []),
        ({}, []),
    ],
    ids=["shorter than Kea's hour", "with a shorter preferred time", "longer", "nothing said"],
)
def test_that_clients_would_throw_kea_s_leases_away_is_told(said: dict[str, object], told: list[str]) -> None:
    server = a_server(version=6, kind=ServerKind.KEA, **said)
    found = [check.finding.subject for check in checks_of(server) if check.finding.id == "dhcp.time.preferred"]
    assert found == told
    assert not [each for each in checks_of(a_server(version=6, **said)) if each.finding.id == "dhcp.time.preferred"]
