"""Services in, their lines with a name in front out; all end together, and none outlives the supervisor.

Why not a ready-made one: honcho neither starts a service that died again nor reaches grandchildren, and neither it
nor anything else on PyPI ends the services when it is itself killed with -9, which is when orphans are made.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.start.set_up import say

TICK_SECONDS = 0.1
QUICK_SECONDS = 10  # a service that lived shorter than this did not really start
MOST_QUICK_DEATHS = 3
READY_SECONDS = 60
STOP_SECONDS = 8
STILL_OURS = 'test "$PPID" = "$0" && exec "$@"'
COLOURS = (36, 33, 32, 35, 34, 31)


class CannotStart(Exception):  # noqa: N818  (its text is what the person at the terminal reads)
    """A service does not come up. The text names it; what it printed stands above."""


def bound_to(parent: int, orphan_signal: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    """`argv` in a process that the kernel sends a signal when `parent`, which starts it, dies (prctl(2)).

    setpriv arms it and becomes the service: nothing of ours runs between fork and exec. A parent that died before
    that would never be missed, so the shell looks whether it is still the same one (0) and else starts nothing.
    """
    return ("setpriv", f"--pdeathsig={orphan_signal}", "sh", "-c", STILL_OURS, str(parent), *argv)


@dataclass(frozen=True)
class Service:
    """A process to keep alive."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    keep_open: tuple[int, ...] = ()  # file descriptors that it inherits
    is_ready: Callable[[], bool] | None = None  # asked again and again before the next service starts
    ready_seconds: float = READY_SECONDS
    orphan_signal: str = "KILL"  # what the kernel sends it when the supervisor dies without a word
    stop_seconds: float = STOP_SECONDS
    stops_last: bool = False
    once: bool = False  # its end with code 0 is not a death


@dataclass
class Running:
    """A service and its present process, the leader of a process group of its own."""

    service: Service
    process: subprocess.Popen[bytes]
    started_at: float
    rest: bytes = b""
    quick_deaths: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Start services in order, pass on what they print, restart what dies, stop everything on a signal."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._running: list[Running] = []
        self._selector = selectors.DefaultSelector()
        self._stop_asked = 0
        self._colours = os.isatty(1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def run(self, services: Sequence[Service], on_ready: Callable[[], None]) -> None:
        """Return when a signal asked for the end; CannotStart when a service does not come up or keeps dying."""
        try:
            for service in services:
                self._start(service)
                self._wait_until_ready(service)
            if not self._stop_asked:
                on_ready()
            while not self._stop_asked:
                self._tend()
        finally:
            self.stop()

    def stop(self) -> None:
        """End every service with its whole process group: politely, after some seconds by force."""
        for last in (False, True):
            group = [one for one in self._running if one.service.stops_last is last]
            for one in group:
                _signal_group(one.process, signal.SIGTERM)
            began = time.monotonic()
            while any(_is_awaited(one, time.monotonic() - began) for one in group) and self._stop_asked < 2:
                self._pass_on()
            for one in group:
                _signal_group(one.process, signal.SIGKILL)
                one.process.wait()
                self._drain(one)
        self._running.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stop_asked += 1

    def _start(self, service: Service, quick_deaths: int = 0) -> None:
        process = subprocess.Popen(
            bound_to(os.getpid(), service.orphan_signal, service.argv),
            cwd=self._root,
            env={**os.environ, **service.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=service.keep_open,
            start_new_session=True,
        )
        one = Running(service, process, time.monotonic(), quick_deaths=quick_deaths)
        if process.stdout:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, one)
        self._running.append(one)

    def _wait_until_ready(self, service: Service) -> None:
        deadline = time.monotonic() + service.ready_seconds
        one = self._running[-1]
        while service.is_ready and not self._stop_asked and not service.is_ready():
            self._tend(but=one)
            if one.process.poll() is not None:
                self._drain(one)
                if service.once and one.process.returncode == 0:
                    return
                raise CannotStart(f"{service.name} ended with code {one.process.returncode} instead of starting.")
            if time.monotonic() > deadline:
                raise CannotStart(f"{service.name} did not answer within {service.ready_seconds:.0f} seconds.")

    def _tend(self, but: Running | None = None) -> None:
        """One look at everything that runs, except at the one that is only now starting."""
        self._pass_on()
        now = time.monotonic()
        for one in [one for one in self._running if one is not but]:
            if one.start_again_at is not None:
                if now >= one.start_again_at:
                    self._running.remove(one)
                    self._start(one.service, one.quick_deaths)
            elif one.process.poll() is not None:
                self._after_death(one, now)

    def _after_death(self, one: Running, now: float) -> None:
        _signal_group(one.process, signal.SIGKILL)  # its children, where it left some
        self._drain(one)
        name, code = one.service.name, one.process.returncode
        if one.service.once and code == 0:
            self._running.remove(one)
            return
        one.quick_deaths = one.quick_deaths + 1 if now - one.started_at < QUICK_SECONDS else 1
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        if one.quick_deaths >= MOST_QUICK_DEATHS:
            raise CannotStart(f"{name} {how} {one.quick_deaths} times in a row, so everything is stopped.")
        wait = 2.0 ** (one.quick_deaths - 1)
        one.start_again_at = now + wait
        _tell(f"rackdesk: {name} {how}; it is started again in {wait:.0f} s")

    def _pass_on(self) -> None:
        for key, _events in self._selector.select(TICK_SECONDS):
            one: Running = key.data
            self._read(one)

    def _read(self, one: Running) -> bool:
        if one.process.stdout is None or one.process.stdout.closed:
            return False
        try:
            piece = os.read(one.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        *lines, one.rest = (one.rest + piece).split(b"\n")
        if not piece or len(one.rest) > 65536:
            lines, one.rest = [*lines, *filter(None, [one.rest])], b""
        for line in lines:
            _tell(self._label(one.service.name) + line.decode(errors="replace"))
        if not piece:
            self._selector.unregister(one.process.stdout)
            one.process.stdout.close()
        return bool(piece)

    def _drain(self, one: Running) -> None:
        while self._read(one):
            pass
        if one.process.stdout and not one.process.stdout.closed:  # a child that left the group still holds it
            self._selector.unregister(one.process.stdout)
            one.process.stdout.close()

    def _label(self, name: str) -> str:
        number = next((i for i, one in enumerate(self._running) if one.service.name == name), 0)
        text = f"{name:<7}| "
        return f"\x1b[{COLOURS[number % len(COLOURS)]}m{text}\x1b[0m" if self._colours else text


def _is_awaited(one: Running, seconds: float) -> bool:
    return one.process.poll() is None and seconds < one.service.stop_seconds


def _tell(line: str) -> None:
    try:
        say(line)
    except OSError:
        return  # the terminal is gone; SIGHUP brings the end, and until then nobody reads this


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
