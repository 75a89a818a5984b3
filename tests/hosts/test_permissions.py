"""The API as somebody else: another organization, no permission, no scope."""

from __future__ import annotations

import pytest

from hosts.choices import ChangeState
from hosts.models import AuditEntry, Host
from hosts.services.access import ROLES
from tests import make
from tests.hosts.api import ROOT, Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs():
    """Something of each kind that belongs to another organization."""
    owner = make.organization("Theirs")
    host = make.host("theirs", organization=owner, credential=make.credential(organization=owner))
    managed = make.managed_file(organization=owner, hosts=[host])
    return {
        "hosts": host,
        "facts": make.facts_record(host),
        "organizations": owner,
        "credentials": host.credential,
        "managed-files": managed,
        "files": make.host_file(host, managed=managed, live=b"x\n"),
        "changes": make.change(host, ChangeState.COMPARED),
        "rollouts": make.rollout([host]),
        "tokens": make.token()[0],
    }


@pytest.fixture
def mine():
    """An operator of one organization, with the whole role, and everything a token can hold."""
    person = make.operator(organizations=[make.organization("Mine")])
    return Program(person)


@pytest.mark.parametrize(
    "kind",
    ["hosts", "facts", "organizations", "credentials", "managed-files", "files", "changes", "rollouts", "tokens"],
)
def test_what_belongs_to_another_organization_is_not_there(kind, mine, theirs):
    listed = mine.get(f"/{kind}/").json()["results"]
    assert theirs[kind].pk not in [row["id"] for row in listed]
    answer = mine.get(f"/{kind}/{theirs[kind].pk}/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("patch", "/hosts/{hosts}/"),
        ("delete", "/hosts/{hosts}/"),
        ("post", "/hosts/{hosts}/maintenance/"),
        ("post", "/hosts/{hosts}/ask-facts/"),
        ("get", "/hosts/{hosts}/facts/"),
        ("get", "/hosts/{hosts}/keys/"),
        ("post", "/hosts/{hosts}/keys/accept/"),
        ("post", "/hosts/{hosts}/keys/refuse/"),
        ("post", "/hosts/{hosts}/keys/ask/"),
        ("patch", "/credentials/{credentials}/"),
        ("delete", "/credentials/{credentials}/"),
        ("patch", "/managed-files/{managed-files}/"),
        ("post", "/managed-files/{managed-files}/plan/"),
        ("get", "/managed-files/{managed-files}/preview/{hosts}/"),
        ("get", "/managed-files/{managed-files}/copies/"),
        ("get", "/managed-files/{managed-files}/overrides/"),
        ("post", "/files/{files}/adopt/"),
        ("post", "/files/{files}/overwrite/"),
        ("post", "/files/{files}/look-again/"),
        ("get", "/changes/{changes}/log/"),
        ("get", "/changes/{changes}/files/0/"),
        ("post", "/changes/{changes}/approve/"),
        ("post", "/changes/{changes}/apply/"),
        ("post", "/changes/{changes}/take-back/"),
        ("post", "/changes/{changes}/discard/"),
        ("post", "/changes/{changes}/plan-again/"),
        ("post", "/changes/{changes}/put-back/"),
        ("post", "/rollouts/{rollouts}/approve/"),
        ("post", "/rollouts/{rollouts}/start/"),
        ("post", "/rollouts/{rollouts}/stop/"),
        ("post", "/tokens/{tokens}/revoke/"),
    ],
)
def test_nothing_can_be_done_to_what_belongs_to_another_organization(method, path, mine, theirs):
    before = AuditEntry.objects.count()
    url = ROOT + path.format(**{kind: row.pk for kind, row in theirs.items()})
    answer = getattr(mine.client, method)(url, {}, format="json") if method != "get" else mine.client.get(url)
    assert answer.status_code == 404, answer.json()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("field", ["organization", "credential", "jump_host"])
def test_a_host_cannot_be_given_what_belongs_to_another_organization(field, mine, theirs):
    row = {"organization": theirs["organizations"], "credential": theirs["credentials"], "jump_host": theirs["hosts"]}
    own = mine.person.organizations.get()
    sent = {"name": "new", "address": "192.0.2.9", "organization": own.pk, field: row[field].pk}
    answer = mine.post("/hosts/", sent)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Host.objects.filter(name="new").exists()


def test_what_belongs_to_no_organization_cannot_be_made_by_somebody_who_would_not_see_it(mine):
    for path, sent in (
        ("/hosts/", {"name": "new", "address": "192.0.2.9"}),
        ("/credentials/", {"name": "new", "generate": True}),
        ("/managed-files/", {"name": "new", "path": "/etc/new", "text": ""}),
    ):
        assert mine.post(path, sent).status_code == 403, path


def test_a_host_cannot_be_moved_out_of_sight(mine, theirs):
    host = make.host(organization=mine.person.organizations.get())
    assert mine.patch(f"/hosts/{host.pk}/", {"organization": theirs["organizations"].pk}).status_code == 400
    assert mine.patch(f"/hosts/{host.pk}/", {"organization": None}).status_code == 403
    host.refresh_from_db()
    assert host.organization == mine.person.organizations.get()


def test_a_credential_of_the_house_stays_but_is_not_sent_elsewhere(mine):
    host = make.host(organization=mine.person.organizations.get())
    kept = mine.patch(f"/hosts/{host.pk}/", {"notes": "rack 4", "credential": host.credential_id})
    assert kept.status_code == 200, kept.json()
    stolen = mine.patch(f"/hosts/{host.pk}/", {"address": "198.51.100.66"})
    assert (stolen.status_code, stolen.json()["code"]) == (403, "not_allowed")


def test_hosts_of_others_cannot_be_chosen_for_a_plan(mine, theirs):
    by_id = mine.post("/changes/command/", {"hosts": [theirs["hosts"].pk], "command": "true"})
    assert (by_id.status_code, by_id.json()["field"]) == (400, "hosts")
    make.tag("all").hosts.set([theirs["hosts"]])
    by_tag = mine.post("/changes/command/", {"tag": "all", "command": "true"})
    assert (by_tag.status_code, by_tag.json()["field"]) == (400, "hosts")


def test_a_rollout_over_two_organizations_is_seen_in_part_and_decided_by_neither(mine, theirs):
    own = make.host(organization=mine.person.organizations.get())
    rollout = make.rollout([own, theirs["hosts"]], changes=ChangeState.COMPARED)
    shown = mine.get(f"/rollouts/{rollout.pk}/").json()
    assert [cell["host"]["name"] for cell in shown["changes"]] == [own.name]
    for action in ("approve", "start", "stop"):
        assert mine.post(f"/rollouts/{rollout.pk}/{action}/").status_code == 403
    assert set(rollout.changes.values_list("state", flat=True)) == {"compared"}


def test_the_book_shows_ones_own_organization_and_ones_own_deeds(mine, theirs):
    own = mine.person.organizations.get()
    host = make.host("ours", organization=own)
    Program().post(f"/hosts/{host.pk}/maintenance/", {"is_on": True})
    Program().post(f"/hosts/{theirs['hosts'].pk}/maintenance/", {"is_on": True})
    names = {(row["action"], row["object_name"]) for row in mine.get("/audit/").json()["results"]}
    assert ("maintenance on", "ours") in names
    assert ("maintenance on", "theirs") not in names


def test_the_book_cannot_be_written():
    program = Program(make.admin())
    entry = AuditEntry.objects.first()
    path = f"/audit/{entry.pk}/"
    for answer in (program.post("/audit/", {}), program.patch(path, {}), program.delete(path)):
        assert answer.status_code in (403, 405)


# -- permission and scope

NEEDED = [
    ("get", "/hosts/", "read", "hosts.view_host"),
    ("post", "/hosts/", "plan", "hosts.add_host"),
    ("patch", "/hosts/{host}/", "plan", "hosts.change_host"),
    ("delete", "/hosts/{host}/", "plan", "hosts.delete_host"),
    ("post", "/hosts/{host}/maintenance/", "plan", "hosts.change_host"),
    ("post", "/hosts/{host}/keys/accept/", "approve", "hosts.change_hostkey"),
    ("post", "/hosts/import/", "plan", "hosts.add_host"),
    ("get", "/facts/", "read", "hosts.view_factsrecord"),
    ("get", "/credentials/", "read", "hosts.view_credential"),
    ("post", "/credentials/", "plan", "hosts.add_credential"),
    ("get", "/organizations/", "read", "hosts.view_organization"),
    ("post", "/organizations/", "plan", "hosts.add_organization"),
    ("get", "/tags/", "read", "hosts.view_tag"),
    ("get", "/managed-files/", "read", "hosts.view_managedfile"),
    ("post", "/managed-files/", "plan", "hosts.add_managedfile"),
    ("get", "/files/", "read", "hosts.view_hostfile"),
    ("get", "/changes/", "read", "hosts.view_change"),
    ("post", "/changes/command/", "plan", "hosts.plan_change"),
    ("post", "/changes/preset/", "plan", "hosts.plan_change"),
    ("post", "/changes/bundle/", "plan", "hosts.plan_change"),
    ("post", "/changes/{change}/approve/", "approve", "hosts.approve_change"),
    ("post", "/changes/{change}/apply/", "apply", "hosts.apply_change"),
    ("post", "/changes/{change}/take-back/", "apply", "hosts.apply_change"),
    ("post", "/changes/{change}/discard/", "plan", "hosts.plan_change"),
    ("post", "/changes/{change}/put-back/", "plan", "hosts.plan_change"),
    ("get", "/rollouts/", "read", "hosts.view_rollout"),
    ("post", "/rollouts/{rollout}/approve/", "approve", "hosts.approve_change"),
    ("post", "/rollouts/{rollout}/start/", "apply", "hosts.apply_change"),
    ("post", "/rollouts/{rollout}/stop/", "apply", "hosts.apply_change"),
    ("get", "/audit/", "read", "hosts.view_auditentry"),
    ("get", "/tokens/", "read", "hosts.view_apitoken"),
    ("post", "/tokens/", "plan", "hosts.add_apitoken"),
]
IDS = [f"{method} {path}" for method, path, *_ in NEEDED]


def status(program, method, path):
    change = make.change()
    rollout = make.rollout([change.host])
    url = ROOT + path.format(host=change.host_id, change=change.pk, rollout=rollout.pk)
    return getattr(program.client, method)(url, {} if method != "get" else None, format="json").status_code


@pytest.mark.parametrize(("method", "path", "scope", "permission"), NEEDED, ids=IDS)
def test_each_action_needs_its_scope_and_its_permission(method, path, scope, permission):
    allowed = make.user(all_organizations=True, permissions=[permission])
    every = {*ROLES["Operator"], "add_organization"} - {permission.split(".")[1]}
    others = make.user(all_organizations=True, permissions=[f"hosts.{name}" for name in every])
    assert status(Program(allowed, (scope,)), method, path) not in (401, 403, 405)
    assert status(Program(others), method, path) == 403
    without = tuple(other for other in make.SCOPES if other != scope)
    assert status(Program(allowed, without), method, path) == 403


def test_a_missing_scope_is_named():
    answer = Program(make.operator(), ("read",)).post("/changes/command/", {})
    assert answer.json() == {"detail": "This API key lacks the scope “plan”.", "code": "permission_denied"}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_may_what_its_name_says(role):
    program = Program(make.operator(role=role))
    change = make.change(state=ChangeState.COMPARED)
    may = {
        "read": program.get("/changes/").status_code == 200,
        "plan": program.post("/changes/command/", {"hosts": [change.host_id], "command": "true"}).status_code == 201,
        "approve": program.post(f"/changes/{change.pk}/approve/").status_code == 200,
        "apply": program.post(f"/changes/{make.change(state=ChangeState.APPROVED).pk}/apply/").status_code == 202,
    }
    expected = {
        "Viewer": {"read"},
        "Planner": {"read", "plan"},
        "Approver": {"read", "approve"},
        "Operator": {"read", "plan", "approve", "apply"},
    }
    assert {name for name, allowed in may.items() if allowed} == expected[role]
