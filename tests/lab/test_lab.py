"""The lab itself: labs beside each other, what they refuse, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import Lab, LabError, missing, processes
from tests.lab.visits import interfaces

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.lab


@pytest.fixture
def small_lab(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """A second lab beside the session's own; `lab` is asked for so that it is skipped where that one is."""
    other = Lab(tmp_path / "small", prefix=f"s{os.getpid():x}"[:8])
    yield other
    other.down()


def test_two_labs_at_once_take_ranges_of_their_own(lab: Lab, small_lab: Lab) -> None:
    theirs, ours = lab.up(1)[0], small_lab.up(1)[0]
    assert ours.line.network != theirs.line.network
    ours.wait_for_ssh()
    small_lab.down()
    theirs.wait_for_ssh()


def test_what_is_up_stays_up_and_a_second_start_finds_disks_keys_and_addresses(small_lab: Lab) -> None:
    (host,) = small_lab.up(["web01"])
    host.write("/etc/kept", b"yes")
    again = Lab(small_lab.root, prefix=small_lab.prefix)
    assert again.up(["web01"]) == [host]
    small_lab.down()
    small_lab.down()
    assert not host.is_on
    (back,) = again.up(["web01"])
    assert (back.address, back.host_key) == (host.address, host.host_key)
    assert back.read("/etc/kept") == b"yes"


def test_down_leaves_no_process_interface_mount_or_loop_device(small_lab: Lab) -> None:
    (host,) = small_lab.up(1)
    host.fault("lossy")
    small_lab.down()
    assert not [name for name in interfaces() if name.startswith(host.line.bridge)]
    assert str(small_lab.root) not in Path("/proc/self/mountinfo").read_text()
    command_lines = [" ".join(processes.command_line(pid)) for pid in processes.everyone()]
    assert not [line for line in command_lines if str(small_lab.root) in line or host.line.cable(1) in line]
    used = subprocess.run(["losetup", "--list"], capture_output=True, check=True, text=True).stdout
    assert str(small_lab.root) not in used


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda s: s.name)
def test_a_killed_owner_takes_its_lab_along(small_lab: Lab, how: signal.Signals) -> None:
    script = (
        "import sys, pathlib, tests.lab as t\n"
        "with t.Lab(pathlib.Path(sys.argv[1]), prefix=sys.argv[2]) as lab:\n"
        "    lab.up(1); print('up', flush=True); sys.stdin.read()\n"
    )
    argv = [sys.executable, "-c", script, str(small_lab.root), small_lab.prefix]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=PROJECT
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        (host,) = small_lab.hosts()
        assert host.is_on
        owner.send_signal(how)
    bridge = host.line.bridge
    processes.wait_until(lambda: not host.is_on and bridge not in interfaces(), "the orphaned lab to go down", 120)


def test_a_range_in_use_is_refused_with_the_interface_that_has_it(lab: Lab, small_lab: Lab) -> None:
    taken = lab.up(1)[0].line
    other = Lab(small_lab.root, prefix=small_lab.prefix, network=str(taken.network))
    with pytest.raises(LabError, match=f"range {taken.network} is in use: .* is on {taken.bridge}"):
        other.up(1)
    assert other.hosts() == []


def test_the_prefix_of_a_running_lab_is_refused_to_another(lab: Lab, tmp_path: Path) -> None:
    lab.up(1)
    with pytest.raises(LabError, match=r"belongs to lab .*nothing was changed"):
        Lab(tmp_path, prefix=lab.prefix).up(1)
    assert lab.up(1)[0].line.bridge in interfaces()


@pytest.mark.parametrize("prefix", ["", "Lab", "toolongaprefix", "a b", "1st"])
def test_a_prefix_that_cannot_name_an_interface_is_refused(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(LabError, match="prefix is one to eight"):
        Lab(tmp_path, prefix=prefix)


def test_more_than_sixty_hosts_are_refused_before_anything_starts(small_lab: Lab) -> None:
    with pytest.raises(LabError, match="at most 60 hosts"):
        small_lab.up(61)
    assert small_lab.hosts() == []


def test_the_command_line_starts_breaks_heals_and_stops(small_lab: Lab) -> None:
    def command(*words: str) -> str:
        argv = [sys.executable, "-m", "tests.lab", "--root", str(small_lab.root), "--prefix", small_lab.prefix, *words]
        done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
        return done.stdout + done.stderr

    assert "1 hosts answer after" in command("up", "web01")
    assert command("ssh", "web01", "hostname") == "web01\n"
    command("fault", "web01", "disk-full", "left_bytes=100000")
    assert "No space left" in command("ssh", "web01", "head -c 2000000 /dev/zero >/etc/new")
    command("heal", "web01")
    assert command("ssh", "web01", "head -c 2000000 /dev/zero >/etc/new") == ""
    assert command("status").split() == ["web01", small_lab.host("web01").address, "answers"]
    command("down")
    assert command("status").split()[-1] == "off"
    assert command("heal", "web02") == "There is no host web02 in this lab. Its hosts: web01.\n"


def test_an_ordinary_user_is_told_that_the_lab_needs_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert missing() == "The lab needs root: it makes network namespaces and mounts."


def test_a_machine_without_the_packages_is_told_which_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    packages = "e2fsprogs iproute2 mmdebstrap mount openssh-client systemd-container util-linux"
    assert missing() == f"The lab needs Debian packages: apt-get install {packages}."
