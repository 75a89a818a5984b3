"""Bad input and faults on lab hosts with real sshd and systemd: old state or new, never between, and told why."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from hosts.choices import ChangeState
from hosts.errors import (
    AuthenticationFailed,
    HostKeyChanged,
    HostKeyUnknown,
    HostLost,
    HostUnreachable,
    SudoRefused,
)
from hosts.facts.change import Outcome, WantedFile
from hosts.facts.machine import Login, PinnedKey
from hosts.outside import compare, transaction
from tests.hosts.changes import NEW, OLD, sh, until
from tests.hosts.faults.scene import ACTIVATE, CONF, VERIFY, Scene, service
from tests.hosts.faults.ways import way
from tests.hosts.sshd import KeyPair

pytestmark = pytest.mark.lab


def never_reached(**wrong: object) -> Callable[[Scene], None]:
    """The way to the host does not come about; `raises` says how that is told."""
    raises = wrong.pop("raises")

    def case(scene: Scene) -> None:
        order = scene.order(service())
        changes = {name: value(scene) if callable(value) else value for name, value in wrong.items()}
        with pytest.raises(raises) as error, way(replace(scene.known, **changes)) as shell:
            transaction.run(shell, order, scene.watch)
        assert error.value.nothing_touched
        assert len(str(error.value)) > 20
        assert scene.is_old()
        assert scene.find(order) is None

    return case


def other_key(_scene: Scene) -> tuple[PinnedKey, ...]:
    return (KeyPair.make("ed25519").pinned,)


def hangs(scene: Scene) -> None:
    order = scene.order(service())
    scene.host.fault("sshd-hung")
    with pytest.raises(HostUnreachable), way(scene.known) as shell:
        transaction.run(shell, order, scene.watch)
    scene.host.heal()
    assert scene.is_old()


def cut(phase: str, fault: str) -> Callable[[Scene], None]:
    """The line breaks while a command of `phase` runs; the host goes on by itself, and the result is found again."""

    def case(scene: Scene) -> None:
        wait = sh(": >/run/in; until test -e /run/go; do sleep 0.1; done", seconds=200)
        plain = service()
        order = scene.order(replace(plain, **{phase: (wait, *getattr(plain, phase))}))
        ends: list[object] = []

        def carry() -> None:
            try:
                ends.append(scene.run(order))
            except HostLost as error:
                ends.append(error)

        thread = threading.Thread(target=carry)
        thread.start()
        until(lambda: scene.host.exists("/run/in"))
        scene.host.fault(fault)
        scene.host.write("/run/go", b"")
        until(lambda: scene.host.run(["sh", "-c", "test -e /var/lib/rackdesk/changes/*/end"]).status == 0)
        scene.host.heal()
        outcome = scene.find(order)
        thread.join(200)
        assert outcome is not None
        assert outcome.state == ChangeState.APPLIED, outcome
        assert scene.is_new()
        assert len(ends) == 1

    return case


def two_at_once(scene: Scene) -> None:
    wait = sh(": >/run/in; until test -e /run/go; do sleep 0.1; done")
    first, second = scene.order(service(before=(wait,))), scene.order(service())
    ends: list[Outcome] = []
    thread = threading.Thread(target=lambda: ends.append(scene.run(first)))
    thread.start()
    until(lambda: scene.host.exists("/run/in"))
    refused = scene.run(second)
    scene.host.write("/run/go", b"")
    thread.join()
    assert (refused.state, refused.step) == (ChangeState.REFUSED, "lock")
    assert first.id in str(refused.why)
    assert ends[0].state == ChangeState.APPLIED
    assert scene.is_new()


def same_twice(scene: Scene) -> None:
    order = scene.order(service(activate=(ACTIVATE, sh("echo ran >>/run/count"))))
    assert scene.run(order) == scene.run(order) == scene.find(order)
    assert scene.host.read("/run/count") == b"ran\n"
    assert scene.is_new()


def changed_after_the_diff(scene: Scene) -> None:
    order = scene.order(service())
    scene.host.write(CONF, b"by hand\n")
    outcome = scene.run(order)
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "drift")
    assert CONF in str(outcome.why)
    assert scene.host.read(CONF) == b"by hand\n"


def command_fails(phase: str, state: str) -> Callable[[Scene], None]:
    def case(scene: Scene) -> None:
        # Only the new state fails, so that activating the old one again works.
        fails = sh('grep -q shall "$1" && { echo "no good" >&2; exit 4; }; :', "{staged}" if phase == "check" else CONF)
        plain = service()
        outcome = scene.apply(replace(plain, **{phase: (*getattr(plain, phase), fails)}))
        assert (outcome.state, outcome.step) == (state, phase)
        assert "ended with code 4" in str(outcome.why)
        assert "no good" in scene.watch.text
        assert scene.is_old()

    return case


def rollback_fails(scene: Scene) -> None:
    spoil = sh("chattr +i /etc/service.conf || mount --bind /etc/service.conf /etc/service.conf; false")
    outcome = scene.apply(service(verify=(spoil,)))
    assert (outcome.state, outcome.step) == (ChangeState.FAILED, "verify")
    assert f"{CONF} could not be put back" in str(outcome.why)
    assert scene.host.read(CONF) == NEW


def full_disk(scene: Scene) -> None:
    order = scene.order(service(files=(WantedFile(CONF, NEW), WantedFile("/etc/large", bytes(3_000_000)))))
    scene.host.fault("disk-full", left_bytes=1_000_000)
    outcome = scene.run(order)
    assert outcome.state == ChangeState.REFUSED
    assert "No space left" in str(outcome.why)
    assert scene.is_old()


def full_disk_after_the_swap(scene: Scene) -> None:
    order = scene.order(service(verify=(sh("until test -e /run/go; do sleep 0.1; done; false"),)))
    ends: list[Outcome] = []
    thread = threading.Thread(target=lambda: ends.append(scene.run(order)))
    thread.start()
    until(lambda: scene.host.read("/run/service") == NEW)
    scene.host.fault("disk-full")
    scene.host.write("/run/go", b"")
    thread.join()
    assert ends[0].state == ChangeState.ROLLED_BACK
    assert scene.is_old()


def read_only(scene: Scene) -> None:
    order = scene.order(service())
    scene.host.fault("read-only")
    outcome = scene.run(order)
    assert outcome.state == ChangeState.REFUSED
    assert "Read-only file system" in str(outcome.why)
    assert scene.is_old()


def odd_path(name: str) -> Callable[[Scene], None]:
    def case(scene: Scene) -> None:
        path = f"/etc/{name}"
        assert scene.apply(service(files=(WantedFile(path, NEW),))).state == ChangeState.APPLIED
        outcome = scene.apply(service(files=(WantedFile(path, OLD),), verify=(sh("false"),)))
        assert outcome.state == ChangeState.ROLLED_BACK
        with way(scene.known) as shell:
            assert compare.live_files(shell, [path]).files[0].content == NEW
        assert scene.crumbs() == ""

    return case


def content(what: bytes) -> Callable[[Scene], None]:
    def case(scene: Scene) -> None:
        assert scene.apply(service(files=(WantedFile(CONF, what),))).state == ChangeState.APPLIED
        assert scene.host.read(CONF) == what

    return case


def in_the_way(make: str, words: str, step: str) -> Callable[[Scene], None]:
    def case(scene: Scene) -> None:
        scene.host.check(["sh", "-c", make])
        outcome = scene.apply(service(files=(WantedFile(CONF, NEW), WantedFile("/etc/place/target", NEW))))
        assert (outcome.state, outcome.step) == (ChangeState.REFUSED, step)
        assert words in str(outcome.why)
        assert scene.is_old()

    return case


def much_output(scene: Scene) -> None:
    outcome = scene.apply(service(verify=(sh("yes output | head -c 52428800"), VERIFY)))
    assert outcome.state == ChangeState.APPLIED
    assert "bytes left out" in scene.watch.text
    assert len(scene.watch.text) < 300_000
    assert int(scene.host.check(["du", "-sk", "/var/lib/rackdesk"]).split()[0]) < 1000


def wrong_clock(scene: Scene) -> None:
    scene.host.fault("wrong-clock", offset_seconds=-400 * 86400)
    began = time.time()
    outcome = scene.apply(service(verify=(VERIFY, sh("sleep 1"))))
    assert outcome.state == ChangeState.APPLIED
    ats = [event.at for event in scene.watch.events]
    assert ats == sorted(ats)
    assert 1 <= ats[-1] - ats[0] < 3600
    assert ats[-1] < began
    assert scene.is_new()


CASES: dict[str, Callable[[Scene], None]] = {
    "unknown host key": never_reached(keys=(), raises=HostKeyUnknown),
    "changed host key": never_reached(keys=other_key, raises=HostKeyChanged),
    "wrong password": never_reached(login=Login("clerk", password="not it"), raises=AuthenticationFailed),
    "wrong key": never_reached(
        login=lambda _: Login("root", private_key=KeyPair.make("ed25519").private), raises=AuthenticationFailed
    ),
    "closed port": never_reached(port=1, raises=HostUnreachable),
    "sudo asking for a password": never_reached(
        login=lambda scene: Login("clerk", private_key=scene.lab.key_path.read_text()), sudo=True, raises=SudoRefused
    ),
    "host that accepts and then hangs": hangs,
    "line cut before staging": cut("before", "sshd-killed"),
    "line cut between rename and activate": cut("activate", "sshd-killed"),
    "line cut during verify": cut("verify", "sshd-killed"),
    "cable pulled during verify": cut("verify", "cut"),
    "two applies for one host at once": two_at_once,
    "the same change applied twice": same_twice,
    "file changed on the host after the diff": changed_after_the_diff,
    "check command fails": command_fails("check", ChangeState.REFUSED),
    "activate fails": command_fails("activate", ChangeState.ROLLED_BACK),
    "verify fails": command_fails("verify", ChangeState.ROLLED_BACK),
    "rollback fails": rollback_fails,
    "disk full": full_disk,
    "disk full after the swap": full_disk_after_the_swap,
    "read-only file system": read_only,
    "path with spaces": odd_path("with two  spaces"),
    "path with quotes": odd_path('it\'s "quoted"'),
    "path with newline": odd_path("two\nlines"),
    "non-UTF-8 path": odd_path("not\udcffutf8"),
    "non-UTF-8 content": content(bytes(range(256))),
    "5 MB file": content(bytes(range(256)) * 20_000),
    "symlink as target": in_the_way("mkdir /etc/place; ln -s /etc/motd /etc/place/target", "symbolic link", "drift"),
    "directory in the way": in_the_way("mkdir -p /etc/place/target", "is a directory", "drift"),
    "missing parent directory": in_the_way("true", "does not exist", "stage"),
    "output of 50 MB": much_output,
    "clock skew": wrong_clock,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_host_is_in_the_old_or_the_new_state_after(case: Callable[[Scene], None], scene: Scene) -> None:
    case(scene)
