"""The supervisor with real processes: it passes on, restarts, stops everything and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.start.supervisor import bound_to
from tests.config.processes import carrying, eventually

pytestmark = pytest.mark.slow  # processes that start, die and are waited for
ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import time; print('awake', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print('has a child', flush=True); time.sleep(600)"
)
DRIVER = """
import sys
from pathlib import Path
from config.start.supervisor import CannotStart, Service, Supervisor

def python(name, code, **more):
    return Service(name, (sys.executable, "-c", code), **more)

try:
    Supervisor(Path.cwd()).run([%s], lambda: print("READY", flush=True))
except CannotStart as error:
    print("CANNOT", error, flush=True)
    sys.exit(1)
print("STOPPED", flush=True)
"""


class Supervised:
    """A supervisor in a process of its own, its output in a file, all its offspring marked."""

    def __init__(self, directory: Path, services: str) -> None:
        self.mark = f"RACKDESK_TEST_MARK={uuid.uuid4()}"
        self._output = directory / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                (sys.executable, "-c", DRIVER % services),
                cwd=ROOT,
                env={**os.environ, **dict([self.mark.split("=")])},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def says(self, text: str, seconds: float = 60) -> bool:
        return eventually(lambda: text in self.output(), seconds)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for process in carrying(self.mark):
            os.kill(process, signal.SIGKILL)


@pytest.fixture
def supervised(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Supervised]:
    one = Supervised(tmp_path, request.param)
    yield one
    one.end()


def with_services(*services: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("supervised", [", ".join(services)], indirect=True, ids=["real processes"])


TWO_SERVICES = with_services(f"python('one', {SLEEPER!r})", f"python('two', {PARENT!r})")


@TWO_SERVICES
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_service_and_its_children(supervised: Supervised, number: signal.Signals) -> None:
    assert supervised.says("has a child")
    assert eventually(lambda: len(carrying(supervised.mark)) == 4)
    supervised.process.send_signal(number)
    assert supervised.process.wait(timeout=60) == 0
    assert supervised.output().endswith("STOPPED\n")
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services(f"python('one', {SLEEPER!r})", f"python('deaf', {DEAF!r})")
def test_the_services_of_a_supervisor_that_was_killed_end_too(supervised: Supervised) -> None:
    assert supervised.says("awake")
    assert supervised.says("deaf   | deaf")
    supervised.process.kill()
    supervised.process.wait()
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services(f"python('deaf', {DEAF!r}, stop_seconds=0.5)")
def test_a_service_that_is_deaf_to_the_polite_signal_is_ended_by_force(supervised: Supervised) -> None:
    assert supervised.says("deaf   | deaf")
    supervised.process.terminate()
    assert supervised.process.wait(timeout=60) == 0
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services(f"python('deaf', {DEAF!r}, stop_seconds=600)")
def test_a_second_ctrl_c_does_not_wait(supervised: Supervised) -> None:
    assert supervised.says("deaf   | deaf")
    supervised.process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        supervised.process.wait(timeout=0.5)
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(timeout=60) == 0
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services(f"python('one', {SLEEPER!r})")
def test_a_service_that_dies_is_named_and_started_again(supervised: Supervised) -> None:
    assert supervised.says("one    | awake")
    victim = next(process for process in carrying(supervised.mark) if process != supervised.process.pid)
    os.kill(victim, signal.SIGKILL)
    assert supervised.says("one was killed by SIGKILL; it is started again in 1 s")
    assert eventually(lambda: supervised.output().count("one    | awake") == 2)
    assert supervised.process.poll() is None


@with_services("python('bad', 'print(\"no such table\"); raise SystemExit(3)')", f"python('one', {SLEEPER!r})")
def test_a_service_that_never_gets_going_ends_everything(supervised: Supervised) -> None:
    assert supervised.process.wait(timeout=60) == 1
    assert "bad    | no such table" in supervised.output()
    assert "CANNOT bad ended with code 3 3 times in a row, so everything is stopped." in supervised.output()
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services("python('bad', 'print(\"port?\"); raise SystemExit(3)', is_ready=lambda: False)")
def test_a_service_that_ends_before_it_is_ready_is_not_waited_for(supervised: Supervised) -> None:
    assert supervised.process.wait(timeout=60) == 1
    assert "bad    | port?" in supervised.output()
    assert "CANNOT bad ended with code 3 instead of starting." in supervised.output()
    assert "READY" not in supervised.output()


@with_services(f"python('slow', {SLEEPER!r}, is_ready=lambda: False, ready_seconds=0.3)")
def test_a_service_that_does_not_become_ready_is_named(supervised: Supervised) -> None:
    assert supervised.process.wait(timeout=60) == 1
    assert "CANNOT slow did not answer within 0 seconds." in supervised.output()
    assert eventually(lambda: carrying(supervised.mark) == {})


@with_services(
    "python('lab', 'print(\"no lab here\")', is_ready=lambda: False, once=True)", f"python('one', {SLEEPER!r})"
)
def test_a_service_that_has_nothing_to_do_may_end_well(supervised: Supervised) -> None:
    assert supervised.says("READY")
    assert supervised.says("one    | awake")
    assert "lab    | no lab here" in supervised.output()
    with pytest.raises(subprocess.TimeoutExpired):
        supervised.process.wait(timeout=1)
    assert "started again" not in supervised.output()


@with_services(
    'python(\'flood\', \'import sys; sys.stdout.write("x" * 79 + chr(10)) and [print("x" * 79) for _ in range(20000)]; '
    'sys.stdout.write("the end, without a line end"); sys.stdout.flush(); import time; time.sleep(600)\')'
)
def test_much_output_is_passed_on_whole(supervised: Supervised) -> None:
    assert eventually(lambda: supervised.output().count("flood  | " + "x" * 79 + "\n") == 20001)
    supervised.process.terminate()
    assert supervised.process.wait(timeout=60) == 0
    assert "flood  | the end, without a line end\n" in supervised.output()


@with_services(
    "python('bad', 'raise SystemExit(3)')", f"python('slow', {SLEEPER!r}, is_ready=lambda: False, ready_seconds=600)"
)
def test_a_service_that_dies_while_another_one_starts_is_not_overlooked(supervised: Supervised) -> None:
    assert supervised.process.wait(timeout=60) == 1
    assert "CANNOT bad ended with code 3 3 times in a row" in supervised.output()
    assert eventually(lambda: carrying(supervised.mark) == {})


def test_a_process_starts_only_while_the_one_that_starts_it_lives() -> None:
    def said(parent: int) -> str:
        argv = bound_to(parent, "KILL", ("echo", '$HOME; it\'s "me"'))
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout

    assert said(os.getpid()) == '$HOME; it\'s "me"\n'
    assert said(os.getppid()) == ""
