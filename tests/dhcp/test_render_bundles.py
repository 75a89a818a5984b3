"""Bundles for hosts: their scripts do what they say, with the real dhcpd where it is there."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dhcp.facts.defaults import RelayDefaults
from dhcp.facts.places import Places, places_of
from dhcp.facts.server import Server, Subnet, TsigKey
from dhcp.render.bundles import Texts, isc_bundle, kea_bundle, relay_bundle
from dhcp.render.defaults import isc_dhcp_relay, server_defaults
from dhcp.render.dhcpd import dhcpd_conf, keys_conf
from dhcp.render.probe import probe
from hosts.errors import RenderError
from hosts.facts.change import Bundle, Command
from tests.dhcp.real_servers import needs_dhcpd

SECRET = "pRP5FapFoJ95JEL06sv4PQ=="
SERVER = Server(keys=(TsigKey("k", "hmac-sha256", SECRET),), subnets=(Subnet("10.0.0.0/24"),))


def staged(bundle: Bundle, place: Path) -> dict[str, str]:
    """The files of a bundle as a host stages them, by what stands for each in a check."""
    found = {}
    for number, file in enumerate(file for file in bundle.files if file.content is not None):
        path = place / f".staged{number}"
        path.write_bytes(file.content or b"")
        found[f"{{staged:{file.path}}}"] = str(path)
    return found


def run(command: Command, names: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = list(command.argv)
    for name, path in names.items():
        argv = [word.replace(name, path) for word in argv]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)


def texts(server: Server, where: Places) -> Texts:
    return Texts(dhcpd_conf(server, where.keys), keys_conf(server), server_defaults(server, paths={}))


@needs_dhcpd
@pytest.mark.parametrize(
    ("server", "accepted"),
    [
        pytest.param(SERVER, True, id="with keys"),
        pytest.param(replace(SERVER, keys=()), True, id="without keys"),
        pytest.param(replace(SERVER, keys=(TsigKey("k", "hmac-md5", "%%"),)), False, id="a key that is no base64"),
    ],
)
def test_the_real_dhcpd_reads_the_staged_keys(server: Server, accepted: bool, tmp_path: Path) -> None:
    where = places_of("isc", 4, config=str(tmp_path / "dhcpd.conf"))
    bundle = isc_bundle(texts(server, where), where, 4)
    (check,) = bundle.check
    done = run(check, staged(bundle, tmp_path))
    assert (done.returncode == 0) is accepted, done.stderr
    assert SECRET not in "".join(check.argv)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        Path(path).name for path in staged(bundle, tmp_path).values()
    )


def test_an_interface_that_is_not_there_is_told() -> None:
    bundle = relay_bundle('SERVERS="a"\n', ("lo", "nosuch0"))
    here, gone, *_ = [run(command, {}) for command in bundle.check]
    assert (here.returncode, gone.returncode, gone.stdout) == (0, 1, "There is no interface nosuch0 on this host.\n")


def test_keys_that_an_earlier_change_put_there_go_away() -> None:
    where = places_of("isc", 6)
    gone = Texts("subnet6 2001:db8::/64 { }\n", had_keys=True)
    files = {file.path: file.content for file in isc_bundle(gone, where, 6).files}
    assert files["/etc/dhcp/rackdesk-keys6.conf"] is None


def test_no_secret_is_in_a_text_of_the_bundle() -> None:
    where = places_of("isc", 4)
    bundle = isc_bundle(texts(SERVER, where), where, 4)
    assert SECRET not in repr(bundle) + repr(texts(SERVER, where))
    assert [file.secret for file in bundle.files] == [False, True, False]


@pytest.mark.parametrize("version", [4, 6])
def test_kea_is_checked_without_leaving_a_lock_behind(version: int) -> None:
    where = places_of("kea", version)
    (check,) = kea_bundle(Texts("{}"), where).check
    assert check.argv == (f"kea-dhcp{version}", "-t", f"{{staged:/etc/kea/kea-dhcp{version}.conf}}")
    assert ("KEA_LOCKFILE_DIR", "none") in check.environment


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        pytest.param((Server(),), ("\x20", ""), id="one version on all interfaces"),
        pytest.param((Server(version=6, interfaces=("eth1",)),), ("", "eth1"), id="the other on one"),
        pytest.param((Server(interfaces=("eth0", "eth1")), Server(version=6)), ("eth0 eth1", " "), id="both"),
    ],
)
def test_debians_start_script_starts_only_the_versions_that_are_there(
    servers: tuple[Server, ...], said: tuple[str, str]
) -> None:
    text = server_defaults(*servers, paths={4: "/srv/dhcpd.conf"})
    script = text + 'printf "%s|%s|%s" "$INTERFACESv4" "$INTERFACESv6" "$DHCPDv4_CONF"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, timeout=10)
    assert done.stdout == f"{said[0]}|{said[1]}|/srv/dhcpd.conf"


def test_a_path_that_a_shell_would_read_otherwise_is_refused() -> None:
    with pytest.raises(RenderError):
        server_defaults(Server(), paths={4: "/srv/$(reboot)"})


def test_an_interface_is_never_an_option_of_perl(tmp_path: Path) -> None:
    """`perl -e PROGRAM -e…` would run what stands there, too."""
    done = tmp_path / "done"
    argv = probe(f"-eBEGIN{{unlink('{done}')}}").argv
    done.touch()
    said = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=20)
    assert (said.returncode, done.exists()) == (2, True), said


@pytest.mark.parametrize("name", ["-f", "--no-pid"])
def test_an_interface_or_a_server_is_never_an_option_of_a_program(name: str) -> None:
    for said in (RelayDefaults(("192.0.2.1",), (name,)), RelayDefaults((name,))):
        with pytest.raises(RenderError):
            isc_dhcp_relay(said)
    with pytest.raises(RenderError):
        server_defaults(Server(interfaces=(name,)), paths={})
