"""The lab itself: hosts that are whole, faults that can be felt and undone, and nothing left behind."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests.lab import Lab, LabError, LabHost, missing, processes
from tests.lab.faults import KINDS
from tests.lab.hosts import ssh_argv

PROJECT = Path(__file__).parents[2]
pytestmark = pytest.mark.lab


def over_ssh(lab: Lab, host: LabHost, command: str, user: str = "root", seconds: float = 20) -> str:
    """What `command` says over a new SSH connection; "" where there is no answer within `seconds`."""
    argv = ssh_argv(host, lab.key_path, user)
    argv[1:1] = ["-o", "ConnectTimeout=2", "-o", "ConnectionAttempts=1", "-o", "BatchMode=yes"]
    try:
        done = subprocess.run([*argv, command], capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return (done.stdout + done.stderr).decode() if done.returncode != 255 else ""


def connect_with_password(host: LabHost, password: str) -> None:
    """Log in as the clerk and leave again; raises what paramiko raises."""
    with paramiko.SSHClient() as client:
        client.get_host_keys().add(host.address, "ssh-ed25519", key_of(host))
        client.connect(
            host.address, username="clerk", password=password, allow_agent=False, look_for_keys=False, timeout=10
        )


def key_of(host: LabHost) -> paramiko.PKey:
    """The host's public key."""
    return paramiko.Ed25519Key(data=base64.b64decode(host.host_key.split()[1]))


def interfaces() -> set[str]:
    """Names of the machine's interfaces."""
    return {name for _index, name in socket.if_nameindex()}


# -- whole hosts ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("user", ["root", "operator", "clerk"])
def test_a_host_lets_everyone_of_the_lab_in_with_the_labs_key(lab: Lab, lab_host: LabHost, user: str) -> None:
    assert over_ssh(lab, lab_host, "id -un; hostname", user).split() == [user, lab_host.name]


def test_a_host_is_a_whole_debian_whose_systemd_has_nothing_to_complain_about(lab_host: LabHost) -> None:
    assert lab_host.check(["systemctl", "is-system-running", "--wait"]) == b"running\n"
    assert b"VERSION_CODENAME=bookworm" in lab_host.read("/etc/os-release")
    assert b"Started ssh.service" in lab_host.check(["journalctl", "--boot", "--no-pager"])


def test_sudo_asks_the_clerk_for_a_password_and_the_operator_for_none(lab: Lab, lab_host: LabHost) -> None:
    assert over_ssh(lab, lab_host, "sudo -n id -un", "operator") == "root\n"
    assert "a password is required" in over_ssh(lab, lab_host, "sudo -n id -un", "clerk")
    as_clerk = ["runuser", "-u", "clerk", "--", "sudo", "-S", "-p", "", "id", "-un"]
    assert lab_host.check(as_clerk, stdin=f"{lab.clerk_password}\n".encode()) == b"root\n"


def test_the_clerk_logs_in_with_the_right_password_only(lab: Lab, lab_host: LabHost) -> None:
    connect_with_password(lab_host, lab.clerk_password)
    with pytest.raises(paramiko.AuthenticationException):
        connect_with_password(lab_host, "not the password")


def test_two_hosts_share_neither_name_nor_machine_id_nor_host_key_nor_files(lab: Lab) -> None:
    one, other = lab.up(2)
    for host in (one, other):
        host.wait_for_ssh()
    assert one.host_key != other.host_key
    assert one.read("/etc/machine-id") != other.read("/etc/machine-id")
    one.write("/etc/only-here", b"")
    assert one.exists("/etc/only-here")
    assert not other.exists("/etc/only-here")
    one.reset()


def test_hosts_reach_each_other_and_the_machine(lab: Lab) -> None:
    one, other = lab.up(2)
    for host in (one, other):
        host.wait_for_ssh()
    for address in (other.address, one.line.gateway):
        assert one.run(["ping", "-c", "1", "-W", "2", address]).status == 0


def test_a_role_is_given_by_starting_its_service(lab_host: LabHost) -> None:
    assert lab_host.run(["systemctl", "is-active", "nginx"]).stdout == b"inactive\n"
    lab_host.check(["systemctl", "enable", "--now", "nginx"])
    with socket.create_connection((lab_host.address, 80), timeout=5) as line:
        line.sendall(b"HEAD / HTTP/1.0\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_files_are_read_and_written_byte_for_byte(lab_host: LabHost) -> None:
    content = bytes(range(256)) * 5000
    lab_host.write("/root/odd 'name'\n", content, mode=0o600)
    assert lab_host.read("/root/odd 'name'\n") == content
    assert lab_host.check(["stat", "-c", "%a", "/root/odd 'name'\n"]) == b"600\n"


# -- power -----------------------------------------------------------------------------------------------------------
def test_a_power_cut_keeps_the_disk_and_a_reset_gives_a_new_one_with_the_same_key(lab_host: LabHost) -> None:
    lab_host.write("/etc/kept", b"yes")
    key = lab_host.host_key
    lab_host.power_off()
    assert not lab_host.is_on
    assert not lab_host.answers()
    with pytest.raises(LabError, match="is off"):
        lab_host.read("/etc/kept")
    lab_host.power_on()
    assert lab_host.read("/etc/kept") == b"yes"
    lab_host.reset()
    assert not lab_host.exists("/etc/kept")
    assert lab_host.host_key == key
    assert lab_host.read("/etc/ssh/ssh_host_ed25519_key.pub").decode().startswith(key)


def test_a_host_that_reboots_itself_comes_back_as_another_boot(lab_host: LabHost) -> None:
    before = lab_host.read("/proc/sys/kernel/random/boot_id")
    lab_host.run(["systemctl", "reboot"])

    def rebooted() -> bool:
        try:
            return lab_host.read("/proc/sys/kernel/random/boot_id") != before and lab_host.answers()
        except LabError:  # between the boots there is nobody to ask
            return False

    processes.wait_until(rebooted, "the host to be back", 60)
    assert lab_host.check(["systemctl", "is-system-running", "--wait"]) == b"running\n"


def test_a_host_that_switches_itself_off_stays_off(lab_host: LabHost) -> None:
    lab_host.run(["systemctl", "poweroff"])
    processes.wait_until(lambda: processes.running(lab_host.directory) is None, "the host to be off", 60)
    assert not lab_host.answers()
    lab_host.power_on()
    assert lab_host.answers()


def test_a_new_host_key_is_what_the_host_then_shows(lab_host: LabHost) -> None:
    before = lab_host.host_key
    lab_host.new_host_key()
    with socket.create_connection((lab_host.address, 22), timeout=5) as line, paramiko.Transport(line) as transport:
        transport.start_client(timeout=10)
        shown = transport.get_remote_server_key()
    assert f"{shown.get_name()} {shown.get_base64()}" == lab_host.host_key != before


# -- faults ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["cut", "silent", "sshd-hung", "frozen", "power-off"])
def test_no_word_comes_from_a_host_with_this_fault_and_it_speaks_again_when_healed(
    lab: Lab, lab_host: LabHost, kind: str
) -> None:
    lab_host.fault(kind)
    assert over_ssh(lab, lab_host, "echo here") == ""
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
    with socket.create_connection((lab_host.address, 22), timeout=2) as line:
        line.settimeout(0.5)
        with pytest.raises(TimeoutError):
            line.recv(1)


def test_a_killed_sshd_leaves_a_closed_port_until_healed(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("sshd-killed")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((lab_host.address, 22), timeout=2)
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
        processes.wait_until(lambda: lab_host.run(both).stdout == b"2\n", "the session's two processes", 20)
        lab_host.fault("sshd-killed")
        assert session.wait(20) == 255
    assert lab_host.run(["pgrep", "-f", "sleep 600"]).status == 0


def test_the_machine_keeps_its_hardware_address_when_cables_come_and_go(lab_host: LabHost) -> None:
    def address() -> str:
        return Path(f"/sys/class/net/{lab_host.line.bridge}/address").read_text().strip()

    assert address() == lab_host.line.mac(254)
    lab_host.fault("slow", delay_ms=1)
    assert address() == lab_host.line.mac(254)


def test_a_slow_line_takes_its_delay_both_ways_and_then_carries_everything(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("slow", delay_ms=100)
    said = lab_host.check(["ping", "-c", "2", "-W", "5", lab_host.line.gateway]).decode()
    fastest = float(said.rpartition(" = ")[2].split("/")[0])
    assert 200 <= fastest < 400
    assert over_ssh(lab, lab_host, "head -c 300000 /dev/zero | tr '\\0' x") == "x" * 300000


def test_a_lossy_line_loses_frames_and_the_connection_still_holds(lab: Lab, lab_host: LabHost) -> None:
    lab_host.fault("lossy", loss=0.2)
    pings = lab_host.run(["ping", "-q", "-i", "0.01", "-c", "100", "-W", "1", lab_host.line.gateway])
    share = float(pings.stdout.decode().partition("% packet loss")[0].split()[-1])
    assert 10 < share < 70
    lab_host.heal()
    lab_host.fault("lossy", loss=0.02)
    assert over_ssh(lab, lab_host, "head -c 300000 /dev/zero | tr '\\0' x", seconds=60) == "x" * 300000


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
    assert abs(int(over_ssh(lab, lab_host, "date +%s")) - (right - 86400)) < 30
    lab_host.heal()
    assert abs(int(over_ssh(lab, lab_host, "date +%s")) - right) < 30


def test_a_frozen_host_stands_still_and_nothing_outside_it_does(lab_host: LabHost) -> None:
    with subprocess.Popen(["sleep", "600"]) as bystander:
        lab_host.fault("frozen")
        assert Path(f"/proc/{bystander.pid}/stat").read_text().split()[2] == "S"
        state = processes.running(lab_host.directory)
        assert state is not None
        assert state.leader is not None
        frozen = {
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            for pid in processes.inside(state.leader)
        }
        assert frozen == {"T"}
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
    processes.wait_until(lambda: lab_host.run(sleeping).stdout == b"2\n", "two sleeps", 10)
    assert lab_host.kill("sleep") == 2
    processes.wait_until(lambda: lab_host.run(sleeping).stdout == b"0\n", "no sleep", 10)


def test_healing_a_healthy_host_changes_nothing(lab: Lab, lab_host: LabHost) -> None:
    boot = lab_host.read("/proc/sys/kernel/random/boot_id")
    lab_host.heal()
    assert over_ssh(lab, lab_host, "cat /proc/sys/kernel/random/boot_id").encode() == boot


def test_a_fault_or_an_option_that_does_not_exist_is_named_with_those_that_do(lab_host: LabHost) -> None:
    with pytest.raises(LabError, match=rf"no fault 'fire'\. There are: {', '.join(KINDS)}"):
        lab_host.fault("fire")
    with pytest.raises(LabError, match=r"no option speed\. Its options: delay_ms, kbit"):
        lab_host.fault("slow", speed=1)


# -- labs -------------------------------------------------------------------------------------------------
@pytest.fixture
def small_lab(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """A second lab beside the session's own; `lab` is asked for so that it is skipped where that one is."""
    other = Lab(tmp_path / "small", prefix=f"s{os.getpid():x}"[:8])
    yield other
    other.down()


def test_two_labs_at_once_take_ranges_of_their_own(lab: Lab, small_lab: Lab) -> None:
    theirs, ours = lab.up(1)[0], small_lab.up(1)[0]
    assert ours.line.network != theirs.line.network
    assert ours.answers()
    small_lab.down()
    assert theirs.answers() or theirs.is_on


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
    processes.wait_until(lambda: not host.is_on and bridge not in interfaces(), "the orphaned lab to go down", 30)


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
        done = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
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
