"""Reservations made of leases, addresses that nobody has, how reservations stand, and what is said beside fields."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.facts import standing as stands
from dhcp.models import Lease, Reservation, Server
from dhcp.services import editing, remarks
from dhcp.services.reservations import draft_of, free_address, free_addresses, reserve_lease, set_enabled, standings
from hosts.errors import BadInput, WrongState
from hosts.models import AuditEntry
from tests import make
from tests.dhcp.clients import ANNE, BERT, HOUR, a_lease, an_exchange
from tests.dhcp.sites import a_reservation, a_subnet, the_seed

pytestmark = pytest.mark.django_db
CARL = "00:16:3e:00:00:03"


def ranges(server: Server, network: str) -> list[str]:
    pool = server.subnets.get(network=network).pools.get(is_plain=True)
    return [str(each) for each in pool.ranges.all()]


def test_a_lease_becomes_a_reservation_and_its_address_leaves_the_range() -> None:
    server = the_seed()
    lease = a_lease(server, "192.168.1.14", hostname="build 07")
    row = reserve_lease(lease, by=make.actor())
    assert (row.name, row.mac, row.hostname) == ("build-07", ANNE, "")
    assert [each.address for each in row.addresses.all()] == ["192.168.1.14"]
    assert ranges(server, "192.168.1.0/24") == ["192.168.1.10 – 192.168.1.13", "192.168.1.15 – 192.168.1.20"]


def test_neither_the_range_nor_the_reservation_is_kept_where_one_is_refused() -> None:
    server = the_seed()
    a_reservation(server, "web", BERT, "192.168.1.100")
    lease = a_lease(server, "192.168.1.14", hostname="build-07")
    with pytest.raises(BadInput, match="Nothing was saved") as refused:
        reserve_lease(lease, by=make.actor(), name="build 07 {")
    assert refused.value.field == "name"
    assert ranges(server, "192.168.1.0/24") == ["192.168.1.10 – 192.168.1.20"]
    assert Reservation.objects.count() == 1


def test_the_ends_of_a_range_can_leave_it_but_not_the_last_address() -> None:
    server = the_seed()
    reserve_lease(a_lease(server, "192.168.1.10"), by=make.actor())
    reserve_lease(a_lease(server, "192.168.1.20", BERT), by=make.actor())
    assert ranges(server, "192.168.1.0/24") == ["192.168.1.11 – 192.168.1.19"]
    a_subnet(server, "10.0.0.0/24", ("10.0.0.9", "10.0.0.9"))
    with pytest.raises(BadInput, match=r"10\.0\.0\.9 is the only address"):
        reserve_lease(a_lease(server, "10.0.0.9", CARL), by=make.actor())


def test_a_machine_that_has_a_reservation_gets_no_second_one() -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100")
    with pytest.raises(WrongState, match="web"):
        draft_of(a_lease(server, "192.168.1.14"))
    nobody = Lease(server=server, address="192.168.1.15")
    with pytest.raises(WrongState, match="neither"):
        draft_of(nobody)


def test_names_that_are_taken_get_a_number() -> None:
    server = the_seed()
    a_reservation(server, "web", BERT, "192.168.1.100")
    assert draft_of(a_lease(server, "192.168.1.14", hostname="web")).name == "web-2"
    assert draft_of(a_lease(server, "192.168.1.15", CARL)).name == "machine-000003"


def test_free_addresses_are_nobodys() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    a_reservation(server, "web", BERT, "192.168.1.1")
    a_lease(server, "192.168.1.2")
    a_lease(server, "192.168.1.3", CARL, state="free")
    make.host(address="192.168.1.4")
    assert free_addresses(subnet, most=7) == [f"192.168.1.{n}" for n in (3, 5, 6, 7, 8, 9, 21)]
    assert free_address(subnet, after="192.168.1.9") == "192.168.1.21"
    assert free_address(subnet, after="192.168.1.253") == ""  # .254 is the router
    assert free_address(subnet, after="192.168.200.1") == "192.168.1.3"  # of another network


def test_how_reservations_stand() -> None:
    server = the_seed()
    rows = [
        a_reservation(server, "leased", ANNE, "192.168.1.100"),
        a_reservation(server, "taken", BERT, "192.168.1.101"),
        a_reservation(server, "elsewhere", CARL, "192.168.1.102"),
        a_reservation(server, "seen", "00:16:3e:00:00:04", "192.168.1.103"),
        a_reservation(server, "waits", "00:16:3e:00:00:05", "192.168.1.104"),
        a_reservation(server, "off", "00:16:3e:00:00:06", "192.168.1.105", is_enabled=False),
        a_reservation(server, "plain", "00:16:3e:00:00:07"),
    ]
    a_lease(server, "192.168.1.100", ANNE)
    a_lease(server, "192.168.1.101", "00:16:3e:00:00:99")
    a_lease(server, "192.168.1.15", CARL)
    an_exchange(server, "00:16:3e:00:00:04", ip="192.168.1.103")
    a_lease(server, "192.168.1.16", "00:16:3e:00:00:05", ends_at=timezone.now() - HOUR)
    rows = list(Reservation.objects.prefetch_related("addresses").order_by("pk"))
    with CaptureQueriesContext(connection) as seen:
        found = standings(rows, now=timezone.now())
    assert [found[row.pk].kind for row in rows] == [
        stands.USED, stands.TAKEN, stands.ELSEWHERE, stands.SEEN, stands.WAITS, stands.OFF, stands.PLAIN,
    ]  # fmt: skip
    assert len(seen) == 2
    assert found[rows[1].pk].mac == "00:16:3e:00:00:99"
    assert found[rows[2].pk].address == "192.168.1.15"


def test_switching_is_for_all_or_none() -> None:
    server = the_seed()
    rows = [a_reservation(server, "a", ANNE, "192.168.1.100"), a_reservation(server, "b", BERT, "192.168.1.101")]
    assert set_enabled(rows, is_enabled=False, by=make.actor()) == 2
    assert set_enabled(rows, is_enabled=False, by=make.actor()) == 0
    assert AuditEntry.objects.filter(object_type="reservation", action="change").count() == 2
    twin = Reservation(server=server, name="c", mac=ANNE)
    editing.save_reservation(twin, by=make.actor(), addresses=["192.168.1.102"])
    with pytest.raises(BadInput):
        set_enabled(list(Reservation.objects.all()), is_enabled=True, by=make.actor())
    assert not Reservation.objects.filter(name__in="ab", is_enabled=True).exists()


@pytest.mark.parametrize(
    ("typed", "tone", "said"),
    [
        ("192.168.1.100", "bad", "reserved for web"),
        ("192.168.1.14", "warn", f"leased to {ANNE}"),
        ("192.168.1.15", "warn", "lies in the range"),
        ("192.168.1.90", "warn", "address of the host gate"),
        ("10.9.9.9", "bad", "in no subnet"),
        ("192.168.1", "bad", "no address"),
        ("192.168.1.50", "good", "is free"),
        ("192.168.1.50, 192.168.1.100", "bad", "reserved for web"),
    ],
)
def test_what_is_said_of_an_address(typed: str, tone: str, said: str) -> None:
    server = the_seed()
    make.host("gate", address="192.168.1.90")
    a_reservation(server, "web", BERT, "192.168.1.100")
    a_lease(server, "192.168.1.14", ANNE)
    asker = remarks.Asker(server, CARL, None, make.admin(), timezone.now())
    found = remarks.about_addresses(asker, typed)
    assert found is not None
    assert found.tone == tone
    assert said in str(found.words)


def test_what_is_said_of_the_address_that_the_machine_itself_has() -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14", ANNE)
    for typed in (ANNE, "0016.3E00.0001"):
        asker = remarks.Asker(server, typed, None, make.admin(), timezone.now(), leaves_range=True)
        found = remarks.about_addresses(asker, "192.168.1.14")
        assert found is not None
        assert (found.tone, "leaves the range" in str(found.words)) == ("good", True)


def test_what_is_said_of_a_mac() -> None:
    server, now = the_seed(), timezone.now()
    web = a_reservation(server, "web", BERT, "192.168.1.100")
    a_lease(server, "192.168.1.14", ANNE, hostname="anne")

    def said(typed: str, own: int | None = None) -> str:
        found = remarks.about_mac(server, typed, own=own, now=now)
        return str(found.words) if found else ""

    assert said("0016.3e00.0002") == "web has this MAC already at this server."
    assert "anne" in said("00-16-3E-00-00-01")
    assert "No machine" in said(BERT, own=web.pk)
    assert "no MAC" in said("0016")
    assert said("") == ""
