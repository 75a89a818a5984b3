"""What stands in for a host: a shell that answers as it was told, one on this machine, and fakes of each verb."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from dhcp.facts.answers import Heard, KeaSocket, Omapi, PingAnswer, Release, ReleaseState
from dhcp.facts.lease import LeaseMark
from dhcp.facts.reading import LeaseFile, LeaseReading, LogMark, LogNews, LogPlace
from dhcp.facts.state import ServerState
from hosts.facts.machine import HostFacts
from hosts.facts.words import plain
from hosts.outside.shell import Counts, Finished, Shell

T = TypeVar("T")


@dataclass
class ToldStream:
    """A command that ended, in pieces of any size."""

    finished: Finished
    piece: int = 7

    @property
    def exit_code(self) -> int:
        return self.finished.exit_code

    @property
    def stderr(self) -> bytes:
        return self.finished.stderr

    def __iter__(self) -> Iterator[bytes]:
        out = self.finished.stdout
        yield from (out[at : at + self.piece] for at in range(0, len(out), self.piece))

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class ToldShell:
    """Says `outputs`, one for each command; `commands` and `inputs` are what it was asked."""

    outputs: list[bytes] = field(default_factory=list)
    stderr: bytes = b""
    exit_code: int = 0
    commands: list[str] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout_seconds: float = 60, output_limit: int = 1 << 26
    ) -> Finished:
        self.counts.execs += 1
        self.commands.append(command)
        self.inputs.append(stdin)
        return Finished(self.exit_code, self.outputs.pop(0), self.stderr)

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> ToldStream:
        given = stdin if isinstance(stdin, bytes) else b"".join(stdin)
        return ToldStream(self.run(command, stdin=given))

    @contextmanager
    def open(self, host: HostFacts, *, fresh: bool = False) -> Iterator[ToldShell]:
        """As Pool.open."""
        yield self


class LocalShell(ToldShell):
    """Runs commands on this machine, with its own dash and coreutils or with nothing but Debian's busybox.

    `tools` come before all other programs; `enter` is the argv before the command's own shell (nsenter, ip netns).
    """

    def __init__(self, tools: Path | None = None, enter: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.tools, self.enter = tools, enter

    def run(
        self, command: str, *, stdin: bytes = b"", timeout_seconds: float = 60, output_limit: int = 1 << 26
    ) -> Finished:
        self.counts.execs += 1
        self.commands.append(command)
        if self.tools:
            command = f"PATH={self.tools}:$PATH; {command.replace('PATH=/usr', f'PATH={self.tools}:/usr', 1)}"
        done = subprocess.run(
            [*self.enter, "/bin/sh", "-c", command], input=stdin, capture_output=True, check=False, timeout=60
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> ToldStream:
        given = stdin if isinstance(stdin, bytes) else b"".join(stdin)
        return ToldStream(self.run(command, stdin=given), piece=1 << 16)


def busybox_tools(place: Path) -> Path | None:
    """A directory in which every name is busybox; None where there is no busybox."""
    busybox = shutil.which("busybox")
    if busybox is None:
        return None
    place.mkdir()
    subprocess.run([busybox, "--install", "-s", str(place)], check=True)
    return place


@dataclass
class FakeServerHost:
    """A host with DHCP, for whoever calls the verbs of dhcp.outside: each answers from what was put in here.

    An exception in place of an answer is raised. `asked` is what was asked, in its order.
    """

    readings: list[LeaseReading | Exception] = field(default_factory=list)
    logs: list[LogNews | Exception] = field(default_factory=list)
    state: ServerState | Exception | None = None
    alive: frozenset[str] = frozenset()
    released: ReleaseState | Exception = ReleaseState.RELEASED
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def read_news(self, shell: Shell, file: LeaseFile, mark: LeaseMark | None = None) -> LeaseReading:
        """As dhcp.outside.leases.read_news."""
        self.asked.append(("leases", file, mark))
        return _given(self.readings.pop(0))

    def read_log(self, shell: Shell, place: LogPlace, mark: LogMark | None = None, *, source: str = "") -> LogNews:
        """As dhcp.outside.logs.read_log."""
        self.asked.append(("log", place, mark, source))
        return _given(self.logs.pop(0))

    def read_state(self, shell: Shell) -> ServerState:
        """As dhcp.outside.state.read_state."""
        self.asked.append(("state",))
        assert self.state is not None, "nothing was said about the state"
        return _given(self.state)

    def ping(self, shell: Shell, addresses: Sequence[str]) -> tuple[PingAnswer, ...]:
        """As dhcp.outside.ping.ping."""
        self.asked.append(("ping", *addresses))
        return tuple(PingAnswer(ip, Heard.ANSWERS if ip in self.alive else Heard.SILENT) for ip in addresses)

    def release(self, shell: Shell, way: Omapi | KeaSocket | None, ip: str, mac: str = "") -> Release:
        """As dhcp.outside.release.release."""
        self.asked.append(("release", way, ip, mac))
        state = _given(self.released)
        return Release(state, plain(f"{ip}: {state}"))


def _given(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer
