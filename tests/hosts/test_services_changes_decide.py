"""What people decide of a change: every decision from every state, four eyes, and what cannot be planned."""

from __future__ import annotations

import pytest

from hosts.choices import ChangeState, FileKind, HostState, Source
from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.change import Bundle, Command, Guard, SeenFile, WantedFile
from hosts.facts.proposal import Proposal
from hosts.models import AuditEntry, Change, FileContent
from hosts.render.preset_bundles import reboot as propose_reboot
from hosts.rules.progress import MAY_BECOME
from hosts.services import changes
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


def test_a_guarded_reboot_alone_is_a_change():
    change = changes.plan_change(make.host(), propose_reboot(300), by=make.actor(), source=Source.PRESET)
    assert (change.state, change.reboots, change.guard_seconds) == (ChangeState.PLANNED, True, 300)


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
