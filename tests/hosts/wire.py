"""A host that is not there: behind the Pool and Shell Protocols, it says what the programs of a real one would say."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hosts.facts.machine import HostFacts, PinnedKey
from hosts.outside.shell import Counts, Finished

CHANGE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class FakeStream:
    """Pieces of stdout, and a failure after them where one is wanted."""

    pieces: list[bytes]
    failure: Exception | None = None
    exit_code: int = 0
    stderr: bytes = b""

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        if self.failure:
            raise self.failure

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class FakeHost:
    """One host and its memory. `files` is what lies there (owner root:root, mode 0644).

    `failures` holds an exception for each of the next openings (None: it opens). `ends` says how a change sent to it
    ends; `cut` raises that exception once after half of the log. What was sent is remembered by id, as on a real host.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    failures: list[Exception | None] = field(default_factory=list)
    ends: str = "applied verify done - - - ."
    cut: Exception | None = None
    keys: tuple[PinnedKey, ...] = ()
    on_open: Callable[[], None] = lambda: None
    facts_output: bytes = b""
    opened: list[bool] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    @contextmanager
    def open(self, host: HostFacts, *, fresh: bool = False) -> Iterator[FakeHost]:
        """As Pool.open; `opened` keeps for each call whether a new connection was asked for."""
        self.opened.append(fresh)
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        self.counts.connects += 1
        self.counts.auths += 1
        self.on_open()
        yield self

    def host_keys(self, address: str, port: int, jump: HostFacts | None = None) -> tuple[PinnedKey, ...]:
        """As SshPool.host_keys."""
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        return self.keys

    def run(self, command: str, *, stdin: bytes = b"", timeout_seconds: float = 60, output_limit: int = 0) -> Finished:
        """The facts script prints `facts_output`; comparing prints all files, in the order of `files`."""
        self.counts.execs += 1
        if self.facts_output:
            return Finished(0, self.facts_output, b"")
        kinds = [b"kind file " if content is not None else b"kind absent " for content in self.files.values()]
        bodies = [
            b"file 644 0 0 %d root:root\n%s\n." % (len(content), base64.b64encode(content))
            for content in self.files.values()
            if content is not None
        ]
        return Finished(0, b"\n".join([b"", b"rackdesk compare", b"ready", *kinds, *bodies, b"done", b""]), b"")

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> FakeStream:
        """A transaction that is new when something is uploaded, and looked up when not."""
        self.counts.execs += 1
        found = CHANGE_ID.search(command)
        change = found.group() if found else ""
        if stdin == b"" and change not in self.changes:
            return FakeStream([f"\n@{change} unknown\n".encode()])
        if stdin != b"":
            self.changes.append(change)
        begin = f"\n@{change} log 0\n\n@{change} 100.0 step check running\nchecking\n".encode()
        if self.cut:
            failure, self.cut = self.cut, None
            return FakeStream([begin], failure)
        rest = f"\n@{change} 101.0 step check ok\n\n@{change} end {self.ends}\n".encode()
        return FakeStream([begin, rest])
