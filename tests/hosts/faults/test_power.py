"""Power cuts, guards and reboots in the middle of a change on lab hosts: old state or new, and told why."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hosts.choices import ChangeState
from hosts.errors import (
    Explainable,
    HostLost,
)
from hosts.facts.change import Command, Guard, Outcome
from hosts.outside import compare, transaction
from tests.hosts.changes import NEW, OLD, sh, until
from tests.hosts.faults.scene import CONF, Scene, service
from tests.hosts.faults.ways import way

pytestmark = pytest.mark.lab


def power_cut(scene: Scene) -> None:
    order = scene.order(service(verify=(sh(": >/run/in; sleep 200", seconds=240),)))
    ends: list[Explainable] = []

    def carry() -> None:
        with pytest.raises(HostLost) as error:
            scene.run(order)
        ends.append(error.value)

    thread = threading.Thread(target=carry)
    thread.start()
    until(lambda: scene.host.exists("/run/in"))
    scene.host.power_off()
    scene.host.power_on()
    with way(scene.known) as shell:
        recovered = compare.live_files(shell, [CONF]).recovered
    thread.join(300)
    assert [(change.id, change.outcome.state) for change in recovered] == [(order.id, ChangeState.ROLLED_BACK)]
    assert scene.is_old()
    assert ends


def guard_without_panel(scene: Scene) -> None:
    outcome = scene.apply(service(guard=Guard(seconds=2)))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, "confirm")
    assert scene.is_old()
    assert scene.host.run(["sh", "-c", "ls /etc/systemd/system/rackdesk-guard*"]).status != 0


def guard_confirmed(scene: Scene) -> None:
    order = scene.order(service(guard=Guard(seconds=200)))
    ends: list[Outcome] = []
    thread = threading.Thread(target=lambda: ends.append(scene.run(order)))
    thread.start()
    until(lambda: ("confirm", "running") in scene.watch.steps)
    with way(scene.known) as shell:
        assert transaction.confirm(shell, order.id)
    thread.join()
    assert ends[0].state == ChangeState.APPLIED
    assert scene.is_new()


def guard_and_power_cut(scene: Scene) -> None:
    order = scene.order(service(guard=Guard(seconds=100)))

    def carry() -> None:
        with pytest.raises(HostLost):
            scene.run(order)

    thread = threading.Thread(target=carry)
    thread.start()
    until(lambda: ("confirm", "running") in scene.watch.steps)
    scene.host.power_off()
    scene.host.power_on()
    until(lambda: scene.host.read(CONF) == OLD)  # by itself: nobody asks for it
    thread.join(300)
    outcome = scene.find(order)
    assert outcome is not None
    assert outcome.state == ChangeState.ROLLED_BACK
    assert scene.is_old()


def reboot(scene: Scene, verify: Command) -> Outcome:
    boot = scene.host.read("/proc/sys/kernel/random/boot_id")
    order = scene.order(service(activate=(), verify=(verify,), guard=Guard(100, reboots=True)))
    with pytest.raises(HostLost) as lost:
        scene.run(order)
    # A host that goes down faster than its last words travel is one whose line broke, and no more is known then.
    told = ("confirm", "running") in scene.watch.steps
    assert ("restarting" if told else "broke while a command ran") in str(lost.value)
    outcomes: list[Outcome | None] = []

    def ended() -> bool:
        try:
            outcomes.append(scene.find(order))
        except Explainable:
            return False
        return True

    until(ended, seconds=200)
    assert scene.host.read("/proc/sys/kernel/random/boot_id") != boot
    assert outcomes[0] is not None
    return outcomes[0]


def reboot_holds(scene: Scene) -> None:
    assert reboot(scene, sh("grep -q shall /etc/service.conf")).state == ChangeState.APPLIED
    assert scene.host.read(CONF) == NEW


def reboot_does_not_hold(scene: Scene) -> None:
    outcome = reboot(scene, sh("false"))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, "verify")
    until(lambda: scene.host.is_on and scene.host.answers())
    assert scene.host.read(CONF) == OLD


CASES: dict[str, Callable[[Scene], None]] = {
    "power cut during verify": power_cut,
    "guard: nobody confirms": guard_without_panel,
    "guard: confirmed over a new connection": guard_confirmed,
    "guard: power cut while it waits": guard_and_power_cut,
    "guard: a reboot that holds": reboot_holds,
    "guard: a reboot that does not hold": reboot_does_not_hold,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_host_is_in_the_old_or_the_new_state_after(case: Callable[[Scene], None], scene: Scene) -> None:
    case(scene)
