"""How full networks are: counted in the database, sampled, foreseen, and told by one ticket."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

import pytest
from django.conf import settings

from dhcp.facts.fullness import Counts, Forecast
from dhcp.models import (
    Alarm,
    Lease,
    Pool,
    Range,
    Reservation,
    ReservedAddress,
    Server,
    SharedNetwork,
    Subnet,
    UsageSample,
)
from dhcp.services import usage
from dhcp.services.alarms import ticket_of
from dhcp.services.counting import count
from tests import make
from tests.dhcp.lease_text import HOUR, NOON, a_server, read, record
from tickets.models import Entry, Ticket

pytestmark = pytest.mark.django_db


def a_subnet(server: Server, network: str, *ranges: tuple[str, str], shared: SharedNetwork | None = None) -> Subnet:
    subnet = Subnet.objects.create(server=server, network=network, shared_network=shared)
    pool = Pool.objects.create(server=server, subnet=subnet, is_plain=True)
    for first, last in ranges:
        Range.objects.create(pool=pool, first=first, last=last)
    return subnet


def leased(server: Server, *addresses: str, state: str = "active", ends: object = NOON + HOUR) -> None:
    read_at = {"leases_read_at": NOON}
    Server.objects.filter(pk=server.pk).update(**read_at)
    for each in addresses:
        row = Lease(server=server, address=each, state=state, ends_at=ends, mac="02:00:00:00:00:01")
        row.key = f"4{int(ip_address(each)):08x}"
        row.save()


def quarters(*hours: float) -> Iterator[object]:
    for each in hours:
        yield NOON + HOUR * each


def test_leases_are_counted_by_state_and_by_time_side_by_side() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.19"), ("10.0.0.40", "10.0.0.40"))
    leased(server, "10.0.0.10", "10.0.0.11", "10.0.0.40")
    leased(server, "10.0.0.12", ends=NOON - HOUR)
    leased(server, "10.0.0.13", ends=None)
    leased(server, "10.0.0.14", "10.0.0.15", state="free")
    leased(server, "10.0.0.16", state="backup")
    leased(server, "10.0.0.17", state="abandoned")
    leased(server, "10.0.0.30", "10.0.1.10")
    leased(a_server(), "10.0.0.18")
    reservation = Reservation.objects.create(server=server, name="web")
    ReservedAddress.objects.create(reservation=reservation, address="10.0.0.19")
    ReservedAddress.objects.create(reservation=reservation, address="10.0.0.99")
    off = Reservation.objects.create(server=server, name="off", is_enabled=False)
    ReservedAddress.objects.create(reservation=off, address="10.0.0.18")
    counted = count(server, now=NOON)
    assert counted.subnets == {subnet.pk: Counts(11, active=5, held=4, touched=2, backup=1, abandoned=1, reserved=1)}
    assert list(counted.pools.values()) == list(counted.subnets.values())
    assert counted.shared_networks == {}


def test_a_shared_network_is_its_subnets_and_its_own_pools() -> None:
    server = a_server()
    wire = SharedNetwork.objects.create(server=server, name="wire")
    one = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.19"), shared=wire)
    two = a_subnet(server, "10.0.1.0/24", ("10.0.1.29", "10.0.1.10"), shared=wire)
    pool = Pool.objects.create(server=server, shared_network=wire)
    Range.objects.create(pool=pool, first="10.0.1.100", last="10.0.1.109")
    leased(server, "10.0.0.10", "10.0.1.20", "10.0.1.100")
    found = count(server, now=NOON)
    assert found.subnets == {one.pk: Counts(10, 1, 1), two.pk: Counts(30, 2, 2)}
    assert found.shared_networks == {wire.pk: Counts(40, 3, 3)}
    assert found.pools[pool.pk] == Counts(10, 1, 1)


def test_addresses_and_prefixes_of_ipv6_are_counted_apart_and_no_number_is_too_large() -> None:
    server = a_server(version=6)
    subnet = a_subnet(server, "2001:db8::/32", ("2001:db8::", "2001:db8:0:0:ffff:ffff:ffff:ffff"))
    delegated = Pool.objects.create(server=server, subnet=subnet)
    Range.objects.create(pool=delegated, first="2001:db8:0:0::", last="2001:db8:0:ff00::", prefix_length=56)
    for address in ("2001:db8::5", "2001:db8::/56"):
        key = f"6{int(ip_address(address.partition('/')[0])):032x}"
        Lease.objects.create(server=server, address=address, key=key, state="active")
    found = count(server, now=NOON)
    assert found.pools[delegated.pk] == Counts(256, 1, 1)
    assert found.subnets[subnet.pk].defined == 2**63 - 1
    assert found.subnets[subnet.pk].active == 2
    assert usage.take_sample(server.pk, now=NOON)


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_a_reading_by_hand(seed: int) -> None:
    chance, server = random.Random(seed), a_server()
    states = ["active", "free", "backup", "abandoned", "expired", ""]
    subnet = a_subnet(server, "10.0.0.0/24", ("10.0.0.20", "10.0.0.90"), ("10.0.0.120", "10.0.0.121"))
    told = {}
    for last in chance.sample(range(256), 150):
        state, ends = chance.choice(states), NOON + HOUR * chance.choice([-1, 1])
        leased(server, f"10.0.0.{last}", state=state, ends=ends)
        if 20 <= last <= 90 or 120 <= last <= 121:
            told[last] = state, ends
    found = count(server, now=NOON).subnets[subnet.pk]
    assert found.active == sum(state in ("active", "") for state, _ in told.values())
    assert found.held == sum(state in ("active", "") and ends > NOON for state, ends in told.values())
    assert found.touched == sum(state in ("free", "expired") for state, _ in told.values())
    assert (found.defined, found.backup) == (73, sum(state == "backup" for state, _ in told.values()))


def test_the_number_of_queries_does_not_grow_with_the_networks(django_assert_max_num_queries) -> None:
    server = a_server()
    for n in range(20):
        a_subnet(server, f"10.0.{n}.0/24", (f"10.0.{n}.10", f"10.0.{n}.99"))
    with django_assert_max_num_queries(6):
        assert len(count(server, now=NOON).subnets) == 20


def test_a_sample_is_taken_once_in_a_quarter_of_an_hour_and_only_where_leases_were_read_since() -> None:
    server = a_server()
    a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.19"))
    assert usage.due_servers(NOON) == []
    leased(server, "10.0.0.10")
    assert usage.due_servers(NOON) == [server.pk]
    assert usage.take_sample(server.pk, now=NOON + timedelta(minutes=2))
    assert not usage.take_sample(server.pk, now=NOON + timedelta(minutes=3))
    assert usage.due_servers(NOON + timedelta(minutes=20)) == []
    read(server, record("10.0.0.11", "02:00:00:00:00:02"), now=NOON + timedelta(minutes=16))
    assert usage.due_servers(NOON + timedelta(minutes=14)) == []
    assert usage.due_servers(NOON + timedelta(minutes=20)) == [server.pk]
    sample = UsageSample.objects.get(subnet__isnull=False)
    assert (sample.at, sample.active, sample.defined) == (NOON, 1, 10)
    assert UsageSample.objects.filter(pool__isnull=False).count() == 1
    assert usage.latest_usage(server).subnets == {sample.subnet_id: Counts(10, 1, 1)}


def test_a_network_that_is_full_opens_one_ticket_until_it_is_calm_again() -> None:
    server = a_server()
    Server.objects.filter(pk=server.pk).update(alarm_percent=90)
    subnet = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.49"))
    leased(server, *(f"10.0.0.{n}" for n in range(10, 46)))
    moments = quarters(0, 1, 2, 3, 4, 5)

    def sample() -> None:
        assert usage.take_sample(server.pk, now=next(moments))

    sample()
    ticket = Ticket.objects.get()
    assert "10.0.0.0/24" in ticket.subject
    assert "90 %" in ticket.subject
    assert list(ticket.hosts.all()) == [server.host]
    assert f"{settings.PANEL_URL}{subnet.get_absolute_url()}" in ticket.entries.get().text
    assert ticket_of(subnet, make.admin()) == ticket
    assert ticket_of(subnet, make.user()) is None
    alarm = Alarm.objects.get()
    assert (alarm.subnet, alarm.ticket_id, alarm.ticket_number, alarm.cleared_at) == (
        subnet,
        ticket.pk,
        ticket.number,
        None,
    )
    sample()
    Lease.objects.filter(address="10.0.0.27").delete()
    sample()
    assert Alarm.objects.get().cleared_at is None
    Lease.objects.filter(address__in=["10.0.0.26", "10.0.0.25"]).delete()
    sample()
    assert Alarm.objects.get().cleared_at is not None
    assert ticket_of(subnet, make.admin()) is None
    assert Ticket.objects.count() == 1
    assert "82.5 %" in Entry.objects.filter(ticket=ticket).latest("pk").text
    leased(server, *(f"10.0.0.{n}" for n in (25, 26, 27)))
    sample()
    assert Alarm.objects.count() == 2
    assert Ticket.objects.count() == 1  # it is still open, and of the same cause


def test_a_subnet_in_a_shared_network_rings_only_where_it_has_a_threshold_of_its_own() -> None:
    server = a_server()
    wire = SharedNetwork.objects.create(server=server, name="wire", alarm_percent=60)
    full = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.10"), shared=wire)
    a_subnet(server, "10.0.1.0/24", ("10.0.1.10", "10.0.1.10"), shared=wire)
    leased(server, "10.0.0.10")
    usage.take_sample(server.pk, now=NOON)
    assert not Alarm.objects.exists()
    Subnet.objects.filter(pk=full.pk).update(alarm_percent=100)
    usage.take_sample(server.pk, now=NOON + HOUR)
    assert Alarm.objects.get().subnet == full
    assert usage.thresholds_of(Subnet.objects.get(pk=full.pk)).warn == 80
    leased(server, "10.0.1.10")
    usage.take_sample(server.pk, now=NOON + 2 * HOUR)
    assert Alarm.objects.filter(shared_network=wire).count() == 1


def test_no_ticket_is_opened_where_nobody_wants_one() -> None:
    server = a_server(alarm_percent=0)
    a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.10"))
    leased(server, "10.0.0.10")
    assert usage.take_sample(server.pk, now=NOON)
    assert not Ticket.objects.exists()


def test_old_samples_are_thinned_to_one_an_hour_and_one_a_day() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.19"))
    for days in (0, 5, 33, 40, 800):
        for quarter in range(12):
            at = NOON - timedelta(days=days) + timedelta(minutes=15 * quarter)
            UsageSample.objects.create(server=server, subnet=subnet, at=at, defined=10, active=quarter)
            UsageSample.objects.create(server=server, pool=subnet.pools.get(), at=at, defined=10, active=quarter)
    usage.thin_samples(NOON + timedelta(hours=4))
    left = {}
    for row in usage.history(subnet, since=NOON - timedelta(days=900), until=NOON + HOUR * 9):
        left.setdefault((NOON + timedelta(hours=3) - row.at).days, []).append(row.active)
    assert left == {0: list(range(12)), 5: [0, 4, 8], 33: [0]} | {40: left[40]}
    assert usage.thin_samples(NOON + timedelta(hours=4)) == 0
    assert UsageSample.objects.filter(subnet=None).count() == UsageSample.objects.filter(pool=None).count()


def test_a_forecast_is_made_for_each_network_that_grows() -> None:
    server = a_server()
    subnet = a_subnet(server, "10.0.0.0/24", ("10.0.0.10", "10.0.0.19"))
    calm = a_subnet(server, "10.1.0.0/24", ("10.1.0.10", "10.1.0.19"))
    for day in range(14):
        at = NOON - timedelta(days=13 - day)
        UsageSample.objects.create(server=server, subnet=subnet, at=at, defined=1000, active=100 + 10 * day)
        UsageSample.objects.create(server=server, subnet=subnet, at=at - HOUR, defined=1000, active=5)
        UsageSample.objects.create(server=server, subnet=calm, at=at, defined=1000, active=100)
    assert usage.forecasts(server, now=NOON) == ({subnet.pk: Forecast(77, 70.0)}, {})
    line = usage.fullness_of(subnet, Counts(10, 9), None)
    assert (line.tone, line.counts.percent) == ("warn", 90.0)
