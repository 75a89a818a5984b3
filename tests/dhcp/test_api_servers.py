"""Servers, what they are made of, relays and sites over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.models import Errand, Key, Problem, Relay, Server, Subnet, UsageSample
from hosts.models import Change, Rollout
from tests import make
from tests.dhcp.clients import a_lease
from tests.dhcp.sites import a_reservation, a_server, routers, the_seed
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db
CONF = """
subnet 192.168.7.0 netmask 255.255.255.0 { range 192.168.7.10 192.168.7.20; option routers 192.168.7.1; }
if exists agent.circuit-id { log(info, "x"); }
"""


@pytest.fixture
def program() -> Program:
    """An administrator's."""
    return Program(make.admin())


@pytest.fixture
def stranger() -> Program:
    """Somebody who may do everything, and sees another organization only."""
    rights = [f"dhcp.{verb}_{kind}" for verb in ("view", "add", "change", "delete") for kind in KINDS]
    rights += ["hosts.view_host", "hosts.plan_change"]
    return Program(make.user(permissions=rights, organizations=[make.organization()]))


KINDS = (
    *("server", "sharednetwork", "subnet", "pool", "group", "clientclass", "subclass", "space", "definition", "zone"),
    *("peer", "key", "reservation", "lease", "exchange", "problem", "relay", "errand"),
)


def test_a_site_is_built_and_planned_by_a_program(program: Program, django_capture_on_commit_callbacks: Any) -> None:
    host = make.host("gate")
    made = program.post("/dhcp/servers/", {"host": host.pk, "kind": "isc", "default_lease_seconds": "8 h"})
    assert made.status_code == 201, made.json()
    assert made.json()["default_lease_seconds"] == 28800
    server = made.json()["id"]
    subnet = program.post(
        "/dhcp/subnets/",
        {
            "server": server,
            "network": "192.168.1.0/24",
            "ranges": [{"first": "192.168.1.10", "last": "192.168.1.20"}],
            "options": [{"name": "routers", "values": ["192.168.1.254"]}],
            "max_lease_seconds": -1,
        },
    )
    assert subnet.status_code == 201, subnet.json()
    assert subnet.json()["ranges"][0]["last"] == "192.168.1.20"
    assert subnet.json()["max_lease_seconds"] == "infinite"
    text = program.get(f"/dhcp/servers/{server}/preview/").json()
    assert "range 192.168.1.10 192.168.1.20;" in text["text"]
    assert any("192.168.1.0/24" in each["said"] for each in text["means"])
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        planned = program.post(f"/dhcp/servers/{server}/plan/", {"why": "the B network"}, once="b")
    again = program.post(f"/dhcp/servers/{server}/plan/", {"why": "the B network"}, once="b")
    assert (planned.status_code, again.status_code) == (201, 200), planned.json()
    change = Change.objects.get()
    assert woken == [("compare_change", change.pk)]
    assert again.json()["change"]["id"] == change.pk
    assert (change.host, change.why) == (host, "the B network")


def test_a_create_is_done_once_for_each_key(program: Program) -> None:
    server = a_server()
    body = {"server": server.pk, "network": "10.0.0.0/24"}
    first, second = (program.post("/dhcp/subnets/", body, once="x") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    other = program.post("/dhcp/subnets/", body | {"network": "10.0.1.0/24"}, once="x")
    assert (other.status_code, other.json()["field"]) == (400, "Idempotency-Key")
    assert Subnet.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"network": "192.168.1.5/24"}, "network"),
        ({"network": "192.168.0.128/25"}, "network"),
        ({"ranges": [{"first": "10.0.0.20", "last": "10.0.0.10"}]}, "ranges"),
        ({"ranges": [{"first": "10.9.0.20", "last": "10.9.0.30"}]}, "ranges"),
        ({"ranges": [{"first": "hello"}]}, "ranges"),
        ({"default_lease_seconds": "0600"}, "default_lease_seconds"),
        ({"default_lease_seconds": 600, "max_lease_seconds": 300, "min_lease_seconds": 400}, "min_lease_seconds"),
        ({"default_lease_seconds": True}, "default_lease_seconds"),
        ({"boot_by_architecture": [["x"]]}, "boot_by_architecture"),
        ({"options": [{"values": ["x"]}]}, "options"),
        ({"server": 999}, "server"),
        ({"warn_percent": 101}, "warn_percent"),
        ({"alarm_percent": 200}, "alarm_percent"),
        ({"raw": None}, "raw"),
    ],
    ids=[
        "bits beyond", "overlap", "reversed", "outside", "no address", "octal", "min over max", "no time", "boot files",
        "option without a name", "no such server", "more than all", "twice of all", "no text",
    ],
)  # fmt: skip
def test_what_must_not_be_sent_is_refused_with_its_field(program: Program, sent: dict[str, Any], field: str) -> None:
    server = the_seed()
    answer = program.post("/dhcp/subnets/", {"server": server.pk, "network": "10.0.0.0/24", **sent})
    assert answer.status_code == 400, answer.json()
    assert answer.json()["field"] == field, answer.json()
    assert answer.json()["detail"]
    assert Subnet.objects.count() == 2


@pytest.mark.parametrize(
    ("permissions", "scopes", "reads"),
    [
        (("dhcp.view_server", "dhcp.change_server"), make.SCOPES, True),
        (("dhcp.view_server", "dhcp.change_server"), ("read",), False),
        (("dhcp.view_server",), make.SCOPES, False),
    ],
    ids=["who may change it", "a key that only reads", "who may only look"],
)
def test_text_that_may_hold_keys_is_for_those_who_may_change_the_server(
    permissions: tuple[str, ...], scopes: tuple[str, ...], reads: bool
) -> None:
    organization = make.organization()
    server = a_server(host=make.host(organization=organization))
    server.raw, server.kea = ['key x { secret "abcd"; }'], [["hooks-libraries", "[]"]]
    server.save()
    person = make.user(permissions=permissions, organizations=[organization])
    told = Program(person, scopes).get(f"/dhcp/servers/{server.pk}/").json()
    assert (told["raw"] is not None, told["kea"] is not None) == (reads, reads)
    assert told["options"] == []


def test_taking_addresses_from_machines_has_to_be_confirmed(program: Program) -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14")
    subnet = server.subnets.get(network="192.168.1.0/24")
    body = {"ranges": [{"first": "192.168.1.15", "last": "192.168.1.20"}]}
    refused = program.patch(f"/dhcp/subnets/{subnet.pk}/", body)
    assert (refused.status_code, refused.json()["field"]) == (400, "confirmed")
    done = program.patch(f"/dhcp/subnets/{subnet.pk}/", body | {"confirmed": True})
    assert done.status_code == 200, done.json()
    assert done.json()["ranges"][0]["first"] == "192.168.1.15"
    assert "192.168.1.14" in " ".join(done.json()["warnings"])
    assert done.json()["options"] == [{"name": "routers", "values": ["192.168.1.254"], "expression": ""}]


def test_what_is_not_named_stays(program: Program) -> None:
    subnet = the_seed().subnets.get(network="192.168.1.0/24")
    answer = program.patch(f"/dhcp/subnets/{subnet.pk}/", {"name": "B network"})
    assert answer.json()["ranges"] == [
        {
            "first": "192.168.1.10",
            "last": "192.168.1.20",
            "is_bootp": False,
            "is_temporary": False,
            "prefix_length": None,
        }
    ]
    assert answer.json()["name"] == "B network"


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("shared-networks", {"name": "floor"}, {"name": "second floor"}),
        ("groups", {"name": "desks", "default_lease_seconds": 600}, {"name": "chairs"}),
        (
            "classes",
            {"name": "phones", "match": ['if substring(option host-name, 0, 5) = "phone"']},
            {"lease_limit": 4},
        ),
        ("option-spaces", {"name": "LAN"}, {"widths": ""}),
        ("option-definitions", {"name": "cable-way", "code": 224, "type": "text"}, {"code": 225}),
        ("zones", {"name": "example.org.", "primary": "192.168.0.1"}, {"primary": "192.168.0.2"}),
        ("keys", {"name": "ddns", "secret": "pRP5FapFoJ95JEL06sv4PQ=="}, {"algorithm": "hmac-sha512"}),
    ],
)
def test_every_kind_of_declaration_comes_changes_and_goes(
    program: Program, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    server = the_seed()
    made = program.post(f"/dhcp/{path}/", {"server": server.pk, **body})
    assert made.status_code == 201, made.json()
    one = f"/dhcp/{path}/{made.json()['id']}/"
    changed = program.patch(one, change)
    assert changed.status_code == 200, changed.json()
    assert changed.json()[next(iter(change))] == next(iter(change.values()))
    assert program.get(f"/dhcp/{path}/", server=server.pk).json()["results"][0]["id"] == made.json()["id"]
    assert program.delete(one).status_code == 204
    assert program.get(one).status_code == 404


def test_a_pool_stands_in_one_network(program: Program) -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    body = {"server": server.pk, "ranges": [{"first": "192.168.1.100", "last": "192.168.1.110"}]}
    assert program.post("/dhcp/pools/", body).json()["field"] == "subnet"
    made = program.post("/dhcp/pools/", body | {"subnet": subnet.pk, "permits": [["deny", "unknown-clients"]]})
    assert made.status_code == 201, made.json()
    assert made.json()["permits"] == [["deny", "unknown-clients"]]
    other = the_seed().subnets.first()
    wrong = program.patch(f"/dhcp/pools/{made.json()['id']}/", {"subnet": other.pk})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "subnet")


def test_secrets_of_keys_do_not_come_out(program: Program) -> None:
    server = the_seed()
    secret = "pRP5FapFoJ95JEL06sv4PQ=="
    body = {"server": server.pk, "name": "omapi", "secret": secret, "is_for_omapi": True}
    made = program.post("/dhcp/keys/", body)
    answers = (
        made.content + program.get("/dhcp/keys/").content + program.get(f"/dhcp/servers/{server.pk}/preview/").content
    )
    assert made.status_code == 201
    assert secret.encode() not in answers
    assert Key.objects.get().facts().secret == secret


def test_a_configuration_is_taken_over(program: Program) -> None:
    server = a_server()
    done = program.post(f"/dhcp/servers/{server.pk}/take-over/", {"text": CONF})
    assert done.status_code == 200, done.json()
    assert done.json()["counts"]["subnet"] == 1
    assert "agent.circuit-id" in done.json()["kept"][0]["text"]
    again = program.post(f"/dhcp/servers/{server.pk}/take-over/", {"text": CONF})
    assert again.status_code == 409
    assert program.post(f"/dhcp/servers/{server.pk}/take-over/", {"text": CONF, "replace": True}).status_code == 200
    broken = program.post(f"/dhcp/servers/{server.pk}/take-over/", {"text": "subnet {", "replace": True})
    assert broken.status_code == 400
    assert program.post(f"/dhcp/servers/{server.pk}/take-over/", {}).json()["field"] == "text"
    assert Subnet.objects.get().network == "192.168.7.0/24"


def test_errands_are_asked_for_and_read(program: Program, django_capture_on_commit_callbacks: Any) -> None:
    server = the_seed()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        asked = program.post(f"/dhcp/servers/{server.pk}/ping/", {"addresses": ["192.168.1.100"]})
        read = program.post(f"/dhcp/servers/{server.pk}/read-config/")
    assert (asked.status_code, read.status_code) == (201, 201), asked.json()
    assert [name for name, _ in woken] == ["dhcp.run_errand", "dhcp.run_errand"]
    found = program.get(f"/dhcp/errands/{asked.json()['id']}/").json()
    assert found["state"]["value"] == "waiting"
    assert found["asked"] == {"addresses": ["192.168.1.100"]}
    wrong = program.post(f"/dhcp/servers/{server.pk}/ping/", {"addresses": ["web"]})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "addresses")


def test_a_subnet_tells_its_map_its_use_and_free_addresses(program: Program) -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    a_lease(server, "192.168.1.14", hostname="anne")
    a_reservation(server, "web", "00:16:3e:00:00:07", "192.168.1.1")
    UsageSample.objects.create(server=server, subnet=subnet, at=timezone.now(), defined=11, active=7, held=6)
    drawn = program.get(f"/dhcp/subnets/{subnet.pk}/map/").json()
    kinds = {cell["address"]: cell["kind"] for cell in drawn["cells"]}
    assert len(kinds) == 256
    assert (kinds["192.168.1.14"], kinds["192.168.1.15"], kinds["192.168.1.1"]) == ("leased", "free", "reserved")
    use = program.get(f"/dhcp/subnets/{subnet.pk}/usage/").json()
    assert (use["now"]["active"], use["now"]["held"], use["now"]["percent"]) == (7, 6, 63.6)
    assert [each["active"] for each in use["history"]] == [7]
    free = program.get(f"/dhcp/subnets/{subnet.pk}/free-address/", count=2, after="192.168.1.9").json()
    assert free == {"addresses": ["192.168.1.21", "192.168.1.22"]}


def test_relays_and_sites_are_planned(program: Program) -> None:
    server = the_seed(host=make.host("gate"))
    host = make.host("relay01")
    made = program.post("/dhcp/relays/", {"host": host.pk, "servers": ["192.168.0.1"], "giaddr": ["192.168.1.254/24"]})
    assert made.status_code == 201, made.json()
    relay = made.json()["id"]
    assert program.post("/dhcp/relays/", {"host": make.host().pk, "servers": []}).json()["field"] == "servers"
    alone = program.post(f"/dhcp/relays/{relay}/plan/", {})
    assert alone.status_code == 201, alone.json()
    both = program.post("/dhcp/site/plan/", {"servers": [server.pk], "relays": [relay], "why": "all"})
    assert both.status_code == 201, both.json()
    assert both.json()["rollout"]["id"] == Rollout.objects.get().pk
    assert program.post("/dhcp/site/plan/", {}).json()["field"] == "servers"
    assert program.delete(f"/dhcp/relays/{relay}/").status_code == 204
    assert not Relay.objects.exists()


def test_findings_are_told_and_mended(program: Program) -> None:
    server = the_seed()
    subnet = server.subnets.get(network="192.168.1.0/24")
    program.patch(f"/dhcp/subnets/{subnet.pk}/", {"options": routers("10.9.9.9")})
    (found,) = program.get("/dhcp/findings/", severity="warning").json()["results"]
    assert "10.9.9.9" in found["title"]
    row = Problem.objects.get(pk=found["id"])
    Problem.objects.filter(pk=row.pk).update(
        place_kind="subnet", place_name="192.168.1.0/24", place_field="default", mend_value="600"
    )
    assert program.post(f"/dhcp/findings/{row.pk}/mend/", {}).status_code == 204
    subnet.refresh_from_db()
    assert subnet.default_lease_seconds == 600


def test_lists_cost_the_same_with_many(program: Program) -> None:
    server = the_seed()

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert program.get(path).status_code == 200
        return len(seen)

    paths = ("/dhcp/subnets/", "/dhcp/servers/", "/dhcp/pools/")
    queries(paths[0])  # the first request of a minute notes that the key was used
    little = [queries(path) for path in paths]
    for n in range(30):
        row = Subnet.objects.create(server=server, network=f"10.{n}.0.0/24")
        pool = row.pools.create(server=server, is_plain=True)
        pool.ranges.create(first=f"10.{n}.0.10", last=f"10.{n}.0.20")
        Server.objects.create(host=make.host(), kind="isc")
    assert [queries(path) for path in paths] == little


@pytest.mark.parametrize(
    "path",
    [
        "servers/{server}/", "servers/{server}/preview/", "subnets/{subnet}/", "subnets/{subnet}/map/",
        "subnets/{subnet}/usage/", "subnets/{subnet}/free-address/", "errands/{errand}/", "relays/{relay}/",
        "findings/{problem}/",
    ],
)  # fmt: skip
def test_what_belongs_to_others_is_not_there(stranger: Program, path: str) -> None:
    known = everything()
    assert stranger.get(f"/dhcp/{path.format(**known)}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("servers/{server}/plan/", {}),
        ("servers/{server}/take-over/", {"text": CONF, "replace": True}),
        ("servers/{server}/read-config/", {}),
        ("servers/{server}/ping/", {"addresses": ["10.0.0.1"]}),
        ("relays/{relay}/plan/", {}),
        ("findings/{problem}/mend/", {}),
    ],
)
def test_nothing_is_done_to_what_belongs_to_others(stranger: Program, path: str, body: dict[str, Any]) -> None:
    known = everything()
    before = Errand.objects.count()
    assert stranger.post(f"/dhcp/{path.format(**known)}", body).status_code == 404
    assert (Change.objects.count(), Errand.objects.count()) == (0, before)


def test_rows_cannot_be_put_to_servers_of_others(stranger: Program) -> None:
    known = everything()
    for path, body in (
        ("subnets", {"network": "10.0.0.0/24"}),
        ("groups", {"name": "x"}),
        ("keys", {"name": "x", "secret": "aGVsbG8="}),
        ("reservations", {"name": "x", "mac": "00:16:3e:00:00:01"}),
    ):
        answer = stranger.post(f"/dhcp/{path}/", {"server": known["server"], **body})
        assert (answer.status_code, answer.json()["field"]) == (400, "server")
    site = stranger.post("/dhcp/site/plan/", {"servers": [known["server"]]})
    assert (site.status_code, site.json()["field"]) == (400, "servers")
    assert stranger.get("/dhcp/subnets/").json()["results"] == []
    assert stranger.get("/dhcp/servers/").json()["results"] == []


@pytest.mark.parametrize("who", ["reads only", "no permission", "customer"])
def test_only_those_who_may(who: str) -> None:
    known = everything()
    rights = ("dhcp.view_server", "dhcp.add_server", "hosts.plan_change")
    person = {
        "reads only": lambda: make.admin(),
        "no permission": lambda: make.user(all_organizations=True),
        "customer": lambda: make.customer(permissions=rights),
    }[who]()
    program = Program(person, ("read",) if who == "reads only" else make.SCOPES)
    assert program.get("/dhcp/servers/").status_code == (200 if who == "reads only" else 403)
    for path in (
        "servers/",
        "servers/{server}/plan/",
        "servers/{server}/ping/",
        "site/plan/",
        "findings/{problem}/mend/",
    ):
        assert program.post(f"/dhcp/{path.format(**known)}", {}).status_code == 403


def everything() -> dict[str, int]:
    """A site of some organization, by the keys of its rows."""
    server = the_seed(host=make.host(organization=make.organization()))
    relay = Relay.objects.create(host=make.host(organization=make.organization()), servers=["192.168.0.1"])
    now = timezone.now()
    problem = Problem.objects.create(
        server=server, source="log", rule="x", severity="warning", title="x", found_at=now, seen_at=now
    )
    errand = Errand.objects.create(server=server, kind="ping")
    subnet = server.subnets.first()
    assert subnet is not None
    return {
        "server": server.pk, "subnet": subnet.pk, "relay": relay.pk, "problem": problem.pk, "errand": errand.pk,
    }  # fmt: skip
