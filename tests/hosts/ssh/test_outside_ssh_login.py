"""Host keys, credentials and sudo against a real sshd: who gets in, and what the others are told."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_ssh_private_key,
)

from hosts.errors import (
    AuthenticationFailed,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    SudoRefused,
)
from hosts.facts.machine import Login
from hosts.outside import enrol
from hosts.outside.shell import Pool
from hosts.outside.ssh import Limits, SshPool
from tests.hosts import sshd as real
from tests.hosts.ssh.ways import HOST_KEYS, MEBIBYTE, OTHER_KEY, PASSWORDS, another, touch
from tests.hosts.sshd import LOOPBACK, PASSWORD, KeyPair, Sshd

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(bool(real.missing()), reason=real.missing()),
]


def test_a_host_without_an_accepted_key_is_not_spoken_to(pool: Pool, sshd: Sshd) -> None:
    with socket.create_server((LOOPBACK, 0)) as door:
        with pytest.raises(HostKeyUnknown, match="accepted a host key of loop"):
            touch(pool, sshd.facts(port=door.getsockname()[1], keys=()))
        door.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody knocked
            door.accept()


@pytest.mark.parametrize("kind", HOST_KEYS)
def test_the_accepted_one_of_several_keys_is_asked_for(pool: Pool, sshd: Sshd, kind: str) -> None:
    touch(pool, sshd.facts(keys=(HOST_KEYS[kind].pinned,)))


def test_a_changed_key_is_refused_and_shown(pool: Pool, sshd: Sshd) -> None:
    before = sshd.logins
    with pytest.raises(HostKeyChanged) as caught:
        touch(pool, sshd.facts(keys=(OTHER_KEY.pinned,)))
    shown = HOST_KEYS["ed25519"].pinned
    assert (caught.value.key_type, caught.value.public) == (shown.key_type, shown.public)
    assert shown.fingerprint in str(caught.value)
    assert sshd.logins == before


def test_a_key_type_that_vanished_is_a_changed_key(pool: Pool, tmp_path: Path) -> None:
    with another(tmp_path, keys=(HOST_KEYS["rsa"],)) as server, pytest.raises(HostKeyChanged) as caught:
        touch(pool, server.facts(keys=(HOST_KEYS["ed25519"].pinned,)))
    assert HOST_KEYS["rsa"].pinned.fingerprint in str(caught.value)


def test_a_changed_key_stops_a_kept_connection_as_well(pool: Pool, sshd: Sshd) -> None:
    touch(pool, sshd.facts())
    with pytest.raises(HostKeyChanged):
        touch(pool, sshd.facts(keys=(OTHER_KEY.pinned,)))


def test_enrolment_shows_every_key_of_the_host_without_a_login(sshd: Sshd) -> None:
    before = sshd.logins
    assert enrol.host_keys(LOOPBACK, sshd.port) == sshd.pinned
    assert sshd.logins == before


def test_enrolment_of_a_closed_port_is_told() -> None:
    with pytest.raises(HostUnreachable, match="refuses connections"):
        enrol.host_keys(LOOPBACK, real.free_port())


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_type_of_key_logs_in(pool: Pool, sshd: Sshd, kind: str) -> None:
    with authorised(sshd, kind) as key:
        touch(pool, sshd.facts(login=Login("root", private_key=key.private)))


@contextlib.contextmanager
def authorised(sshd: Sshd, kind: str) -> Iterator[KeyPair]:
    """Another key that may log in, for a while."""
    path = sshd.root / "authorized_keys"
    kept, key = path.read_text(), KeyPair.make(kind)
    path.write_text(f"{kept}{key.public}\n")
    yield key
    path.write_text(kept)


def locked(key: KeyPair, passphrase: str) -> str:
    opened = load_ssh_private_key(key.private.encode(), None)
    return opened.private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(passphrase.encode())
    ).decode()


def test_a_locked_key_logs_in_with_its_passphrase(pool: Pool, sshd: Sshd) -> None:
    text = locked(sshd.client, "open sesame")
    touch(pool, sshd.facts(login=Login("root", private_key=text, passphrase="open sesame")))


def test_a_wrong_passphrase_is_told_apart_from_a_refused_key(pool: Pool, sshd: Sshd) -> None:
    login = Login("root", private_key=locked(sshd.client, "open sesame"), passphrase="open barley")
    with pytest.raises(AuthenticationFailed, match="passphrase does not open"):
        touch(pool, sshd.facts(login=login))


def test_a_wrong_key_is_refused(pool: Pool, sshd: Sshd) -> None:
    with pytest.raises(AuthenticationFailed, match="does not accept the panel's key for root") as caught:
        touch(pool, sshd.facts(login=Login("root", private_key=OTHER_KEY.private)))
    assert caught.value.nothing_touched


def test_a_password_logs_in_and_a_wrong_one_does_not(pool: Pool, tmp_path: Path) -> None:
    with another(tmp_path, *PASSWORDS) as server:
        touch(pool, server.facts(login=Login("clerk", password=PASSWORD)))
        with pytest.raises(AuthenticationFailed, match="does not accept the password of clerk"):
            touch(pool, server.facts(login=Login("clerk", password="wrong")))


def test_a_key_for_a_host_that_takes_passwords_only_is_told(pool: Pool, tmp_path: Path) -> None:
    with (
        another(tmp_path, *PASSWORDS) as server,
        pytest.raises(AuthenticationFailed, match="it takes: password"),
    ):
        touch(pool, server.facts())


def test_a_host_that_wants_two_factors_is_told(pool: Pool, tmp_path: Path) -> None:
    lines = ("PasswordAuthentication yes", "AuthenticationMethods publickey,password")
    with another(tmp_path, *lines) as server, pytest.raises(AuthenticationFailed, match="wants a second one"):
        touch(pool, server.facts())


def test_a_login_that_hangs_is_given_up(tmp_path: Path) -> None:
    lines = (
        "AuthorizedKeysFile none",
        f"AuthorizedKeysCommand {shutil.which('sleep')} 10",
        "AuthorizedKeysCommandUser root",
    )
    with another(tmp_path, *lines) as server, pytest.raises(HostUnreachable, match="within 1 seconds") as caught:
        touch(SshPool(Limits(login_seconds=1)), server.facts())
    assert not isinstance(caught.value, AuthenticationFailed)


def test_a_host_that_hangs_up_during_the_login_is_told(pool: Pool, tmp_path: Path) -> None:
    told = "closed the connection during the login of root"
    with another(tmp_path, "MaxAuthTries 1") as server, pytest.raises(HostUnreachable, match=told):
        touch(pool, server.facts(login=Login("root", private_key=OTHER_KEY.private)))


def test_a_host_without_a_credential_is_told(pool: Pool, sshd: Sshd) -> None:
    with pytest.raises(AuthenticationFailed, match="Give it a credential"):
        touch(pool, sshd.facts(login=Login("root")))


needs_sudo = pytest.mark.skipif(shutil.which("sudo") is None, reason="sudo is missing (Debian package sudo)")


@needs_sudo
def test_sudo_makes_root_of_the_operator(pool: Pool, sshd: Sshd) -> None:
    login = Login("operator", private_key=sshd.client.private)
    with pool.open(sshd.facts(login=login, sudo=True)) as shell:
        assert shell.run("sh -c 'id -u; cat'", stdin=b"fed").stdout == b"0\nfed"


@needs_sudo
@pytest.mark.parametrize("how", ["run", "stream"])
def test_sudo_that_wants_a_password_is_told_and_nothing_was_started(pool: Pool, sshd: Sshd, how: str) -> None:
    login = Login("clerk", private_key=sshd.client.private)
    with pool.open(sshd.facts(login=login, sudo=True)) as shell, pytest.raises(SudoRefused) as caught:
        list(shell.stream("true", stdin=bytes(MEBIBYTE))) if how == "stream" else shell.run("true")
    assert caught.value.nothing_touched
    assert "clerk may log in to loop" in str(caught.value)
    assert "a password is required" in str(caught.value)


@needs_sudo
def test_a_command_that_fails_under_sudo_is_no_refusal(pool: Pool, sshd: Sshd) -> None:
    login = Login("operator", private_key=sshd.client.private)
    with pool.open(sshd.facts(login=login, sudo=True)) as shell:
        assert shell.run("sh -c 'echo no such lease >&2; exit 1'").stderr == b"no such lease\n"
