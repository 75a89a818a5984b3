"""How full a network is and from where on somebody is told in; whether to open an alarm or to clear it out."""

from __future__ import annotations

from dhcp.facts.fullness import Thresholds

FALLS_BELOW = 5
"""Per cent that a network must fall below its threshold until it counts as calm: else it would ring with each lease."""


def is_alarmed(percent: float, alarm: int, *, was_alarmed: bool) -> bool:
    """`alarm` is 0 where nobody is to be told."""
    if not alarm:
        return False
    return percent > alarm - FALLS_BELOW if was_alarmed else percent >= alarm


def tone(percent: float, thresholds: Thresholds) -> str:
    """ "calm", "warn" or "alarm"."""
    if thresholds.alarm and percent >= thresholds.alarm:
        return "alarm"
    return "warn" if thresholds.warn and percent >= thresholds.warn else "calm"


def thresholds(*levels: tuple[int | None, int | None]) -> Thresholds:
    """(warn, alarm) of the network, then of what it stands in: the first that is said counts."""
    warn = next((level[0] for level in levels if level[0] is not None), 0)
    alarm = next((level[1] for level in levels if level[1] is not None), 0)
    return Thresholds(warn or 0, alarm or 0)
