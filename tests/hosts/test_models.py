"""Rows: whose they are, what the database itself refuses, and the gate from rows to pure code."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from hosts.choices import ChangeState, DriftState, HostRole, HostState
from hosts.errors import BadInput
from hosts.models import (
    AuditEntry,
    Change,
    Credential,
    FactsRecord,
    Host,
    HostFile,
    HostRoleRow,
    ManagedFile,
    Organization,
    PlanRequest,
    Rollout,
    User,
)
from tests import make

pytestmark = pytest.mark.django_db

SCOPED = [Host, Change, Rollout, ManagedFile, HostFile, Credential, FactsRecord, Organization]


@pytest.fixture
def two_organizations():
    """Something of each kind for each of two organizations, and for none."""
    owners = [make.organization("Mine"), make.organization("Theirs")]
    for owner in [*owners, None]:
        host = make.host(organization=owner, credential=make.credential(organization=owner))
        make.host_file(host, managed=make.managed_file(organization=owner))
        make.facts_record(host)
        make.rollout([host])
    return owners


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_a_person_sees_what_belongs_to_their_organizations_and_nothing_twice(model, two_organizations):
    mine, theirs = two_organizations
    both = make.user(organizations=[mine, theirs])
    one = make.user(organizations=[mine])
    nobody = make.user()
    everybody = make.user(all_organizations=True)
    counts = [model.objects.visible_to(person).count() for person in (nobody, one, both)]
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2]
    assert counts[2] == 2 * counts[1]
    seen = list(model.objects.visible_to(both).values_list("pk", flat=True))
    assert len(seen) == len(set(seen))
    assert model.objects.visible_to(everybody).count() == model.objects.count()


def test_the_book_is_narrowed_to_ones_organizations_and_own_deeds():
    mine, person = make.organization(), make.user()
    person.organizations.add(mine)
    for organization, actor in ((mine, None), (None, person), (None, None)):
        AuditEntry.objects.create(actor=actor, actor_name="x", via="web", action="y", organization=organization)
    assert AuditEntry.objects.visible_to(person).count() == 2
    assert AuditEntry.objects.visible_to(make.admin()).count() == AuditEntry.objects.count()


def test_an_address_is_one_person_however_it_is_typed():
    make.user("Kim@Example.Test")
    assert User.objects.get_by_natural_key(" KIM@example.test ").email == "kim@example.test"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="KIM@EXAMPLE.TEST")


@pytest.mark.parametrize("zone", ["Asia/Seoul", "UTC"])
def test_a_time_zone_that_is_one_is_taken(zone):
    User(email="a@example.test", password="x", time_zone=zone).full_clean()


@pytest.mark.parametrize("zone", ["Seoul", "../etc/passwd", ""])
def test_a_time_zone_that_is_none_is_refused(zone):
    with pytest.raises(ValidationError):
        User(email="a@example.test", password="x", time_zone=zone).full_clean()


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "2001:db8::1", "fe80::1%eth0", "xen01.example.test"], ids=["IPv4", "IPv6", "zone", "name"]
)
def test_an_address_of_any_kind_is_taken(address):
    Host(name="a", address=address).full_clean()


@pytest.mark.parametrize("address", ["a b", "-oProxyCommand=x;y", "a/b", "", "$(id)"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValidationError):
        Host(name="a", address=address).full_clean()


@pytest.mark.parametrize("port", [0, 65536])
def test_a_port_that_is_none_is_refused_by_the_database_too(port):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.host(port=port)


def test_one_address_and_port_is_one_host_unless_the_ways_there_differ():
    first = make.host(address="192.0.2.77", port=22)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.host(address="192.0.2.77", port=22)
    gate = make.host()
    make.host(address="192.0.2.77", port=22, jump_host=gate)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.host(address="192.0.2.77", port=22, jump_host=gate)
    assert Host.objects.filter(address=first.address).count() == 2


def test_a_role_is_had_once_and_listed_in_order():
    host = make.host(roles=[HostRole.DNS, HostRole.XEN])
    assert host.roles == ["xen", "dns"]
    assert host.role_labels == ["Xen dom0", "DNS server"]
    with pytest.raises(IntegrityError), transaction.atomic():
        HostRoleRow.objects.create(host=host, role=HostRole.DNS)


@pytest.mark.parametrize("state", [ChangeState.APPLYING, ChangeState.LOST], ids=str)
def test_the_database_itself_lets_one_change_of_a_host_be_on_its_way(state):
    host = make.host()
    make.change(host, state)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.change(host, ChangeState.APPLYING)


def test_a_key_of_a_request_is_used_once_by_a_person():
    person = make.user()
    PlanRequest.objects.create(user=person, key="k", digest="x")
    PlanRequest.objects.create(user=make.user(), key="k", digest="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanRequest.objects.create(user=person, key="k", digest="y")


def test_what_outside_may_know_carries_the_opened_secret_and_accepted_keys_only():
    host = make.host(credential=make.credential(password="hush"), username="ops", use_sudo=True)
    make.host_key(host)
    facts = host.facts()
    assert (facts.login.username, facts.login.password, facts.sudo) == ("ops", "hush", True)
    assert len(facts.keys) == 1
    assert "hush" not in repr(facts)


def test_a_host_without_credential_says_what_is_missing():
    with pytest.raises(BadInput, match="credential"):
        make.host(credential=None).facts()


def test_jump_hosts_are_followed_and_a_circle_ends():
    first, second = make.hosts(2)
    first.jump_host = second
    assert first.facts().jump.name == second.name
    second.jump_host = first
    with pytest.raises(BadInput, match="circle"):
        first.facts()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"state": HostState.UNREACHABLE}, True),
        ({"state": HostState.KEY_CHANGED}, False),
        ({"state": HostState.NEW}, False),
        ({"is_in_maintenance": True}, False),
        ({"credential": None}, False),
    ],
    ids=["reachable", "unreachable", "key changed", "new", "maintenance", "no credential"],
)
def test_the_panel_speaks_by_itself_to_some_hosts_only(fields, expected):
    make.host(**fields)
    assert Host.objects.speakable().exists() is expected


def test_targets_of_a_managed_file_are_chosen_by_host_tag_and_role_inside_its_organization():
    owner = make.organization()
    named, tagged, by_role = (
        make.host(organization=owner),
        make.host(organization=owner, tags=["web"]),
        make.host(organization=owner, roles=["web"], tags=["web"]),
    )
    foreign = make.host(roles=["web"])
    managed = make.managed_file(organization=owner, hosts=[named, foreign], tags=[make.tag("web")], role="web")
    assert set(managed.targets()) == {named, tagged, by_role}
    managed.organization = None
    assert set(managed.targets()) == {named, tagged, by_role, foreign}


@pytest.mark.parametrize("path", ["etc/motd", "", "/", "/a\0b"], ids=["relative", "empty", "root", "NUL"])
def test_a_managed_file_needs_an_absolute_path(path):
    managed = make.managed_file()
    managed.path = path
    with pytest.raises(ValidationError):
        managed.full_clean()


def test_drifted_files_are_those_that_differ_or_are_gone():
    for number, state in enumerate(DriftState):
        make.host_file(path=f"/etc/{number}", state=state)
    assert {row.state for row in HostFile.objects.drifted()} == {DriftState.DRIFTED, DriftState.MISSING}


@pytest.mark.parametrize("state", list(ChangeState), ids=str)
def test_each_state_is_swept_by_the_sweep_it_needs(state):
    change = make.change(state=state, heartbeat_at=make.ago(minutes=5))
    now = timezone.now()
    assert Change.objects.to_compare(now).contains(change) is (state == ChangeState.PLANNED)
    assert Change.objects.to_apply(now).contains(change) is (state == ChangeState.QUEUED)
    assert Change.objects.to_find(now).contains(change) is (state in (ChangeState.APPLYING, ChangeState.LOST))
    assert Change.objects.open().contains(change) is not change.has_ended
