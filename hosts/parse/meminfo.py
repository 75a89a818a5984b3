"""/proc/meminfo to Memory."""

from __future__ import annotations

from hosts.facts.hardware import Memory
from hosts.parse.reading import first_values, pairs, whole


def meminfo(text: str) -> Memory:
    """Bytes. MemAvailable is missing before Linux 3.14: then free + buffers + cached stand in for it."""
    kib = {
        key: number
        for key, value in first_values(pairs(text, ":")).items()
        if (number := whole(value.removesuffix("kB"))) is not None and 0 <= number < 2**50
    }
    available = kib.get("MemAvailable")
    if available is None and "MemFree" in kib:
        available = kib["MemFree"] + kib.get("Buffers", 0) + kib.get("Cached", 0)
    return Memory(
        total_bytes=kib.get("MemTotal", 0) * 1024,
        available_bytes=None if available is None else available * 1024,
        swap_total_bytes=kib.get("SwapTotal", 0) * 1024,
        swap_free_bytes=kib["SwapFree"] * 1024 if "SwapFree" in kib else None,
    )
