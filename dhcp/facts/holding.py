"""Who holds an address since when, and what a new word on it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A client that holds an address. `until_at` is what it was promised, None where that is for ever or not known."""

    mac: str
    client_id: str
    hostname: str
    began_at: datetime
    until_at: datetime | None

    @property
    def holder(self) -> tuple[str, str]:
        """By what a server knows the client."""
        return self.mac, self.client_id


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens to the holding of an address: it ends, another begins, or it goes on as told. Each may be None."""

    ended_at: datetime | None = None
    begins: Held | None = None
    goes_on: Held | None = None
