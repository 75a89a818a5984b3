"""The hooks that give a client the host name of its lease."""

from __future__ import annotations

import subprocess

import pytest

from dhcp.render.client_hooks import dhclient_exit_hook, network_manager_dispatcher, networkd_drop_in
from hosts.errors import RenderError

TOOLS = 'hostname() { if [ $# -gt 0 ]; then printf %s "$1" > name; else cat name; fi; }\nlogger() { :; }\n'


def run(tmp_path, text: str, before: str) -> tuple[str, str, str]:
    """The script with files of the test in place of those under /etc; name, hostname file and hosts file after it."""
    (tmp_path / "name").write_text("old")
    (tmp_path / "hostname").write_text("old\n")
    (tmp_path / "hosts").write_text("127.0.0.1\tlocalhost\n127.0.1.1\told\n")
    here = text.replace("/etc/", f"{tmp_path}/")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{TOOLS}{before}\n{here}\necho went on", "hook", "eth0", "up"],
        capture_output=True, text=True, check=True, timeout=10, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.endswith("went on\n")
    return tuple((tmp_path / name).read_text() for name in ("name", "hostname", "hosts"))


@pytest.mark.parametrize(
    ("text", "before"),
    [
        pytest.param(dhclient_exit_hook(), "reason=BOUND new_host_name=webserver01.example.org", id="dhclient"),
        pytest.param(network_manager_dispatcher(), "DHCP4_HOST_NAME=webserver01.example.org", id="NetworkManager"),
    ],
)
def test_the_name_of_the_lease_is_taken_and_stays_over_a_reboot(tmp_path, text, before):
    name, kept, hosts = run(tmp_path, text, before)
    assert (name, kept) == ("webserver01.example.org", "webserver01.example.org\n")
    assert hosts == "127.0.0.1\tlocalhost\n127.0.1.1\twebserver01.example.org webserver01\n"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="no name"),
        pytest.param("$(touch broken)", id="a command"),
        pytest.param("a;b", id="a semicolon"),
        pytest.param("-a", id="an option"),
        pytest.param("a/b", id="a slash"),
        pytest.param("a" * 65, id="too long"),
    ],
)
def test_a_name_that_is_none_is_passed_over(tmp_path, said):
    assert run(tmp_path, dhclient_exit_hook(), f"reason=BOUND new_host_name='{said}'")[:2] == ("old", "old\n")
    assert not (tmp_path / "broken").exists()


def test_a_lease_that_ends_changes_no_name(tmp_path):
    assert run(tmp_path, dhclient_exit_hook(), "reason=EXPIRE new_host_name=web")[0] == "old"


def test_networkd_is_told_in_a_drop_in():
    path, text = networkd_drop_in("10-eth0")
    assert path == "/etc/systemd/network/10-eth0.network.d/rackdesk-hostname.conf"
    assert text.endswith("[DHCPv4]\nUseHostname=yes\n")
    with pytest.raises(RenderError):
        networkd_drop_in("../x")
