"""Edits: what must not be sent to a host is refused with the object and the field, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dhcp.models import ClientClass, Key, Lease, Peer, Pool, Problem, Relay, Reservation, Server, Subnet, server_facts
from dhcp.services import editing
from dhcp.services.checks import look_over
from dhcp.services.editing import RangeSaid, Refused, ToConfirm, lease_seconds_of
from hosts.errors import BadInput, NotAllowed
from hosts.facts.hardware import Address, Link
from hosts.facts.report import HostReport
from hosts.models import AuditEntry, FactsRecord
from tests import make
from tests.dhcp.sites import a_reservation, a_server, a_subnet, routers, the_seed

pytestmark = pytest.mark.django_db
MAC, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02"


def test_a_server_is_made_before_its_subnets_and_counts_what_people_save() -> None:
    server = the_seed()
    server.refresh_from_db()
    assert (server.revision, server.subnets.count()) == (2, 2)
    assert AuditEntry.objects.filter(object_type="subnet", action="create").count() == 2


def refusal_of(save: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        save()
    return caught.value


def with_a_web_server(server: Server) -> None:
    a_reservation(server, "web01", MAC, "192.168.1.151")


def same_mac(server: Server) -> None:
    a_reservation(server, "web02", MAC.upper(), "192.168.1.152")


def same_address(server: Server) -> None:
    a_reservation(server, "web02", OTHER, "192.168.1.151")


def address_in_a_range(server: Server) -> None:
    a_reservation(server, "web02", OTHER, "192.168.1.15")


def address_in_no_subnet(server: Server) -> None:
    a_reservation(server, "web02", OTHER, "172.16.0.1")


def a_name_for_an_address(server: Server) -> None:
    a_reservation(server, "web02", OTHER, "web02.example.org")


def no_mac(server: Server) -> None:
    a_reservation(server, "web02", "00-16-3e", "192.168.1.152")


def overlapping(server: Server) -> None:
    a_subnet(server, "192.168.0.0/16")


def bits_beyond(server: Server) -> None:
    a_subnet(server, "10.0.0.7/24")


def reversed_range(server: Server) -> None:
    a_subnet(server, "10.0.0.0/24", ("10.0.0.20", "10.0.0.10"))


def range_outside(server: Server) -> None:
    a_subnet(server, "10.0.0.0/24", ("10.0.1.10", "10.0.1.20"))


def shortest_beyond_longest(server: Server) -> None:
    a_subnet(server, "10.0.0.0/24", min_lease_seconds=600, max_lease_seconds=300)


def unknown_class(server: Server) -> None:
    subnet = server.subnets.get(network="192.168.1.0/24")
    pool = Pool(server=server, subnet=subnet, permits=[["allow", 'members of "phones"']])
    editing.save_pool(pool, by=make.actor(), ranges=[RangeSaid("192.168.1.30", "192.168.1.40")])


def a_name_with_a_blank(server: Server) -> None:
    a_reservation(server, "web 02", OTHER, "192.168.1.152")


def no_address(server: Server) -> None:
    a_subnet(server, "10.0.0.0/24", ("ten", "twenty"))


@pytest.mark.parametrize(
    ("typed", "field", "names"),
    [
        pytest.param(same_mac, "mac", "web02", id="a MAC twice"),
        pytest.param(same_address, "addresses", "web02", id="an address twice"),
        pytest.param(address_in_a_range, "addresses", "web02", id="an address inside a range"),
        pytest.param(address_in_no_subnet, "addresses", "web02", id="an address outside all subnets"),
        pytest.param(a_name_for_an_address, "addresses", "web02", id="a name that DNS is asked for"),
        pytest.param(no_mac, "mac", "00-16-3e", id="no MAC"),
        pytest.param(overlapping, "network", "192.168.0.0/16", id="overlapping subnets"),
        pytest.param(bits_beyond, "network", "10.0.0.0/24", id="bits beyond the mask"),
        pytest.param(reversed_range, "ranges", "10.0.0.0/24", id="a range backwards"),
        pytest.param(range_outside, "ranges", "10.0.0.0/24", id="a range outside of its subnet"),
        pytest.param(shortest_beyond_longest, "min_lease_seconds", "10.0.0.0/24", id="shortest beyond longest"),
        pytest.param(unknown_class, "permits", "phones", id="a class that is not there"),
        pytest.param(a_name_with_a_blank, "name", "web 02", id="a name with a blank"),
        pytest.param(no_address, "ranges", "ten", id="no address"),
    ],
)
def test_a_slip_is_refused_with_the_object_and_the_field(typed: Any, field: str, names: str) -> None:
    server = the_seed()
    with_a_web_server(server)
    before = server_facts(server)
    revision = Server.objects.get().revision
    refused = refusal_of(lambda: typed(server))
    assert refused.field == field
    assert names in str(refused)
    assert server_facts(Server.objects.get()) == before
    assert Server.objects.get().revision == revision


def test_what_was_refused_can_be_corrected_and_saved_as_it_stands() -> None:
    server = the_seed()
    row = Reservation(server=server, name="web01", mac=MAC)
    by = make.actor()
    with pytest.raises(Refused) as caught:
        editing.save_reservation(row, by=by, addresses=["192.168.1.15"])
    (check,) = caught.value.checks
    assert check.mend is not None
    editing.save_reservation(row, by=by, addresses=[check.mend.value])
    assert Reservation.objects.get().addresses.get().address == check.mend.value


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("", None), ("infinite", 2**32 - 1), ("-1", 2**32 - 1), ("600", 600), ("8 h", 28800), ("7d", 604800), ("0", 0)],
)
def test_lease_times_are_typed_as_people_write_them(typed: str, seconds: int | None) -> None:
    assert lease_seconds_of(typed, "default_lease_seconds") == seconds


@pytest.mark.parametrize("typed", ["0600", "4294967296", "9" * 200, "0x10", "soon", "-5", "10 y"])
def test_lease_times_that_dhcpd_reads_otherwise_are_refused(typed: str) -> None:
    assert refusal_of(lambda: lease_seconds_of(typed, "default_lease_seconds")).field == "default_lease_seconds"


def test_what_was_wrong_before_stops_no_other_edit() -> None:
    server = the_seed()
    Reservation.objects.create(server=server, name="a", mac=MAC)
    Reservation.objects.create(server=server, name="b", mac=MAC)
    look_over(server)
    a_reservation(server, "c", OTHER, "192.168.1.99")
    assert Problem.objects.filter(rule="dhcp.mac.twice").count() == 1


def test_a_finding_goes_away_when_it_is_mended() -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    subnet.options = routers("10.9.9.9")
    (warning,) = editing.save_subnet(subnet, by=make.actor())
    assert warning.finding.id == "dhcp.subnet.routers"
    problem = Problem.objects.get(rule="dhcp.subnet.routers")
    editing.save_subnet(subnet, by=make.actor())
    assert Problem.objects.get(rule="dhcp.subnet.routers").found_at == problem.found_at
    subnet.options = routers("192.168.1.254")
    editing.save_subnet(subnet, by=make.actor())
    assert not Problem.objects.filter(rule="dhcp.subnet.routers").exists()


def test_taking_addresses_away_from_live_leases_asks_first_and_lists_them() -> None:
    server = the_seed()
    ends = timezone.now() + timedelta(hours=1)
    for number in (12, 19):
        Lease.objects.create(
            server=server,
            address=f"192.168.1.{number}",
            key=f"4c0a801{number:02x}",
            state="active",
            mac=MAC,
            ends_at=ends,
        )
    subnet = server.subnets.get(network="192.168.1.0/24")
    smaller = [RangeSaid("192.168.1.10", "192.168.1.15")]
    with pytest.raises(ToConfirm, match=r"192\.168\.1\.19") as caught:
        editing.save_subnet(subnet, by=make.actor(), ranges=smaller)
    assert "192.168.1.12" not in str(caught.value)
    assert subnet.pools.get().ranges.get().last == "192.168.1.20"
    (told,) = editing.save_subnet(subnet, by=make.actor(), ranges=smaller, confirmed=True)
    assert told.finding.id == "dhcp.pool.shrinks"
    assert subnet.pools.get().ranges.get().last == "192.168.1.15"


def test_deleting_a_subnet_with_reservations_asks_first() -> None:
    server = the_seed()
    with_a_web_server(server)
    subnet = server.subnets.get(network="192.168.1.0/24")
    with pytest.raises(ToConfirm, match=r"192\.168\.1\.151"):
        editing.delete(subnet, by=make.actor())
    assert Subnet.objects.filter(network="192.168.1.0/24").exists()
    editing.delete(subnet, by=make.actor(), confirmed=True)
    assert not Subnet.objects.filter(network="192.168.1.0/24").exists()


def test_a_class_that_a_pool_names_cannot_be_deleted() -> None:
    server = the_seed()
    phones = ClientClass(server=server, name="phones", match=["hardware"])
    editing.save_network(phones, by=make.actor())
    unknown_class(server)
    with pytest.raises(Refused, match="phones"):
        editing.delete(phones, by=make.actor(), confirmed=True)
    assert ClientClass.objects.exists()


def test_no_subnet_for_the_interface_is_refused_where_it_is_named() -> None:
    server = the_seed()
    Server.objects.update(addresses=["192.168.0.1/24", "10.8.0.1/24"], listening=["eth0 192.168.0.1/24"])
    server.refresh_from_db()
    server.interfaces = ["eth0"]
    editing.save_server(server, by=make.actor())
    report = HostReport(
        links=(Link("eth1", addresses=(Address("inet", "10.8.0.1", 24), Address("inet6", "fe80::1", 64))),)
    )
    FactsRecord.objects.create(
        host=server.host, first_at=make.ago(hours=1), last_at=make.ago(hours=1), digest="x", report=report.as_json()
    )
    server.interfaces = ["eth0", "eth1"]
    refused = refusal_of(lambda: editing.save_server(server, by=make.actor()))
    assert refused.field == "interfaces"
    assert "10.8.0.1" in str(refused)
    assert Server.objects.get().interfaces == ["eth0"]


def test_an_edit_leaves_what_workers_wrote_in_the_meantime() -> None:
    server = the_seed()
    Server.objects.update(lease_mark={"inode": 1, "offset": 2, "tail": "x"})
    server.note = "the gate"
    editing.save_server(server, by=make.actor())
    assert Server.objects.get().lease_mark == {"inode": 1, "offset": 2, "tail": "x"}
    assert Server.objects.get().note == "the gate"


def test_a_stranger_edits_nothing() -> None:
    server = the_seed()
    stranger = make.actor(make.operator(organizations=[make.organization()]))
    with pytest.raises(NotAllowed):
        a_subnet(server, "10.0.0.0/24", by=stranger)
    assert Subnet.objects.count() == 2


def test_a_row_stands_in_networks_of_its_own_server_only() -> None:
    server, other = the_seed(), a_server()
    row = Subnet(server=other, network="10.0.0.0/24")
    editing.save_subnet(row, by=make.actor())
    pool = Pool(server=server, subnet=row)
    assert refusal_of(lambda: editing.save_pool(pool, by=make.actor(), ranges=[])).field == "subnet"


def test_a_key_for_omapi_is_made_known_to_dhcpd_and_its_secret_to_nobody() -> None:
    server = the_seed()
    key = Key(server=server, name="omapi", is_for_omapi=True)
    assert refusal_of(lambda: editing.save_key(key, by=make.actor())).field == "secret"
    assert refusal_of(lambda: editing.save_key(key, by=make.actor(), secret="not base64!")).field == "secret"
    key.algorithm = "hmac-sha3"
    assert (
        refusal_of(lambda: editing.save_key(key, by=make.actor(), secret="pRP5FapFoJ95JEL06sv4PQ==")).field
        == "algorithm"
    )
    key.algorithm = "hmac-sha512"
    editing.save_key(key, by=make.actor(), secret="pRP5FapFoJ95JEL06sv4PQ==")
    assert Server.objects.get().parameters == [["omapi-port", "7911"], ["omapi-key", "omapi"]]
    editing.save_key(Key.objects.get(), by=make.actor())
    assert server_facts(Server.objects.get()).keys[0].secret == "pRP5FapFoJ95JEL06sv4PQ=="
    assert "pRP5" not in str(list(AuditEntry.objects.values("details")))


@pytest.mark.parametrize("name", ["eth0; reboot", "$(id)", "-v", "a\nb", "x" * 16, ""], ids=ascii)
def test_an_interface_that_a_shell_or_a_program_reads_otherwise_is_refused(name: str) -> None:
    server = a_server()
    server.interfaces = [name]
    assert refusal_of(lambda: editing.save_server(server, by=make.actor())).field == "interfaces"
    server.refresh_from_db()
    server.probe_interface = name or "-e1"
    assert refusal_of(lambda: editing.save_server(server, by=make.actor())).field == "probe_interface"


def test_a_failover_pair_is_not_made_with_a_server_of_another_organization() -> None:
    mine, theirs = make.organization(), make.organization()
    own, other = a_server(host=make.host(organization=mine)), a_server(host=make.host(organization=theirs))
    by = make.actor(make.operator(organizations=[mine]))
    row = Peer(server=own, name="pair", partner=other, address="192.0.2.1", peer_address="192.0.2.2")
    with pytest.raises(NotAllowed):
        editing.save_network(row, by=by)


def test_a_member_that_only_kea_has_and_is_no_json_is_refused() -> None:
    server = a_server(kind="kea")
    server.kea = [["hooks-libraries", "{"]]
    error = refusal_of(lambda: editing.save_server(server, by=make.actor()))
    assert (error.field, "hooks-libraries" in str(error)) == ("kea", True)


def test_a_flood_is_refused_before_it_is_looked_at() -> None:
    server = the_seed()
    subnet = server.subnets.first()
    ranges = [RangeSaid("192.168.0.10")] * 100_000
    assert refusal_of(lambda: editing.save_subnet(subnet, by=make.actor(), ranges=ranges)).field == "ranges"
    machine = Reservation(server=server, name="web", mac=MAC)
    addresses = ["192.168.0.30"] * 20_000
    error = refusal_of(lambda: editing.save_reservation(machine, by=make.actor(), addresses=addresses))
    assert (error.field, "256" in str(error)) == ("addresses", True)
    relay = Relay(host=make.host(), servers=["192.0.2.1"] * 100_000)
    assert refusal_of(lambda: editing.save_relay(relay, by=make.actor())).field == "servers"
