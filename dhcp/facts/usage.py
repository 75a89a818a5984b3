"""How full ranges are."""

from __future__ import annotations

from dataclasses import dataclass

from dhcp.choices import UsageOf


@dataclass(frozen=True, slots=True)
class Usage:
    """Addresses of one range, one shared network or everything.

    `name` is the shared network's, "All networks" outside of any. `first` and `last` are None for all but ranges.
    `touched` were leased once and are not now; `backup` are kept by a failover partner. `free` is defined - used.
    """

    of: UsageOf
    name: str
    first: str | None
    last: str | None
    defined: int
    used: int
    touched: int
    backup: int

    @property
    def free(self) -> int:
        """Addresses that nobody holds."""
        return self.defined - self.used

    @property
    def percent(self) -> float:
        """used of defined, 0 where nothing is defined."""
        return round(100 * self.used / self.defined, 3) if self.defined else 0.0


@dataclass(frozen=True, slots=True)
class RangeLine:
    """A `range` or `range6` of a dhcpd.conf as numbers (IPv4 below 2**32 where version is 4), first <= last."""

    network: str
    version: int
    first: int
    last: int
