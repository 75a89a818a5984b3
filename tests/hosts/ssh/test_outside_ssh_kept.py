"""Jump hosts and kept connections against a real sshd: who shares what, and for how long."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.errors import (
    Explainable,
    HostUnreachable,
)
from hosts.facts.machine import Login
from hosts.outside import enrol
from hosts.outside.shell import Pool
from hosts.outside.ssh import Limits, SshPool
from tests.hosts import sshd as real
from tests.hosts.ssh.ways import MEBIBYTE, OTHER_KEY, another, login_for, touch
from tests.hosts.sshd import LOOPBACK, Sshd, wait_until

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(bool(real.missing()), reason=real.missing()),
]


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


def test_threads_share_the_pool_but_no_connection(pool: Pool, sshd: Sshd) -> None:
    everybody = threading.Barrier(6, timeout=120)

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
