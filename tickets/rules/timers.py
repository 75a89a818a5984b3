"""The times of a ticket in, how much of a promise is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hosts.choices import Tone

SHORT = 0.25  # from here on a promise is about to be missed


@dataclass(frozen=True, slots=True)
class Timer:
    """A promise: `left` is the part of its time that is left (0 to 1), `seconds` how long until it is due.

    Once kept or missed for good (`done_at`), `seconds` is how long it took.
    """

    due_at: datetime
    left: float
    seconds: float
    tone: Tone
    done_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether the time has passed and nothing was done."""
        return self.done_at is None and self.seconds < 0

    @property
    def was_kept(self) -> bool:
        """Whether it was done in time."""
        return self.done_at is not None and self.done_at <= self.due_at


def timer(
    started_at: datetime, due_at: datetime | None, now: datetime, *, done_at: datetime | None = None
) -> Timer | None:
    """How a promise stands; None where nothing was promised. The whole length is from the start to the due time."""
    if due_at is None:
        return None
    if done_at is not None:
        kept = done_at <= due_at
        tone = Tone.GOOD if kept else Tone.BROKEN
        return Timer(due_at, 1.0 if kept else 0.0, (done_at - started_at).total_seconds(), tone, done_at)
    whole = (due_at - started_at).total_seconds()
    rest = (due_at - now).total_seconds()
    left = min(1.0, max(0.0, rest / whole)) if whole > 0 else 0.0
    tone = Tone.BROKEN if rest < 0 else Tone.ATTENTION if left < SHORT else Tone.GOOD
    return Timer(due_at, left, rest, tone)
