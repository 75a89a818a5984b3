"""Proposals for hosts: what is sent, what it means, what is refused before any host is asked."""

from __future__ import annotations

from typing import Any

import pytest

from dhcp.choices import ErrandKind, ErrandState, ServerKind
from dhcp.models import Errand, Key, Lease, Relay, Reservation, Server, Subnet
from dhcp.services import editing, pushing
from dhcp.services.editing import RangeSaid
from dhcp.services.told import state_of_push
from hosts.choices import ChangeState, Source
from hosts.errors import BadInput, NotAllowed
from hosts.facts.change import Bundle
from hosts.models import Change, Rollout
from hosts.services.changes import plan_again, plan_change
from hosts.services.changes.care import take_into_care
from hosts.services.contents import keep_content
from tests import make
from tests.dhcp.sites import a_server, a_subnet, routers, the_seed

pytestmark = pytest.mark.django_db
SECRET = "pRP5FapFoJ95JEL06sv4PQ=="


def files_of(bundle: Bundle) -> dict[str, str]:
    return {file.path: (file.content or b"").decode() for file in bundle.files}


def lines_of(proposal: pushing.Proposal) -> list[str]:
    return [f"{line.sign} {line.words}" for line in proposal.means]


def applied(change: Change) -> Change:
    """As a worker leaves a change that held."""
    change.state, change.finished_at = ChangeState.APPLIED, make.ago(seconds=0)
    change.save()
    take_into_care(change, change.finished_at)
    return change


def a_relay(host_name: str = "relay1", **more: object) -> Relay:
    told = {"servers": ["192.168.0.1"], "interfaces": ["eth0", "eth1"], "giaddr": ["192.168.1.254/24"], **more}
    relay = Relay(host=make.host(host_name), **told)
    editing.save_relay(relay, by=make.actor())
    return relay


def test_a_server_is_proposed_with_what_it_means() -> None:
    proposal = pushing.propose_server(the_seed())
    files = files_of(proposal.bundle)
    assert list(files) == ["/etc/dhcp/dhcpd.conf", "/etc/default/isc-dhcp-server"]
    assert "subnet 192.168.1.0 netmask 255.255.255.0 {" in files["/etc/dhcp/dhcpd.conf"]
    assert 'INTERFACESv4=" "\nINTERFACESv6=""\n' in files["/etc/default/isc-dhcp-server"]
    assert lines_of(proposal) == [
        "add Adds the subnet 192.168.0.0/24 with 11 addresses to lease.",
        "add Adds the subnet 192.168.1.0/24 with 11 addresses to lease.",
        "same No live lease loses its address.",
        "heed dhcpd restarts; clients that ask meanwhile try again by themselves.",
    ]


def test_a_server_without_a_subnet_is_refused_before_any_host_is_asked() -> None:
    with pytest.raises(BadInput, match="no subnet") as caught:
        pushing.plan_server(a_server(), by=make.actor())
    assert caught.value.field == "subnets"
    assert not Change.objects.exists()


def test_keys_stand_in_a_secret_file_of_their_own() -> None:
    server = the_seed()
    editing.save_key(Key(server=server, name="ddns"), by=make.actor(), secret=SECRET)
    change = pushing.plan_server(Server.objects.get(), by=make.actor())
    conf, keys, _ = change.files.order_by("position")
    assert (keys.path, keys.is_secret, keys.mode) == ("/etc/dhcp/rackdesk-keys.conf", True, 0o640)
    assert SECRET in keys.wanted_content.read().decode()
    text = conf.wanted_content.read().decode()
    assert 'include "/etc/dhcp/rackdesk-keys.conf";' in text
    assert SECRET not in text + str(change.check_commands) + str(change.means)
    applied(change)
    Key.objects.all().delete()
    (gone,) = [file for file in pushing.propose_server(Server.objects.get()).bundle.files if file.content is None]
    assert gone.path == "/etc/dhcp/rackdesk-keys.conf"


def test_what_is_on_the_host_and_what_waits_is_known() -> None:
    server = the_seed()
    server.refresh_from_db()
    assert (state_of_push(server).applied_revision, state_of_push(server).waits) == (None, True)
    change = pushing.plan_server(server, by=make.actor(), reference="T-17")
    assert change.reference == f"T-17 dhcp.server:{server.pk}:2"
    assert (change.source, state_of_push(server).open_change) == (Source.DHCP, change)
    again = plan_again(change, by=make.actor())
    applied(again)
    state = state_of_push(server)
    assert (state.applied_revision, state.open_change, state.waits) == (2, None, False)
    a_subnet(server, "10.0.0.0/24")
    server.refresh_from_db()
    assert state_of_push(server).waits
    put_back = plan_change(server.host, make.proposal(), by=make.actor(), source=Source.PUT_BACK, puts_back=again)
    applied(put_back)
    assert state_of_push(server).applied_revision is None


def test_a_second_change_is_told_against_what_the_first_one_left() -> None:
    server = the_seed()
    applied(pushing.plan_server(server, by=make.actor()))
    subnet = server.subnets.get(network="192.168.1.0/24")
    Lease.objects.create(
        server=server, address="192.168.1.19", key="4c0a80113", state="active", mac="02:00:00:00:00:09", never_ends=True
    )
    subnet.options = routers("192.168.1.253")
    subnet.default_lease_seconds = 600
    editing.save_subnet(subnet, by=make.actor(), ranges=[RangeSaid("192.168.1.10", "192.168.1.15")], confirmed=True)
    web = Reservation(server=server, name="web01", mac="02:00:00:00:00:01", hostname="webserver01")
    editing.save_reservation(web, by=make.actor(), addresses=["192.168.1.151"])
    assert lines_of(pushing.propose_server(Server.objects.get())) == [
        "take Leases 5 addresses fewer in 192.168.1.0/24.",
        "add Knows web01 from now on: 192.168.1.151.",
        "add The lease time of 192.168.1.0/24 becomes 600 s (it was –).",
        "add Changes options of 192.168.1.0/24: routers.",
        "heed Live leases that lose their addresses, 1 in all: 192.168.1.19 (02:00:00:00:00:09).",
        "heed dhcpd restarts; clients that ask meanwhile try again by themselves.",
    ]


def test_interfaces_are_told_of_only_where_they_change() -> None:
    server = the_seed(interfaces=["eth1"])
    applied(pushing.plan_server(server, by=make.actor()))
    a_subnet(server, "192.168.2.0/24", ("192.168.2.10", "192.168.2.20"))
    assert "heed Listens on eth1." not in lines_of(pushing.propose_server(server))
    server = Server.objects.get(pk=server.pk)
    server.interfaces = ["eth1", "eth2"]
    editing.save_server(server, by=make.actor())
    assert "heed Listens on eth1, eth2." in lines_of(pushing.propose_server(server))


def test_nothing_changed_is_said_as_that() -> None:
    server = the_seed()
    applied(pushing.plan_server(server, by=make.actor()))
    assert "same The server is told the same as before; only comments and the order change." in lines_of(
        pushing.propose_server(server)
    )


def test_what_is_wrong_is_refused_with_its_words_and_nothing_is_planned() -> None:
    server = the_seed()
    Reservation.objects.create(server=server, name="a", mac="02:x")
    with pytest.raises(BadInput, match=r"02:x is no MAC address \(reservation a\).*Nothing was planned"):
        pushing.plan_server(server, by=make.actor())
    assert not Change.objects.exists()


def test_what_was_wrong_on_the_host_already_does_not_stop_a_change() -> None:
    server = the_seed()
    Subnet.objects.create(server=server, network="192.168.0.0/23")
    with pytest.raises(BadInput, match="overlap"):
        pushing.propose_server(server)
    text = pushing.text_of(server)
    Errand.objects.create(
        server=server,
        kind=ErrandKind.READ_CONFIG,
        state=ErrandState.DONE,
        done_at=make.ago(seconds=1),
        answer={"files": {"/etc/dhcp/dhcpd.conf": keep_content(text.encode()).pk}},
    )
    assert pushing.propose_server(server)


def test_the_other_version_on_the_host_is_named_only_where_it_is_there() -> None:
    four = the_seed(interfaces=["eth0"])
    six = a_server(host=four.host, version=6, interfaces=["eth1"])
    a_subnet(six, "2001:db8::/64", ("2001:db8::10", "2001:db8::20"))
    defaults = "/etc/default/isc-dhcp-server"
    assert 'INTERFACESv6=""' in files_of(pushing.propose_server(four).bundle)[defaults]
    both = pushing.plan_site([four, six], [], by=make.actor())
    assert isinstance(both, Change)
    paths = [file.path for file in both.files.order_by("position")]
    assert paths == ["/etc/dhcp/dhcpd.conf", defaults, "/etc/dhcp/dhcpd6.conf"]
    text = both.files.get(path=defaults).wanted_content.read().decode()
    assert text == 'INTERFACESv4="eth0"\nINTERFACESv6="eth1"\nOPTIONS=""\n'
    assert [command.argv for command in both.bundle().activate] == [("systemctl", "restart", "isc-dhcp-server")]
    applied(both)
    assert 'INTERFACESv6="eth1"' in files_of(pushing.propose_server(four).bundle)[defaults]
    assert (state_of_push(four).applied_revision, state_of_push(six).applied_revision) == (2, 1)


def test_a_site_is_one_rollout_with_its_servers_first() -> None:
    server, relays = the_seed(), [a_relay("relay1"), a_relay("relay2")]
    rollout = pushing.plan_site([server], relays, by=make.actor(), why="two networks")
    assert isinstance(rollout, Rollout)
    changes = list(rollout.changes.order_by("position"))
    assert [change.host for change in changes] == [server.host, *(relay.host for relay in relays)]
    assert [change.reference for change in changes[1:]] == [f"dhcp.relay:{relay.pk}:1" for relay in relays]
    assert (rollout.canary_count, rollout.batch_size) == (1, 10)
    assert state_of_push(relays[0]).open_change == changes[1]


def test_two_servers_and_their_relays_go_one_after_the_other() -> None:
    rollout = pushing.plan_site([the_seed(), the_seed()], [a_relay()], by=make.actor())
    assert isinstance(rollout, Rollout)
    assert (rollout.canary_count, rollout.batch_size) == (1, 1)


def test_a_relay_is_proposed_with_its_file() -> None:
    proposal = pushing.propose_relay(a_relay())
    assert files_of(proposal.bundle) == {
        "/etc/default/isc-dhcp-relay": 'SERVERS="192.168.0.1"\nINTERFACES="eth0 eth1"\nOPTIONS=""\n'
    }
    assert "add Passes requests on to 192.168.0.1." in lines_of(proposal)


def test_kea_gets_its_json_and_says_what_it_cannot_be_told() -> None:
    server = the_seed(kind=ServerKind.KEA)
    server.raw = ['log(info, "x");']
    editing.save_server(server, by=make.actor())
    proposal = pushing.propose_server(Server.objects.get())
    assert '"subnet": "192.168.1.0/24"' in files_of(proposal.bundle)["/etc/kea/kea-dhcp4.conf"]
    assert '"control-socket"' in files_of(proposal.bundle)["/etc/kea/kea-dhcp4.conf"]
    assert any("Kea cannot be told" in line for line in lines_of(proposal))
    assert proposal.bundle.activate[0].argv == ("systemctl", "restart", "kea-dhcp4-server")


def test_a_stranger_plans_nothing() -> None:
    server = the_seed()
    stranger = make.actor(make.operator(organizations=[make.organization()]))
    with pytest.raises(NotAllowed):
        pushing.plan_server(server, by=stranger)
    with pytest.raises(NotAllowed):
        pushing.plan_site([server], [a_relay()], by=stranger)
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("isc", {"raw": ['if known {\n    key k { secret "c2VjcmV0"; }\n}']}),
        ("kea", {"kea": [["hosts-database", '{"type": "mysql", "password": "c2VjcmV0"}']]}),
    ],
    ids=["kept text", "a database of Kea"],
)
def test_a_secret_is_not_shown_wherever_it_stands(kind: str, said: dict[str, Any]) -> None:
    server = the_seed(kind=kind, **said)
    text = pushing.text_of(server)
    assert "c2VjcmV0" not in text
    assert "(hidden)" in text
    assert "c2VjcmV0" in str([file.content for file in pushing.propose_server(server).bundle.files])
