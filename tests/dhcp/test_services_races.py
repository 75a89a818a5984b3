"""People and plans at once, on whatever database the tests have: each sees a whole state, and who comes late is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dhcp.models import Reservation, Server, Subnet
from dhcp.services import editing
from dhcp.services.pushing import plan_server, plan_site
from dhcp.services.reservations import set_enabled
from dhcp.services.taking_over import take_over
from hosts.errors import Explainable
from hosts.models import Change
from hosts.services.audit import Actor
from tests import make
from tests.dhcp.sites import a_reservation, a_server, a_subnet, the_seed
from tests.tickets.test_services_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CONF = "subnet 10.%s.0.0 netmask 255.255.255.0 { range 10.%s.0.10 10.%s.0.20; }\n"


@pytest.fixture
def by() -> Actor:
    return make.actor()


def told(verb: Callable[[], Any]) -> Callable[[], str]:
    """Its own answer, or what it was refused for."""

    def run() -> str:
        try:
            verb()
        except Explainable as error:
            return type(error).__name__
        return "done"

    return run


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_of_two_who_take_a_configuration_over_one_does(by: Actor) -> None:
    server = a_server()
    texts = [CONF % (n, n, n) for n in range(4)]
    ends = at_once(
        *[told(lambda text=text: take_over(fresh(server), text, by=by, read_include={}.get)) for text in texts]
    )
    assert sorted(ends) == ["WrongState", "WrongState", "WrongState", "done"]
    assert Subnet.objects.count() == 1


def test_a_plan_has_all_of_an_edit_or_nothing_of_it(by: Actor) -> None:
    """Each subnet comes and goes with a reservation in it: no plan has one without the other."""
    server = the_seed()
    subnets = [a_subnet(server, f"10.{n}.0.0/24") for n in range(3)]
    rows = [a_reservation(server, f"desk{n}", f"02:00:00:00:00:0{n}", f"10.{n}.0.5") for n in range(3)]

    def goes(n: int) -> None:
        editing.delete(fresh(rows[n]), by=by, confirmed=True)
        editing.delete(fresh(subnets[n]), by=by, confirmed=True)

    plans = [told(lambda: plan_server(fresh(server), by=by))] * 3
    ends = at_once(*plans, *[told(lambda n=n: goes(n)) for n in range(3)])
    assert ends == ["done"] * 6
    for change in Change.objects.all():
        text = b"".join(file.wanted_content.read() for file in change.files.all() if file.wanted_content).decode()
        for n in range(3):
            assert f"10.{n}.0.5" not in text or f"subnet 10.{n}.0.0" in text


def test_who_edits_what_another_deletes_is_told_and_nothing_comes_back(by: Actor) -> None:
    server = the_seed()
    row = a_reservation(server, "web", "02:00:00:00:00:01", "192.168.1.99")
    typed = fresh(row)
    typed.hostname = "web"
    ends = at_once(
        told(lambda: editing.save_reservation(typed, by=by, addresses=["192.168.1.98"])),
        told(lambda: editing.delete(fresh(row), by=by)),
    )
    assert "done" in ends
    assert set(ends) <= {"done", "WrongState"}
    assert Reservation.objects.count() == 0


def test_who_edits_a_server_that_is_gone_is_told(by: Actor) -> None:
    server = the_seed()
    subnet, held = server.subnets.get(network="192.168.0.0/24"), fresh(server)
    editing.delete(server, by=by)
    late = [
        lambda: editing.save_subnet(subnet, by=by),
        lambda: editing.save_server(held, by=by),
        lambda: editing.save_reservation(Reservation(server=held, name="web", mac="02:00:00:00:00:01"), by=by),
        lambda: plan_server(held, by=by),
        lambda: plan_site([held], [], by=by),
        lambda: take_over(held, CONF % (1, 1, 1), by=by, read_include={}.get),
    ]
    assert [told(verb)() for verb in late] == ["WrongState"] * 6
    assert Server.objects.count() == Reservation.objects.count() == Change.objects.count() == 0


def test_two_edits_of_two_rows_at_once_are_both_kept_and_counted(by: Actor) -> None:
    server = the_seed()
    rows = [a_reservation(server, f"desk{n}", f"02:00:00:00:00:0{n}") for n in range(4)]
    before = fresh(server).revision

    def edit(n: int) -> None:
        row = fresh(rows[n])
        row.hostname = f"host{n}"
        editing.save_reservation(row, by=by, addresses=[f"192.168.1.{100 + n}"])

    at_once(*[lambda n=n: edit(n) for n in range(4)])
    assert fresh(server).revision == before + 4
    assert sorted(Reservation.objects.values_list("hostname", flat=True)) == [f"host{n}" for n in range(4)]


def test_switching_many_on_while_one_is_deleted_does_all_or_nothing(by: Actor) -> None:
    server = the_seed()
    rows = [a_reservation(server, f"desk{n}", f"02:00:00:00:00:0{n}", is_enabled=False) for n in range(4)]
    ends = at_once(
        told(lambda: set_enabled([fresh(row) for row in rows[:3]], is_enabled=True, by=by)),
        told(lambda: editing.delete(fresh(rows[3]), by=by)),
    )
    assert ends == ["done", "done"]
    assert Reservation.objects.filter(is_enabled=True).count() == 3
