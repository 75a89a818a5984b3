"""Recorders of running changes go in; while their hosts say nothing, what is known and that somebody looks goes out."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery.signals import worker_shutting_down
from django.db import Error, connection

from hosts.services import changes
from hosts.tasks.recorder import ALIVE_SECONDS, FLUSH_SECONDS, Recorder

log = logging.getLogger(__name__)


class Pulse:
    """One thread for the process, there only while something is carried.

    A command may run for minutes without a word. The worker that waits for it is well, and its change must not be
    taken from it; and what the host said just before must not wait for the next word to be shown.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._recorders: set[Recorder] = set()
        self._thread: threading.Thread | None = None
        self._leaves = False

    def leave(self, **_: object) -> None:
        """The worker was asked to stop: from now on whoever comes next may look after its changes at once."""
        self._leaves = True

    @contextmanager
    def of(self, recorder: Recorder) -> Iterator[None]:
        """While inside, the change of this recorder is known to be looked after."""
        with self._lock:
            self._recorders.add(recorder)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._recorders.discard(recorder)

    def _beat(self) -> None:
        touched_at = time.monotonic()
        try:
            while recorders := self._after(FLUSH_SECONDS):
                for recorder in recorders:
                    recorder.flush_late()
                claims = [recorder.change.claim for recorder in recorders if recorder.change.claim]
                if self._leaves:
                    _write(changes.let_go_changes, claims)
                elif time.monotonic() - touched_at >= ALIVE_SECONDS:
                    touched_at = time.monotonic()
                    _write(changes.touch_changes, claims)
        finally:
            connection.close()

    def _after(self, seconds: float) -> list[Recorder]:
        """Who is there after a while; none, and the thread is over."""
        time.sleep(seconds)
        with self._lock:
            if not self._recorders:
                self._thread = None
            return list(self._recorders)


def _write(write: Callable[[list[uuid.UUID]], int], claims: list[uuid.UUID]) -> None:
    try:
        write(claims)
    except Error as error:  # the next beat may get through; a change counts as silent only after several
        log.warning("the sign of life of %s changes could not be written: %s", len(claims), error)
        connection.close()


pulse = Pulse()
worker_shutting_down.connect(pulse.leave)
