"""Faults on the way to a real sshd: what a person is told, and that nothing waits for ever."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hosts.errors import (
    HostLost,
    HostUnreachable,
)
from hosts.facts.machine import HostFacts, Login
from hosts.outside.shell import Counts, Pool
from hosts.outside.ssh import Limits, SshPool
from tests.hosts import sshd as real
from tests.hosts.ssh.ways import HASTY, MEBIBYTE, OTHER_KEY, another, touch
from tests.hosts.sshd import LOOPBACK, Sshd

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(bool(real.missing()), reason=real.missing()),
]


def test_a_line_that_is_cut_while_a_command_runs_is_a_lost_host(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        pieces = iter(shell.stream("echo begun; exec sleep 20"))
        assert next(pieces) == b"begun\n"
        assert sshd.kill_sessions() > 0
        with pytest.raises(HostLost, match="broke while a command ran") as caught:
            next(pieces)
    assert not caught.value.nothing_touched


def test_a_lost_connection_is_not_used_again(pool: Pool, sshd: Sshd) -> None:
    with pool.open(sshd.facts()) as shell:
        sshd.kill_sessions()
        with pytest.raises((HostUnreachable, HostLost)):  # whether it had begun is a matter of luck
            shell.run("true", timeout_seconds=60)
    touch(pool, sshd.facts())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["cut", "frozen"])
def test_a_kept_connection_that_died_is_replaced_without_a_word(sshd: Sshd, how: int) -> None:
    pool = SshPool(Limits(alive_seconds=0.5))
    touch(pool, sshd.facts())
    sshd.kill_sessions(how)
    with pool.open(sshd.facts()) as shell:
        assert shell.run("echo here").stdout == b"here\n"
        assert shell.counts == Counts(connects=1, auths=1, execs=1)
    pool.close()
    sshd.kill_sessions()


def test_a_host_that_stops_while_a_large_input_is_sent_is_given_up(sshd: Sshd) -> None:
    pool = SshPool()
    with pool.open(sshd.facts()) as shell:
        stream = shell.stream("echo begun; exec sleep 20", stdin=bytes(50 * MEBIBYTE), idle_seconds=5)
        pieces = iter(stream)
        assert next(pieces) == b"begun\n"
        sshd.kill_sessions(signal.SIGSTOP)
        with pytest.raises(HostLost, match="Nothing came"):
            next(pieces)
    sshd.kill_sessions()


def refusing_port() -> contextlib.AbstractContextManager[int]:
    return contextlib.nullcontext(real.free_port())


@pytest.mark.parametrize(
    ("kind", "limits", "told"),
    [
        pytest.param(refusing_port(), Limits(), "refuses connections on port", id="closed port"),
        pytest.param(real.full_listener(), HASTY, "does not answer within 0.5 seconds", id="no answer"),
        pytest.param(real.listener(b"", hangs=True), HASTY, "says nothing for 0.5 seconds", id="accepts and hangs"),
        pytest.param(
            real.listener(b"SSH-2.0-x\r\n", hangs=True), HASTY, "says nothing for 0.5", id="hangs after banner"
        ),
        pytest.param(real.listener(b""), Limits(), "before it says who it is", id="closes at the banner"),
        pytest.param(
            real.listener(b"HTTP/1.1 400 Bad\r\n" * 200), Limits(), "does not speak SSH", id="not an SSH server"
        ),
        pytest.param(real.listener(b"SSH-2.0-x\r\n"), Limits(), "while keys were exchanged", id="closes after banner"),
    ],
)
def test_a_port_that_is_no_use_is_told_in_its_own_words(
    kind: contextlib.AbstractContextManager[int], limits: Limits, told: str
) -> None:
    with kind as port:
        host = HostFacts(1, "loop", LOOPBACK, port, Login("root", password="x"), keys=(OTHER_KEY.pinned,))
        with pytest.raises(HostUnreachable, match=told) as caught:
            touch(SshPool(limits), host)
    assert caught.value.nothing_touched
    assert str(caught.value).endswith(".")


def test_a_name_without_an_address_is_told() -> None:
    host = HostFacts(1, "typo", "xen..example", 22, Login("root", password="x"), keys=(OTHER_KEY.pinned,))
    with pytest.raises(HostUnreachable, match=r"name xen\.\.example leads to no address"):
        touch(SshPool(), host)


def test_a_missing_route_is_told() -> None:
    ask = "from hosts.outside.ssh.line import dial; dial('192.0.2.1', 22, 2)"
    alone = ["unshare", "--net", sys.executable, "-c", ask]
    root = Path(__file__).parents[3]
    done = subprocess.run(alone, capture_output=True, text=True, check=False, timeout=120, cwd=root)
    assert "no way to 192.0.2.1, port 22" in done.stderr


def test_a_name_with_a_dead_first_address_reaches_the_second(pool: Pool, sshd: Sshd) -> None:
    touch(pool, sshd.facts(address="localhost"))  # ::1 comes first where there is one; sshd is on 127.0.0.1


def test_a_host_without_sessions_is_told(pool: Pool, tmp_path: Path) -> None:
    with (
        another(tmp_path, "MaxSessions 0") as server,
        pytest.raises(HostUnreachable, match="opens no session"),
    ):
        touch(pool, server.facts())
