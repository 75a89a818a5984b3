"""What is to be followed on a host and how far it was read in; the program that tells what is new out."""

from __future__ import annotations

from dhcp.facts.lease import LeaseMark
from dhcp.facts.reading import LeaseFile
from dhcp.parse.marks import WINDOW
from dhcp.render.on_host import Program, program

NO_MARK = LeaseMark(0, 0, "0")
"""No file has inode 0."""


def lease_news(file: LeaseFile, mark: LeaseMark | None, most_bytes: int) -> Program:
    """Its output is for `dhcp.parse.told_files` and `dhcp.parse.lease_pieces`."""
    known = mark or NO_MARK
    kind = "kea" if file.kea else "isc"
    return program(("leases",), (kind, most_bytes, WINDOW, file.path, known.inode, known.offset, known.tail))
