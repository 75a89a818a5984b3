"""A mark in the environment in, the living processes that carry it out: how tests see what was left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path


def carrying(mark: str) -> dict[int, str]:
    """Process id -> command line of everything alive (zombies are not) whose environment holds `mark`."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if mark.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue  # it ended while we looked, or belongs to somebody else
    return found


def eventually(holds: Callable[[], object], seconds: float = 60) -> bool:
    """Whether something becomes true within some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
