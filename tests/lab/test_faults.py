"""Faults of the lab can be felt, stay inside their host, and can be undone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.lab import Lab, LabError, LabHost, processes
from tests.lab.faults import KINDS
from tests.lab.hosts import ssh_argv
from tests.lab.visits import over_ssh

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("kind", ["cut", "silent", "sshd-hung", "frozen", "power-off"])
def test_no_word_comes_from_a_host_with_this_fault_and_it_speaks_again_when_healed(
    lab: Lab, lab_host: LabHost, kind: str
) -> None:
    lab_host.fault(kind)
    assert over_ssh(lab, lab_host, "echo here", seconds=2) == ""
    lab_host.heal()
    assert over_ssh(lab, lab_host, "echo here") == "here\n"


def test_a_cut_line_is_seen_by_the_host_and_a_silent_one_is_not(lab_host: LabHost) -> None:
    lab_host.fault("silent")
    assert lab_host.read("/sys/class/net/eth0/carrier") == b"1\n"
    lab_host.heal()
    lab_host.fault("cut")
    assert lab_host.read("/sys/class/net/eth0/carrier") == b"0\n"


def test_a_hung_sshd_accepts_and_says_nothing(lab_host: LabHost) -> None:
    lab_host.fault("sshd-hung")
    with socket.create_connection((lab_host.address, 22), timeout=60) as line:
        line.settimeout(0.5)
        with pytest.raises(TimeoutError):
            line.recv(1)


def test_a_killed_sshd_leaves_a_closed_port_until_healed(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("sshd-killed")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((lab_host.address, 22), timeout=60)
    lab_host.heal()
    assert over_ssh(lab, lab_host, "systemctl is-enabled ssh") == "enabled\n"


def test_a_running_session_dies_with_sshd_and_what_it_detached_lives_on(lab: Lab, lab_host: LabHost) -> None:
    session = subprocess.Popen(
        [*ssh_argv(lab_host, lab.key_path, "root"), "setsid sleep 600 & sleep 601"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with session:
        both = ["pgrep", "-c", "-x", "sleep"]
        processes.wait_until(lambda: lab_host.run(both).stdout == b"2\n", "the session's two processes", 60)
        lab_host.fault("sshd-killed")
        assert session.wait(60) == 255
    assert lab_host.run(["pgrep", "-f", "sleep 600"]).status == 0


def test_the_machine_keeps_its_hardware_address_when_cables_come_and_go(lab_host: LabHost) -> None:
    def address() -> str:
        return Path(f"/sys/class/net/{lab_host.line.bridge}/address").read_text().strip()

    assert address() == lab_host.line.mac(254)
    lab_host.fault("slow", delay_ms=1)
    assert address() == lab_host.line.mac(254)


def test_a_slow_line_takes_its_delay_both_ways_and_then_carries_everything(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("slow", delay_ms=100)
    said = lab_host.check(["ping", "-c", "2", "-W", "30", lab_host.line.gateway]).decode()
    fastest = float(said.rpartition(" = ")[2].split("/")[0])
    assert 200 <= fastest < 1000
    assert over_ssh(lab, lab_host, "head -c 300000 /dev/zero | tr '\\0' x") == "x" * 300000


def test_a_lossy_line_loses_frames_and_the_connection_still_holds(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("lossy", loss=0.2)
    pings = lab_host.run(["ping", "-q", "-i", "0.01", "-c", "100", "-W", "5", lab_host.line.gateway])
    share = float(pings.stdout.decode().partition("% packet loss")[0].split()[-1])
    assert 10 < share < 70
    lab_host.heal()
    lab_host.fault("lossy", loss=0.02)
    assert over_ssh(lab, lab_host, "head -c 300000 /dev/zero | tr '\\0' x", seconds=200) == "x" * 300000


def test_a_full_disk_refuses_every_new_byte_and_takes_them_again_when_healed(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("disk-full")
    for place in ("/etc", "/tmp", "/var/lib"):
        assert "No space left on device" in over_ssh(lab, lab_host, f"head -c 100000 /dev/zero >{place}/new")
    lab_host.heal()
    assert over_ssh(lab, lab_host, "head -c 100000 /dev/zero >/etc/new && wc -c </etc/new") == "100000\n"


def test_a_disk_can_be_filled_up_to_a_few_bytes(lab_host: LabHost) -> None:
    lab_host.fault("disk-full", left_bytes=1_000_000)
    lab_host.write("/etc/small", bytes(500_000))
    with pytest.raises(LabError, match="No space left"):
        lab_host.write("/etc/large", bytes(5_000_000))


def test_a_read_only_disk_refuses_to_be_written_even_through_open_files(lab: Lab, lab_host: LabHost) -> None:
    lab_host.write("/etc/before", b"old")
    lab_host.fault("read-only")
    assert "Read-only file system" in over_ssh(lab, lab_host, "echo new >/etc/before")
    assert lab_host.read("/etc/before") == b"old"
    lab_host.heal()
    assert over_ssh(lab, lab_host, "echo new >/etc/before && cat /etc/before") == "new\n"


def test_a_wrong_clock_is_wrong_for_new_programs_only_until_healed(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("wrong-clock", offset_seconds=-86400)
    right = int(subprocess.run(["date", "+%s"], capture_output=True, check=True).stdout)
    assert abs(int(over_ssh(lab, lab_host, "date +%s")) - (right - 86400)) < 600
    lab_host.heal()
    assert abs(int(over_ssh(lab, lab_host, "date +%s")) - right) < 600


def test_a_frozen_host_stands_still_and_nothing_outside_it_does(lab_host: LabHost) -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        lab_host.fault("frozen")
        states = {pid: processes.state(pid) for pid in lab_host.processes() if processes.alive(pid)}
        assert states
        assert set(states.values()) == {"T"}
        assert processes.state(bystander.pid) != "T"
        lab_host.heal()
        bystander.kill()


def test_no_signal_is_sent_where_the_namespace_is_the_machines_own() -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        with pytest.raises(LabError, match="does not run inside a lab host; no signal was sent"):
            processes.signal_inside(os.getpid(), signal.SIGKILL, "sleep")
        assert bystander.poll() is None
        bystander.kill()


def test_a_command_that_is_also_a_builtin_acts_inside_the_host_only(lab_host: LabHost) -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        answer = lab_host.run(["kill", "-0", str(bystander.pid)])
        assert answer.status != 0
        assert b"No such process" in answer.stderr
        bystander.kill()


def test_every_process_of_a_name_is_killed(lab_host: LabHost) -> None:
    lab_host.check(["systemd-run", "--unit=one", "sleep", "600"])
    lab_host.check(["systemd-run", "--unit=two", "sleep", "600"])
    sleeping = ["pgrep", "-c", "-x", "sleep"]
    processes.wait_until(lambda: lab_host.run(sleeping).stdout == b"2\n", "two sleeps", 60)
    assert lab_host.kill("sleep") == 2
    processes.wait_until(lambda: lab_host.run(sleeping).stdout == b"0\n", "no sleep", 60)


def test_healing_a_healthy_host_changes_nothing(lab: Lab, lab_host: LabHost) -> None:
    boot = lab_host.read("/proc/sys/kernel/random/boot_id")
    lab_host.heal()
    assert over_ssh(lab, lab_host, "cat /proc/sys/kernel/random/boot_id").encode() == boot


def test_a_fault_or_an_option_that_does_not_exist_is_named_with_those_that_do(lab_host: LabHost) -> None:
    with pytest.raises(LabError, match=rf"no fault 'fire'\. There are: {', '.join(KINDS)}"):
        lab_host.fault("fire")
    with pytest.raises(LabError, match=r"no option speed\. Its options: delay_ms, kbit"):
        lab_host.fault("slow", speed=1)
