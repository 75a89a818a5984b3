"""Options and their definitions in, the objects of Kea's "option-data" and "option-def" out.

Source: Kea's administrator reference, "Standard DHCPv4 Options", "Custom DHCPv4 Options".
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from dhcp.facts.option_types import kind_by_name, kind_of
from dhcp.facts.options import KEA_KEEPS, KEA_SPACES, OptionKind, standard, standard_by_code
from dhcp.facts.quoted import hex_of
from dhcp.facts.server import OptionDefinition, OptionValue

_TYPES = {
    "ip": "ipv4-address",
    "ip6": "ipv6-address",
    "text": "string",
    "flag": "boolean",
    "hex": "binary",
    "fqdn": "fqdn",
    "fqdns": "fqdn",
    "empty": "empty",
    "u8": "uint8",
    "u16": "uint16",
    "u32": "uint32",
    "i8": "int8",
    "i16": "int16",
    "i32": "int32",
}
_SPACES = {**KEA_SPACES, "agent": "dhcp-agent-options-space"}
_DOMAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
Json = dict[str, Any]


def option_def(definition: OptionDefinition, version: int) -> Json | None:
    """None where Kea has no such type, or no code of two bytes in a space of DHCPv4."""
    kind = kind_of(definition)
    if kind is None or (kind.code > 255 and version == 4):
        return None
    return _definition(kind)


def kea_has(definition: OptionDefinition) -> bool:
    """Whether the code is a standard option's, which Kea lets nobody define again."""
    space = definition.name.rpartition(".")[0] or "dhcp"
    found = standard_by_code(space, definition.code)
    return definition.code in KEA_KEEPS.get(space, ()) or bool(found and found.kea)


def missing_def(value: OptionValue) -> Json | None:
    """Of a standard option of dhcpd that Kea does not know by itself."""
    kind = standard(value.name)
    return _definition(kind) if kind and not kind.kea else None


def _definition(kind: OptionKind) -> Json | None:
    made: Json = {"name": kind.name, "code": kind.code, "space": _SPACES.get(kind.space, kind.space)}
    if kind.array and len(set(kind.fields)) == 1:
        return {**made, "type": _TYPES[kind.fields[0]], "array": True} if kind.fields[0] in _TYPES else None
    if len(kind.fields) > 1 and kind.array:
        return None  # only the last field of a record can repeat in Kea
    if len(kind.fields) > 1:
        if any(field not in _TYPES for field in kind.fields):
            return None
        names = ", ".join(_TYPES[field] for field in kind.fields)
        return {**made, "type": "record", "record-types": names, "array": False}
    (field,) = kind.fields
    if field.startswith("space:"):
        return {**made, "type": "empty", "encapsulate": field.removeprefix("space:")}
    return {**made, "type": _TYPES[field], "array": kind.array or field == "fqdns"}


def option_data(value: OptionValue, custom: dict[str, OptionKind], version: int) -> Json | None:
    """None for what Kea cannot be told: an expression, the name of a host in place of its address, an option of the
    other version of DHCP, or a standard one that the file defines in its own way."""
    kind = kind_by_name(value.name, custom)
    if kind is None or value.expression or kind.space == {4: "dhcp6", 6: "dhcp"}[version]:
        return None
    known = standard_by_code(kind.space, kind.code)
    if known and known.kea:
        if (known.fields, known.array) != (kind.fields, kind.array):
            return None
        kind = known
    elif kind.array and len(set(kind.fields)) > 1:
        return None
    fields = [_data(each, kind.fields[number % len(kind.fields)]) for number, each in enumerate(value.values)]
    if (kind.code > 255 and version == 4) or any(field is None for field in fields):
        return None
    made: Json = {"name": kind.kea or kind.name, "code": kind.code, "space": _SPACES.get(kind.space, kind.space)}
    if kind.fields == ("hex",):
        made["csv-format"] = False
    return {**made, "data": ", ".join(field for field in fields if field is not None)}


def _data(value: str, field: str) -> str | None:
    if field in ("ip", "ip6"):
        try:
            return str(ip_address(value))
        except ValueError:
            return None
    if field == "hex":
        return (hex_of(value) or "").replace(":", "")
    if field in ("fqdn", "fqdns"):
        return value if _DOMAIN.fullmatch(value) else None
    if field == "text":  # a backslash only means something before a comma, and there is no way to say it there
        return None if "\\," in value or value.endswith("\\") else value.replace(",", "\\,")
    return value


def options(
    values: tuple[OptionValue, ...], custom: dict[str, OptionKind], version: int
) -> tuple[list[Json], list[OptionValue]]:
    """The objects, and the options that were left out."""
    made = [(value, option_data(value, custom, version)) for value in values]
    return [data for _, data in made if data is not None], [value for value, data in made if data is None]
