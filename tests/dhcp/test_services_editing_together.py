"""Two people at once: the second is judged by what the first left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from dhcp.models import Reservation, Server
from dhcp.services import editing
from dhcp.services.editing import Refused
from hosts.services.audit import Actor
from tests import make
from tests.dhcp.sites import the_seed


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_address_one_gets_it() -> None:
    server, by = the_seed(), make.actor()
    start = Barrier(4)

    def wants(number: int) -> str:
        row = Reservation(
            server=Server.objects.get(pk=server.pk), name=f"web{number}", mac=f"02:00:00:00:00:{number:02x}"
        )
        start.wait(60)
        try:
            editing.save_reservation(row, by=Actor(by.user), addresses=["192.168.1.151"])
        except Refused as refused:
            return refused.field
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(4) as people:
        ends = sorted(people.map(wants, range(4)))
    assert ends == ["addresses", "addresses", "addresses", "saved"]
    assert Reservation.objects.count() == 1
    assert Server.objects.get().revision == 3
