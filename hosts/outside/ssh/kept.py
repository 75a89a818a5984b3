"""The connections one process keeps: idle ones until their time is over, shared ones while they have users."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from hosts.outside.ssh.connection import Connection
from hosts.outside.ssh.keys import KeyRing
from hosts.outside.ssh.limits import Limits

Key = tuple[object, ...]


@dataclass(slots=True)
class _Idle:
    key: Key
    connection: Connection
    until: float


@dataclass(slots=True, eq=False)
class Shared:
    """A connection that others lead through. Who comes while it is made waits for that one try."""

    key: Key
    made: Future[Connection]
    users: int = 0
    until: float = 0.0

    @property
    def connection(self) -> Connection:
        return self.made.result()

    @property
    def dead(self) -> bool:
        return self.made.done() and not self.made.result().alive


class Kept:
    """Belongs to one process; a child of a fork makes its own, locks included, and only drops the parent's."""

    def __init__(self, limits: Limits) -> None:
        self.pid = os.getpid()
        self.keys = KeyRing()
        self._limits = limits
        self._changed = threading.Condition()
        self._idle: list[_Idle] = []  # oldest first
        self._shared: dict[Key, Shared] = {}
        self._sweeper: threading.Thread | None = None

    def take(self, key: Key) -> Connection | None:
        """The idle connection of `key` that was used last; it is the caller's now."""
        with self._changed:
            for entry in reversed(self._idle):
                if entry.key == key:
                    self._idle.remove(entry)
                    return entry.connection
        return None

    def keep(self, key: Key, connection: Connection) -> None:
        """Take a connection that is not used any more; a dead one is closed."""
        if not connection.alive or self.pid != os.getpid():
            connection.close()
            return
        with self._changed:
            self._idle.append(_Idle(key, connection, self._later()))
            surplus = self._idle[: -self._limits.keep_at_most]
            del self._idle[: len(surplus)]
            self._wake_sweeper()
        for entry in surplus:
            entry.connection.close()

    def borrow(self, key: Key, make: Callable[[], Connection]) -> Shared:
        """The shared connection of `key`, made if there is none; the error of `make` goes to all who waited."""
        with self._changed:
            shared = self._shared.get(key)
            mine = shared is None or shared.dead
            if shared is None or mine:
                shared = self._shared[key] = Shared(key, Future())
            shared.users += 1
        if mine:
            try:
                shared.made.set_result(make())
            except BaseException as error:
                with self._changed:
                    del self._shared[key]
                shared.made.set_exception(error)  # nobody who waits may wait for ever
                raise
        shared.made.result()
        return shared

    def give_back(self, shared: Shared) -> None:
        """One user less. The last one leaves it to the sweeper, or closes it where it was replaced meanwhile."""
        with self._changed:
            shared.users -= 1
            shared.until = self._later()
            replaced = self._shared.get(shared.key) is not shared
            self._wake_sweeper()
        if replaced and shared.users == 0:
            shared.connection.close()

    def close(self) -> None:
        """Close all that nobody uses."""
        with self._changed:
            over = self._pop_over(float("inf"))
        while over:
            for connection in over:
                connection.close()  # which may have been the last user of a shared one
            with self._changed:
                over = self._pop_over(float("inf"))

    def drop(self) -> None:
        """In the child of a fork: let go of the parent's lines without a word on them."""
        for entry in self._idle:
            entry.connection.transport.sock.close()
        for shared in self._shared.values():
            if shared.made.done() and shared.made.exception() is None:
                shared.connection.transport.sock.close()

    def _later(self) -> float:
        return time.monotonic() + self._limits.keep_seconds

    def _pop_over(self, now: float) -> list[Connection]:
        # you hold the lock
        over = [entry.connection for entry in self._idle if entry.until <= now]
        self._idle = [entry for entry in self._idle if entry.until > now]
        unused = [key for key, shared in self._shared.items() if shared.users == 0 and shared.until <= now]
        return over + [self._shared.pop(key).connection for key in unused]

    def _wake_sweeper(self) -> None:
        # you hold the lock
        if self._sweeper is None:
            self._sweeper = threading.Thread(target=self._sweep, name="ssh-pool", daemon=True)
            self._sweeper.start()
        self._changed.notify()

    def _sweep(self) -> None:
        """Close what nobody used for long enough; end when nothing is left to watch."""
        while True:
            with self._changed:
                now = time.monotonic()
                over = self._pop_over(now)
                if not over:
                    times = [entry.until for entry in self._idle]
                    times += [shared.until for shared in self._shared.values() if shared.users == 0]
                    if not times:
                        self._sweeper = None
                        return
                    self._changed.wait(min(times) - now)
            for connection in over:
                connection.close()
