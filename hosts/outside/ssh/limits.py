"""How long the SSH edge waits for what, and how much it keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, except for `keep_at_most`, which counts idle connections of one process.

    `alive_seconds` is how long a connection that lay idle may take to open a session before it counts as dead.
    """

    connect_seconds: float = 10
    banner_seconds: float = 10
    login_seconds: float = 20
    session_seconds: float = 15
    alive_seconds: float = 5
    keep_seconds: float = 60
    keep_at_most: int = 200
