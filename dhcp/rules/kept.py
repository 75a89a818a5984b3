"""What was read of a configuration in; the pieces that are kept without being understood, with their lines, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dhcp.facts.config import ConfFile, Statement, lines_of
from dhcp.facts.server import Server, Settings
from dhcp.facts.walk import Declaration, walk


@dataclass(frozen=True, slots=True)
class Kept:
    """`within` is the declaration that it stands in ("" is the server); `line` 0 where a format has no lines."""

    text: str
    within: str = ""
    file: str = ""
    line: int = 0


def kept_of(server: Server, conf: ConfFile | None = None) -> list[Kept]:
    """Raw text of dhcpd with its place in `conf`, and members that only Kea has."""
    places = dict(_places(conf.statements)) if conf else {}
    found = []
    for within, settings in _settings(server):
        for raw in settings.raw:
            file, line = places.get(raw.text) or next(
                (place for text, place in places.items() if raw.text.startswith(f"{text}\n")), ("", 0)
            )
            found.append(Kept(raw.text, within, file, line))
        found += [Kept(f"{member.name}: {member.value}", within) for member in settings.kea]
    return found


def _places(statements: Iterable[Statement]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each statement as it is written out, with its file and line."""
    for each in statements:
        yield "\n".join(lines_of((each,))), (each.file, each.line)
        yield from _places(each.block or ())


def _settings(server: Server) -> Iterator[tuple[str, Settings]]:
    for step in walk(server):
        yield _name(step.declaration), step.declaration.settings
    for each in server.classes:
        yield each.name, each.settings
    for sub in server.subclasses:
        yield f"{sub.of} {sub.data}", sub.settings


def _name(each: Declaration) -> str:
    found = getattr(each, "network", "") or getattr(each, "name", "")
    if found or not hasattr(each, "ranges"):
        return str(found)
    return ", ".join(f"{limits.first} {limits.last}" for limits in each.ranges)
