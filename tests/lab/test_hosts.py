"""Hosts of the lab are whole, can be switched off and on, and come back."""

from __future__ import annotations

import socket

import paramiko
import pytest

from tests.lab import Lab, LabError, LabHost, processes
from tests.lab.visits import connect_with_password, over_ssh

pytestmark = pytest.mark.lab


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
    with socket.create_connection((lab_host.address, 80), timeout=60) as line:
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

    processes.wait_until(rebooted, "the host to be back", 200)
    assert lab_host.check(["systemctl", "is-system-running", "--wait"]) == b"running\n"


def test_a_host_that_switches_itself_off_stays_off(lab_host: LabHost) -> None:
    lab_host.run(["systemctl", "poweroff"])
    processes.wait_until(lambda: processes.running(lab_host.directory) is None, "the host to be off", 200)
    assert not lab_host.answers()
    lab_host.power_on()
    lab_host.wait_for_ssh()


def test_a_new_host_key_is_what_the_host_then_shows(lab_host: LabHost) -> None:
    before = lab_host.host_key
    lab_host.new_host_key()
    with socket.create_connection((lab_host.address, 22), timeout=60) as line, paramiko.Transport(line) as transport:
        transport.start_client(timeout=60)
        shown = transport.get_remote_server_key()
    assert f"{shown.get_name()} {shown.get_base64()}" == lab_host.host_key != before
