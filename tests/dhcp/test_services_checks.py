"""Findings of servers and of what lies between them: kept while they are so, each at the server it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dhcp.facts.state import Interface, ServerState
from dhcp.models import Peer, Problem, Relay, Server
from dhcp.services import checks, editing
from dhcp.services.editing import RangeSaid
from dhcp.services.readings import record_server_state
from hosts.models import Host
from tests import make
from tests.dhcp.sites import a_server, a_subnet, the_seed

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_relay(**more: object) -> list[str]:
    """Saved; the ids of what is wrong with it."""
    told = {"servers": ["192.168.0.1"], "interfaces": ["eth1"], "giaddr": ["192.168.1.254/24"], **more}
    relay = Relay(host=make.host("relay1"), **told)
    return [check.finding.id for check in editing.save_relay(relay, by=make.actor())]


def seen_at(server: Server, *addresses: str, routes: tuple[str, ...] = ()) -> None:
    """What a look at its host brought."""
    Server.objects.filter(pk=server.pk).update(addresses=list(addresses), routes=list(routes))
    server.refresh_from_db()


def kept(server: Server) -> set[str]:
    return set(Problem.objects.filter(server=server).values_list("rule", flat=True))


def test_a_relay_whose_network_is_missing_and_to_which_no_way_leads_back_is_told() -> None:
    server = a_server("gate")
    a_subnet(server, "192.168.0.0/24")
    seen_at(server, "192.168.0.1/24")
    assert a_relay() == ["dhcp.relay.no-subnet", "dhcp.server.no-route"]
    assert kept(server) == {"dhcp.relay.no-subnet", "dhcp.server.no-route"}
    mend = Problem.objects.get(rule="dhcp.relay.no-subnet").mend_value
    a_subnet(server, mend)
    assert kept(server) == {"dhcp.server.no-route"}
    seen_at(server, "192.168.0.1/24", routes=("192.168.1.0/24",))
    checks.look_over(server)
    assert kept(server) == set()


def test_a_server_that_nobody_knows_is_told_at_the_relay() -> None:
    the_seed()
    assert a_relay(servers=["10.9.9.9"]) == ["dhcp.relay.no-server"]
    assert [str(problem.at) for problem in checks.problems_for(make.admin())] == ["relay1"]


def test_what_a_relay_passes_on_to_is_looked_for_again_when_servers_come_go_and_get_addresses() -> None:
    server = the_seed()
    a_relay(servers=["192.168.0.1", "gate2"])

    def unknown() -> set[str]:
        return set(Problem.objects.filter(rule="dhcp.relay.no-server").values_list("subject", flat=True))

    assert unknown() == {"192.168.0.1", "gate2"}
    host = make.host("gate2")
    other = a_server(host=host)
    assert unknown() == {"192.168.0.1"}
    seen = ServerState(NOW, interfaces=(Interface("eth0", ("192.168.0.1/24",)),))
    record_server_state(server.pk, seen, now=NOW)
    assert unknown() == set()
    assert Relay.objects.get().problems.count() == 0
    editing.delete(other, by=make.actor())
    assert unknown() == {"gate2"}


def test_findings_of_relays_are_for_their_own_people() -> None:
    mine, theirs = make.organization(), make.organization()
    for organization in (mine, theirs):
        relay = Relay(host=make.host(organization=organization), servers=["10.9.9.9"])
        editing.save_relay(relay, by=make.actor())
    person = make.user(organizations=[mine])
    assert [problem.at.host.organization for problem in checks.problems_for(person)] == [mine]
    assert checks.problems_for(make.admin()).count() == 2
    Host.objects.filter(organization=mine).update(is_in_maintenance=True)
    assert checks.problems_for(person).count() == 0


def test_halves_of_a_failover_pair_that_differ_are_told_at_both() -> None:
    one, other = the_seed(), the_seed()
    for server, mine, its, first in (
        (one, "192.168.0.1", "192.168.0.2", True),
        (other, "192.168.0.2", "192.168.0.1", False),
    ):
        peer = Peer(server=server, name="pair", is_primary=first, address=mine, peer_address=its)
        peer.mclt_seconds, peer.split = (3600, 128) if first else (None, None)
        editing.save_network(peer, by=make.actor())
    for server in (one, other):
        checks.look_over(server)
        assert kept(server) == set()
    peer.peer_address = "192.168.0.9"
    editing.save_network(peer, by=make.actor())
    checks.look_over(one)
    assert kept(one) == kept(other) == {"dhcp.failover.addresses"}


def test_a_primary_without_its_split_is_refused_in_its_field() -> None:
    peer = Peer(server=the_seed(), name="pair", address="192.168.0.1", peer_address="192.168.0.2", mclt_seconds=600)
    with pytest.raises(editing.Refused) as caught:
        editing.save_network(peer, by=make.actor())
    assert caught.value.field == "split"


def test_each_look_replaces_only_its_own_findings() -> None:
    server = the_seed()
    (found,) = checks.checks_of(a_server())
    two = replace(found, finding=replace(found.finding, subject="another"))
    checks.record_checks(server, checks.LOG, [found, two])
    checks.record_checks(server, checks.LOG, [two])
    checks.look_over(server)
    assert [(row.source, row.subject) for row in Problem.objects.filter(server=server)] == [("log", "another")]


def test_none_of_the_hosts_own_networks_declared_is_told_once_its_addresses_are_known() -> None:
    server = a_server()
    a_subnet(server, "192.168.1.0/24")
    seen_at(server, "192.168.0.1/24", "10.0.0.1/8")
    (check,) = checks.checks_of(server)
    assert (check.finding.id, check.finding.subject) == ("dhcp.subnet.interface", "192.168.0.1/24")
    a_subnet(server, "10.0.0.0/8", ("10.0.0.10", "10.0.0.20"))
    assert checks.checks_of(server) == []


def test_the_gravest_come_first_and_hosts_in_maintenance_are_left_out() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    subnet.default_lease_seconds, subnet.max_lease_seconds = 900, 600
    editing.save_subnet(subnet, by=make.actor(), ranges=[RangeSaid("192.168.1.10")])
    a_server()
    rules = [problem.rule for problem in checks.problems_for(make.admin())]
    assert rules == ["dhcp.subnet.none", "dhcp.time.default-max"]
    server.host.is_in_maintenance = True
    server.host.save()
    assert [problem.rule for problem in checks.problems_for(make.admin())] == ["dhcp.subnet.none"]
