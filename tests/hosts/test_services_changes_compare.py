"""What lies on the host comes in: the diff, the verdict, the plan made again and the plan to put back."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hosts.choices import ChangeState, FileKind, Source, StepName
from hosts.errors import BadInput, WrongState
from hosts.facts.change import Bundle, SeenFile, WantedFile
from hosts.facts.proposal import Edit, Proposal
from hosts.models import Change, HostFile
from hosts.services import changes
from tests import make

pytestmark = pytest.mark.django_db


def test_a_difference_waits_for_approval_and_is_counted():
    change = make.change()
    compared = changes.record_comparison(change, [make.seen(data=b"Old\nolder\n")], seconds=1.5)
    file = compared.files.get()
    assert (compared.state, file.lines_added, file.lines_removed) == (ChangeState.COMPARED, 1, 2)
    assert compared.steps.get(name=StepName.COMPARE).seconds == 1.5


def test_what_is_there_already_ends_unchanged_and_comes_under_management():
    change = changes.record_comparison(make.change(), [make.seen(data=b"Welcome\n")], seconds=0.1)
    assert change.state == ChangeState.UNCHANGED
    assert HostFile.objects.get().content.read() == b"Welcome\n"


@pytest.mark.parametrize("fields", [{"mode": 0o600}, {"owner": "bob"}, {"group": "staff"}], ids=str)
def test_another_owner_or_mode_is_a_difference_too(fields):
    change = changes.record_comparison(make.change(), [make.seen(data=b"Welcome\n", **fields)], seconds=0.1)
    assert change.state == ChangeState.COMPARED


@pytest.mark.parametrize("kind", [FileKind.DIRECTORY, FileKind.SYMLINK, FileKind.OTHER], ids=str)
def test_what_is_no_regular_file_is_refused_in_words(kind):
    seen = SeenFile(make.MOTD, kind, target="/srv/motd" if kind == FileKind.SYMLINK else "")
    change = changes.record_comparison(make.change(), [seen], seconds=0.1)
    assert (change.state, change.outcome_step) == (ChangeState.REFUSED, StepName.COMPARE)
    assert make.MOTD in change.outcome_why


def test_a_discarded_change_is_not_compared_back_to_life():
    change = make.change()
    changes.discard_change(change, by=make.actor())
    changes.record_comparison(change, [make.seen()], seconds=0.1)
    change.refresh_from_db()
    assert change.state == ChangeState.DISCARDED


def test_an_added_line_keeps_every_other_byte_and_the_owner():
    path = "/root/.ssh/authorized_keys"
    proposal = Proposal("key", Bundle(files=(WantedFile(path, None),)), edits=(Edit(path, "ssh-ed25519 AAAA new"),))
    change = make.change(
        state=ChangeState.COMPARED, proposal=proposal, seen=[make.seen(path, b"old \xff", owner="bob", mode=0o600)]
    )
    wanted = change.bundle().files[0]
    assert wanted.content == b"old \xff\nssh-ed25519 AAAA new\n"
    assert (wanted.owner, wanted.mode) == ("bob", 0o600)


def test_a_file_too_large_to_read_is_not_replaced_by_one_line():
    path = "/root/.ssh/authorized_keys"
    proposal = Proposal("key", Bundle(files=(WantedFile(path, None),)), edits=(Edit(path, "ssh-ed25519 AAAA new"),))
    seen = SeenFile(path, FileKind.FILE, "ab" * 32, 9_000_000, "root", "root", 0o600)
    change = changes.record_comparison(make.change(proposal=proposal), [seen], seconds=0.1)
    assert change.state == ChangeState.REFUSED
    assert "too large" in change.outcome_why


def test_a_host_that_is_not_reached_is_tried_again_and_then_given_up():
    change = make.change()
    changes.note_compare_failed(change, why="No route.", next_try_seconds=5)
    change.refresh_from_db()
    assert (change.state, change.tries) == (ChangeState.PLANNED, 1)
    assert not Change.objects.to_compare(timezone.now()).exists()
    changes.note_compare_failed(change, why="No route.", next_try_seconds=None)
    change.refresh_from_db()
    assert (change.state, change.outcome_why) == (ChangeState.REFUSED, "No route.")


# -- planning again, putting back


def test_planning_again_keeps_the_wish_and_names_what_it_replaces():
    change = make.change(state=ChangeState.REFUSED, why="because", reference="#1")
    fresh = changes.plan_again(change, by=make.actor())
    assert (fresh.replaces, fresh.why, fresh.reference, fresh.state) == (change, "because", "#1", ChangeState.PLANNED)
    assert fresh.bundle() == change.bundle()
    change.refresh_from_db()
    assert change.state == ChangeState.REFUSED


def test_planning_again_before_the_comparison_keeps_an_edit_an_edit():
    path = "/root/.ssh/authorized_keys"
    proposal = Proposal("key", Bundle(files=(WantedFile(path, None),)), edits=(Edit(path, "ssh-ed25519 AAAA new"),))
    fresh = changes.plan_again(make.change(proposal=proposal), by=make.actor())
    compared = changes.record_comparison(fresh, [make.seen(path, b"old\n")], seconds=0.1)
    assert compared.bundle().files[0].content == b"old\nssh-ed25519 AAAA new\n"


def test_planning_again_is_decided_by_the_row_and_not_by_what_the_page_showed():
    stale = make.change(state=ChangeState.APPROVED)
    Change.objects.filter(pk=stale.pk).update(state=ChangeState.APPLYING)
    with pytest.raises(WrongState):
        changes.plan_again(stale, by=make.actor())
    stale.refresh_from_db()
    assert stale.state == ChangeState.APPLYING


def test_putting_back_restores_content_owner_mode_and_absence():
    files = [WantedFile("/etc/was", b"new\n"), WantedFile("/etc/was-not", b"new\n")]
    change = make.change(
        state=ChangeState.APPLIED,
        proposal=make.proposal(files=files),
        seen=[make.seen("/etc/was", b"old\n", owner="bob", mode=0o600), make.seen("/etc/was-not", None)],
    )
    back = changes.plan_put_back(change, by=make.actor())
    was, was_not = back.bundle().files
    assert (was.content, was.owner, was.mode) == (b"old\n", "bob", 0o600)
    assert was_not.content is None
    assert (back.puts_back, back.source) == (change, Source.PUT_BACK)


def test_putting_back_what_was_too_large_to_keep_says_so():
    seen = SeenFile(make.MOTD, FileKind.FILE, "ab" * 32, 9_000_000, "root", "root", 0o644)
    with pytest.raises(BadInput, match="too large"):
        changes.plan_put_back(make.change(state=ChangeState.APPLIED, seen=[seen]), by=make.actor())


def test_commands_alone_cannot_be_put_back():
    change = make.change(state=ChangeState.APPLIED, proposal=make.proposal(activate="reboot"))
    with pytest.raises(BadInput, match="Commands cannot be put back"):
        changes.plan_put_back(change, by=make.actor())
