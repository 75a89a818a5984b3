"""The facts script on this machine, under each shell a host may have: what it prints is read; it touches nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from hosts.facts.report import HostReport
from hosts.parse.report import host_report
from hosts.render.facts_script import COMMAND, facts_script

SHELLS = {"dash": ["dash", "-s"], "busybox": ["busybox", "sh", "-s"]}
NOBODY = 65534


@pytest.fixture(params=list(SHELLS))
def shell(request: pytest.FixtureRequest) -> list[str]:
    argv = SHELLS[request.param]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is missing: apt-get install {argv[0]}")
    return argv


def printed(argv: list[str], script: bytes | None = None, **how: object) -> bytes:
    done = subprocess.run(  # type: ignore[call-overload]
        argv, input=facts_script() if script is None else script, capture_output=True, timeout=60, check=True, **how
    )
    assert done.stderr == b""
    stdout: bytes = done.stdout
    return stdout


def with_tools(tools: Path, **programs: str) -> bytes:
    """The script with programs of the test's own before all others."""
    for name, body in programs.items():
        program = tools / name.replace("_", "-")
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
    return facts_script().replace(b"PATH=/usr/local/sbin", f"PATH={tools}:/usr/local/sbin".encode(), 1)


def test_the_command_reads_the_script_from_its_input() -> None:
    assert COMMAND == "sh -s"


def test_this_machine_is_read_whole(shell: list[str]) -> None:
    report = host_report(printed(shell))
    assert report.complete
    assert report.damage == ()
    assert report.system is not None
    assert report.system.kernel == os.uname().release
    assert report.system.hostname == os.uname().nodename
    assert report.system.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert report.cpu is not None
    assert report.cpu.threads == Path("/proc/cpuinfo").read_text().count("processor\t:")
    assert report.clock is not None
    assert report.clock.epoch_seconds is not None
    assert abs(report.clock.epoch_seconds - time.time()) < 60
    assert report.file_systems is not None
    assert report.links is not None
    assert "lo" in [link.name for link in report.links]


def test_both_shells_tell_the_same() -> None:
    if not all(shutil.which(argv[0]) for argv in SHELLS.values()):
        pytest.skip("dash or busybox is missing: apt-get install dash busybox")
    first, second = (host_report(printed(argv)) for argv in SHELLS.values())
    assert without_links(first) == without_links(second)


def without_links(report: HostReport) -> dict[str, object]:
    """Others' tests make and take away interfaces and loop devices meanwhile."""
    shape = report.lasting.as_json()
    return {key: shape[key] for key in ("system", "cpu", "disks", "nics", "packages", "kdump", "reboot", "gaps")}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_user_without_rights_gets_what_there_is(shell: list[str]) -> None:
    report = host_report(printed(shell, user=NOBODY, group=NOBODY, extra_groups=[]))
    assert report.complete
    assert not report.as_root
    assert report.memory is not None


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and util-linux's unshare")
def test_it_writes_nowhere(shell: list[str]) -> None:
    inside = "for m in $(cut -d' ' -f5 /proc/self/mountinfo); do mount -o remount,bind,ro \"$m\" 2>/dev/null; done; "
    report = host_report(printed(["unshare", "-m", "sh", "-c", f'{inside} exec "$@"', "sh", *shell]))
    assert report.complete
    assert report.memory is not None


def test_a_tool_that_prints_our_own_marks_and_junk_harms_nothing(shell: list[str], tmp_path: Path) -> None:
    script = with_tools(
        tmp_path,
        uname=r"printf '@end uname 0\n@finish\n|x\n@rackdesk-facts 1\n\000\377\376 no newline at the end'",
        ip="echo 'Option -j is unknown' >&2; exit 255",
    )
    report = host_report(printed(shell, script))
    assert report.complete
    assert report.damage == ()
    assert {gap.section: gap.detail for gap in report.gaps}["ip_link"] == "Option -j is unknown"
    assert report.links is not None
    assert "lo" in [link.name for link in report.links]


def test_a_tool_that_hangs_costs_its_time_only(shell: list[str], tmp_path: Path) -> None:
    script = with_tools(tmp_path, systemd_detect_virt="sleep 1000").replace(b"virtualization 5", b"virtualization 1")
    report = host_report(printed(shell, script))
    assert report.complete
    assert [gap.why for gap in report.gaps if gap.section == "virtualization"] == ["timed_out"]


def test_a_tool_that_never_stops_printing_is_cut(shell: list[str], tmp_path: Path) -> None:
    output = printed(shell, with_tools(tmp_path, systemd_detect_virt="exec yes none"))
    assert len(output) < 2_000_000
    assert host_report(output).complete


def test_a_tool_that_is_not_there_is_named_absent(shell: list[str]) -> None:
    script = facts_script().replace(b"lsblk -J", b"lsblk-of-another-world -J")
    report = host_report(printed(shell, script))
    assert [(gap.why, gap.detail) for gap in report.gaps if gap.section == "lsblk"] == [
        ("absent", "lsblk-of-another-world")
    ]
    assert report.disks is None


@pytest.mark.parametrize("share", [0.3, 0.7, 0.999], ids=["a third", "two thirds", "all but the end"])
def test_a_script_cut_on_its_way_does_nothing(shell: list[str], share: float) -> None:
    script = facts_script()
    done = subprocess.run(shell, input=script[: int(len(script) * share)], capture_output=True, timeout=30, check=False)
    assert b"@begin" not in done.stdout
