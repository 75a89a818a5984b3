"""Times of several runs go in; the lines of a table, ratios and the words for the page come out."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median


@dataclass
class Way:
    """One way of doing the work, with the seconds of each of its runs."""

    name: str
    seconds: list[float] = field(default_factory=list)

    @property
    def typical(self) -> float:
        return median(self.seconds)

    def row(self, ours: Way) -> str:
        """A line of a Markdown table: runs, min, median, max, and how many times as long as `ours` it takes."""
        times = f"{min(self.seconds):.2f} | {self.typical:.2f} | {max(self.seconds):.2f}"
        return f"| {self.name} | {len(self.seconds)} | {times} | {self.typical / ours.typical:.2f} |"


def table(ways: Iterable[Way], ours: Way) -> list[str]:
    """A Markdown table, our own way first."""
    head = ["| way | runs | min s | median s | max s | times ours |", "|---|---|---|---|---|---|"]
    return [*head, *(way.row(ours) for way in ways)]


def machine() -> str:
    """What the figures were taken on, in a line."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024 // 1024
    return (
        f"{os.cpu_count()} cores of {cpu}, {memory} GiB, Linux {platform.release()}, Python {platform.python_version()}"
    )
