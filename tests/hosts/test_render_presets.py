"""A preset's values in, a proposal out; the small scripts in it are run for real where that changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hosts.errors import BadInput
from hosts.facts.change import Command
from hosts.facts.proposal import Proposal
from hosts.render.preset_bundles import reboot, sysctl_file
from hosts.render.presets import PRESETS, proposal
from hosts.rules.edits import with_line

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUSe2DfZ6DMbzvVjpDvFyO4SSQ1cRlTfLcBn2Sbk9iN kim@desk"
GOOD = {
    "motd": {"text": "Hello\r\n안녕"},
    "authorized_key": {"key": KEY, "user": "kim"},
    "sysctl": {"settings": "# ours\nnet.ipv4.ip_forward = 1\n"},
    "package": {"name": "chrony", "refresh": "yes"},
    "reboot": {"seconds": "300"},
}


def ran(command: Command) -> int:
    return subprocess.run(command.argv, capture_output=True, timeout=30, check=False).returncode


@pytest.mark.parametrize("name", [preset.name for preset in PRESETS])
def test_every_preset_on_the_list_makes_a_proposal_that_reads_out(name: str) -> None:
    made = proposal(name, GOOD[name])
    assert isinstance(made, Proposal)
    assert made.title
    assert all("%(" not in str(meaning.words) for meaning in made.means)
    assert all(meaning.sign in {"add", "take", "same", "heed", "info"} for meaning in made.means)


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("no_such", {}, "preset"),
        ("authorized_key", {"key": "hello"}, "key"),
        ("authorized_key", {"key": "ssh-rsa " + KEY.split()[1]}, "key"),
        ("authorized_key", {"key": KEY + "\nssh-ed25519 AAAA"}, "key"),
        ("authorized_key", {"key": KEY, "user": "kim; rm"}, "user"),
        ("authorized_key", {"key": KEY, "home": "/home/../etc"}, "home"),
        ("sysctl", {"settings": "\n# nothing\n"}, "settings"),
        ("sysctl", {"settings": "net.ipv4.ip_forward 1"}, "settings"),
        ("sysctl", {"settings": "../../x = 1"}, "settings"),
        ("sysctl", {"settings": "a.b = 1", "file": "../x.conf"}, "file"),
        ("package", {"name": "chrony; reboot"}, "name"),
        ("package", {"name": "--yes"}, "name"),
        ("reboot", {"seconds": "5"}, "seconds"),
        ("reboot", {"seconds": "soon"}, "seconds"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(name: str, values: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        proposal(name, values)
    assert refused.value.field == field


def test_the_message_of_the_day_ends_in_one_newline() -> None:
    (file,) = proposal("motd", GOOD["motd"]).bundle.files
    assert (file.path, file.content) == ("/etc/motd", "Hello\n안녕\n".encode())
    assert proposal("motd", {"text": "\n"}).bundle.files[0].content == b""


def test_a_key_is_an_edit_of_the_live_file() -> None:
    made = proposal("authorized_key", GOOD["authorized_key"])
    (file,), (edit,) = made.bundle.files, made.edits
    assert file.path == edit.path == "/home/kim/.ssh/authorized_keys"
    assert (file.content, file.owner, file.mode) == (None, "kim", 0o600)
    live = b"# caf\xe9\nssh-rsa AAAA other"
    assert with_line(live, edit.line) == live + b"\n" + KEY.encode() + b"\n"
    assert with_line(with_line(live, edit.line), edit.line) == with_line(live, edit.line)


def test_a_key_with_options_is_taken_whole() -> None:
    line = f'from="192.0.2.0/24",command="echo hi" {KEY}'
    assert proposal("authorized_key", {"key": line}).edits[0].line == line


def test_the_check_of_kernel_parameters_asks_only_whether_they_are_there() -> None:
    bundle = sysctl_file("kernel.hostname = x\nnet.ipv4.conf.eth0/100.forwarding = 1\nnet/ipv4/ip_forward = 0").bundle
    assert [command.argv for command in bundle.check] == [
        ("test", "-e", "/proc/sys/kernel/hostname"),
        ("test", "-e", "/proc/sys/net/ipv4/conf/eth0.100/forwarding"),
        ("test", "-e", "/proc/sys/net/ipv4/ip_forward"),
    ]
    assert bundle.activate[0].argv == ("sysctl", "-p", "/etc/sysctl.d/60-rackdesk.conf")


@pytest.mark.skipif(shutil.which("sysctl") is None, reason="sysctl is missing: apt-get install procps")
@pytest.mark.parametrize(
    "key", ["kernel/pid_max", "net/ipv4/ip_local_port_range"], ids=["one number", "two with a tab"]
)
def test_a_value_is_verified_against_the_running_kernel(key: str) -> None:
    now = " ".join(Path("/proc/sys", key).read_text().split())
    dotted = key.replace("/", ".")
    (right,) = sysctl_file(f"{dotted} = {now}").bundle.verify
    (wrong,) = sysctl_file(f"{dotted} = {now}7").bundle.verify
    assert ran(right) == 0
    assert ran(wrong) == 1


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg-query is missing: needs Debian")
def test_an_installed_package_is_verified_and_one_that_is_not_is_not() -> None:
    assert ran(proposal("package", {"name": "dpkg"}).bundle.verify[0]) == 0
    assert ran(proposal("package", {"name": "no-such-package-anywhere"}).bundle.verify[0]) == 1


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("dpkg-query") is None, reason="needs root and Debian")
def test_an_undo_leaves_a_package_that_was_there_before() -> None:
    bundle = proposal("package", {"name": "dpkg"}).bundle
    assert ran(bundle.before[0]) == 0
    assert not Path("/run/rackdesk/brought-dpkg").exists()
    assert ran(bundle.undo[0]) == 0


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt-get is missing: needs Debian")
def test_an_unknown_package_is_refused_by_the_check() -> None:
    assert ran(proposal("package", {"name": "no-such-package-anywhere"}).bundle.check[0]) == 100


def test_package_lists_are_refreshed_only_when_asked() -> None:
    assert len(proposal("package", {"name": "chrony"}).bundle.before) == 1
    assert proposal("package", GOOD["package"]).bundle.before[0].argv[:2] == ("apt-get", "update")


def test_a_reboot_is_guarded_and_verified() -> None:
    bundle = reboot(900).bundle
    assert bundle.guard is not None
    assert (bundle.guard.seconds, bundle.guard.reboots) == (900, True)
    assert bundle.verify
    assert bundle.activate == ()
