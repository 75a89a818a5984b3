"""Workers that are killed, stand still or are woken twice in the middle of an apply: one transaction, one outcome, told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any

import pytest

from hosts.choices import ChangeState
from hosts.facts.change import Bundle, Guard, WantedFile
from hosts.models import Change, Host
from tests import make
from tests.config.processes import eventually
from tests.hosts.changes import NEW, OLD, sh, until
from tests.hosts.faults.panel import (
    ACTIVATE,
    CONF,
    COUNT,
    VERIFY,
    WAIT,
    Panel,
    assert_ran_once,
    database,
    enrolled,
    has_ended_on,
    is_silent,
    needs,
    planned,
    queued,
)
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.story]


@dataclass(frozen=True)
class Case:
    """A change that is stopped at a point of its way. `waits` is the phase whose first command blocks.

    `queue` chooses the worker that carries it: one that is killed (push), that stands still, or that lives on.
    `stood` is what the file and the service held at that point, OLD or NEW.
    """

    waits: str = "verify"
    stood: tuple[bytes, bytes] = (NEW, NEW)
    ends: tuple[str, str] = (ChangeState.APPLIED, "confirm")
    more: dict[str, Any] = field(default_factory=dict)
    queue: str = "push"
    fault: str = ""
    message_is_lost: bool = False
    goes_on_alone: bool = True  # the host comes to the end before any worker looks after it again

    def bundle(self) -> Bundle:
        plain = Bundle((WantedFile(CONF, NEW),), before=(COUNT,), activate=(ACTIVATE,), verify=(VERIFY,))
        plain = replace(plain, **self.more)
        return replace(plain, **{self.waits: (WAIT, *getattr(plain, self.waits))}) if self.waits else plain


ROLLED_BACK = ChangeState.ROLLED_BACK
CASES = {
    "kill -9 before the host has it": Case("", (OLD, OLD), fault="silent", goes_on_alone=False),
    "kill -9 before staging": Case("before", (OLD, OLD)),
    "kill -9 between rename and activate": Case("activate", (NEW, OLD)),
    "kill -9 during verify": Case(),
    "kill -9 during verify, looked after again while it runs": Case(goes_on_alone=False),
    "kill -9 during a verify that fails": Case(ends=(ROLLED_BACK, "verify"), more={"verify": (sh("false"),)}),
    "kill -9 during verify, and the message was lost": Case(message_is_lost=True),
    "kill -9 under a guard, back in time to confirm": Case(more={"guard": Guard(200)}, goes_on_alone=False),
    "kill -9 under a guard, not back in time": Case(more={"guard": Guard(1)}, ends=(ROLLED_BACK, "confirm")),
    "worker that stands still during verify": Case(queue="frozen", goes_on_alone=False),
}
ALIVE = Case(queue="living", goes_on_alone=False)


@dataclass
class Carried:
    """A case on its host, and what it was like when its worker was struck."""

    case: Case
    machine: LabHost
    row: Change
    stood: tuple[bytes, bytes] = (b"", b"")
    claim: object = None
    shown: dict[str, str] = field(default_factory=dict)

    def now(self) -> Change:
        self.row.refresh_from_db()
        return self.row

    def is_under_way(self) -> bool:
        if self.case.fault:
            return self.now().state == ChangeState.APPLYING
        return self.machine.exists("/run/in")

    def note(self) -> None:
        self.stood = (self.machine.read(CONF), self.machine.read("/run/service"))
        self.claim = self.now().claim

    def is_shown(self) -> bool:
        """Whether the page shows the step that the host is at."""
        steps = self.row.steps.filter(name__in=("connect", "before", "activate", "verify"))
        self.shown = dict(steps.values_list("name", "state"))
        return "verify" in self.shown

    def is_taken_over(self) -> bool:
        return self.now().claim != self.claim

    def release(self) -> None:
        if self.case.fault:
            self.machine.heal()
        self.machine.write("/run/go", b"")


@dataclass
class Story:
    """Everything that happened, for the tests to ask about."""

    panel: Panel
    lab: Lab
    carried: dict[str, Carried]
    alive: Carried
    frozen: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def panel(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    if lack := needs():
        pytest.skip(lack)
    place = tmp_path_factory.mktemp("panel")
    url = f"sqlite:///{place / 'panel.sqlite3'}"
    with django_db_blocker.unblock(), database(url), Panel(place, url) as panel:
        yield panel


@pytest.fixture(scope="module")
def fleet(panel: Panel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("fleet"), prefix=f"w{os.getpid():x}"[:8]) as lab:
        yield lab


@pytest.fixture(scope="module")
def story(panel: Panel, fleet: Lab) -> Story:
    """All cases at once, each on a host of its own, so that the twenty seconds of silence are waited for once."""
    worker = panel.worker("doomed")
    frozen = panel.worker("frozen", "frozen", threads=1)  # one thread, so that it asks for no second message
    panel.worker("living", "living", threads=4)
    story = _planned(panel, fleet, frozen)
    everyone = [*story.carried.values(), story.alive]
    for one in everyone:
        if one.case.fault:
            one.machine.fault(one.case.fault)
        panel.wake("apply_change", one.row.pk, queue=one.case.queue)
    for one in everyone:
        until(one.is_under_way, seconds=200)
        one.note()
    _strike(panel, worker, frozen, list(story.carried.values()))
    panel.worker("heir", "push,default,frozen")
    _look_after_again(panel, story)
    return story


def _planned(panel: Panel, fleet: Lab, frozen: subprocess.Popen[bytes]) -> Story:
    machines = fleet.up(len(CASES) + 1)
    credential = make.credential(private_key=fleet.key_path.read_text())
    by = make.actor()
    carried = []
    for case, machine in zip((*CASES.values(), ALIVE), machines, strict=True):
        host: Host = enrolled(machine, credential)
        carried.append(Carried(case, machine, planned(host, case.bundle(), by)))
        panel.wake("compare_change", carried[-1].row.pk)
    queued([one.row for one in carried], by)
    return Story(panel, fleet, dict(zip(CASES, carried, strict=False)), carried[-1], frozen)


def _strike(
    panel: Panel, worker: subprocess.Popen[bytes], frozen: subprocess.Popen[bytes], struck: list[Carried]
) -> None:
    """Workers are killed and stopped; hosts go on by themselves, and nobody is there to write it down."""
    os.killpg(frozen.pid, SIGSTOP)
    os.killpg(worker.pid, SIGKILL)
    worker.wait(60)
    for one in struck:
        if one.case.message_is_lost:
            panel.lose(one.row)
        if one.case.goes_on_alone:
            one.release()
    for one in struck:
        if one.case.goes_on_alone:
            until(lambda one=one: has_ended_on(one.machine, one.row), seconds=200)
        assert one.now().state == ChangeState.APPLYING
        assert not one.is_taken_over()


def _look_after_again(panel: Panel, story: Story) -> None:
    """After the silence the messages come again; a sweep wakes what has none. Then everything is said once more."""
    struck = list(story.carried.values())
    for one in struck:
        until(lambda one=one: is_silent(one.row), seconds=200)
        if one.case.fault:
            one.release()
    panel.redeliver()
    for one in struck:
        if not one.case.message_is_lost:
            until(one.is_taken_over, seconds=200)
    [lost] = [one for one in struck if one.case.message_is_lost]
    assert not lost.is_taken_over()
    panel.wake("sweep_changes")
    for one in (*struck, story.alive):
        if not one.case.goes_on_alone:
            if not one.case.fault:
                eventually(one.is_shown, 60)  # what is shown is asked for by a test of its own
            one.release()
    for one in (*struck, story.alive):
        until(lambda one=one: one.now().has_ended, seconds=200)
    with suppress(ProcessLookupError):
        os.killpg(story.frozen.pid, SIGCONT)
    until(lambda: panel.is_worked_off(but=0), seconds=200)
    for one in (*struck, story.alive):
        panel.wake("apply_change", one.row.pk)
    panel.wake("sweep_changes")
    until(lambda: panel.is_worked_off(but=0), seconds=200)


@pytest.mark.parametrize("name", CASES)
def test_a_change_comes_to_one_end_after(name: str, story: Story) -> None:
    one = story.carried[name]
    assert one.stood == one.case.stood
    assert (one.now().state, one.row.outcome_step) == one.case.ends
    wanted = NEW if one.row.state == ChangeState.APPLIED else OLD
    assert (one.machine.read(CONF), one.machine.read("/run/service")) == (wanted, wanted)
    assert one.machine.check(["find", "/etc", "-name", ".rackdesk*"]) == b""
    assert one.row.host.files.filter(path=CONF).exists() == (wanted == NEW)
    assert_ran_once(one.machine, one.row)


def test_a_host_that_says_nothing_for_long_stays_with_the_worker_that_lives(story: Story) -> None:
    assert story.alive.now().state == ChangeState.APPLIED
    assert not story.alive.is_taken_over()
    assert_ran_once(story.alive.machine, story.alive.row)


def test_what_the_host_says_is_shown_while_it_goes_on_without_a_word(story: Story) -> None:
    assert story.alive.shown == {"connect": "ok", "before": "ok", "activate": "ok", "verify": "running"}


def test_a_worker_that_stood_still_writes_nothing_more_and_goes_on_working(story: Story) -> None:
    assert story.frozen.poll() is None


def test_two_workers_woken_for_the_same_change_at_once_apply_it_once(story: Story) -> None:
    panel, by = story.panel, make.actor()
    machine = story.lab.up(len(CASES) + 2)[-1]
    case = Case()
    row = planned(enrolled(machine, story.alive.row.host.credential), case.bundle(), by)
    one = Carried(case, machine, row)
    panel.worker("second", "second")
    panel.wake("compare_change", row.pk, queue="second")
    queued([row], by)
    for _ in range(3):
        panel.wake("apply_change", row.pk)
        panel.wake("apply_change", row.pk, queue="second")
    until(one.is_under_way)
    until(lambda: panel.is_worked_off(but=1))
    one.note()
    assert panel.redeliver() == 1
    for _ in range(3):
        panel.wake("apply_change", row.pk)
        panel.wake("apply_change", row.pk, queue="second")
        panel.wake("sweep_changes")
    until(lambda: panel.is_worked_off(but=0))
    assert not one.is_taken_over()
    one.release()
    until(lambda: one.now().has_ended)
    assert one.row.state == ChangeState.APPLIED
    assert not one.is_taken_over()
    assert (machine.read(CONF), machine.read("/run/service")) == (NEW, NEW)
    assert_ran_once(machine, row)
