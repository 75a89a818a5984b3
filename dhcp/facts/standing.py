"""Whether a reservation is used, and what is to be said of an address or a MAC before it is reserved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hosts.facts.words import Words

OFF, USED, SEEN, TAKEN, ELSEWHERE, WAITS, PLAIN = "off", "used", "seen", "taken", "elsewhere", "waits", "plain"


@dataclass(frozen=True, slots=True)
class Standing:
    """`kind` is one of the words above: switched off; its machine has the address (a lease says so, or a conversation
    at `at`); somebody else has it; its machine has another one; nobody was seen; it reserves no address.

    `address` and `mac` are those of the lease that says so.
    """

    kind: str
    address: str = ""
    mac: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said beside a field while it is typed. `tone` is "good", "warn" or "bad"; `name` and `url` lead to the
    row that it is about, `offer` can be taken instead.
    """

    tone: str
    words: Words
    url: str = ""
    name: str = ""
    offer: str = ""
