"""The book: who did what, and what belongs to others."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError

from hosts.errors import NotAllowed
from hosts.models import AuditEntry, Credential, Host
from hosts.services import access, credentials, enrol, facts, fleet, managed
from hosts.services.audit import Actor
from tests import make

pytestmark = pytest.mark.django_db


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
