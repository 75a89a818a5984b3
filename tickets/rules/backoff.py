"""How often something was tried in, how long to wait before the next try out."""

from __future__ import annotations

FIRST = 30
LONGEST = 6 * 3600


def wait_seconds(tries: int) -> int:
    """30 seconds after the first try, four times as long after each further one, six hours at most."""
    return min(LONGEST, FIRST << (2 * min(max(tries - 1, 0), 12)))
