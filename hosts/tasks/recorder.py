"""Events of one running change come in, they are kept in bundles: often enough to watch, seldom enough to be cheap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from weakref import WeakSet

from django.db import Error

from hosts.choices import StepName, StepState
from hosts.facts.change import OutputEvent, StepEvent
from hosts.models import Change
from hosts.rules.protocol import Progress
from hosts.services import changes

FLUSH_SECONDS = 0.4
WATCHED_CLOSELY = 10
"""So many changes at a time are written that often; of more, each less often, since the database has one writer."""
LATE = 2
"""After so many pauses what waits is written without another word from the host: most hosts say one before."""
ALIVE_SECONDS = 5.0


class TakenOver(Exception):  # noqa: N818  (it is not an error of this worker)
    """Another worker looks after the change now; this one stops without recording anything."""


_recorders: WeakSet[Recorder] = WeakSet()


class Recorder:
    """Collects events and writes them through the services. `on_confirm` is called once when the host asks.

    One thread follows the host; `flush_late` is for another one that looks after what waits meanwhile.
    """

    def __init__(self, change: Change, on_confirm: Callable[[], None], *, starts_over: bool) -> None:
        self.change = change
        self.progress = Progress(starts_over=starts_over)
        self._waiting: list[StepEvent | OutputEvent] = []
        self._on_confirm = on_confirm
        self._flushed_at = time.monotonic()
        self._turn = threading.RLock()
        self._failure: Error | None = None
        _recorders.add(self)

    def __call__(self, event: StepEvent | OutputEvent) -> None:
        """Take one event; write when enough time has gone by."""
        if isinstance(event, StepEvent) and event.name == StepName.CONFIRM and event.state == StepState.RUNNING:
            self._on_confirm()
        with self._turn:
            self._waiting.append(event)
            if self._waited() >= 1:
                self.flush()

    def start_over(self) -> None:
        """The host's log is read from its beginning again: what was kept of it is dropped with the next write."""
        with self._turn:
            self.progress = Progress(starts_over=True)
            self._waiting = []

    def flush(self) -> None:
        """Write what waits."""
        with self._turn:
            events = self.take()
            self._flushed_at = time.monotonic()
            if not changes.record_progress(self.change, self.progress, events):
                raise TakenOver

    def flush_late(self) -> None:
        """Write what has waited long enough; a failure is raised where the change is followed, with the next event."""
        if not self._turn.acquire(blocking=False):
            return  # it is just being written
        try:
            if self._waiting and not self._failure and self._waited() >= LATE:
                self.flush()
        except TakenOver:
            return  # who follows the change is told the same with its next write
        except Error as error:
            self._failure = error
        finally:
            self._turn.release()

    def take(self) -> list[StepEvent | OutputEvent]:
        """What waits, for somebody else to write; raises what an earlier write failed with."""
        with self._turn:
            if self._failure:
                raise self._failure
            events, self._waiting = self._waiting, []
            return events

    def alive(self) -> None:
        """Say that somebody still looks after the change while nothing is heard of the host."""
        if time.monotonic() - self._flushed_at >= ALIVE_SECONDS:
            self.flush()

    def _waited(self) -> float:
        """How long ago the last write was, in pauses between two writes."""
        pause = FLUSH_SECONDS * max(1, len(_recorders) / WATCHED_CLOSELY)
        return (time.monotonic() - self._flushed_at) / pause
