"""A conversation as a picture: who takes part, and one arrow for each message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hosts.facts.words import Words

CLIENT, RELAY, SERVER = "client", "relay", "server"
SAID, BROKEN, MISSING = "said", "broken", "missing"


@dataclass(frozen=True, slots=True)
class Rung:
    """A message from one to another. `seconds` are since the first one, None where the log has no times. `kind`:
    "said", "broken" (here it went wrong) or "missing" (what should have come next). `why` is said at the broken one.
    """

    message: str
    source: str
    target: str
    ip: str = ""
    note: str = ""
    at: datetime | None = None
    seconds: float | None = None
    kind: str = SAID
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """`parties` from left to right: client, relay where there is one, server."""

    parties: tuple[str, ...]
    rungs: tuple[Rung, ...]
