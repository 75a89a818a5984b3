"""A reservation is judged by what it touches: always with the verdict that judging the whole server has."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.choices import ServerKind
from dhcp.facts.check import Check
from dhcp.models import Group, Problem, Reservation, ReservedAddress, Server, server_facts
from dhcp.rules.refusals import added, refused
from dhcp.services import checks, editing
from dhcp.services.editing.touched import written_plainly
from hosts.errors import BadInput
from tests import make
from tests.dhcp.sites import a_reservation, a_server, a_subnet, the_seed

pytestmark = pytest.mark.django_db
MACS = ["", *(f"02:00:00:00:00:0{n}" for n in range(6))]
IDS = ["", "", "", "01:02:03", '"desk"']
NAMES = ["web", "db", "mail", "desk", "phone"]
ADDRESSES = [*(f"192.168.1.{n}" for n in (9, 15, 30, 31, 32)), "192.168.0.99", "172.16.0.1", "web.example.org"]
EDITS = 12


def a_site(chance: random.Random, kind: str) -> Server:
    """With reservations that nobody judged: some of them wrong."""
    server = the_seed(kind=kind)
    group = Group.objects.create(server=server, name="desks", max_lease_seconds=chance.choice([None, 600]))
    for _ in range(chance.randrange(8)):
        row = Reservation.objects.create(
            server=server,
            name=chance.choice(NAMES),
            mac=chance.choice([*MACS, "02:00:00:00:00:0A", "02:00:00:00:00:0a"]),
            client_id=chance.choice(IDS),
            group=chance.choice([None, group]),
            is_enabled=chance.random() < 0.8,
            default_lease_seconds=chance.choice([None, None, 900]),
        )
        for address in chance.sample(ADDRESSES, chance.randrange(3)):
            ReservedAddress(reservation=row, address=address).save()
    checks.look_over(server)
    return server


def an_edit(chance: random.Random, server: Server) -> Callable[[], Any]:
    """Something that a person may do."""
    rows = list(server.reservations.order_by("pk"))
    by = make.actor()
    if rows and chance.random() < 0.2:
        gone = chance.choice(rows)
        return lambda: editing.delete(gone, by=by, confirmed=True)
    row = chance.choice(rows) if rows and chance.random() < 0.6 else Reservation(server=server, name="")
    row.name = chance.choice([row.name or "new", *NAMES, "no name"])
    row.mac, row.client_id = chance.choice([row.mac, *MACS]), chance.choice([row.client_id, *IDS])
    row.is_enabled = chance.random() < 0.8
    row.default_lease_seconds = chance.choice([None, None, 300, 900])
    row.group = chance.choice([None, Group.objects.get(server=server)])
    addresses = chance.choice([None, [], chance.sample(ADDRESSES, 1), chance.sample(ADDRESSES, 2)])
    return lambda: editing.save_reservation(row, by=by, addresses=addresses, confirmed=True)


def found(server: Server) -> list[Check]:
    fresh = Server.objects.select_related("host").get(pk=server.pk)
    return checks.checks_of(fresh, server_facts(fresh, keys=False))


def kept(server: Server) -> set[tuple[str, str, str, str]]:
    rows = Problem.objects.filter(server=server, source=checks.PREFLIGHT)
    return set(rows.values_list("rule", "subject", "place_name", "mend_value"))


def keys(found: list[Check]) -> set[tuple[str, str, str, str]]:
    return {(e.finding.id, e.finding.subject, e.place.name, e.mend.value if e.mend else "") for e in found}


@pytest.mark.parametrize("kind", ServerKind.values)
@pytest.mark.parametrize("seed", range(12))
def test_what_is_saved_and_what_is_kept_as_findings_is_what_the_whole_server_shows(seed: int, kind: str) -> None:
    chance = random.Random(seed)
    server = a_site(chance, kind)
    for _ in range(EDITS):
        before, facts, count = found(server), server_facts(server), server.reservations.count()
        try:
            an_edit(chance, server)()
        except BadInput:
            assert server_facts(server) == facts
            continue
        after = found(server)
        is_deleted = server.reservations.count() < count  # which may be confirmed, whatever it brings in
        assert is_deleted or refused(added(before, after)) == []
        assert kept(server) == keys(after)


def test_one_that_is_right_is_judged_without_the_others() -> None:
    server = the_seed()
    for n in range(40):
        a_reservation(server, f"desk{n}", f"02:00:00:00:01:{n:02x}", f"192.168.1.{100 + n}")
    row = a_reservation(server, "web", MACS[1], "192.168.1.99")
    with CaptureQueriesContext(connection) as seen:
        editing.save_reservation(row, by=make.actor(), addresses=["192.168.1.98"])
    whole = [q["sql"] for q in seen if 'FROM "dhcp_reservation"' in q["sql"] and " WHERE " in q["sql"]]
    assert whole
    assert all('"id"' in sql.partition(" WHERE ")[2] or '"name" = ' in sql for sql in whole)


@pytest.mark.parametrize(
    ("change", "is_plain"),
    [
        ({"hostname": "web"}, True),
        ({"mac": MACS[3]}, True),
        ({"mac": MACS[2]}, False),
        ({"name": "other"}, False),
        ({"name": "two words"}, False),
        ({"default_lease_seconds": 900, "max_lease_seconds": 600}, False),
    ],
    ids=["a host name", "a MAC", "somebody's MAC", "somebody's name", "what no file can hold", "times that differ"],
)
def test_whether_a_glance_is_enough(change: dict[str, Any], is_plain: bool) -> None:
    server = the_seed()
    a_reservation(server, "other", MACS[2])
    row = a_reservation(server, "web", MACS[1], "192.168.1.99")
    for name, value in change.items():
        setattr(row, name, value)
    assert written_plainly(server, row, row.save) is is_plain
    row.refresh_from_db()
    assert all((getattr(row, name) == value) is is_plain for name, value in change.items())


def test_where_a_free_address_is_offered_the_offer_follows_what_is_taken() -> None:
    server = a_server()
    a_subnet(server, "192.168.1.0/24", ("192.168.1.10", "192.168.1.20"))
    wrong = Reservation.objects.create(server=server, name="wrong", mac=MACS[1])
    ReservedAddress(reservation=wrong, address="192.168.1.15").save()
    checks.look_over(server)
    assert Problem.objects.get(rule="dhcp.address.in-range").mend_value == "192.168.1.1"
    a_reservation(server, "web", MACS[2], "192.168.1.1")
    assert Problem.objects.get(rule="dhcp.address.in-range").mend_value == "192.168.1.2"
