"""hosts.outside.ssh against a real sshd: what works, and what a person is told when it does not."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
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
    CommandFailed,
    Explainable,
    HostKeyChanged,
    HostKeyUnknown,
    HostLost,
    HostUnreachable,
    SudoRefused,
)
from hosts.facts.machine import HostFacts, Login
from hosts.outside import enrol
from hosts.outside.shell import Counts, Pool
from hosts.outside.ssh import Limits, SshPool
from tests.hosts import sshd as real
from tests.hosts.sshd import LOOPBACK, PASSWORD, KeyPair, Sshd, wait_until

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(bool(real.missing()), reason=real.missing()),
]

MEBIBYTE = 1024 * 1024
HOST_KEYS = {kind: KeyPair.make(kind) for kind in ("ed25519", "ecdsa", "rsa")}
OTHER_KEY = KeyPair.make("ed25519")
HASTY = Limits(connect_seconds=0.5, banner_seconds=0.5, login_seconds=1, alive_seconds=0.5)
PASSWORDS = ("PasswordAuthentication yes", "PubkeyAuthentication no")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd"), host_keys=tuple(HOST_KEYS.values())) as server:
        yield server


@pytest.fixture
def pool() -> Iterator[SshPool]:
    pool = SshPool()
    yield pool
    pool.close()


@contextlib.contextmanager
def another(root: Path, *lines: str, keys: tuple[KeyPair, ...] = (HOST_KEYS["ed25519"],)) -> Iterator[Sshd]:
    """An sshd with its own settings, for one test."""
    with Sshd(root, host_keys=keys, lines=lines) as server:
        yield server


def touch(pool: Pool, host: HostFacts) -> None:
    """Log in and run one command."""
    with pool.open(host) as shell:
        shell.run("true")


# -- a command ---------------------------------------------------------------------------------------------


def test_a_command_gives_its_output_its_errors_and_its_exit_code(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        done = shell.run("cat; echo wrong >&2; exit 3", stdin=b"\x00right\xff")
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"\x00right\xff", b"wrong\n")


def test_the_first_command_costs_one_connect_one_login_one_exec(pool: Pool, sshd: Sshd) -> None:
    before = sshd.logins
    with pool.open(sshd.facts()) as shell:
        shell.run("true")
        assert shell.counts == Counts(connects=1, auths=1, execs=1)
    assert sshd.logins == before + 1


def test_a_kept_connection_costs_nothing_but_the_exec(pool: Pool, sshd: Sshd) -> None:
    before = sshd.logins
    for execs in (1, 2, 3):
        with pool.open(sshd.facts()) as shell:
            shell.run("true")
            assert shell.counts == Counts(connects=1, auths=1, execs=execs)
    assert sshd.logins == before + 1


def test_fresh_is_always_a_new_connection(pool: Pool, sshd: Sshd) -> None:
    touch(pool, sshd.facts())
    before = sshd.logins
    with pool.open(sshd.facts(), fresh=True) as shell:
        shell.run("true")
        assert shell.counts == Counts(connects=1, auths=1, execs=1)
    assert sshd.logins == before + 1


def test_several_commands_run_one_after_the_other_in_one_shell(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        assert [shell.run(f"echo {number}").stdout for number in (1, 2, 3)] == [b"1\n", b"2\n", b"3\n"]


def test_output_comes_while_the_command_still_runs(pool: Pool, sshd: Sshd) -> None:
    seen = threading.Event()

    def answers() -> Iterator[bytes]:
        assert seen.wait(10)  # given only after the first line was read
        yield b"an answer\n"

    with pool.open(sshd.facts()) as shell:
        stream = shell.stream("echo asks; cat", stdin=answers())
        pieces = iter(stream)
        assert next(pieces) == b"asks\n"
        seen.set()
        assert b"".join(pieces) == b"an answer\n"
        assert stream.exit_code == 0


def test_the_exit_code_is_not_told_before_the_end(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        stream = shell.stream("true")
        with pytest.raises(RuntimeError):
            _ = stream.exit_code
        assert list(stream) == []
        assert stream.exit_code == 0


def test_floods_on_both_outputs_do_not_stop_each_other(pool: Pool, sshd: Sshd) -> None:
    flood = "head -c 5000000 /dev/zero >&2; head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"
    with pool.open(sshd.facts()) as shell:
        done = shell.run(flood)
    assert (done.exit_code, len(done.stdout), len(done.stderr)) == (0, 5_000_000, 64 * 1024)


def test_50_mb_of_output_arrive_whole(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        done = shell.run("head -c 50000000 /dev/zero")
    assert (done.exit_code, len(done.stdout)) == (0, 50_000_000)


def test_output_over_the_limit_ends_the_reading_and_the_shell_goes_on(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        with pytest.raises(CommandFailed, match="more than 1000000 bytes"):
            shell.run("yes", output_limit=1_000_000)
        assert shell.run("echo still here").stdout == b"still here\n"


def test_20_mb_go_there_and_back(pool: Pool, sshd: Sshd) -> None:
    sent = os.urandom(MEBIBYTE) * 20
    with pool.open(sshd.facts()) as shell:
        assert shell.run("cat", stdin=sent).stdout == sent


def test_50_mb_for_a_command_that_reads_nothing_end_with_the_command(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        done = shell.run("head -c 1 >/dev/null; exit 4", stdin=bytes(50 * MEBIBYTE), timeout_seconds=30)
    assert done.exit_code == 4


def test_50_mb_for_a_command_that_stops_reading_end_with_the_time(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell, pytest.raises(HostLost, match="within 1 seconds"):
        shell.run("exec sleep 5", stdin=bytes(50 * MEBIBYTE), timeout_seconds=1)


def test_an_error_of_the_input_comes_out_at_the_reader(pool: Pool, sshd: Sshd) -> None:
    def broken() -> Iterator[bytes]:
        yield b"some"
        raise ZeroDivisionError

    with pool.open(sshd.facts()) as shell, pytest.raises(ZeroDivisionError):
        list(shell.stream("cat >/dev/null", stdin=broken()))


def test_a_command_that_a_signal_ended_has_no_exit_code(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        assert shell.run("kill -9 $$").exit_code == -1
        assert shell.run("echo on").stdout == b"on\n"


def test_a_child_that_keeps_stdout_open_does_not_hold_the_caller(pool: Pool, sshd: Sshd) -> None:
    began = time.monotonic()
    with pool.open(sshd.facts()) as shell:
        done = shell.run("sleep 6 & echo left one behind; exit 5")
    assert (done.exit_code, done.stdout) == (5, b"left one behind\n")
    assert time.monotonic() - began < 5


def test_a_silent_command_is_given_up_after_the_idle_time(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell, pytest.raises(HostLost, match=r"for 0.3 seconds") as caught:
        list(shell.stream("exec sleep 3", idle_seconds=0.3))
    assert not caught.value.nothing_touched


def test_a_command_that_closed_its_outputs_but_goes_on_is_waited_for(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        assert shell.run("exec >&- 2>&-; sleep 0.3; exit 6").exit_code == 6


def test_leaving_a_stream_early_leaves_a_usable_connection(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        assert next(iter(shell.stream("yes"))).startswith(b"y\n")
        assert shell.run("echo on").stdout == b"on\n"
    with pool.open(sshd.facts()) as shell:
        assert shell.counts.connects == 1
        assert shell.run("echo and on").stdout == b"and on\n"


# -- faults on the way -------------------------------------------------------------------------------------


def test_a_line_that_is_cut_while_a_command_runs_is_a_lost_host(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        pieces = iter(shell.stream("echo begun; exec sleep 3"))
        assert next(pieces) == b"begun\n"
        assert sshd.kill_sessions() > 0
        with pytest.raises(HostLost, match="broke while a command ran") as caught:
            next(pieces)
    assert not caught.value.nothing_touched


def test_a_lost_connection_is_not_used_again(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        sshd.kill_sessions()
        with pytest.raises((HostUnreachable, HostLost)):  # whether it had begun is a matter of luck
            shell.run("true", timeout_seconds=5)
    touch(pool, sshd.facts())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["cut", "frozen"])
def test_a_kept_connection_that_died_is_replaced_without_a_word(sshd: Sshd, how: int) -> None:
    pool = SshPool(HASTY)
    touch(pool, sshd.facts())
    sshd.kill_sessions(how)
    with pool.open(sshd.facts()) as shell:
        assert shell.run("echo here").stdout == b"here\n"
        assert shell.counts == Counts(connects=1, auths=1, execs=1)
    pool.close()
    sshd.kill_sessions()


def test_a_host_that_stops_while_a_large_input_is_sent_is_given_up(sshd: Sshd) -> None:
    pool = SshPool(HASTY)
    with pool.open(sshd.facts()) as shell:
        stream = shell.stream("echo begun; exec sleep 3", stdin=bytes(50 * MEBIBYTE), idle_seconds=1)
        pieces = iter(stream)
        assert next(pieces) == b"begun\n"
        sshd.kill_sessions(signal.SIGSTOP)
        with pytest.raises(HostLost, match="Nothing came"):
            next(pieces)
    sshd.kill_sessions()


def refusing_port() -> contextlib.AbstractContextManager[int]:
    return contextlib.nullcontext(real.free_port())


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param(refusing_port(), "refuses connections on port", id="closed port"),
        pytest.param(real.full_listener(), "does not answer within 0.5 seconds", id="no answer"),
        pytest.param(real.listener(b"", hangs=True), "says nothing for 0.5 seconds", id="accepts and hangs"),
        pytest.param(real.listener(b"SSH-2.0-x\r\n", hangs=True), "says nothing for 0.5", id="hangs after banner"),
        pytest.param(real.listener(b""), "before it says who it is", id="closes at the banner"),
        pytest.param(real.listener(b"HTTP/1.1 400 Bad\r\n" * 200), "does not speak SSH", id="not an SSH server"),
        pytest.param(real.listener(b"SSH-2.0-x\r\n"), "while keys were exchanged", id="closes after banner"),
    ],
)
def test_a_port_that_is_no_use_is_told_in_its_own_words(
    kind: contextlib.AbstractContextManager[int], told: str
) -> None:
    began = time.monotonic()
    with kind as port:
        host = HostFacts(1, "loop", LOOPBACK, port, Login("root", password="x"), keys=(OTHER_KEY.pinned,))
        with pytest.raises(HostUnreachable, match=told) as caught:
            touch(SshPool(HASTY), host)
    assert caught.value.nothing_touched
    assert str(caught.value).endswith(".")
    assert time.monotonic() - began < 5


def test_a_name_without_an_address_is_told() -> None:
    host = HostFacts(1, "typo", "xen..example", 22, Login("root", password="x"), keys=(OTHER_KEY.pinned,))
    with pytest.raises(HostUnreachable, match=r"name xen\.\.example leads to no address"):
        touch(SshPool(HASTY), host)


def test_a_missing_route_is_told() -> None:
    ask = "from hosts.outside.ssh.line import dial; dial('192.0.2.1', 22, 2)"
    alone = ["unshare", "--net", sys.executable, "-c", ask]
    root = Path(__file__).parents[2]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, timeout=30, cwd=root)
    assert "no way to 192.0.2.1, port 22" in done.stderr


def test_a_name_with_a_dead_first_address_reaches_the_second(pool: Pool, sshd: Sshd) -> None:
    touch(pool, sshd.facts(address="localhost"))  # ::1 comes first where there is one; sshd is on 127.0.0.1


def test_a_host_without_sessions_is_told(pool: Pool, tmp_path: Path) -> None:
    with (
        another(tmp_path, "MaxSessions 0") as server,
        pytest.raises(HostUnreachable, match="opens no session"),
    ):
        touch(pool, server.facts())


# -- host keys ---------------------------------------------------------------------------------------------


def test_a_host_without_an_accepted_key_is_not_spoken_to(pool: Pool, sshd: Sshd) -> None:
    before = sshd.log()
    with pytest.raises(HostKeyUnknown, match="accepted a host key of loop"):
        touch(pool, sshd.facts(keys=()))
    assert sshd.log() == before


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


# -- logging in --------------------------------------------------------------------------------------------


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
        f"AuthorizedKeysCommand {shutil.which('sleep')} 4",
        "AuthorizedKeysCommandUser root",
    )
    with another(tmp_path, *lines) as server, pytest.raises(HostUnreachable, match="within 1 seconds") as caught:
        touch(SshPool(HASTY), server.facts())
    assert not isinstance(caught.value, AuthenticationFailed)


def test_a_host_that_hangs_up_during_the_login_is_told(pool: Pool, tmp_path: Path) -> None:
    told = "closed the connection during the login of root"
    with another(tmp_path, "MaxAuthTries 1") as server, pytest.raises(HostUnreachable, match=told):
        touch(pool, server.facts(login=Login("root", private_key=OTHER_KEY.private)))


def test_a_host_without_a_credential_is_told(pool: Pool, sshd: Sshd) -> None:
    with pytest.raises(AuthenticationFailed, match="Give it a credential"):
        touch(pool, sshd.facts(login=Login("root")))


# -- sudo --------------------------------------------------------------------------------------------------

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


# -- the jump host -----------------------------------------------------------------------------------------


def test_a_host_behind_a_jump_host_is_reached(pool: Pool, sshd: Sshd, tmp_path: Path) -> None:
    with another(tmp_path) as jump, pool.open(sshd.facts(jump=jump.facts(name="gate"))) as shell:
        assert shell.run("cat", stdin=bytes(MEBIBYTE)).stdout == bytes(MEBIBYTE)


def test_many_hosts_behind_one_jump_host_share_one_login_there(pool: Pool, sshd: Sshd, tmp_path: Path) -> None:
    with another(tmp_path) as jump, ThreadPoolExecutor(6) as threads:
        hosts = [sshd.facts(jump=jump.facts(name="gate"), login=login_for(sshd, n)) for n in range(6)]
        list(threads.map(lambda host: touch(pool, host), hosts))
        assert jump.logins == 1
        touch(pool, replace(hosts[0], login=login_for(sshd, 99)))
        assert jump.logins == 1


def login_for(sshd: Sshd, number: int) -> Login:
    """A login that shares no connection with that of another number: the passphrase is not needed, but differs."""
    return Login("root", private_key=sshd.client.private, passphrase=str(number))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"keys": (OTHER_KEY.pinned,)}, "another host key", id="its key changed"),
        pytest.param({"keys": ()}, "accepted a host key of gate", id="its key is unknown"),
        pytest.param({"login": Login("root", private_key=OTHER_KEY.private)}, "does not accept", id="refused"),
        pytest.param({"port": 1}, "refuses connections on port 1", id="closed"),
    ],
)
def test_a_fault_of_the_jump_host_is_told_as_the_jump_hosts(
    pool: Pool, sshd: Sshd, changes: dict[str, object], told: str
) -> None:
    gate = sshd.facts(name="gate", **changes)
    with pytest.raises(HostUnreachable, match=rf"The jump host gate stands in the way\. .*{told}") as caught:
        touch(pool, sshd.facts(jump=gate))
    assert type(caught.value) is HostUnreachable  # the host itself did nothing wrong


def test_a_jump_host_that_cannot_reach_the_host_is_told(pool: Pool, sshd: Sshd) -> None:
    gate = sshd.facts(name="gate")
    with pytest.raises(HostUnreachable, match=r"jump host gate cannot reach 127\.0\.0\.1, port 1:"):
        touch(pool, sshd.facts(port=1, jump=gate))


def test_enrolment_goes_through_the_jump_host(pool: SshPool, sshd: Sshd, tmp_path: Path) -> None:
    with another(tmp_path) as jump:
        assert enrol.host_keys(LOOPBACK, sshd.port, jump.facts(), pool=pool) == sshd.pinned
        assert jump.logins == 1


def test_a_jump_host_that_died_is_connected_to_again(pool: Pool, sshd: Sshd, tmp_path: Path) -> None:
    with another(tmp_path) as jump:
        host = sshd.facts(jump=jump.facts(name="gate"))
        touch(pool, host)
        jump.kill_sessions()
        touch(pool, host)
        assert jump.logins == 2


# -- keeping -----------------------------------------------------------------------------------------------


def test_threads_share_the_pool_but_no_connection(pool: Pool, sshd: Sshd) -> None:
    everybody = threading.Barrier(6, timeout=30)

    def work(number: int) -> bytes:
        with pool.open(sshd.facts()) as shell:
            everybody.wait()
            return shell.run(f"echo {number}").stdout

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(work, range(6))) == [f"{n}\n".encode() for n in range(6)]


def test_a_connection_nobody_uses_is_closed_after_its_time(tmp_path: Path) -> None:
    pool = SshPool(Limits(keep_seconds=0.2))
    with another(tmp_path / "host") as server, another(tmp_path / "gate") as jump:
        touch(pool, server.facts(jump=jump.facts()))
        assert server.sessions > 0
        wait_until(lambda: server.sessions == 0 and jump.sessions == 0)


def test_no_more_than_so_many_connections_are_kept(tmp_path: Path) -> None:
    pool = SshPool(Limits(keep_at_most=2))
    with another(tmp_path) as server:
        for number in range(4):
            touch(pool, server.facts(login=login_for(server, number)))
        one = 2  # processes for each connection of root: the monitor and its session
        wait_until(lambda: server.sessions <= 2 * one)
        touch(pool, server.facts(login=login_for(server, 3)))
        assert server.logins == 4
        pool.close()
        wait_until(lambda: server.sessions == 0)


def test_a_child_of_a_fork_makes_its_own_connection_and_leaves_the_parents_alone(pool: SshPool, sshd: Sshd) -> None:
    touch(pool, sshd.facts())
    before = sshd.logins
    child = os.fork()
    if child == 0:
        with contextlib.suppress(Explainable):
            touch(pool, sshd.facts())
        os._exit(0 if sshd.logins == before + 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
    touch(pool, sshd.facts())
    assert sshd.logins == before + 1  # the child's only


def test_what_a_connection_is_kept_under_holds_no_secret(pool: SshPool, sshd: Sshd) -> None:
    touch(pool, sshd.facts(login=Login("root", private_key=sshd.client.private, passphrase="open sesame")))
    kept = repr(pool._state._idle)
    assert "open sesame" not in kept
    assert "PRIVATE KEY" not in kept
