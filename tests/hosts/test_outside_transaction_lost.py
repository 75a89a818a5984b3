"""What is said of a change whose line breaks: where the host told that it restarts, that; else only what is known."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from hosts.errors import HostLost
from hosts.facts.change import Bundle, Guard, Order
from hosts.outside import transaction
from hosts.outside.shell import Counts
from tests.hosts.changes import Watch

BROKEN = "The line broke."
RESTARTING = "The host is restarting; the change goes on when it is up again."


class BreakingLine:
    """A Shell and its Stream: it tells these steps of a change and then breaks, or ends without a result."""

    def __init__(self, order: Order, steps: list[str], *, ends: bool = False) -> None:
        self.counts = Counts(1, 1, 1)
        self.exit_code = 0
        self.stderr = b""
        self._said = [f"\n@{order.id} log 0\n", *(f"\n@{order.id} 1.0 step {step}\n" for step in steps)]
        self._ends = ends

    def stream(self, command: str, **_options: object) -> BreakingLine:
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield from (line.encode() for line in self._said)
        if not self._ends:
            raise HostLost(BROKEN)

    def close(self) -> None:
        """Nothing is open."""


def lost(steps: list[str], *, guard: Guard | None, ends: bool = False) -> str:
    order = Order(str(uuid.uuid4()), Bundle(guard=guard), ())
    with pytest.raises(HostLost) as error:
        transaction.run(BreakingLine(order, steps, ends=ends), order, Watch())
    return str(error.value)


@pytest.mark.parametrize("ends", [False, True], ids=["the line breaks", "the session ends"])
def test_a_line_that_breaks_after_the_host_began_to_restart_is_told_as_that(ends: bool) -> None:
    steps = ["activate running", "activate ok", "confirm running"]
    assert lost(steps, guard=Guard(100, reboots=True), ends=ends) == RESTARTING


@pytest.mark.parametrize(
    ("steps", "guard"),
    [
        pytest.param(["activate running"], Guard(100, reboots=True), id="before the host began to restart"),
        pytest.param(
            ["confirm running", "verify running"], Guard(100, reboots=True), id="while the host that is back verifies"
        ),
        pytest.param(["confirm running"], Guard(100), id="while the change waits for the panel"),
        pytest.param(["activate running"], None, id="in a change without a guard"),
        pytest.param([], Guard(100, reboots=True), id="before the host told anything"),
    ],
)
def test_a_line_that_breaks_otherwise_is_told_as_what_it_is(steps: list[str], guard: Guard | None) -> None:
    assert lost(steps, guard=guard) == BROKEN
