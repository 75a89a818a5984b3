"""A change on its way: every decision from every state, the claim of workers, and what comes of the host's words."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, connections
from django.utils import timezone

from hosts.choices import ChangeState, DriftState, FileKind, HostState, Source, StepName, StepState
from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.change import Bundle, Command, Guard, Outcome, OutputEvent, SeenFile, StepEvent, WantedFile
from hosts.facts.proposal import Edit, Proposal
from hosts.models import AuditEntry, Change, FileContent, HostFile
from hosts.rules.progress import MAY_BECOME
from hosts.rules.protocol import Progress
from hosts.services import changes
from hosts.services.changes.claim import LAST_TRY, SILENT_AFTER
from tests import make

pytestmark = pytest.mark.django_db

ODD = ["blank", "quotes", "newline", "Korean"]
DECISIONS = {
    "approve": (changes.approve_change, {"compared"}, "approved"),
    "apply": (changes.queue_change, {"approved"}, "queued"),
    "take back": (changes.take_back_change, {"queued"}, "approved"),
    "discard": (changes.discard_change, {"planned", "compared", "approved", "queued"}, "discarded"),
}


@pytest.mark.parametrize("state", list(ChangeState), ids=str)
@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_taken_from_its_states_only(decision, state):
    decide, allowed, result = DECISIONS[decision]
    change = make.change(state=state)
    before = AuditEntry.objects.count()
    if state in allowed:
        decide(change, by=make.actor())
        expected, lines = result, 1
    else:
        with pytest.raises(WrongState):
            decide(change, by=make.actor())
        expected, lines = state, 0
    change.refresh_from_db()
    assert change.state == expected
    assert AuditEntry.objects.count() == before + lines


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_is_a_step_that_the_rules_know(decision):
    _, allowed, result = DECISIONS[decision]
    assert all(result in MAY_BECOME[state] for state in allowed)


def test_four_eyes_stop_the_planner_and_nobody_else():
    planner = make.admin()
    change = make.change(make.host(needs_second_person=True), ChangeState.COMPARED, by=planner)
    with pytest.raises(NotAllowed):
        changes.approve_change(change, by=make.actor(planner))
    assert changes.approve_change(change, by=make.actor()).state == ChangeState.APPROVED


def test_planning_again_for_somebody_does_not_get_round_four_eyes():
    planner = make.admin()
    change = make.change(make.host(needs_second_person=True), ChangeState.COMPARED)
    fresh = changes.plan_again(change, by=make.actor(planner))
    changes.record_comparison(fresh, [make.seen()], seconds=0.1)
    with pytest.raises(NotAllowed):
        changes.approve_change(fresh, by=make.actor(planner))


def test_nothing_is_queued_for_a_host_with_a_changed_key():
    change = make.change(make.host(state=HostState.KEY_CHANGED), ChangeState.APPROVED)
    with pytest.raises(WrongState, match="key"):
        changes.queue_change(change, by=make.actor())


# -- planning


@pytest.mark.parametrize(
    ("bundle", "words"),
    [
        (Bundle(), "nothing to do"),
        (Bundle(verify=(Command(("true",)),)), "nothing to do"),
        (Bundle(files=(WantedFile("motd", b""),)), "absolute"),
        (Bundle(files=(WantedFile("/etc//motd", b""),)), "absolute"),
        (Bundle(files=(WantedFile("/", b""),)), "absolute"),
        (Bundle(files=(WantedFile("/a\0b", b""),)), "absolute"),
        (Bundle(files=(WantedFile("/a", b""), WantedFile("/a", b""))), "twice"),
        (Bundle(files=(WantedFile("/a", b"x" * (8 * 1024 * 1024 + 1)),)), "8 MiB"),
        (Bundle(activate=(Command(()),)), "empty"),
        (Bundle(activate=(Command(("a\0",)),)), "NUL"),
    ],
    ids=[
        "empty",
        "only verify",
        "relative",
        "doubled slash",
        "root",
        "NUL",
        "twice",
        "too large",
        "no words",
        "NUL word",
    ],
)
def test_a_bundle_that_cannot_be_carried_out_is_refused_at_once(bundle, words):
    with pytest.raises(BadInput, match=words):
        changes.plan_change(make.host(), Proposal("x", bundle), by=make.actor(), source=Source.API)
    assert not Change.objects.exists()


@pytest.mark.parametrize("path", ["/etc/a b", "/etc/'q\"", "/etc/new\nline", "/etc/한글"], ids=ODD)
def test_an_odd_path_is_kept_as_it_is(path):
    change = make.change(proposal=make.proposal(files=[WantedFile(path, b"x")]))
    assert change.order().bundle.files[0].path == path


def test_the_order_is_what_was_planned_and_seen():
    proposal = Proposal(
        "x",
        Bundle(
            files=(WantedFile("/etc/a", b"\xff\0", "bob", "staff", 0o600, secret=True, make_parents=True),),
            before=(Command(("b",)),),
            check=(Command(("c", "{staged}"), 7),),
            activate=(Command(("a",), 8, (("LANG", "C"),)),),
            verify=(Command(("v",)),),
            undo=(Command(("u",)),),
            guard=Guard(90, reboots=True),
        ),
    )
    change = make.change(state=ChangeState.COMPARED, proposal=proposal, seen=[make.seen("/etc/a", None)])
    order = Change.objects.get(pk=change.pk).order()
    assert order.bundle == proposal.bundle
    assert order.id == str(change.uuid)
    assert order.seen == (SeenFile("/etc/a", FileKind.ABSENT),)


def test_the_same_bytes_are_kept_once_and_sealed():
    for _ in range(3):
        make.change(proposal=make.proposal(files=[WantedFile("/etc/a", b"the same secret")]))
    content = FileContent.objects.get()
    assert b"secret" not in content.sealed.token
    assert content.read() == b"the same secret"


# -- comparing


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


# -- the claim


def test_a_queued_change_is_taken_once():
    change = make.change(state=ChangeState.QUEUED)
    assert changes.claim_change(change.pk, claim=uuid.uuid4()).state == ChangeState.APPLYING
    assert changes.claim_change(change.pk, claim=uuid.uuid4()) is None


def test_a_host_has_one_change_on_its_way():
    host = make.host()
    make.change(host, ChangeState.APPLYING)
    waiting = make.change(host, ChangeState.QUEUED)
    assert changes.claim_change(waiting.pk, claim=uuid.uuid4()) is None
    waiting.refresh_from_db()
    assert waiting.state == ChangeState.QUEUED


def test_a_change_of_unknown_outcome_keeps_its_host_busy():
    host = make.host()
    make.change(host, ChangeState.LOST)
    assert changes.claim_change(make.change(host, ChangeState.QUEUED).pk, claim=uuid.uuid4()) is None


def test_a_postponed_change_waits_for_its_time():
    change = make.change(state=ChangeState.QUEUED, next_try_at=timezone.now() + SILENT_AFTER)
    assert changes.claim_change(change.pk, claim=uuid.uuid4()) is None


def test_back_off_grows_and_ends_in_words():
    change = make.change(state=ChangeState.QUEUED)
    waits = []
    for _ in range(LAST_TRY):
        Change.objects.filter(pk=change.pk).update(next_try_at=None)
        taken = changes.claim_change(change.pk, claim=uuid.uuid4())
        refused = changes.postpone_change(taken, why="No route.")
        change.refresh_from_db()
        if refused is None:
            waits.append(round((change.next_try_at - timezone.now()).total_seconds()))
    assert waits == sorted(waits)
    assert len(waits) == LAST_TRY - 1
    assert (change.state, change.outcome_step) == (ChangeState.REFUSED, StepName.CONNECT)
    assert "Nothing was changed" in change.outcome_why


def test_taking_back_forgets_why_the_last_try_failed():
    change = make.change(state=ChangeState.QUEUED, outcome_why="No route.", next_try_at=timezone.now())
    taken = changes.take_back_change(change, by=make.actor())
    assert (taken.outcome_why, taken.next_try_at) == ("", None)


def test_a_silent_worker_is_replaced_and_can_record_nothing_more():
    change = make.change(state=ChangeState.QUEUED)
    first = changes.claim_change(change.pk, claim=uuid.uuid4())
    assert changes.find_again(change.pk, claim=uuid.uuid4()) is None
    Change.objects.filter(pk=change.pk).update(heartbeat_at=timezone.now() - SILENT_AFTER * 2)
    second = changes.find_again(change.pk, claim=uuid.uuid4())
    assert second.claim != first.claim
    assert changes.touch_change(first) is False
    assert changes.record_progress(first, Progress(), [OutputEvent("late\n", 1.0)]) is False
    assert changes.record_outcome(first, Outcome(ChangeState.FAILED), Progress()) is None
    assert changes.postpone_change(first, why="late") is None
    assert changes.touch_change(second) is True
    assert changes.record_outcome(second, Outcome(ChangeState.APPLIED), Progress()).state == ChangeState.APPLIED
    assert not change.log_lines.exists()


def test_a_lost_change_is_looked_up_after_a_while():
    change = make.change(state=ChangeState.QUEUED)
    taken = changes.claim_change(change.pk, claim=uuid.uuid4())
    changes.note_lost(taken, why="The line broke.")
    change.refresh_from_db()
    assert change.state == ChangeState.LOST
    assert changes.find_again(change.pk, claim=uuid.uuid4()) is None
    Change.objects.filter(pk=change.pk).update(heartbeat_at=timezone.now() - SILENT_AFTER * 2)
    assert changes.find_again(change.pk, claim=uuid.uuid4()).state == ChangeState.APPLYING


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["one change", "two changes of one host"])
def test_of_many_workers_at_once_one_gets_it(what):
    host = make.host()
    count = 1 if what == "one change" else 2
    ids = [make.change(host, ChangeState.QUEUED).pk for _ in range(count)]
    start, taken = threading.Barrier(6), []

    def worker(number: int) -> None:
        start.wait(10)
        try:
            if changes.claim_change(ids[number % count], claim=uuid.uuid4()):
                taken.append(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken) == 1
    assert Change.objects.filter(state=ChangeState.APPLYING).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_approves_and_the_other_is_told():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time anyway; this needs DATABASE_URL to name a PostgreSQL")
    change = make.change(state=ChangeState.COMPARED)
    people = [make.admin(), make.admin()]
    start, said = threading.Barrier(2), []

    def decide(person) -> None:
        start.wait(10)
        try:
            changes.approve_change(change, by=make.actor(person))
            said.append("approved")
        except WrongState:
            said.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["approved", "told"]


# -- the outcome


def applying():
    change = make.change(state=ChangeState.QUEUED)
    return changes.claim_change(change.pk, claim=uuid.uuid4())


def test_what_the_host_says_is_kept_as_steps_and_lines():
    change = applying()
    progress = Progress()
    changes.record_progress(
        change, progress, [StepEvent(StepName.CHECK, StepState.RUNNING, 100.0), OutputEvent("fine\nhalf", 100.5)]
    )
    events = [StepEvent(StepName.CHECK, StepState.OK, 101.0), OutputEvent("the end", 102.0)]
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), progress, events, round_trips={"connects": 1})
    change.refresh_from_db()
    assert list(change.log_lines.order_by("number").values_list("text", flat=True)) == ["fine", "half", "the end"]
    assert change.steps.get(name=StepName.CHECK).seconds == 1.0
    assert (change.state, change.round_trips) == (ChangeState.APPLIED, {"connects": 1})


def test_reading_the_log_from_its_beginning_again_doubles_nothing():
    change = applying()
    events = [StepEvent(StepName.CHECK, StepState.OK, 100.0), OutputEvent("fine\n", 100.5)]
    changes.record_progress(change, Progress(), events)
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), Progress(starts_over=True), events)
    assert [line.text for line in change.log_lines.all()] == ["fine"]
    assert set(change.steps.values_list("name", flat=True)) == {"plan", "compare", "check"}


def test_a_step_that_was_running_at_the_end_has_failed():
    change = applying()
    changes.record_outcome(
        change,
        Outcome(ChangeState.ROLLED_BACK, StepName.VERIFY, "It does not answer."),
        Progress(),
        [StepEvent(StepName.VERIFY, StepState.RUNNING, 1.0)],
    )
    assert change.steps.get(name=StepName.VERIFY).state == StepState.FAILED


def test_an_applied_file_comes_under_management_and_an_absent_one_leaves_it():
    host = make.host()
    make.host_file(host, "/etc/gone")
    files = [WantedFile("/etc/new", b"new\n", mode=0o600), WantedFile("/etc/gone", None)]
    change = make.change(host, ChangeState.QUEUED, proposal=make.proposal(files=files))
    taken = changes.claim_change(change.pk, claim=uuid.uuid4())
    changes.record_outcome(taken, Outcome(ChangeState.APPLIED), Progress())
    kept = HostFile.objects.get(host=host)
    assert (kept.path, kept.mode, kept.state, kept.change) == ("/etc/new", 0o600, DriftState.IN_PLACE, change)


@pytest.mark.parametrize("state", [ChangeState.REFUSED, ChangeState.ROLLED_BACK, ChangeState.FAILED], ids=str)
def test_what_did_not_hold_is_not_looked_after(state):
    changes.record_outcome(applying(), Outcome(state, StepName.CHECK, "no"), Progress())
    assert not HostFile.objects.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (HostState.UNREACHABLE, HostState.REACHABLE),
        (HostState.REACHABLE, HostState.REACHABLE),
        (HostState.KEY_CHANGED, HostState.KEY_CHANGED),
        (HostState.NEW, HostState.NEW),
    ],
    ids=str,
)
def test_an_outcome_makes_an_unreachable_host_reachable_and_hides_no_alarm(before, after):
    change = applying()
    type(change.host).objects.filter(pk=change.host_id).update(state=before)
    changes.record_outcome(change, Outcome(ChangeState.APPLIED), Progress())
    change.host.refresh_from_db()
    assert change.host.state == after
    assert change.host.next_facts_at is not None
