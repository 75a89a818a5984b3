"""What is followed on a host, how far it was read, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dhcp.facts.lease import LeaseNews
from dhcp.facts.logs import LogLine

WINDOW = 4096
"""Bytes before a mark that are looked at, to know a file again."""


@dataclass(frozen=True, slots=True)
class LeaseFile:
    """A lease file by its absolute path: dhcpd's, or Kea's CSV (memfile, IPv4 or IPv6)."""

    path: str
    kea: bool = False


@dataclass(frozen=True, slots=True)
class LeaseReading:
    """`news` is what the file says since the mark; `more` says that it goes on after what one reading takes.

    A lease that Kea deleted is among the news as free. `restarted` says that the file is not the one of the mark, or
    that there was no mark: it was read from its beginning. `size` is the file's in bytes, `written_at` when it was
    last written, by the host's clock.
    """

    news: LeaseNews
    restarted: bool
    more: bool
    size: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a host's DHCP programs write: a file by its absolute path, or the journal where `path` is "".

    Of the journal are read the entries of `units` and of the programs that are known by `names`.
    """

    path: str = ""
    units: tuple[str, ...] = (
        "isc-dhcp-server.service",
        "isc-dhcp-server6.service",
        "isc-dhcp-relay.service",
        "kea-dhcp4-server.service",
        "kea-dhcp6-server.service",
    )
    names: tuple[str, ...] = ("dhcpd", "dhcrelay", "kea-dhcp4", "kea-dhcp6")


@dataclass(frozen=True, slots=True)
class LogMark:
    """How far a log was read: the journal's cursor, or a file's inode, offset, and digest of the bytes before it."""

    cursor: str = ""
    inode: int = 0
    offset: int = 0
    tail: str = ""


@dataclass(frozen=True, slots=True)
class LogNews:
    """The DHCP lines since a mark, in their order. `more` says that there are further ones to be read at once.

    `gap` says that lines in between are not there any more: the log was thrown away or rotated out of reach.
    """

    lines: tuple[LogLine, ...]
    mark: LogMark
    more: bool = False
    gap: bool = False
