"""The seed's two networks on whole hosts, set up through the panel's own services and worker code alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from dhcp.choices import ErrandState, ServerKind
from dhcp.facts.plain import without_origin
from dhcp.facts.server import INFINITE
from dhcp.models import Errand, Key, Lease, Pool, Relay, Reservation, Server, Subnet, server_facts
from dhcp.services import editing, errands, pushing
from dhcp.services.editing import RangeSaid
from dhcp.services.taking_over import take_over_read
from dhcp.services.told import state_of_push
from dhcp.tasks.errands import run_errand
from hosts.choices import ChangeState
from hosts.facts.machine import PinnedKey
from hosts.models import Change, Credential, Host, Rollout
from hosts.services import changes, enrol
from hosts.services.audit import Actor
from hosts.services.rollouts import advance_rollout, approve_rollout, start_rollout
from hosts.tasks.push import apply_change, compare_change
from tests import make
from tests.lab import Lab, LabHost
from tests.lab.dhcp_site import GUEST_MAC, DhcpSite, dhcp_site

pytestmark = [pytest.mark.lab, pytest.mark.django_db(transaction=True)]
CONF = "/etc/dhcp/dhcpd.conf"
ROUTER = [{"name": "routers", "values": ["192.168.1.254"], "expression": ""}]


@pytest.fixture(scope="module")
def site(lab: Lab) -> Iterator[DhcpSite]:
    """One for all tests here; what one of them serves, the next replaces."""
    with dhcp_site(lab, kea=True) as running:
        yield running


@pytest.fixture
def by() -> Actor:
    """An operator who may do all of it."""
    return make.actor()


@pytest.fixture
def credential(lab: Lab) -> Credential:
    """The lab's key."""
    return make.credential(private_key=lab.key_path.read_text())


def enrolled(machine: LabHost, credential: Credential) -> Host:
    """The row of a lab host whose key a person accepted."""
    later = make.ago(seconds=-3600)  # nothing but changes goes to it meanwhile
    host = make.host(
        machine.name,
        key=False,
        address=machine.address,
        port=machine.port,
        username="root",
        use_sudo=False,
        credential=credential,
        next_facts_at=later,
        next_drift_at=later,
    )
    enrol.record_offered_keys(host, [PinnedKey(*machine.host_key.split())])
    enrol.accept_keys(host, by=make.actor())
    return Host.objects.get(pk=host.pk)


def carried(change: Change, by: Actor) -> Change:
    """Compared, approved and applied by the worker's own code; as it is then."""
    compare_change(change.pk)
    change.refresh_from_db()
    assert change.state == ChangeState.COMPARED, change.outcome_why
    changes.queue_change(changes.approve_change(change, by=by), by=by)
    apply_change(change.pk)
    change.refresh_from_db()
    return change


def log_of(change: Change) -> str:
    return "\n".join(change.log_lines.order_by("number").values_list("text", flat=True))


def assert_applied(change: Change) -> None:
    assert change.state == ChangeState.APPLIED, f"{change.outcome_why}\n{log_of(change)}"


def rolled_out(rollout: Rollout, by: Actor) -> list[Change]:
    """The whole rollout, step by step as its workers do it."""
    for change in rollout.changes.order_by("position"):
        compare_change(change.pk)
    approve_rollout(rollout, by=by)
    start_rollout(rollout, by=by)
    for _ in rollout.changes.all():
        advance_rollout(rollout.pk)
        for change in rollout.changes.filter(state=ChangeState.QUEUED).order_by("position"):
            apply_change(change.pk)
    return list(rollout.changes.order_by("position"))


def two_networks(server: Server, by: Actor) -> Subnet:
    """The seed's; the one behind the relay comes back."""
    here = Subnet(server=server, network="192.168.0.0/24", name="office")
    editing.save_subnet(here, by=by, ranges=[RangeSaid("192.168.0.10", "192.168.0.20")])
    there = Subnet(server=server, network="192.168.1.0/24", name="branch", options=ROUTER)
    editing.save_subnet(there, by=by, ranges=[RangeSaid("192.168.1.10", "192.168.1.20")])
    return there


def a_relay(host: Host, to: str, by: Actor) -> Relay:
    relay = Relay(host=host, servers=[to], interfaces=["eth1", "eth2"], giaddr=["192.168.1.254/24"])
    editing.save_relay(relay, by=by)
    return relay


def gets(site: DhcpSite, *expected: str, **asked: Any) -> None:
    """The client is given one of these addresses."""
    answer = site.ask(**asked)
    assert answer.address in expected, f"{answer}\n{site.log()}"


POOL = tuple(f"192.168.1.{number}" for number in range(10, 21))


def test_the_seeds_networks_are_served_through_the_panel(site: DhcpSite, credential: Credential, by: Actor) -> None:
    server = Server(host=enrolled(site.server, credential), interfaces=["eth1"], probes=True)
    editing.save_server(server, by=by)
    branch = two_networks(server, by)
    relay = a_relay(enrolled(site.relay, credential), "192.168.0.1", by)
    # What a look at the host brings: by this it is known that the relay passes on to this server.
    Server.objects.update(addresses=["192.168.0.1/24"], listening=["eth1 192.168.0.1/24"])
    rollout = pushing.plan_site([server], [relay], by=by)
    assert isinstance(rollout, Rollout)
    for change in rolled_out(rollout, by):
        assert_applied(change)
    assert "OFFER of 192.168.1." in log_of(rollout.changes.get(position=0))
    server.refresh_from_db()
    assert not state_of_push(server).waits
    gets(site, *POOL)

    web = Reservation(server=server, name="web01", mac=GUEST_MAC, hostname="webserver01")
    editing.save_reservation(web, by=by, addresses=["192.168.1.151"])
    editing.save_key(Key(server=server, name="omapi", is_for_omapi=True), by=by, secret="pRP5FapFoJ95JEL06sv4PQ==")
    assert_applied(carried(pushing.plan_server(server, by=by), by))
    assert site.server.check(["stat", "-c", "%a %U", "/etc/dhcp/rackdesk-keys.conf"]).split() == [b"640", b"root"]
    gets(site, "192.168.1.151")

    branch.default_lease_seconds = branch.max_lease_seconds = INFINITE
    editing.save_subnet(branch, by=by)
    assert_applied(carried(pushing.plan_server(server, by=by), by))
    gets(site, *POOL, mac="00:16:3e:ee:92:cd")
    assert "ends never;" in site.leases()
    errands_are_done(site, server, by)

    branch = server.subnets.get(network="192.168.1.0/24")
    served = site.server.read(CONF)
    branch.raw = ["this-is-no-statement 1;"]
    editing.save_subnet(branch, by=by)
    refused = carried(pushing.plan_server(server, by=by), by)
    assert (refused.state, refused.outcome_step) == (ChangeState.REFUSED, "check")
    assert site.server.read(CONF) == served
    assert site.server.run(["sh", "-c", "ls -A /etc/dhcp | grep -F .check"]).stdout == b""
    gets(site, "192.168.1.151")

    branch.raw = []
    known_only = Pool(server=server, subnet=branch, permits=[["deny", "unknown-clients"]])
    editing.save_subnet(branch, by=by, ranges=[])
    editing.save_pool(known_only, by=by, ranges=[RangeSaid("192.168.1.10", "192.168.1.20")])
    unanswered = carried(pushing.plan_server(server, by=by), by)  # all is well but that no test client gets an offer
    assert unanswered.state == ChangeState.ROLLED_BACK, unanswered.outcome_why
    assert site.server.read(CONF) == served
    gets(site, "192.168.1.151")

    editing.delete(known_only, by=by)
    editing.save_subnet(branch, by=by, ranges=[RangeSaid("192.168.1.10", "192.168.1.20")])
    server.refresh_from_db()
    server.interfaces = ["eth0"]  # the panel's own line, of which no subnet says anything: dhcpd -t accepts that
    editing.save_server(server, by=by)
    rolled_back = carried(pushing.plan_server(server, by=by), by)
    assert rolled_back.state == ChangeState.ROLLED_BACK, rolled_back.outcome_why
    assert site.server.read(CONF) == served
    gets(site, "192.168.1.151")


def errands_are_done(site: DhcpSite, server: Server, by: Actor) -> None:
    """The configuration that is there is read back, the relay answers a ping, and a lease is ended at once."""
    read = done(errands.ask_config(server, by=by))
    before = server_facts(server)
    take_over_read(read, by=by, replace=True)
    assert without_origin(server_facts(server)) == without_origin(before)
    asked = ["192.168.0.254", "192.168.0.77"]
    heard = done(errands.ask_ping(server, asked, by=by)).answer["heard"]
    assert [each["heard"] for each in heard] == ["answers", "silent"]
    written = re.findall(r"^lease (\S+) \{(.*?)^\}", site.leases(), re.MULTILINE | re.DOTALL)
    address = next(ip for ip, said in reversed(written) if "00:16:3e:ee:92:cd" in said)
    lease = Lease.objects.create(server=server, address=address, key="", state="active", mac="00:16:3e:ee:92:cd")
    assert done(errands.ask_release(lease, by=by)).answer == {"state": "released"}


def done(errand: Errand) -> Errand:
    run_errand(errand.pk)
    errand.refresh_from_db()
    assert errand.state == ErrandState.DONE, errand.why
    return errand


def test_kea_serves_the_same(site: DhcpSite, credential: Credential, by: Actor) -> None:
    assert site.kea is not None
    server = Server(host=enrolled(site.kea, credential), kind=ServerKind.KEA, interfaces=["eth1"])
    editing.save_server(server, by=by)
    branch = two_networks(server, by)
    relay = a_relay(enrolled(site.relay, credential), "192.168.0.3", by)
    rollout = pushing.plan_site([server], [relay], by=by)
    assert isinstance(rollout, Rollout)
    for change in rolled_out(rollout, by):
        assert_applied(change)
    gets(site, *POOL, mac="00:16:3e:ee:92:ce")
    served = site.kea.read("/etc/kea/kea-dhcp4.conf")
    branch.kea = [["no-such-member", "1"]]
    editing.save_subnet(branch, by=by)
    refused = carried(pushing.plan_server(server, by=by), by)
    assert (refused.state, refused.outcome_step) == (ChangeState.REFUSED, "check")
    assert site.kea.read("/etc/kea/kea-dhcp4.conf") == served
    gets(site, *POOL, mac="00:16:3e:ee:92:ce")
