"""A reading that takes over what the one before found says the same as one that reads everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.models import Group, Reservation, Server, server_facts
from dhcp.models.reading import facts_and_known
from tests.dhcp.sites import a_reservation, the_seed

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Server:
    """The seed's networks with reservations at the server and in a group."""
    server = the_seed()
    group = Group.objects.create(server=server, name="shop")
    for number in range(1, 6):
        a_reservation(server, f"web{number}", f"02:00:00:00:00:0{number}", f"192.168.1.15{number}")
    Reservation.objects.filter(name__in=["web1", "web2"]).update(group=group)
    return Server.objects.get(pk=server.pk)


def made(server: Server) -> int:
    a_reservation(server, "web9", "02:00:00:00:00:09", "192.168.1.159")
    return Reservation.objects.get(name="web9").pk


def changed(server: Server) -> int:
    row = Reservation.objects.get(server=server, name="web3")
    Reservation.objects.filter(pk=row.pk).update(
        hostname="shop3", options=[{"name": "routers", "values": ["192.168.1.1"]}]
    )
    row.addresses.update(address="192.168.1.163")
    return row.pk


def moved(server: Server) -> int:
    row = Reservation.objects.get(server=server, name="web4")
    Reservation.objects.filter(pk=row.pk).update(group=Group.objects.get(server=server))
    return row.pk


def deleted(server: Server) -> int:
    row = Reservation.objects.get(server=server, name="web5")
    pk = row.pk
    row.delete()
    return pk


def its_group_deleted(server: Server) -> int:
    Group.objects.get(server=server).delete()
    return 0


@pytest.mark.parametrize("edit", [made, changed, moved, deleted, its_group_deleted])
def test_a_second_reading_finds_what_a_whole_one_finds(server: Server, edit: Callable[[Server], int]) -> None:
    before, known = facts_and_known(server)
    assert before == server_facts(server, keys=False)
    written = edit(server)
    now = Server.objects.get(pk=server.pk)
    after, _ = facts_and_known(now, known.but(written))
    assert after == server_facts(now, keys=False)
    assert after != before


def test_a_second_reading_fetches_no_reservation_that_is_known(server: Server) -> None:
    _, known = facts_and_known(server)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        facts_and_known(server, known)
    assert not [each for each in asked.captured_queries if "dhcp_reservedaddress" in each["sql"]]
