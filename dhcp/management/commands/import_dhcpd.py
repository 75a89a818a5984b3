"""`manage.py import_dhcpd FILE...`: configurations of dhcpd in, JSON lines (or the same configuration, or rows) out."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from dhcp.errors import UnreadableConfig
from dhcp.facts.config import ConfFile, Row
from dhcp.parse.dhcpd_conf import dhcpd_conf as read_conf
from dhcp.parse.site import site
from dhcp.render.dhcpd_conf import dhcpd_conf as render_conf
from dhcp.services.taking_over import server_named, take_over
from hosts.choices import Via
from hosts.errors import Explainable
from hosts.facts.json_shape import to_json
from hosts.services.audit import Actor


class Command(BaseCommand):
    """Reads files only; neither a host nor, without --save, the database is asked."""

    help = (
        "Print as JSON lines the subnets, pools, reservations, shared networks and classes of dhcpd.conf files, and "
        "what is kept verbatim; with --render the configuration itself. With --save SERVER one file (dhcpd.conf, or "
        "Kea's JSON) becomes the rows of that server in the panel. Exit code 1 where something could not be read."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Any number of files; - is standard input."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a dhcpd.conf; - reads standard input")
        parser.add_argument("--render", action="store_true", help="print each back as one dhcpd.conf, includes within")

        parser.add_argument("--save", metavar="SERVER", default="", help="a host by name, or a DHCP server by number")
        parser.add_argument("--replace", action="store_true", help="with --save: instead of what the panel has of it")
        parser.add_argument("--ipv6", action="store_true", help="with --save: the server for IPv6")

    def handle(
        self,
        *args: object,
        files: list[str],
        render: bool,
        save: str = "",
        replace: bool = False,
        ipv6: bool = False,
        **options: object,
    ) -> None:
        """One object per row; an object with "error" for what was not readable (on standard error with --render)."""
        if save:
            self._save(files, save, replace=replace, version=6 if ipv6 else 4)
            return
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

    def _save(self, files: list[str], named: str, *, replace: bool, version: int) -> None:
        """One object: what became rows, what is kept as it is and where, and which includes are missing."""
        if len(files) != 1:
            raise CommandError("--save takes one file; what it includes is read with it.")
        by = Actor(None, Via.COMMAND)
        try:
            text = _read(files[0])
            with transaction.atomic():
                server = server_named(named, text, version=version, by=by)
                read = partial(_included, Path(files[0]))
                done = take_over(server, text, by=by, read_include=read, replace=replace)
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror or error}.") from error
        except Explainable as error:
            raise CommandError(str(error)) from error
        shown = {"server": str(server), "id": server.pk, **to_json(done)}
        self.stdout.write(json.dumps(shown, ensure_ascii=False))

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
        conf = read_conf(_read(file), lambda name: _included(Path(file), name), file)
    except OSError as error:
        errors.append(f"The file cannot be read: {error.strerror or error}.")
        return None
    except UnreadableConfig as error:
        errors.append(str(error))
        return None
    errors += [f"The included file {name} cannot be read." for name in conf.missing]
    return conf


def _read(file: str) -> str:
    return _text(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())


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
