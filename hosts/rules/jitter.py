"""An interval and a number in, the interval spread by it out, so that a fleet is not asked all at once."""

from __future__ import annotations

import zlib

SHARE = 0.2


def spread(seconds: float, key: int) -> float:
    """`seconds` ±10 %, always the same for the same key: the hosts keep apart and each keeps its beat."""
    position = zlib.crc32(str(key).encode()) / 0xFFFFFFFF
    return seconds * (1 - SHARE / 2 + SHARE * position)
