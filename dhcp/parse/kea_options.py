"""Objects of Kea's "option-data" and "option-def" in, the options and definitions of facts out, or None."""

from __future__ import annotations

import re
from typing import Any

from dhcp.facts.options import KEA_SPACES, OptionKind, standard_by_kea
from dhcp.facts.server import OptionDefinition, OptionValue

_TYPES = {
    "ipv4-address": "ip-address",
    "ipv6-address": "ip6-address",
    "string": "text",
    "boolean": "boolean",
    "binary": "string",
    "fqdn": "domain-name",
    "uint8": "unsigned integer 8",
    "uint16": "unsigned integer 16",
    "uint32": "unsigned integer 32",
    "int8": "signed integer 8",
    "int16": "signed integer 16",
    "int32": "signed integer 32",
}
_OURS = {kea: ours for ours, kea in KEA_SPACES.items()}
_COMMA = re.compile(r"\s*(?<!\\),\s*")
Json = dict[str, Any]


def option_definition(row: Json) -> OptionDefinition | None:
    """None for a type that dhcpd has not."""
    space, name, code, kind = (row.get(key) for key in ("space", "name", "code", "type"))
    if not isinstance(name, str) or not isinstance(code, int) or not isinstance(kind, str):
        return None
    if set(row) - {"space", "name", "code", "type", "array", "record-types", "encapsulate"}:
        return None
    full = _full_name(str(space or "dhcp4"), name)
    written = _type(kind, row)
    if written is None:
        return None
    return OptionDefinition(full, code, f"array of {written}" if row.get("array") and kind != "fqdn" else written)


def _type(kind: str, row: Json) -> str | None:
    if kind == "record":
        parts = [_TYPES.get(part.strip()) for part in str(row.get("record-types", "")).split(",")]
        return "{ " + ", ".join(part for part in parts if part) + " }" if all(parts) else None
    if kind == "empty":
        inner = row.get("encapsulate")
        return f"encapsulate {inner}" if inner else "zerolength"
    if row.get("encapsulate"):
        return None
    if kind == "fqdn" and row.get("array"):
        return "domain-list"
    return _TYPES.get(kind)


def _full_name(space: str, name: str) -> str:
    ours = _OURS.get(space, space)
    return name if ours == "dhcp" else f"{ours}.{name}"


def option_value(row: Json, custom: dict[str, OptionKind], default_space: str) -> OptionValue | None:
    """None where the option is unknown, or is said with more than its name, code, space and data."""
    if set(row) - {"space", "name", "code", "data", "csv-format"}:
        return None
    space = str(row.get("space") or default_space)
    kind = _kind(row, space, custom)
    data = row.get("data", "")
    if kind is None or not isinstance(data, str):
        return None
    binary = kind.fields == ("hex",)
    if row.get("csv-format", not binary) == binary:
        return None
    if binary and not data:
        return None
    values = (_with_colons(data),) if binary else _values(data, kind)
    return None if values is None else OptionValue(kind.full_name, values)


def _kind(row: Json, space: str, custom: dict[str, OptionKind]) -> OptionKind | None:
    name, code = row.get("name"), row.get("code")
    for kind in custom.values():
        if KEA_SPACES.get(kind.space, kind.space) == space and (kind.name == name or (not name and kind.code == code)):
            return kind
    return standard_by_kea(space, str(name if name else code))


def _with_colons(data: str) -> str:
    plain = data.removeprefix("0x").replace(":", "").replace(" ", "").lower()
    plain = plain.zfill(len(plain) + len(plain) % 2)
    return ":".join(plain[at : at + 2] for at in range(0, len(plain), 2))


def _values(data: str, kind: OptionKind) -> tuple[str, ...] | None:
    if kind.fields == ("text",) and not kind.array:
        return (data.replace("\\,", ","),)
    values = tuple(part.replace("\\,", ",") for part in _COMMA.split(data.strip())) if data.strip() else ()
    if "hex" in kind.fields or (kind.fields == ("empty",) and values):
        return None
    lists = kind.array or kind.fields == ("fqdns",)
    fits = len(values) % len(kind.fields) == 0 and bool(values) if lists else len(values) == len(kind.fields)
    return values if fits or kind.fields == ("empty",) else None
