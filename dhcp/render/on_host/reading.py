"""What is to be followed on a host and how far it was read in; the program that tells what is new out."""

from __future__ import annotations

from dhcp.facts.lease import LeaseMark
from dhcp.facts.reading import WINDOW, LeaseFile, LogMark, LogPlace
from dhcp.render.on_host import Program, program

NO_MARK = LeaseMark(0, 0, "0")
"""No file has inode 0."""


def lease_news(file: LeaseFile, mark: LeaseMark | None, most_bytes: int) -> Program:
    """Its output is for `dhcp.parse.told_files` and `dhcp.parse.lease_pieces`."""
    known = mark or NO_MARK
    kind = "kea" if file.kea else "isc"
    return program(("leases",), (kind, most_bytes, WINDOW, file.path, known.inode, known.offset, known.tail))


def log_file_news(path: str, mark: LogMark | None, most_bytes: int, first_bytes: int) -> Program:
    """Its output is for `dhcp.parse.log_news.of_file`."""
    inode, offset, tail = (mark.inode, mark.offset, mark.tail) if mark and mark.inode else (0, 0, "0")
    return program(("log_file",), (most_bytes, WINDOW, first_bytes, path, inode, offset, tail))


def journal_news(place: LogPlace, mark: LogMark | None, most_lines: int, first_seconds: int) -> Program:
    """Its output is for `dhcp.parse.log_news.of_journal`."""
    units = [f"_SYSTEMD_UNIT={unit}" for unit in place.units]
    names = [f"SYSLOG_IDENTIFIER={name}" for name in place.names]
    matches = [*units, *(["+"] if units and names else []), *names]
    cursor = mark.cursor if mark and mark.cursor else "0"
    return program(("journal",), (most_lines, f"{first_seconds}s", cursor), *((match,) for match in matches))
