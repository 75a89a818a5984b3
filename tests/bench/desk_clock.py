"""Something to do in, how long it took out: by the clock, and without the time in which others held the cores.

Linux counts how long a process was ready to run and did not get a core (`/proc/PID/schedstat`). On a machine that does
much else, that is most of what a clock says of a page; on a quiet one it is nothing, and the two figures are the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

SELF = Path("/proc/self/schedstat")


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds of one visit. `alone` leaves out what this process and its database's session waited for a core."""

    clock: float
    alone: float


def timed(act: Callable[[], object]) -> Taken:
    """Do it once. What PostgreSQL's parallel workers waited is not known and stays in `alone`.

    Where both waited at the same time that is left out twice, so `alone` is at least what both worked.
    """
    both = (SELF, *_session())
    before, began = [_counted(one) for one in both], time.perf_counter()
    act()
    clock = (time.perf_counter() - began) * 1000
    after = [_counted(one) for one in both]
    worked = sum(new[0] - old[0] for new, old in zip(after, before, strict=True))
    waited = sum(new[1] - old[1] for new, old in zip(after, before, strict=True))
    return Taken(clock, max(clock - waited, worked))


def _session() -> tuple[Path, ...]:
    if connection.vendor != "postgresql":
        return ()
    connection.ensure_connection()
    return (Path(f"/proc/{connection.connection.info.backend_pid}/schedstat"),)


def _counted(path: Path) -> tuple[float, float]:
    """Milliseconds that a process worked, and that it waited for a core, since it began; 0 where nobody counts them."""
    try:
        worked, waited, _ = path.read_text().split()
    except OSError:
        return 0.0, 0.0
    return int(worked) / 1e6, int(waited) / 1e6
