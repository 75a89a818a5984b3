"""Power cuts, kills, full and read-only disks, the guard: the host is in its old or its new state, never between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.choices import ChangeState
from hosts.errors import HostLost
from hosts.facts.change import Bundle, Guard, Order, Outcome, WantedFile
from hosts.outside import compare, transaction
from tests.hosts.changes import MOTD, NEW, OLD, Watch, apply, left_in, machine, motd, ordered, sh, until
from tests.hosts.local_host import KINDS, LocalHost

pytestmark = pytest.mark.slow
ABSENT = "/mnt/made/absent"
HERE = ": >/mnt/in; sleep 60"


@pytest.fixture(params=KINDS, ids=["dash-and-coreutils", "busybox-alone"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalHost]:
    with machine(request.param, tmp_path) as found:
        yield found


def three_files(**phases: object) -> Bundle:
    """A changed, a removed and a new file with a new directory."""
    files = (WantedFile(MOTD, NEW), WantedFile("/mnt/gone", None), WantedFile(ABSENT, NEW, make_parents=True))
    return replace(Bundle(files, activate=(sh("cat /mnt/motd >>/mnt/activated"),)), **phases)


def in_background(host: LocalHost, order: Order) -> threading.Thread:
    def carry() -> None:
        with pytest.raises(HostLost):
            transaction.run(host, order, Watch())

    thread = threading.Thread(target=carry)
    thread.start()
    return thread


def is_old(host: LocalHost) -> bool:
    found = {name for name in left_in(host) if name not in ("in", "activated")}
    return found == {"motd", "gone"} and all(host.path(f"/mnt/{name}").read_bytes() == OLD for name in found)


def is_new(host: LocalHost) -> bool:
    found = {name for name in left_in(host) if name not in ("in", "activated")}
    return found == {"motd", "made"} and all(host.path(path).read_bytes() == NEW for path in (MOTD, ABSENT))


def cut_when(host: LocalHost, order: Order, marker: str = "/mnt/in") -> None:
    thread = in_background(host, order)
    until(lambda: host.path(marker).exists())
    host.power_cut()
    thread.join()
    host.power_on()


@pytest.mark.parametrize(
    ("phase", "state", "step"),
    [
        ("before", ChangeState.REFUSED, "stage"),
        ("check", ChangeState.REFUSED, "stage"),
        ("activate", ChangeState.ROLLED_BACK, "activate"),
        ("verify", ChangeState.ROLLED_BACK, "activate"),
    ],
)
def test_a_power_cut_is_put_right_at_the_next_contact(host: LocalHost, phase: str, state: str, step: str) -> None:
    host.path("/mnt/gone").write_bytes(OLD)
    once = sh(f"test -e /mnt/in || {{ {HERE}; }}")
    order = ordered(host, three_files(**{phase: (once,)}))
    cut_when(host, order)
    compared = compare.live_files(host, [MOTD])
    assert [(done.id, done.outcome.state, done.outcome.step) for done in compared.recovered] == [
        (order.id, state, step)
    ]
    assert "cut off" in str(compared.recovered[0].outcome.why)
    assert is_old(host), left_in(host)
    found = transaction.find(host, order, Watch())
    assert found is not None
    assert (found.state, found.why) == (state, compared.recovered[0].outcome.why)
    assert compare.live_files(host, [MOTD]).recovered == ()


def test_a_power_cut_is_put_right_before_the_next_change(host: LocalHost) -> None:
    host.path("/mnt/gone").write_bytes(OLD)
    order = ordered(host, three_files(verify=(sh(HERE),)))
    cut_when(host, order)
    assert host.path(MOTD).read_bytes() == NEW
    later = replace(ordered(host, Bundle((WantedFile("/mnt/later", NEW),))))
    assert transaction.run(host, later, Watch()).state == ChangeState.APPLIED
    assert host.path(MOTD).read_bytes() == OLD


def test_asking_for_a_cut_off_change_puts_it_right(host: LocalHost) -> None:
    host.path("/mnt/gone").write_bytes(OLD)
    order = ordered(host, three_files(verify=(sh(f"test -e /mnt/in || {{ {HERE}; }}"),)))
    cut_when(host, order)
    outcome = transaction.find(host, order, watch := Watch())
    assert outcome is not None
    assert outcome.state == ChangeState.ROLLED_BACK
    assert ("put_back", "ok") in watch.steps
    assert is_old(host)
    assert host.path("/mnt/activated").read_bytes() == NEW + OLD


@pytest.mark.parametrize("stop", range(2, 40, 2))
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(host: LocalHost, stop: int) -> None:
    """The transaction is killed when the `stop`th tool of it starts, wherever that is."""
    host.path("/mnt/gone").write_bytes(OLD)
    order = ordered(host, three_files(check=(sh("true"),), verify=(sh("test -e /mnt/made/absent"),)))
    trip_wire(host, stop)
    outcome: Outcome | None
    try:
        outcome = transaction.run(host, order, Watch())
    except HostLost:
        outcome = transaction.find(host, order, Watch())
    host.do("sh", "-c", "rm -rf /var/lib/rackdesk/wire")
    recovered = compare.live_files(host, [MOTD]).recovered
    assert recovered == ()
    assert outcome is not None
    if outcome.state == ChangeState.APPLIED:
        assert is_new(host), left_in(host)
    else:
        assert is_old(host), left_in(host)
    assert outcome.state in (ChangeState.APPLIED, ChangeState.REFUSED, ChangeState.ROLLED_BACK)
    assert transaction.find(host, order, Watch()) == outcome


def trip_wire(host: LocalHost, stop: int) -> None:
    """Each tool that a transaction starts counts down; the one at nought kills the transaction's shell instead."""
    tools = "install cp chown chmod cat sync mv rm ln mkdir mkfifo stat sha256sum date timeout sleep ls flock dd tail"
    host.do("sh", "-c", "mkdir -p /var/lib/rackdesk/wire /usr/local/sbin; mount -t tmpfs tmpfs /usr/local/sbin")
    wire = (
        "#!/bin/sh\n"
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"
        "name=${0##*/}\n"
        'case $(tr "\\0" " " </proc/$PPID/cmdline) in\n'
        '*"/run main "*) echo "$name" >>/var/lib/rackdesk/wire/count\n'
        f'[ "$(wc -l </var/lib/rackdesk/wire/count)" -ne {stop} ] || kill -9 "$PPID" ;;\n'
        "esac\n"
        'exec "$name" "$@"\n'
    )
    host.path("/usr/local/sbin/wire").write_text(wire)
    host.path("/usr/local/sbin/wire").chmod(0o755)
    present = f"for tool in {tools}; do command -v $tool >/dev/null && ln -s wire /usr/local/sbin/$tool; done; :"
    host.do("sh", "-c", present)


def test_a_full_disk_refuses_and_leaves_no_crumbs(host: LocalHost) -> None:
    host.do("sh", "-c", "mkdir /mnt/small; mount -t tmpfs -o size=64k tmpfs /mnt/small; echo old >/mnt/small/conf")
    outcome = apply(host, Bundle((WantedFile(MOTD, NEW), WantedFile("/mnt/small/conf", bytes(200_000)))))
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "stage")
    assert "No space left" in str(outcome.why)
    assert host.do("ls", "-A", "/mnt/small") == "conf\n"
    assert host.path(MOTD).read_bytes() == OLD


def test_a_full_disk_does_not_hinder_putting_back(host: LocalHost) -> None:
    host.do("sh", "-c", "mkdir /mnt/small; mount -t tmpfs -o size=64k tmpfs /mnt/small; echo old >/mnt/small/conf")
    fill = sh("dd if=/dev/zero of=/mnt/small/fill bs=1024 count=1000 2>/dev/null; false")
    outcome = apply(host, Bundle((WantedFile("/mnt/small/conf", NEW),), verify=(fill,)))
    assert outcome.state == ChangeState.ROLLED_BACK
    assert host.path("/mnt/small/conf").read_text() == "old\n"


@pytest.mark.parametrize("kilobytes", [44, 64, 80, 120])
def test_a_full_state_directory_is_told_and_nothing_is_between(host: LocalHost, kilobytes: int) -> None:
    host.path("/mnt/gone").write_bytes(OLD)
    host.do("sh", "-c", f"mount -t tmpfs -o mode=700,size={kilobytes}k tmpfs /var/lib/rackdesk")
    order = ordered(host, three_files(verify=(sh("seq 1 9000"),)))
    outcome = transaction.run(host, order, Watch())
    assert is_new(host) if outcome.state == ChangeState.APPLIED else is_old(host), outcome


def test_a_disk_that_fills_while_the_change_runs_still_has_an_outcome(host: LocalHost) -> None:
    host.do("sh", "-c", "mount -t tmpfs -o mode=700,size=512k tmpfs /var/lib/rackdesk")
    fill = sh("dd if=/dev/zero of=/var/lib/rackdesk/fill bs=1024 count=1000 2>/dev/null; seq 1 3000")
    order = ordered(host, motd(verify=(fill,)))
    outcome = transaction.run(host, order, Watch())
    assert host.path(MOTD).read_bytes() == (NEW if outcome.state == ChangeState.APPLIED else OLD)
    assert transaction.find(host, order, Watch()) == outcome


def test_a_read_only_file_system_refuses(host: LocalHost) -> None:
    host.do("sh", "-c", "mkdir /mnt/ro; echo old >/mnt/ro/conf; mount -t tmpfs -o ro tmpfs /mnt/ro")
    outcome = apply(host, Bundle((WantedFile(MOTD, NEW), WantedFile("/mnt/ro/conf", NEW))))
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "stage")
    assert "Read-only file system" in str(outcome.why)
    assert host.path(MOTD).read_bytes() == OLD
    assert left_in(host) == ["motd", "ro"]


def test_a_read_only_state_directory_refuses(host: LocalHost) -> None:
    host.do("sh", "-c", "mount -t tmpfs -o ro,mode=700 tmpfs /var/lib/rackdesk")
    outcome = apply(host, motd())
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "lock")
    assert "Read-only file system" in str(outcome.why)


def test_a_mount_point_as_target_is_put_back_with_the_others(host: LocalHost) -> None:
    host.do("sh", "-c", "echo old >/mnt/bound; : >/mnt/source; mount --bind /mnt/source /mnt/bound")
    outcome = apply(host, Bundle((WantedFile(MOTD, NEW), WantedFile("/mnt/bound", NEW))))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, "swap")
    assert host.path(MOTD).read_bytes() == OLD
    assert left_in(host) == ["bound", "motd", "source"]


def test_a_state_directory_that_is_a_link_is_not_trusted(host: LocalHost) -> None:
    host.do("sh", "-c", "mkdir /mnt/elsewhere; ln -s /mnt/elsewhere /var/lib/rackdesk/changes")
    outcome = apply(host, motd())
    assert (outcome.state, outcome.step) == (ChangeState.REFUSED, "lock")
    assert "symbolic link" in str(outcome.why)
    assert list(host.path("/mnt/elsewhere").iterdir()) == []


@pytest.mark.parametrize("phase", ["check", "activate", "verify"])
def test_a_shutdown_during_the_run_puts_back_first(host: LocalHost, phase: str) -> None:
    order = ordered(host, motd(**{phase: (sh(f"test -e /mnt/in || {{ {HERE}; }}"),)}))
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(transaction.run(host, order, Watch())))
    thread.start()
    until(lambda: host.path("/mnt/in").exists())
    host.do("sh", "-c", TERM_TO_MAIN)
    thread.join()
    assert outcomes[0].state == (ChangeState.REFUSED if phase == "check" else ChangeState.ROLLED_BACK)
    assert "shut down" in str(outcomes[0].why)
    assert host.path(MOTD).read_bytes() == OLD
    host.path("/mnt/in").unlink()
    assert left_in(host) == ["motd"]


# The transaction is the leader of its session; what it starts has the same command line.
TERM_TO_MAIN = (
    "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline) in *'/ru''n main '*) "
    "read -r line <$p/stat; set -- ${line##*) }; [ $4 -ne ${p#/proc/} ] || kill -TERM $4; esac; done 2>/dev/null; :"
)


def test_what_a_killed_transaction_had_started_is_ended_before_it_is_put_right(host: LocalHost) -> None:
    order = ordered(host, motd(activate=(sh("test -e /mnt/in && exit; : >/mnt/in; sleep 3; echo late >>/mnt/late"),)))
    thread = in_background_any(host, order)
    until(lambda: host.path("/mnt/in").exists())
    host.do("sh", "-c", TERM_TO_MAIN.replace("-TERM", "-9"))
    thread.join()
    outcome = transaction.find(host, order, Watch())
    assert outcome is not None
    assert outcome.state == ChangeState.ROLLED_BACK
    lines = host.do(
        "sh", "-c", "for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$p; echo; done 2>/dev/null"
    ).splitlines()
    assert "sleep 3 " not in lines
    assert host.path(MOTD).read_bytes() == OLD


def in_background_any(host: LocalHost, order: Order) -> threading.Thread:
    thread = threading.Thread(target=lambda: transaction.run(host, order, Watch()))
    thread.start()
    return thread


def test_a_guarded_change_stays_when_it_is_confirmed(host: LocalHost) -> None:
    order = ordered(host, motd(guard=Guard(seconds=30)))
    outcomes: list[Outcome] = []
    watch = Watch()
    thread = threading.Thread(target=lambda: outcomes.append(transaction.run(host, order, watch)))
    thread.start()
    until(lambda: ("confirm", "running") in watch.steps)
    assert transaction.confirm(host, order.id)
    thread.join()
    assert outcomes[0].state == ChangeState.APPLIED
    assert host.path(MOTD).read_bytes() == NEW
    assert not transaction.confirm(host, order.id)


def test_a_guarded_change_is_put_back_when_nobody_confirms(host: LocalHost) -> None:
    outcome = apply(host, motd(guard=Guard(seconds=1), activate=(sh("cat /mnt/motd >>/mnt/activated"),)))
    assert (outcome.state, outcome.step) == (ChangeState.ROLLED_BACK, "confirm")
    assert "within 1 s" in str(outcome.why)
    assert host.path(MOTD).read_bytes() == OLD
    assert host.path("/mnt/activated").read_bytes() == NEW + OLD


def test_a_power_cut_while_it_waits_for_the_panel_puts_back(host: LocalHost) -> None:
    host.path("/mnt/gone").write_bytes(OLD)
    order = ordered(host, three_files(guard=Guard(seconds=60)))
    watch = Watch()

    def carry() -> None:
        with pytest.raises(HostLost):
            transaction.run(host, order, watch)

    thread = threading.Thread(target=carry)
    thread.start()
    until(lambda: ("confirm", "running") in watch.steps)
    host.power_cut()
    thread.join()
    host.power_on()
    outcome = transaction.find(host, order, Watch())
    assert outcome is not None
    assert outcome.state == ChangeState.ROLLED_BACK
    assert is_old(host)


def test_old_files_are_kept_for_the_newest_change_only_and_secrets_for_none(host: LocalHost) -> None:
    first = ordered(host, motd())
    assert transaction.run(host, first, Watch()).state == ChangeState.APPLIED
    place = f"/var/lib/rackdesk/changes/{first.id}"
    assert host.path(f"{place}/old/1").read_bytes() == OLD
    until(lambda: not host.path(f"{place}/wanted").exists())
    assert apply(host, Bundle((WantedFile(MOTD, b"third"),))).state == ChangeState.APPLIED
    until(lambda: not host.path(f"{place}/old").exists())
    assert transaction.find(host, first, Watch()) is not None
