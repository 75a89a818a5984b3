"""One claimed change goes in, its outcome goes onto the row; over as many connections as that takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from hosts.choices import StepName, StepState
from hosts.errors import AuthenticationFailed, Explainable, HostKeyChanged, HostLost, HostUnreachable
from hosts.facts.change import Order, Outcome, StepEvent
from hosts.facts.machine import HostFacts
from hosts.facts.words import gettext_noop, reason, words
from hosts.models import Change
from hosts.outside import transaction
from hosts.outside.shell import Shell
from hosts.services import changes
from hosts.tasks.look import note_no_way
from hosts.tasks.recorder import Recorder
from hosts.tasks.ways import pool

LOOK_AGAIN_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
REBOOT_SECONDS = 600.0
Result = TypeVar("Result")


class Carrier:
    """The connections, the events and the end of one change."""

    def __init__(self, change: Change, *, is_found_again: bool) -> None:
        self.change = change
        self.is_found_again = is_found_again
        self.recorder = Recorder(change, self._confirm, starts_over=is_found_again)
        self.counts = {"connects": 0, "auths": 0, "execs": 0}
        self.has_ended = threading.Event()

    def carry(self) -> bool:
        """True when the change came to its end."""
        try:
            self.host: HostFacts = self.change.host.facts()
            self.order: Order = self.change.order()
            outcome = self._looked_up() if self.is_found_again else self._sent()
        except HostLost as error:
            self.recorder.flush()
            changes.note_lost(self.change, why=reason(error))
            return False
        except Explainable as error:
            return self._not_begun(error)
        finally:
            self.has_ended.set()
        waiting = self.recorder.take()
        return bool(
            changes.record_outcome(self.change, outcome, self.recorder.progress, waiting, round_trips=self.counts)
        )

    def _sent(self) -> Outcome:
        try:
            return self._with_shell(self._run)
        except HostLost:
            self.recorder.start_over()
            return self._looked_up()

    def _looked_up(self) -> Outcome:
        """Follow the host's own record over new connections until it tells the end, for as long as is sensible."""
        patience = self._patience()
        deadline = time.monotonic() + patience
        while True:
            try:
                outcome = self._with_shell(self._find, fresh=True)
            except (HostUnreachable, HostLost) as error:
                if time.monotonic() > deadline or isinstance(error, (HostKeyChanged, AuthenticationFailed)):
                    raise HostLost(
                        words(
                            gettext_noop(
                                "The connection broke, and the host was not reached again within "
                                "%(patience)s s. It goes on by itself; the outcome is looked up as soon as "
                                "it answers. The last try: %(why)s"
                            ),
                            patience=f"{patience:.0f}",
                            why=reason(error),
                        )
                    ) from error
                self.recorder.start_over()
                self.recorder.alive()
                time.sleep(LOOK_AGAIN_SECONDS)
                continue
            if outcome is not None:
                return outcome
            self.recorder.start_over()  # the host never got it, so sending it is safe
            return self._with_shell(self._run)

    def _run(self, shell: Shell) -> Outcome:
        self._note_connected()
        return transaction.run(shell, self.order, self.recorder)

    def _find(self, shell: Shell) -> Outcome | None:
        self._note_connected()
        return transaction.find(shell, self.order, self.recorder)

    def _with_shell(self, work: Callable[[Shell], Result], *, fresh: bool = False) -> Result:
        with pool.open(self.host, fresh=fresh) as shell:
            before = dict(self.counts)
            try:
                return work(shell)
            finally:
                for name in self.counts:
                    self.counts[name] = before[name] + getattr(shell.counts, name)

    def _note_connected(self) -> None:
        now = time.time()
        self.recorder(StepEvent(StepName.CONNECT, StepState.OK, now))

    def _patience(self) -> float:
        guard = self.order.bundle.guard
        if guard is None:
            return PATIENCE_SECONDS
        return REBOOT_SECONDS if guard.reboots else guard.seconds + PATIENCE_SECONDS

    def _not_begun(self, error: Explainable) -> bool:
        """Nothing was touched: the host is written up and the change tried again later, or refused in the end."""
        if isinstance(error, HostUnreachable):
            note_no_way(self.change.host, error)
        return changes.postpone_change(self.change, why=reason(error)) is not None

    def _confirm(self) -> None:
        """Prove over a new connection that the host is still reached; in a thread, since its log goes on meanwhile."""
        threading.Thread(target=self._keep_confirming, daemon=True).start()

    def _keep_confirming(self) -> None:
        guard = self.order.bundle.guard
        deadline = time.monotonic() + (guard.seconds if guard else 0)
        while not self.has_ended.is_set() and time.monotonic() < deadline:
            try:
                with pool.open(self.host, fresh=True) as shell:
                    transaction.confirm(shell, self.order.id)
                return
            except Explainable:  # the host puts the old state back when nobody gets through
                self.has_ended.wait(LOOK_AGAIN_SECONDS)
