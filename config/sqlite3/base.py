"""Django's SQLite, whose writers of one process queue up in order instead of polling for their turn.

SQLite has one writer at a time, and who finds it busy sleeps for up to a tenth of a second before it looks again.
With fifty threads that finish at once, most of that time nobody writes. A lock in front of BEGIN wakes the next
writer at once; other processes still wait SQLite's own way.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base

PATIENCE_SECONDS = 30.0

_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)  # one for each file


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection of one thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn = _turns[str(self.settings_dict["NAME"])]
        self._has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        if not self._has_turn:
            # Whoever waited in vain goes on to ask SQLite, which then says what it has to say.
            self._has_turn = self._turn.acquire(timeout=PATIENCE_SECONDS)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave it out
        except BaseException:
            self._let_go()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs leave it out
        self._let_go()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._let_go()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # the stubs leave it out
        finally:
            self._let_go()

    def _let_go(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._turn.release()
