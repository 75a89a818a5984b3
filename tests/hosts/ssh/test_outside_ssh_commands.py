"""Commands over hosts.outside.ssh against a real sshd: input, output and the end, whatever their size."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from hosts.errors import (
    CommandFailed,
    HostLost,
)
from hosts.outside.shell import Counts, Pool
from tests.hosts import sshd as real
from tests.hosts.ssh.ways import MEBIBYTE, touch
from tests.hosts.sshd import Sshd

pytestmark = [
    pytest.mark.sshd,
    pytest.mark.skipif(bool(real.missing()), reason=real.missing()),
]


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
        done = shell.run("head -c 1 >/dev/null; exit 4", stdin=bytes(50 * MEBIBYTE), timeout_seconds=120)
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
    with pool.open(sshd.facts()) as shell:
        done = shell.run("sleep 600 & echo $!; exit 5")
    left_behind = int(done.stdout)
    assert done.exit_code == 5
    os.kill(left_behind, signal.SIGKILL)  # it was still there


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
