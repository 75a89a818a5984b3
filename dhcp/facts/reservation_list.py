"""Reservations as a table of people holds them, and what would become of each line."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosts.facts.words import Words

NEW, CHANGED, SAME, WRONG, LEFT_OUT = "new", "changed", "same", "wrong", "left-out"


@dataclass(frozen=True, slots=True)
class Line:
    """One reservation, as typed. `number` is the line of the table, from 1. What is None had no column: it stays as it
    is where the reservation is known already.
    """

    number: int
    name: str
    mac: str = ""
    client_id: str | None = None
    addresses: tuple[str, ...] | None = None
    hostname: str | None = None
    organization: str | None = None
    is_enabled: bool | None = None
    note: str | None = None
    server: str = ""
    wrong: Words | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All lines, how they were read, and columns that say nothing to the panel."""

    lines: tuple[Line, ...]
    encoding: str
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a line: one of the words above. `changes` are (field, before, after) of a known reservation."""

    line: Line
    kind: str
    why: tuple[Words, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = field(default=())
