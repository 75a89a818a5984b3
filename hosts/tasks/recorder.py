"""Events of one running change come in, they are kept in bundles: often enough to watch, seldom enough to be cheap."""

from __future__ import annotations

import time
from collections.abc import Callable
from weakref import WeakSet

from hosts.choices import StepName, StepState
from hosts.facts.change import OutputEvent, StepEvent
from hosts.models import Change
from hosts.rules.protocol import Progress
from hosts.services import changes

FLUSH_SECONDS = 0.4
WATCHED_CLOSELY = 10
"""So many changes at a time are written that often; of more, each less often, since the database has one writer."""
ALIVE_SECONDS = 5.0


class TakenOver(Exception):  # noqa: N818  (it is not an error of this worker)
    """Another worker looks after the change now; this one stops without recording anything."""


_recorders: WeakSet[Recorder] = WeakSet()


class Recorder:
    """Collects events and writes them through the services. `on_confirm` is called once when the host asks."""

    def __init__(self, change: Change, on_confirm: Callable[[], None], *, starts_over: bool) -> None:
        self.change = change
        self.progress = Progress(starts_over=starts_over)
        self.waiting: list[StepEvent | OutputEvent] = []
        self._on_confirm = on_confirm
        self._flushed_at = time.monotonic()
        _recorders.add(self)

    def __call__(self, event: StepEvent | OutputEvent) -> None:
        """Take one event; write when enough time has gone by."""
        self.waiting.append(event)
        if isinstance(event, StepEvent) and event.name == StepName.CONFIRM and event.state == StepState.RUNNING:
            self._on_confirm()
        pause = FLUSH_SECONDS * max(1, len(_recorders) / WATCHED_CLOSELY)
        if time.monotonic() - self._flushed_at >= pause:
            self.flush()

    def start_over(self) -> None:
        """The host's log is read from its beginning again: what was kept of it is dropped with the next write."""
        self.progress = Progress(starts_over=True)
        self.waiting = []

    def flush(self) -> None:
        """Write what waits."""
        events, self.waiting = self.waiting, []
        self._flushed_at = time.monotonic()
        if not changes.record_progress(self.change, self.progress, events):
            raise TakenOver

    def alive(self) -> None:
        """Say that somebody still looks after the change while nothing is heard of the host."""
        if time.monotonic() - self._flushed_at >= ALIVE_SECONDS:
            self.flush()
