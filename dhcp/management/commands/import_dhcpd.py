"""`manage.py import_dhcpd FILE...`: configurations of dhcpd in, JSON lines (or the same configuration) out."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from dhcp.errors import UnreadableConfig
from dhcp.facts.config import ConfFile, Row
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.site import site
from dhcp.render.dhcpd_conf import dhcpd_conf as render_conf
from hosts.facts.json_shape import to_json


class Command(BaseCommand):
    """Reads files only: neither the database nor a host is asked."""

    help = (
        "Print as JSON lines the subnets, pools, reservations, shared networks and classes of dhcpd.conf files, and "
        "what is kept verbatim; with --render the configuration itself. Exit code 1 where something could not be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of files; - is standard input."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a dhcpd.conf; - reads standard input")
        parser.add_argument("--render", action="store_true", help="print each back as one dhcpd.conf, includes within")

    def handle(self, *args: object, files: list[str], render: bool, **options: object) -> None:
        """One object per row; an object with "error" for what was not readable (on standard error with --render)."""
        failed = False
        for file in files:
            errors: list[str] = []
            conf = _conf(file, errors)
            if conf and render:
                self._render(conf)
            elif conf:
                self._rows(file, conf, errors)
            for sentence in errors:
                failed = True
                row = json.dumps({"file": file, "error": to_json(sentence)}, ensure_ascii=False)
                (self.stderr if render else self.stdout).write(row)
        if failed:
            sys.exit(1)

    def _render(self, conf: ConfFile) -> None:
        text, raw = render_conf(conf), getattr(self.stdout, "buffer", None)
        if raw is None:
            self.stdout.write(text, ending="")
        else:  # bytes that are no UTF-8 leave as they came
            raw.write(text.encode("utf-8", "surrogateescape"))
            raw.flush()

    def _rows(self, file: str, conf: ConfFile, errors: list[str]) -> None:
        found = site(conf)
        for row in found.rows:
            self.stdout.write(json.dumps({"file": file, **_shaped(row)}, ensure_ascii=False))
        errors += [f"Line {each.line} of {each.file}: {each.words}" for each in found.troubles]


def _conf(file: str, errors: list[str]) -> ConfFile | None:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        conf = read_conf(_text(data), lambda name: _included(Path(file), name), file)
    except OSError as error:
        errors.append(f"The file cannot be read: {error.strerror or error}.")
        return None
    except UnreadableConfig as error:
        errors.append(str(error))
        return None
    errors += [f"The included file {name} cannot be read." for name in conf.missing]
    return conf


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _included(conf: Path, name: str) -> str | None:
    for path in (Path(name), conf.parent / name):
        try:
            return _text(path.read_bytes())
        except OSError:
            continue
    return None


def _shaped(row: Row) -> dict[str, Any]:
    """`kind` and the row's own fields; the options and parameters of its scope as objects."""
    kind = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", type(row).__name__).lower().replace("client_class", "class")
    shaped: dict[str, Any] = {"kind": kind, **to_json(row)}
    if kind == "class" and shaped["data"] is not None:
        shaped["kind"] = "subclass"
    if inner := shaped.pop("scope", None):
        shaped |= {name: dict(pairs) for name, pairs in inner.items()}
    return shaped
