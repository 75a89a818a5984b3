"""Hosts: imported as a whole, saved with a line in the book, reached and lost."""

from __future__ import annotations

import pytest

from hosts.choices import HostRole, HostState
from hosts.errors import BadInput
from hosts.facts.inventory import ImportedHost
from hosts.models import AuditEntry, Host, Tag
from hosts.services import fleet
from tests import make

pytestmark = pytest.mark.django_db


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
