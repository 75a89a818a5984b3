"""`manage.py dhcp_usage --conf FILE --leases FILE`: how full ranges are, as JSON lines."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from dhcp.facts.usage import Usage
from dhcp.parse.pool_ranges import AddressStates, PoolRanges
from dhcp.rules.usage import usage
from hosts.facts.json_shape import to_json

PIECE = 1 << 20


class Command(BaseCommand):
    """Reads files only: neither the database nor a host is asked."""

    help = (
        "Print as JSON lines how many addresses of each range, each shared network and of all are in use, counted as "
        "dhcpd-pools counts. Exit code 1 where a file could not be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One configuration, one lease file."""
        parser.add_argument("--conf", required=True, metavar="FILE", help="a dhcpd.conf; its includes are read too")
        parser.add_argument("--leases", required=True, metavar="FILE", help="the dhcpd.leases of the same server")

    def handle(self, *args: object, conf: str, leases: str, **options: object) -> None:
        """One object each; an object with "error" for what was not readable."""
        found, states, errors = None, AddressStates(), []
        try:
            found = PoolRanges(_text(Path(conf)), lambda name: _included(Path(conf), name))
            errors += [f"The included file {name} cannot be read." for name in found.missing]
        except OSError as error:
            errors.append(f"{conf} cannot be read: {error.strerror or error}.")
        try:
            with Path(leases).open("rb") as stream:
                while data := stream.read(PIECE):
                    states.read(data)
            states.finish()
        except OSError as error:
            errors.append(f"{leases} cannot be read: {error.strerror or error}.")
        if found and not any(error.startswith(leases) for error in errors):
            for row in usage(found.ranges, found.networks, states.states):
                self._say(_row(row))
        for sentence in errors:
            self._say({"error": sentence})
        if errors:
            sys.exit(1)

    def _say(self, row: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(row, ensure_ascii=False))


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _included(conf: Path, name: str) -> str | None:
    for path in (Path(name), conf.parent / name):
        try:
            return _text(path)
        except OSError:
            continue
    return None


def _row(row: Usage) -> dict[str, Any]:
    return {
        "of": str(row.of),
        "name": to_json(row.name),
        "first": row.first,
        "last": row.last,
        "defined": row.defined,
        "used": row.used,
        "free": row.free,
        "percent": row.percent,
        "touched": row.touched,
        "backup": row.backup,
    }
