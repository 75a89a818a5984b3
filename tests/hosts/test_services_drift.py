"""Files that are not what was put there: noticed, adopted, overwritten."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hosts.choices import ChangeState, DriftState, FileKind
from hosts.errors import BadInput, WrongState
from hosts.facts.change import Bundle, Command, SeenFile, WantedFile
from hosts.facts.proposal import Proposal
from hosts.models import HostFile
from hosts.services import drift
from hosts.services.managed import propose_managed_file
from tests import make

pytestmark = pytest.mark.django_db


def seen(data=b"Welcome\n", **fields):
    return make.seen(data=data, **fields)


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        (seen(), DriftState.IN_PLACE, ""),
        (seen(b"other\n"), DriftState.DRIFTED, "content"),
        (seen(mode=0o600), DriftState.DRIFTED, "mode"),
        (seen(owner="bob"), DriftState.DRIFTED, "owner"),
        (seen(b"x", owner="bob", mode=0o600), DriftState.DRIFTED, "content, owner, mode"),
        (make.seen(data=None), DriftState.MISSING, "gone"),
        (SeenFile(make.MOTD, FileKind.SYMLINK, target="/x"), DriftState.DRIFTED, "now a symbolic link"),
    ],
    ids=["in place", "content", "mode", "owner", "all three", "gone", "a link"],
)
def test_what_differs_is_said(live, state, words):
    row = make.host_file()
    drift.record_drift(row.host, [live])
    row.refresh_from_db()
    assert (row.state, row.drift_words) == (state, words)
    assert (row.drifted_at is None) == (state == DriftState.IN_PLACE)
    row.host.refresh_from_db()
    assert row.host.drifted_count == (0 if state == DriftState.IN_PLACE else 1)
    assert row.host.next_drift_at > timezone.now()


def test_when_it_was_first_seen_stays_until_it_is_gone():
    row = make.host_file()
    drift.record_drift(row.host, [seen(b"x")])
    first = HostFile.objects.get().drifted_at
    drift.record_drift(row.host, [seen(b"y")])
    assert HostFile.objects.get().drifted_at == first
    drift.record_drift(row.host, [seen()])
    assert HostFile.objects.get().drifted_at is None


def test_what_was_not_looked_at_is_not_judged():
    row = make.host_file(live=b"x")
    drift.record_drift(row.host, [])
    row.refresh_from_db()
    assert (row.state, row.checked_at) == (DriftState.DRIFTED, None)


def test_a_slow_look_does_not_call_drifted_what_was_put_there_meanwhile():
    looked_at = make.ago(seconds=10)
    row = make.host_file(checked_at=make.ago(seconds=2))
    drift.record_drift(row.host, [seen(b"as it was before\n")], looked_at=looked_at)
    row.refresh_from_db()
    assert row.state == DriftState.IN_PLACE


def test_adopting_takes_content_owner_and_mode_and_is_in_place_afterwards():
    row = make.host_file()
    live = seen(b"theirs\n", owner="bob", group="staff", mode=0o600)
    drift.record_drift(row.host, [live])
    adopted = drift.adopt(HostFile.objects.get(), by=make.actor())
    assert (adopted.content.read(), adopted.owner, adopted.group, adopted.mode) == (b"theirs\n", "bob", "staff", 0o600)
    drift.record_drift(row.host, [live])
    row.refresh_from_db()
    assert row.state == DriftState.ADOPTED
    row.host.refresh_from_db()
    assert row.host.drifted_count == 0


def test_adopting_a_managed_file_makes_it_the_hosts_own_version():
    host, other = make.hosts(2)
    managed = make.managed_file(body=b"common\n", hosts=[host, other])
    row = make.host_file(host, managed=managed, data=b"common\n", live=b"own\n")
    drift.adopt(row, by=make.actor())
    assert propose_managed_file(managed, host).bundle.files[0].content == b"own\n"
    assert propose_managed_file(managed, other).bundle.files[0].content == b"common\n"


@pytest.mark.parametrize(
    "live",
    [seen(), make.seen(data=None), SeenFile(make.MOTD, FileKind.DIRECTORY)],
    ids=["in place", "gone", "a directory"],
)
def test_what_has_no_text_of_its_own_cannot_be_adopted(live):
    row = make.host_file()
    drift.record_drift(row.host, [live])
    with pytest.raises(WrongState):
        drift.adopt(HostFile.objects.get(), by=make.actor())


def test_overwriting_puts_back_what_the_panel_had_put_there_with_its_commands():
    proposal = Proposal(
        "dhcpd",
        Bundle(
            files=(WantedFile("/etc/a", b"a\n"), WantedFile("/etc/b", b"b\n", mode=0o600)),
            check=(Command(("one", "{staged}")), Command(("two", "{staged:/etc/b}"))),
            activate=(Command(("reload",)),),
            verify=(Command(("alive",)),),
        ),
    )
    host = make.host()
    change = make.change(host, ChangeState.APPLIED, proposal=proposal)
    rows = [
        make.host_file(host, "/etc/a", data=b"a\n", live=b"x", change=change),
        make.host_file(host, "/etc/b", data=b"b\n", live=b"y", change=change, mode=0o600),
    ]
    both = drift.overwrite_proposal(rows).bundle
    assert [(file.path, file.content, file.mode) for file in both.files] == [
        ("/etc/a", b"a\n", 0o644),
        ("/etc/b", b"b\n", 0o600),
    ]
    assert [command.argv for command in both.check] == [("one", "{staged:/etc/a}"), ("two", "{staged:/etc/b}")]
    assert [command.argv for command in both.activate] == [("reload",)]
    second = drift.overwrite_proposal(rows[1:]).bundle
    assert [command.argv for command in second.check] == [("two", "{staged:/etc/b}")]


def test_overwriting_nothing_is_refused():
    with pytest.raises(BadInput):
        drift.overwrite_proposal([])


def test_a_path_longer_than_an_index_can_be_under_management():
    path = "/srv/" + "d" * 3_000
    assert make.host_file(path=path).path == path
