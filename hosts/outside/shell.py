"""What a way into a host can do: a command and its input go in, its output and exit code come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from hosts.facts.machine import HostFacts

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended. `exit_code` is -1 where a signal ended it; `stderr` is its first 64 KiB."""

    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(slots=True)
class Counts:
    """What a way into a host has cost so far, for the claim of "connect, authenticate, one exec".

    `connects` counts TCP connections (or channels through a jump host), `auths` the requests to
    authenticate, `execs` the commands that were started.
    """

    connects: int = 0
    auths: int = 0
    execs: int = 0


class Stream(Protocol):
    """A running command. Iterate it for pieces of stdout as they come, of 1 byte to 256 KiB each.

    After the last piece `exit_code` and `stderr` are as in Finished; before it `exit_code` raises RuntimeError.
    `close()` ends the watching, not necessarily the command; it may be called at any time, and twice.
    """

    @property
    def exit_code(self) -> int: ...

    @property
    def stderr(self) -> bytes: ...

    def __iter__(self) -> Iterator[bytes]: ...

    def close(self) -> None: ...


class Shell(Protocol):
    """An open way into one host, used by one thread at a time.

    `command` is a shell line that the caller made from constants. Where the host asks for sudo it is run by
    `sudo -n`, so it must be one simple command (`sh -c '...'`), not a list or a pipe.
    Both verbs raise HostUnreachable (nothing was started), SudoRefused, and HostLost (the line broke, or a
    time ran out, after the command was sent).
    """

    @property
    def counts(self) -> Counts: ...

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",
        timeout_seconds: float = 60,
        output_limit: int = 64 * MEBIBYTE,
    ) -> Finished:
        """Run to the end. Any exit code is an answer; CommandFailed means more than `output_limit` bytes."""
        ...

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> Stream:
        """Start it and give its output as it comes; HostLost after `idle_seconds` in which nothing moved."""
        ...


class Pool(Protocol):
    """Ways into hosts, kept open for a while after use. Safe to share between threads and over a fork."""

    def open(self, host: HostFacts, *, fresh: bool = False) -> AbstractContextManager[Shell]:
        """A way into `host` for the time of the `with`; `fresh` makes a new connection whatever is there.

        Raises HostUnreachable and its children; nothing on the host was touched then.
        """
        ...
