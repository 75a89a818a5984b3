"""Whose rows are whose, and the keys by which addresses are found."""

from __future__ import annotations

import pytest

from dhcp.models import Range, Relay, Reservation, ReservedAddress, Server, Subnet
from tests import make
from tests.dhcp.sites import a_reservation, the_seed

pytestmark = pytest.mark.django_db


def test_people_see_what_is_on_hosts_of_their_organizations() -> None:
    acme, other = make.organization("Acme"), make.organization("Other")
    server = the_seed(host=make.host(organization=acme))
    Relay.objects.create(host=make.host(organization=acme), servers=["192.168.0.1"])
    the_seed()
    mine, stranger = make.operator(organizations=[acme]), make.operator(organizations=[other])
    assert list(Server.objects.visible_to(mine)) == [server]
    assert Subnet.objects.visible_to(mine).count() == 2
    assert Relay.objects.visible_to(mine).count() == 1
    for kind in (Server, Subnet, Relay):
        assert not kind.objects.visible_to(stranger).exists()
        assert kind.objects.visible_to(make.operator()).count() == kind.objects.count()


def test_a_reservation_is_also_its_own_organizations() -> None:
    acme = make.organization("Acme")
    row = a_reservation(the_seed(), "web01", "02:00:00:00:00:01", "192.168.1.151", organization=acme)
    assert list(Reservation.objects.visible_to(make.operator(organizations=[acme]))) == [row]
    assert not Reservation.objects.visible_to(make.operator(organizations=[make.organization()])).exists()


def test_rows_of_addresses_have_the_keys_by_which_they_are_found() -> None:
    server = the_seed()
    a_reservation(server, "web01", "02:00:00:00:00:01", "192.168.1.151")
    subnet, limits = server.subnets.get(network="192.168.1.0/24"), Range.objects.get(first="192.168.1.10")
    keys = [subnet.first_key, limits.first_key, limits.last_key, ReservedAddress.objects.get().key, subnet.last_key]
    assert keys == ["4c0a80100", "4c0a8010a", "4c0a80114", "4c0a80197", "4c0a801ff"]
