"""Hosts, keys, credentials, tokens and the book: what services keep and what they refuse."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from hosts.choices import CredentialKind, HostKeyState, HostRole, HostState
from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.inventory import ImportedHost
from hosts.facts.machine import PinnedKey
from hosts.models import ApiToken, AuditEntry, Credential, FileContent, Host, Tag
from hosts.models.sealed import CannotUnseal, Sealed
from hosts.services import access, credentials, enrol, facts, fleet, managed
from hosts.services.audit import PANEL, Actor
from tests import make

pytestmark = pytest.mark.django_db

PUBLIC = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519 one").decode()
OTHER = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519 two").decode()


def rows(*names, **fields):
    return [ImportedHost(name=name, address=f"192.0.2.{n}", line=n, **fields) for n, name in enumerate(names, 1)]


# -- import


def test_an_import_keeps_everything_that_the_list_says():
    owner = make.organization("Hanbit")
    wanted = rows("xen01", roles=("xen", "dns"), tags=("seoul",), site="DC1", organization="Hanbit", sudo=True)
    host = fleet.import_hosts(wanted, by=make.actor(), credential=make.credential())[0]
    host.refresh_from_db()
    assert (host.site, host.organization, host.use_sudo, host.roles) == ("DC1", owner, True, ["xen", "dns"])
    assert list(host.tags.values_list("name", flat=True)) == ["seoul"]
    assert host.state == HostState.NEW


def test_hosts_of_a_list_can_go_through_each_other_in_any_order():
    wanted = [*rows("inner", jump="gate"), ImportedHost(name="gate", address="192.0.2.99", line=2)]
    inner, gate = fleet.import_hosts(wanted, by=make.actor())
    inner.refresh_from_db()
    assert inner.jump_host == gate


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "taken"},
        {"name": "first"},
        {"name": "a b"},
        {"jump": "nowhere"},
        {"roles": ("king",)},
        {"tags": ("two words",)},
        {"organization": "Nobody"},
        {"port": 0},
    ],
    ids=[
        "name taken",
        "name twice",
        "bad name",
        "unknown jump host",
        "unknown role",
        "bad tag",
        "no organization",
        "port",
    ],
)
def test_one_bad_line_imports_nothing_and_is_named(bad):
    make.host("taken")
    wanted = [*rows("first"), ImportedHost(**{"name": "second", "address": "192.0.2.50", "line": 2, **bad})]
    with pytest.raises(BadInput, match=r"Line 2.*Nothing was imported"):
        fleet.import_hosts(wanted, by=make.actor())
    assert list(Host.objects.values_list("name", flat=True)) == ["taken"]
    assert not Tag.objects.exists()


# -- hosts


def test_saving_a_host_notes_what_changed_of_it():
    host = make.host(roles=["web"], site="DC1")
    host.site = "DC2"
    fleet.save_host(host, by=make.actor(), roles=["web", "dns"], tags=["new"])
    details = AuditEntry.objects.get(action="change").details
    assert details == {"site": ["DC1", "DC2"], "roles": ["web", "dns, web"], "tags": ["", "new"]}


def test_saving_a_form_does_not_undo_what_a_worker_noted_meanwhile():
    stale = make.host()
    Host.objects.filter(pk=stale.pk).update(state=HostState.KEY_CHANGED, state_why="Look!")
    stale.notes = "rack 4"
    fleet.save_host(stale, by=make.actor())
    stale.refresh_from_db()
    assert (stale.state, stale.state_why, stale.notes) == (HostState.KEY_CHANGED, "Look!", "rack 4")


@pytest.mark.parametrize("field", ["address", "port", "jump_host"])
def test_a_new_way_asks_for_the_key_anew(field):
    host = make.host()
    setattr(host, field, {"address": "192.0.2.251", "port": 2222, "jump_host": make.host()}[field])
    fleet.save_host(host, by=make.actor())
    host.refresh_from_db()
    assert host.state == HostState.NEW


def test_a_circle_of_jump_hosts_is_refused_however_long():
    first, second, third = make.hosts(3)
    second.jump_host, third.jump_host = first, second
    second.save()
    third.save()
    first.jump_host = third
    with pytest.raises(BadInput, match="leads back"):
        fleet.save_host(first, by=make.actor())


@pytest.mark.parametrize("role", HostRole.values)
def test_every_role_can_be_set_and_taken_away(role):
    host = make.host()
    fleet.save_host(host, by=make.actor(), roles=[role, role])
    assert Host.objects.get(pk=host.pk).roles == [role]
    fleet.save_host(host, by=make.actor(), roles=[])
    assert Host.objects.get(pk=host.pk).roles == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HostState.REACHABLE, HostState.UNREACHABLE),
        (HostState.UNREACHABLE, HostState.UNREACHABLE),
        (HostState.KEY_CHANGED, HostState.KEY_CHANGED),
        (HostState.NEW, HostState.NEW),
        (HostState.KEY_OFFERED, HostState.KEY_OFFERED),
    ],
    ids=str,
)
def test_no_way_in_is_noted_without_hiding_what_waits_for_a_person(before, after):
    host = make.host(state=before)
    fleet.note_unreachable(host, why="No route.")
    host.refresh_from_db()
    assert host.state == after


def test_since_when_a_host_is_gone_stays_the_first_time():
    host = make.host()
    fleet.note_unreachable(host, why="No route.")
    since = Host.objects.get(pk=host.pk).state_since
    fleet.note_unreachable(host, why="Still no route.")
    host.refresh_from_db()
    assert (host.state_since, host.state_why) == (since, "Still no route.")


# -- host keys


def test_a_new_host_waits_for_a_person_and_then_is_pinned():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.KEY_OFFERED
    assert host.facts().keys == ()
    enrol.accept_keys(host, by=make.actor())
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE
    assert [key.public for key in host.facts().keys] == [PUBLIC]


def test_a_host_that_moved_and_shows_its_old_key_needs_nobody():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    host.refresh_from_db()
    host.address = "192.0.2.252"
    fleet.save_host(host, by=make.actor())
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE


def test_a_changed_key_stops_everything_until_a_person_accepts_it():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    enrol.record_changed_key(host, key_type="ssh-ed25519", public=OTHER, why="Another key!")
    host.refresh_from_db()
    assert (host.state, host.state_why) == (HostState.KEY_CHANGED, "Another key!")
    assert not Host.objects.speakable().filter(pk=host.pk).exists()
    enrol.accept_keys(host, by=make.actor())
    assert [key.public for key in Host.objects.get(pk=host.pk).facts().keys] == [OTHER]
    assert host.keys.get(public=PUBLIC).state == HostKeyState.REPLACED


def test_a_changed_key_is_forgiven_when_the_accepted_one_is_back():
    host = make.host(key=False)
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    enrol.accept_keys(host, by=make.actor())
    enrol.record_changed_key(host, key_type="ssh-ed25519", public=OTHER, why="Another key!")
    host.refresh_from_db()
    enrol.refuse_keys(host, by=make.actor())
    host.refresh_from_db()
    assert host.state == HostState.KEY_CHANGED
    enrol.ask_for_keys(host, by=make.actor())
    enrol.record_offered_keys(host, [PinnedKey("ssh-ed25519", PUBLIC)])
    host.refresh_from_db()
    assert host.state == HostState.REACHABLE


def test_nothing_to_decide_is_said():
    with pytest.raises(WrongState):
        enrol.accept_keys(make.host(), by=make.actor())
    with pytest.raises(WrongState):
        enrol.refuse_keys(make.host(), by=make.actor())


# -- sealed values


def test_a_secret_is_unreadable_in_the_database_and_in_words():
    credential = make.credential(password="hush-hush")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM hosts_credential")
        stored = bytes(cursor.fetchone()[0])
    assert b"hush" not in stored
    assert "hush" not in repr(credential.secret) + str(credential.secret) + repr(credential.login("root"))
    assert credential.login("root").password == "hush-hush"


def test_a_plain_value_is_refused_by_the_column():
    with pytest.raises(TypeError):
        Credential.objects.create(name="x", secret=b"plain")


def test_a_key_is_rotated_without_a_pause(settings):
    credential = make.credential(password="hush-hush")
    content = make.content(b"file secret")
    old, new = settings.SECRET_KEYS[0], Fernet.generate_key().decode()
    settings.SECRET_KEYS = [new, old]
    assert Credential.objects.get().login("root").password == "hush-hush"
    call_command("rotate_keys")
    settings.SECRET_KEYS = [new]
    assert Credential.objects.get(pk=credential.pk).login("root").password == "hush-hush"
    assert FileContent.objects.get(pk=content.pk).read() == b"file secret"
    assert AuditEntry.objects.get(action="rotate keys").details == {"values": 2}


def test_a_missing_key_says_what_to_do_and_rotates_nothing(settings):
    credential = make.credential()
    token = bytes(Credential.objects.get().secret.token)
    settings.SECRET_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CannotUnseal, match="SECRET_KEYS"):
        credential.login("root")
    with pytest.raises(CannotUnseal):
        credentials.rotate_keys(by=PANEL)
    assert bytes(Credential.objects.get().secret.token) == token


def test_a_broken_value_is_explained():
    with pytest.raises(CannotUnseal):
        Sealed(b"not a token").open()


# -- credentials


def test_a_generated_key_opens_and_shows_its_line():
    made = credentials.generate_key(Credential(name="the fleet"), by=make.actor())
    assert made.public_key.endswith(" the-fleet@rackdesk")
    assert "OPENSSH PRIVATE KEY" in json.loads(made.secret.open())["private_key"]
    assert made.fingerprint.startswith("SHA256:")


def test_an_empty_secret_keeps_the_stored_one():
    credential = make.credential(password="hush-hush")
    credential.name = "renamed"
    credentials.save_credential(credential, by=make.actor())
    assert Credential.objects.get().login("root").password == "hush-hush"


def test_a_credential_of_another_kind_needs_another_secret():
    credential = make.credential()
    credential.kind = CredentialKind.PRIVATE_KEY
    with pytest.raises(BadInput):
        credentials.save_credential(credential, by=make.actor())


# -- tokens


def test_a_token_is_found_by_its_key_only():
    token, key = make.token()
    assert access.token_of(key) == token
    assert access.token_of(key[:-1]) is None
    assert access.token_of(token.digest) is None
    assert access.token_of("") is None


def test_the_use_of_a_token_is_written_once_a_minute_at_most(django_assert_num_queries):
    _, key = make.token()
    access.token_of(key)
    with django_assert_num_queries(1):
        access.token_of(key)


def test_revoking_twice_keeps_the_first_time():
    token, _ = make.token()
    access.revoke_token(token, by=make.actor())
    first = ApiToken.objects.get().revoked_at
    access.revoke_token(ApiToken.objects.get(), by=make.actor())
    assert ApiToken.objects.get().revoked_at == first


def test_a_token_is_issued_on_the_command_line_and_its_key_printed_once(capsys):
    make.operator("kim@example.test")
    call_command("issue_token", "kim@example.test", "backup", "--scope", "read", "--scope", "plan", "--days", "30")
    key = capsys.readouterr().out.split()[-1]
    token = access.token_of(key)
    assert (token.name, token.scopes, token.user.email) == ("backup", ["plan", "read"], "kim@example.test")
    assert token.expires_at is not None
    assert AuditEntry.objects.get(action="issue").via == "command"


def test_the_first_administrator_is_made_once():
    user, password = access.create_first_admin()
    assert user.check_password(password)
    assert user.must_change_password
    assert access.create_first_admin() is None


def test_roles_that_people_changed_are_left_alone():
    access.ensure_roles()
    assert access.ensure_roles() == []


# -- facts that are asked for


def test_a_question_for_facts_is_found_by_the_sweep_if_its_call_was_lost():
    host = make.host(next_facts_at=make.ago(minutes=-30))
    facts.ask_for_facts(host, by=make.actor())
    assert facts.claim_due_facts() == [host.pk]
    assert facts.claim_due_facts() == []


@pytest.mark.parametrize(
    "fields",
    [{"state": HostState.KEY_CHANGED}, {"state": HostState.NEW}, {"is_in_maintenance": True}, {"credential": None}],
    ids=["key changed", "new", "maintenance", "no credential"],
)
def test_the_panel_does_not_speak_by_itself_to(fields):
    make.host(**fields)
    assert facts.claim_due_facts() == []


# -- the book

SCOPED = (
    lambda by, row: fleet.save_host(row, by=by),
    lambda by, row: credentials.save_credential(row.credential, by=by, password="x"),
    lambda by, row: managed.save_managed_file(make.managed_file(organization=row.organization), by=by),
)


@pytest.mark.parametrize("write", SCOPED, ids=["host", "credential", "managed file"])
def test_services_themselves_refuse_what_belongs_to_others(write):
    owner = make.organization()
    row = make.host(organization=owner, credential=make.credential(organization=owner))
    stranger = make.operator(organizations=[make.organization()])
    with pytest.raises(NotAllowed):
        write(make.actor(stranger), row)


WRITERS = {
    "create host": lambda by: fleet.save_host(Host(name="new", address="192.0.2.1"), by=by),
    "delete host": lambda by: fleet.delete_host(make.host(), by=by),
    "maintenance on host": lambda by: fleet.set_maintenance(make.host(), is_on=True, by=by),
    "ask for facts host": lambda by: facts.ask_for_facts(make.host(), by=by),
    "ask for host key host": lambda by: enrol.ask_for_keys(make.host(), by=by),
    "accept host key host": lambda by: enrol.accept_keys(make.host_key(make.host()).host, by=by),
    "refuse host key host": lambda by: enrol.refuse_keys(make.host_key(make.host()).host, by=by),
    "create credential": lambda by: credentials.generate_key(Credential(name="new"), by=by),
    "change managedfile": lambda by: managed.save_managed_file(make.managed_file(), by=by, content=b"hush"),
    "delete managedfile": lambda by: managed.delete_managed_file(make.managed_file(), by=by),
    "issue apitoken": lambda by: access.issue_token(by.person, "x", ["read"], by=by),
    "revoke apitoken": lambda by: access.revoke_token(make.token()[0], by=by),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_write_names_who_did_it_through_which_door(name):
    by = Actor(make.admin("kim@example.test"), "api", "deploy", "192.0.2.77")
    WRITERS[name](by)
    entry = AuditEntry.objects.latest("id")
    assert f"{entry.action} {entry.object_type}" == name
    assert (entry.actor, entry.via, entry.token_name, entry.address) == (by.user, "api", "deploy", "192.0.2.77")
    assert "kim@example.test" in entry.actor_name
    assert "hush" not in json.dumps(entry.details)


def test_a_write_that_fails_leaves_no_line():
    before = AuditEntry.objects.count()
    by = make.actor()
    with pytest.raises(ValidationError):
        fleet.save_host(Host(name="a b", address="192.0.2.1"), by=by)
    assert AuditEntry.objects.count() == before
