"""Bundles and what a person would see of them, for the tests of the transaction on a host."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.facts.change import Bundle, Command, Order, Outcome, OutputEvent, StepEvent, WantedFile
from hosts.outside import compare, transaction
from hosts.outside.shell import Shell
from tests.hosts.local_host import LocalHost, missing

OLD = b"what was there\n"
NEW = b"what shall be there\n"
MOTD = "/mnt/motd"


class Watch:
    """What a person would see of a change."""

    def __init__(self) -> None:
        self.events: list[StepEvent | OutputEvent] = []

    def __call__(self, event: StepEvent | OutputEvent) -> None:
        self.events.append(event)

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, OutputEvent))

    @property
    def steps(self) -> list[tuple[str, str]]:
        return [(event.name, event.state) for event in self.events if isinstance(event, StepEvent)]


def sh(script: str, *words: str, seconds: int = 90) -> Command:
    return Command(("sh", "-c", script, "sh", *words), seconds)


def ordered(host: Shell, bundle: Bundle) -> Order:
    """The bundle with what lies on the host now."""
    seen = compare.live_files(host, [wanted.path for wanted in bundle.files]).files
    return Order(str(uuid.uuid4()), bundle, seen)


def apply(host: Shell, bundle: Bundle, watch: Watch | None = None) -> Outcome:
    return transaction.run(host, ordered(host, bundle), watch or Watch())


def motd(**more: object) -> Bundle:
    return replace(Bundle((WantedFile(MOTD, NEW),)), **more)


@contextmanager
def machine(kind: str, place: Path) -> Iterator[LocalHost]:
    """A host with the old file on it; the test is skipped where there cannot be one."""
    lack = missing(kind)
    if lack:
        pytest.skip(lack)
    host = LocalHost(place / "host", kind)
    host.path(MOTD).write_bytes(OLD)
    try:
        yield host
    finally:
        host.power_cut()


def left_in(host: LocalHost) -> list[str]:
    return sorted(entry.name for entry in host.path("/mnt").iterdir())


def until(what: Callable[[], object], *, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)
