"""How full a pool, a subnet or a shared network is, when it will be full, and at which point somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """Addresses. `active` are in use by their state, `held` those of them whose time has not run out; `touched` were
    leased once; `backup` are kept by a failover partner. `reserved` are named by reservations, in use or not.
    """

    defined: int = 0
    active: int = 0
    held: int = 0
    touched: int = 0
    backup: int = 0
    abandoned: int = 0
    reserved: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Of both together."""
        return Counts(
            self.defined + other.defined,
            self.active + other.active,
            self.held + other.held,
            self.touched + other.touched,
            self.backup + other.backup,
            self.abandoned + other.abandoned,
            self.reserved + other.reserved,
        )

    @property
    def free(self) -> int:
        """Addresses that a new client could get; those of the partner are not among them."""
        return max(0, self.defined - self.active - self.backup - self.abandoned)

    @property
    def percent(self) -> float:
        """Active of defined; 0 where nothing is defined."""
        return round(100 * self.active / self.defined, 1) if self.defined else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """How many addresses were in use at a time, of how many."""

    at: datetime
    active: int
    defined: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """At this pace it is full in so many days (0: it is), with so many more addresses in use each week."""

    full_in_days: int
    more_each_week: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Per cent at which a network is shown as full, and at which a ticket is opened; 0: never."""

    warn: int
    alarm: int
