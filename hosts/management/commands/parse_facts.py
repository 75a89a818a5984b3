"""`manage.py parse_facts FILE...`: saved output of a host's tools in, JSON lines out."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from hosts.errors import UnreadableFacts
from hosts.parse.records import fact_records


class Command(BaseCommand):
    """Reads files only: neither the database nor a host is asked."""

    help = (
        "Print as JSON lines what is in saved outputs: of the host-facts script, lspci -vmm, ip -j -d link, "
        "/proc/mdstat, xl info or kdump-config show. Exit code 1 where something could not be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of files; - is standard input."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a saved output; - reads standard input")

    def handle(self, *args: object, files: list[str], **options: object) -> None:
        """One object per record; an object with "error" for what was not readable."""
        failed = False
        for file in files:
            for row in _rows(file):
                failed = failed or "error" in row
                self.stdout.write(json.dumps({"file": file, **row}, ensure_ascii=False))
        if failed:
            sys.exit(1)


def _rows(file: str) -> Iterator[dict[str, Any]]:
    try:
        yield from fact_records(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except UnreadableFacts as error:
        yield {"error": str(error)}
    except OSError as error:
        yield {"error": f"The file cannot be read: {error.strerror or error}."}
