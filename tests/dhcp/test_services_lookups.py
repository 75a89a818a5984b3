"""What people search for is found, by whoever may see it, and a subnet is drawn as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dhcp.choices import Outcome
from dhcp.facts.address_key import address_key
from dhcp.facts.lease import Lease as Said
from dhcp.facts.subnet_map import Cell
from dhcp.models import Exchange, Holding, Lease, Pool, Range, Reservation, ReservedAddress, Server, SharedNetwork
from dhcp.services import lookups
from dhcp.services.diagnoses import diagnose
from dhcp.services.lookups import find_exchanges, find_holdings, find_leases, who_had
from dhcp.services.subnet_maps import cells
from hosts.facts.words import plain, words
from hosts.models import User
from tests import make
from tests.dhcp.lease_text import HOUR, NOON, a_server
from tests.dhcp.test_services_usage import a_subnet

pytestmark = pytest.mark.django_db
MAC = "00:16:3e:0a:0b:0c"


def lease(server: Server, ip: str, mac: str = MAC, **more: object) -> Lease:
    fields = {"starts_at": NOON, "ends_at": NOON + HOUR, "state": "active", **more}
    row = Lease.of(server.pk, Said(ip, mac=mac, **fields))  # type: ignore[arg-type]
    row.save()
    return row


def talk(server: Server, mac: str = MAC, *, at: float = 0, outcome: str = Outcome.BOUND, **more: object) -> Exchange:
    began = NOON + timedelta(seconds=at)
    ip = str(more.get("ip", ""))
    fields = {"started_at": began, "ended_at": began, "key": address_key(ip), **more}
    return Exchange.objects.create(server=server, mac=mac, outcome=outcome, **fields)


def admin() -> User:
    return make.admin()


def found(said: str, **more: object) -> list[str]:
    rows = find_leases(User.objects.filter(is_superuser=True).first() or admin(), said, **more).rows  # type: ignore[arg-type]
    return [row.address for row in rows.order_by("key", "pk")]


@pytest.mark.parametrize(
    ("said", "addresses"),
    [
        ("", ["9.0.0.1", "10.0.0.5", "10.0.0.6", "10.0.1.7", "2001:db8::5"]),
        ("10.0.0.5", ["10.0.0.5"]),
        ("10.0.0.0/24", ["10.0.0.5", "10.0.0.6"]),
        ("10.0.", ["10.0.0.5", "10.0.0.6", "10.0.1.7"]),
        ("2001:db8::/64", ["2001:db8::5"]),
        (MAC, ["10.0.0.5"]),
        ("00-16-3E-0A-0B-0C", ["10.0.0.5"]),
        ("0016.3e0a.0b0c", ["10.0.0.5"]),
        ("00163E0A0B0C", ["10.0.0.5"]),
        ("00:16:3e", ["10.0.0.5", "10.0.0.6"]),
        ("0b:0c", ["10.0.0.5"]),
        ("b:0c", ["10.0.0.5"]),
        ("3e:0a", ["10.0.0.5"]),
        ("3e0a0b", ["10.0.0.5"]),
        ("WEB", ["10.0.0.5", "10.0.1.7"]),
        ("web01", ["10.0.0.5"]),
        ("01:aa:bb:cc:dd:ee:ff", ["10.0.0.6"]),
        ("nowhere", []),
        ("100%", ["9.0.0.1"]),
        ("_", []),
    ],
)
def test_leases_are_found_by_whatever_one_knows_of_them(said: str, addresses: list[str]) -> None:
    server = a_server()
    lease(server, "10.0.0.5", hostname="web01")
    lease(server, "10.0.0.6", "00:16:3e:99:98:97", uid="1:aa:bb:cc:dd:ee:ff", hostname="mail")
    lease(server, "10.0.1.7", "02:00:00:00:00:09", hostname="Old-Web")
    lease(server, "9.0.0.1", "02:00:00:00:00:01", hostname="100%")
    lease(server, "2001:db8::5", "02:00:00:00:00:05")
    assert found(said) == addresses


def test_leases_are_found_within_a_server_a_subnet_a_state_and_a_vendor() -> None:
    one, two = a_server(), a_server()
    lease(one, "10.0.0.5", vendor_class="MSFT 5.0")
    lease(one, "10.0.1.5", state="free", vendor_class="PXEClient")
    lease(two, "10.0.0.6")
    assert found("", server_id=one.pk) == ["10.0.0.5", "10.0.1.5"]
    assert found("", subnet=a_subnet(one, "10.0.0.0/24")) == ["10.0.0.5"]
    assert found("", state="free") == ["10.0.1.5"]
    assert found("", vendor="MSFT") == ["10.0.0.5"]
    assert found("10.0.1.0/24", vendor="MSFT") == []
    assert found(MAC, server_id=two.pk, state="active") == ["10.0.0.6"]


def test_people_find_what_belongs_to_their_organizations_only() -> None:
    mine = make.organization()
    server, other = a_server(host=make.host(organization=mine)), a_server()
    for each in (server, other):
        lease(each, "10.0.0.5", hostname="web01")
        talk(each, ip="10.0.0.5", hostname="web01")
        Holding.objects.create(server=each, address="10.0.0.5", mac=MAC, began_at=NOON)
    person = make.user(organizations=[mine])
    for said in ("10.0.0.5", MAC, "0b:0c", "web"):
        assert [row.server for row in find_leases(person, said).rows] == [server]
        assert [row.server for row in find_exchanges(person, said).rows] == [server]
        assert [row.server for row in find_holdings(person, said).rows] == [server]
    assert [had.holding.server for had in who_had("10.0.0.5", NOON, person)] == [server]
    assert {row.server for row in diagnose("web01", person, now=NOON).leases} == {server}


def test_more_than_is_shown_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST", 3)
    server = a_server()
    for n in range(5):
        lease(server, f"10.0.0.{n}", f"02:00:00:00:00:0{n}", hostname=f"web{n}")
    cut = find_leases(admin(), "web")
    assert (cut.is_cut, cut.rows.count()) == (True, 3)
    assert not find_leases(admin(), "web3").is_cut


def test_who_had_an_address_at_a_time() -> None:
    server = a_server()
    times = [(0, 1, False), (2, 3, False), (5, None, True)]
    for number, (began, ended, is_open) in enumerate(times):
        Holding.objects.create(
            server=server,
            address="10.0.0.5",
            mac=f"02:00:00:00:00:0{number}",
            began_at=NOON + HOUR * began,
            ended_at=None if ended is None else NOON + HOUR * ended,
            until_at=NOON + HOUR * (began + 1),
            is_open=is_open,
        )

    def at(hours: float) -> list[tuple[str, bool]]:
        return [(had.holding.mac[-1], had.is_certain) for had in who_had("10.0.0.5", NOON + HOUR * hours, admin())]

    assert [at(hours) for hours in (-1, 0, 0.5, 1, 2.5, 4)] == [[], [("0", True)], [("0", True)], [], [("1", True)], []]
    assert [at(hours) for hours in (5.5, 7)] == [[("2", True)], [("2", False)]]
    assert who_had("no address", NOON, admin()) == []


def test_conversations_are_found_and_narrowed() -> None:
    server = a_server()
    good = talk(server, ip="10.0.0.5", hostname="web01")
    bad = talk(server, "02:00:00:00:00:01", at=60, outcome=Outcome.REFUSED)
    user = admin()

    def found(said: str = "", **more: object) -> list[Exchange]:
        return list(find_exchanges(user, said, **more).rows.order_by("-started_at"))  # type: ignore[arg-type]

    assert found() == [bad, good]
    assert found("10.0.0.0/8") == found("web") == found("0b0c") == found(MAC.upper()) == [good]
    assert found(outcome=Outcome.REFUSED) == [bad]
    assert found(since=NOON + timedelta(seconds=1)) == [bad]
    assert found(until=NOON) == [good]
    assert found(server_id=server.pk + 1) == []


def test_a_small_subnet_is_drawn_address_by_address() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.0.0.0/28", ("10.0.0.4", "10.0.0.9"))
    lease(server, "10.0.0.4", hostname="web01")
    lease(server, "10.0.0.5", ends_at=NOON - HOUR)
    lease(server, "10.0.0.6", state="abandoned")
    lease(server, "10.0.0.7", state="free")
    lease(server, "10.0.0.14", ends_at=None, never_ends=True)
    lease(a_server(), "10.0.0.8")
    named = Reservation.objects.create(server=server, name="printer")
    for address in ("10.0.0.2", "10.0.0.4"):
        ReservedAddress.objects.create(reservation=named, address=address)
    drawn = cells(subnet, now=NOON)
    kinds = {cell.address: cell.kind for cell in drawn.cells if cell.kind != "outside"}
    assert kinds == {
        "10.0.0.2": "reserved",
        "10.0.0.4": "leased",
        "10.0.0.5": "free",
        "10.0.0.6": "abandoned",
        "10.0.0.7": "free",
        "10.0.0.8": "free",
        "10.0.0.9": "free",
        "10.0.0.14": "leased",
    }
    assert len(drawn.cells) == 16
    assert drawn.cells[4] == Cell("10.0.0.4", "leased", True, MAC, "web01", NOON + HOUR, reserved_for="printer")
    assert (drawn.first, drawn.last, drawn.blocks) == ("10.0.0.0", "10.0.0.15", ())


def test_a_large_subnet_is_drawn_by_blocks_and_at_once(django_assert_max_num_queries) -> None:
    server = a_server()
    wire = SharedNetwork.objects.create(server=server, name="wire")
    subnet = a_subnet(server, "10.1.0.0/16", ("10.1.1.0", "10.1.2.9"), ("10.1.2.5", "10.1.2.19"), shared=wire)
    pool = Pool.objects.create(server=server, shared_network=wire)
    Range.objects.create(pool=pool, first="10.1.3.0", last="10.1.3.0")
    for address in ("10.1.1.1", "10.1.1.2", "10.1.2.1"):
        lease(server, address)
    lease(server, "10.1.2.2", state="abandoned")
    lease(server, "10.1.2.3", state="free")
    with django_assert_max_num_queries(3):
        drawn = cells(subnet, now=NOON)
    assert len(drawn.blocks) == 256
    assert (drawn.blocks[1].first, drawn.blocks[1].last) == ("10.1.1.0", "10.1.1.255")
    told = [(b.in_pools, b.leased, b.abandoned) for b in drawn.blocks[:5]]
    assert told == [(0, 0, 0), (256, 2, 0), (20, 1, 1), (1, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize(
    ("network", "pool", "first", "last", "cells_", "blocks"),
    [
        ("10.0.0.0/20", None, "10.0.0.0", "10.0.15.255", 4096, 0),
        ("10.0.0.0/19", None, "10.0.0.0", "10.0.31.255", 0, 32),
        ("10.0.0.0/8", None, "10.0.0.0", "10.255.255.255", 0, 4096),
        ("10.0.0.0/31", None, "10.0.0.0", "10.0.0.1", 2, 0),
        ("2001:db8::/64", None, "", "", 0, 0),
        ("2001:db8::/64", ("2001:db8::10", "2001:db8::1f"), "2001:db8::10", "2001:db8::1f", 16, 0),
        ("2001:db8::/64", ("2001:db8::100", "2001:db8::ffff"), "2001:db8::100", "2001:db8::ffff", 0, 255),
    ],
    ids=["a /20", "a /19", "a /8", "a /31", "IPv6 without pools", "a small pool", "a large pool"],
)
def test_every_size_of_network_can_be_drawn(
    network: str, pool: tuple[str, str] | None, first: str, last: str, cells_: int, blocks: int
) -> None:
    server = a_server(version=6 if ":" in network else 4)
    drawn = cells(a_subnet(server, network, *([pool] if pool else [])), now=NOON)
    assert (drawn.first, drawn.last, len(drawn.cells), len(drawn.blocks)) == (first, last, cells_, blocks)


def test_why_a_machine_gets_no_address_is_one_answer() -> None:
    server = a_server()
    Reservation.objects.create(server=server, name="web01", mac=MAC, is_enabled=False)
    talk(server, at=0, ip="10.0.0.5", reason=words("The client has %(ip)s.", ip="10.0.0.5"))
    talk(server, at=60, outcome=Outcome.REFUSED, reason=words("The pools of this network have no free lease."))
    answer = diagnose("web01", admin(), now=NOON)
    assert [str(each) for each in answer.answers] == [
        "Its last attempt failed: The pools of this network have no free lease.",
        "Its reservation web01 is switched off.",
    ]
    assert [row.outcome for row in answer.exchanges] == [Outcome.REFUSED, Outcome.BOUND]
    assert [row.name for row in answer.reservations] == ["web01"]


def test_a_machine_that_has_an_address_and_one_that_nobody_heard_of() -> None:
    server = a_server()
    lease(server, "10.0.0.5", hostname="web01")
    talk(server, ip="10.0.0.5")
    user = admin()
    assert str(diagnose("web01", user, now=NOON).answers[0]) == "It has 10.0.0.5."
    assert str(diagnose("0b:0c", user, now=NOON + 2 * HOUR).answers[0]).startswith("It was given an address")
    Server.objects.update(log_why=plain("No journal."))
    nobody = [str(each) for each in diagnose("02:09:09:09:09:09", user, now=NOON).answers]
    assert nobody[0].startswith("No log of your 1 DHCP servers")
    assert nobody[1].endswith("No journal.")
    assert str(diagnose("", make.user(), now=NOON).answers[0]).startswith("There is no DHCP server")
