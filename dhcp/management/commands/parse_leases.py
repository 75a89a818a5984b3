"""`manage.py parse_leases FILE...`: lease files of dhcpd in, JSON lines out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from dhcp.facts.lease import Lease
from dhcp.parse.leases import LeaseBook
from hosts.facts.json_shape import to_json

PIECE = 1 << 17


class Command(BaseCommand):
    """Reads files only: neither the database nor a host is asked."""

    help = (
        "Print as JSON lines the last word on each address of lease files (dhcpd.leases), or with --summary how many "
        "are in which state. Exit code 1 where something could not be read; the rest is printed."
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
            book = LeaseBook()
            try:
                _read(file, book)
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


def _read(file: str, book: LeaseBook) -> None:
    if file == "-":
        while data := sys.stdin.buffer.read(PIECE):
            book.read(data)
    else:
        with Path(file).open("rb") as stream:
            while data := stream.read(PIECE):
                book.read(data)
    book.finish()


def _summary(file: str, book: LeaseBook) -> dict[str, Any]:
    states = Counter(lease.state or "unknown" for lease in book)
    return {"file": file, "records": book.records, "addresses": len(book), "states": dict(sorted(states.items()))}


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
