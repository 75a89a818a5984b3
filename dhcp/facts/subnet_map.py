"""A network as a picture: every address a cell, or, of a large one, every block of addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """What a lease says of one address: `state` is the file's word, `until` None where it has no end or says none."""

    key: str
    state: str
    mac: str = ""
    hostname: str = ""
    until: datetime | None = None
    never_ends: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One address. `kind` is "leased", "abandoned", "backup", "reserved", "free" (in a pool, nobody's) or "outside".

    `reserved_for` is the reservation's name, also where the address is leased; `is_in_pool` whether a pool has it.
    """

    address: str
    kind: str
    is_in_pool: bool
    mac: str = ""
    hostname: str = ""
    until: datetime | None = None
    never_ends: bool = False
    reserved_for: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Addresses from the first on, `size` of them: how many are in pools, in use, given up, reserved."""

    first: str
    last: str
    size: int
    in_pools: int
    leased: int
    abandoned: int
    reserved: int

    @property
    def percent(self) -> float:
        """Leased of those in pools, or of all where there is no pool."""
        return round(100 * self.leased / (self.in_pools or self.size), 1)


@dataclass(frozen=True, slots=True)
class SubnetMap:
    """Either cells or blocks. `first` and `last` are the addresses that are shown."""

    first: str
    last: str
    cells: tuple[Cell, ...] = ()
    blocks: tuple[Block, ...] = ()
