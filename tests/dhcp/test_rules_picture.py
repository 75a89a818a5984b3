"""Relays, routes, failover halves and shrinking pools: what no single configuration can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import islice

import pytest

from dhcp.facts.check import Picture, ServerOnHost
from dhcp.facts.lease import Lease
from dhcp.facts.server import (
    FailoverPeer,
    LeaseTimes,
    OptionValue,
    Pool,
    Range,
    Relay,
    Reservation,
    Server,
    Settings,
    Subnet,
)
from dhcp.rules.free_address import free_addresses
from dhcp.rules.picture import picture
from dhcp.rules.shrinking import losing, shrinking

A, B = Subnet("192.168.0.0/24"), Subnet("192.168.1.0/24", ranges=(Range("192.168.1.10", "192.168.1.20"),))
GATE = ServerOnHost("gate", Server(subnets=(A, B)), ("192.168.0.1/24",), ("192.168.1.0/24",))
RELAY = Relay("relay", ("192.168.0.1",), ("eth0", "eth1"), giaddr=("192.168.1.254/24",), uplinks=("192.168.0.254/24",))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def told(*servers: ServerOnHost, relays: tuple[Relay, ...] = (RELAY,)):
    return [(each.finding.id, each.mend and each.mend.value) for each in picture(Picture(servers, relays))]


def test_the_seeds_two_networks_have_no_findings():
    assert told(GATE) == []


def test_a_relays_network_that_the_server_does_not_know_is_declared_by_the_mend():
    lacking = replace(GATE, server=Server(subnets=(A,)))
    assert told(lacking) == [("dhcp.relay.no-subnet", "192.168.1.0/24")]


def test_a_server_without_a_route_back_gets_one_by_the_relay():
    assert told(replace(GATE, routes=())) == [("dhcp.server.no-route", "192.168.1.0/24 via 192.168.0.254")]


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(replace(GATE, routes=("0.0.0.0/0",)), id="a default route"),
        pytest.param(replace(GATE, routes=(), addresses=("192.168.0.1/24", "192.168.1.1/24")), id="on both networks"),
    ],
)
def test_any_way_back_is_enough(server):
    assert told(server) == []


def test_a_relay_that_names_no_server_we_know_is_told():
    assert told(GATE, relays=(replace(RELAY, servers=("192.168.0.9", "gate")),)) == [("dhcp.relay.no-server", None)]


POOL = Pool((Range("192.0.2.10", "192.0.2.20"),), failover="fo")
FIRST = FailoverPeer("fo", primary=True, address="192.0.2.1", peer_address="192.0.2.2", mclt_seconds=60, split=128)
SECOND = FailoverPeer("fo", primary=False, address="192.0.2.2", peer_address="192.0.2.1")


def half(host: str, peer: FailoverPeer, pool: Pool = POOL) -> ServerOnHost:
    return ServerOnHost(host, Server(failover=(peer,), subnets=(Subnet("192.0.2.0/24", pools=(pool,)),)))


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        pytest.param(half("a", FIRST), half("b", SECOND), [], id="a good pair"),
        pytest.param(half("a", FIRST), None, [("dhcp.failover.alone", None)], id="one half"),
        pytest.param(
            half("a", FIRST),
            half("b", replace(SECOND, primary=True, mclt_seconds=60, split=128)),
            [("dhcp.failover.roles", None)],
            id="two primaries",
        ),
        pytest.param(
            half("a", replace(FIRST, peer_address="192.0.2.9")),
            half("b", SECOND),
            [("dhcp.failover.addresses", "192.0.2.2")],
            id="a wrong peer address",
        ),
        pytest.param(
            half("a", FIRST),
            half("b", replace(SECOND, port=847)),
            [("dhcp.failover.addresses", "847")],
            id="a port that the other does not know",
        ),
        pytest.param(
            half("a", replace(FIRST, mclt_seconds=None)),
            half("b", SECOND),
            [("dhcp.failover.primary-only", None)],
            id="a primary without mclt",
        ),
        pytest.param(
            half("a", FIRST),
            half("b", SECOND, replace(POOL, ranges=(Range("192.0.2.10", "192.0.2.30"),))),
            [("dhcp.failover.pools", None)],
            id="other ranges",
        ),
        pytest.param(
            half("a", FIRST),
            half("b", SECOND, replace(POOL, settings=Settings(LeaseTimes(60)))),
            [("dhcp.failover.times", None)],
            id="other lease times",
        ),
    ],
)
def test_halves_of_a_failover_pair_are_compared(one, other, found):
    assert told(*(each for each in (one, other) if each), relays=()) == found


def lease(number: int, state: str = "active", ends_in: int | None = 60, mac: str = "02:00:00:00:00:01") -> Lease:
    end = None if ends_in is None else NOW + timedelta(seconds=ends_in)
    return Lease(f"192.168.1.{number}", state=state, ends_at=end, never_ends=ends_in is None, mac=mac)


def test_a_pool_that_shrinks_lists_the_live_leases_it_would_lose():
    after = Server(subnets=(A, replace(B, ranges=(Range("192.168.1.10", "192.168.1.14"),))))
    leases = [
        lease(18),
        lease(16, ends_in=None),
        lease(12),
        lease(15, state="free"),
        lease(17, ends_in=-60),
        lease(200),
    ]
    assert [each.ip for each in losing(GATE.server, after, leases, NOW)] == ["192.168.1.16", "192.168.1.18"]
    (found,) = shrinking(GATE.server, after, leases, NOW)
    assert (found.finding.id, found.place.name) == ("dhcp.pool.shrinks", "192.168.1.0/24")
    assert found.finding.subject == "192.168.1.16 (02:00:00:00:00:01), 192.168.1.18 (02:00:00:00:00:01)"


def test_a_lease_that_becomes_its_machines_reservation_is_not_lost():
    host = Reservation("a", mac="02:00:00:00:00:01", addresses=("192.168.1.18",))
    after = Server(subnets=(A, replace(B, ranges=(), reservations=(host,))))
    assert [each.ip for each in losing(GATE.server, after, [lease(18), lease(12)], NOW)] == ["192.168.1.12"]


def test_many_lost_leases_are_counted():
    (found,) = shrinking(GATE.server, Server(subnets=(A,)), [lease(number) for number in range(10, 20)], NOW)
    assert found.finding.subject.endswith(", +5")


def test_a_free_address_is_nobodys():
    whole = Server(
        subnets=(
            Subnet(
                "192.0.2.0/28",
                ranges=(Range("192.0.2.4", "192.0.2.9"),),
                reservations=(Reservation("a", addresses=("192.0.2.2", "host.example.org")),),
                settings=Settings(options=(OptionValue("routers", ("192.0.2.1",)),)),
            ),
        )
    )
    found = free_addresses(
        ip_network("192.0.2.0/28"), whole, [Lease("192.0.2.10", state="abandoned")], ["192.0.2.12/28"]
    )
    assert [str(each) for each in found] == ["192.0.2.3", "192.0.2.11", "192.0.2.13", "192.0.2.14"]


def test_a_large_range_is_stepped_over_at_once():
    net = Subnet("2001:db8::/32", ranges=(Range("2001:db8::1", "2001:db8:ffff::"),))
    (found,) = islice(free_addresses(ip_network("2001:db8::/32"), Server(version=6, subnets=(net,))), 1)
    assert str(found) == "2001:db8:ffff::1"
