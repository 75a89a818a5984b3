"""`manage.py parse_leases FILE...`: lease files of dhcpd or Kea in, JSON lines out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.core.management.base import BaseCommand

from dhcp.facts.lease import Damage, Lease
from dhcp.parse.kea_memfile import BAD_LINE, HEADER
from dhcp.parse.lease_pieces import KeaBook
from dhcp.parse.leases import LeaseBook
from hosts.facts.json_shape import to_json
from hosts.facts.words import words

PIECE = 1 << 17


class Book(Protocol):
    """What is read of a lease file, of whichever server."""

    @property
    def records(self) -> int: ...

    @property
    def damage(self) -> list[Damage]: ...

    def read(self, data: bytes) -> None: ...

    def finish(self) -> None: ...

    def __iter__(self) -> Iterator[Lease]: ...


class Command(BaseCommand):
    """Reads files only: neither the database nor a host is asked."""

    help = (
        "Print as JSON lines the last word on each address of lease files (dhcpd.leases, or the CSV of Kea), or with "
        "--summary how many are in which state. Exit code 1 where something could not be read; the rest is printed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of files; - is standard input."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a lease file; - reads standard input")
        parser.add_argument("--summary", action="store_true", help="count addresses by state")

    def handle(self, *args: object, files: list[str], summary: bool, **options: object) -> None:
        """One object per address; an object with "error" for each damaged place."""
        failed = False
        for file in files:
            try:
                book = _read(file)
            except OSError as error:
                failed = True
                self._say({"file": file, "error": f"The file cannot be read: {error.strerror or error}."})
                continue
            if summary:
                self._say(_summary(file, book))
            else:
                for lease in book:
                    self._say(_row(file, lease))
            for place in book.damage:
                failed = True
                self._say({"file": file, "error": str(place.words), "offset": place.offset, "length": place.length})
        if failed:
            sys.exit(1)

    def _say(self, row: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(row, ensure_ascii=False))


def _read(file: str) -> Book:
    if file == "-":
        return _book(sys.stdin.buffer)
    with Path(file).open("rb") as stream:
        return _book(stream)


def _book(stream: BinaryIO) -> Book:
    data, total = stream.read(PIECE), 0
    book: Book = KeaBook() if data.startswith(HEADER.encode()) else LeaseBook()
    while data:
        book.read(data)
        total += len(data)
        data = stream.read(PIECE)
    book.finish()
    if isinstance(book, KeaBook) and book.offset < total:  # the server that wrote it would go on here; nobody does
        book.damage.append(Damage(book.offset, total - book.offset, words(BAD_LINE)))
    return book


def _summary(file: str, book: Book) -> dict[str, Any]:
    leases = list(book)
    states = Counter(lease.state or "unknown" for lease in leases)
    return {"file": file, "records": book.records, "addresses": len(leases), "states": dict(sorted(states.items()))}


def _row(file: str, lease: Lease) -> dict[str, Any]:
    return {
        "file": file,
        "ip": lease.ip,
        "starts_at": lease.starts_at.isoformat() if lease.starts_at else None,
        "ends_at": lease.ends_at.isoformat() if lease.ends_at else None,
        "never_ends": lease.never_ends,
        "state": lease.state,
        "next_state": lease.next_state,
        "mac": lease.mac,
        "client_id": lease.client_id,
        "hostname": to_json(lease.hostname),
        "vendor_class": to_json(lease.vendor_class),
    }
