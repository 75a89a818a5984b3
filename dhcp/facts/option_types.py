"""What dhcpd says of a custom option's type in, the registry's kind out (dhcp-options(5), "DEFINING NEW OPTIONS")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dhcp.facts.options import OptionKind, standard
from dhcp.facts.server import OptionDefinition

_SIMPLE = {
    "boolean": "flag",
    "ip-address": "ip",
    "ip6-address": "ip6",
    "text": "text",
    "string": "hex",
    "domain-name": "fqdn",
    "zerolength": "empty",
}
_INTEGER = re.compile(r"(?:(un)?signed )?integer(?: (8|16|32))?")


def kind_of(definition: OptionDefinition) -> OptionKind | None:
    """None where the type is one that the registry cannot say (records with lists in their middle)."""
    space, _, name = definition.name.rpartition(".")
    written = " ".join(definition.type.lower().replace("{", " { ").replace("}", " } ").split())
    array, rest = written.startswith("array of "), written.removeprefix("array of ")
    inner = rest[2:-2] if rest.startswith("{ ") and rest.endswith(" }") else None
    parts = [part.strip() for part in inner.split(",")] if inner is not None else [rest]
    if inner is not None and parts[-1].startswith("array of ") and not array and len(parts) == 1:
        array, parts = True, [parts[0].removeprefix("array of ")]
    fields = tuple(found for found in map(_field, parts) if found)
    if len(fields) != len(parts):
        return None
    return OptionKind(space or "dhcp", definition.code, name, fields, array, name)


def _field(written: str) -> str | None:
    if written.startswith("domain-list"):
        return "fqdns"
    if written.startswith("encapsulate "):
        return f"space:{written.split()[1]}"
    if found := _INTEGER.fullmatch(written):
        bits = found[2] or "32"
        return f"u{bits}" if found[1] else f"i{bits}"
    return _SIMPLE.get(written)


def kinds(definitions: Iterable[OptionDefinition]) -> dict[str, OptionKind]:
    """The custom options by their full name; dhcpd lets them stand in for standard ones."""
    return {definition.name: kind for definition in definitions if (kind := kind_of(definition))}


def kind_by_name(name: str, custom: dict[str, OptionKind]) -> OptionKind | None:
    """Of a custom option before a standard one; both names of the standard space mean the same."""
    return custom.get(name) or custom.get(name.removeprefix("dhcp.")) or standard(name)
