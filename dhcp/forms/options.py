"""Options as people type them in, as rows keep them out, each by its type; and the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dhcp.choices import ServerKind
from dhcp.facts.option_types import kind_by_name, kinds
from dhcp.facts.options import DHCP4, DHCP6, OptionKind
from dhcp.models import Server
from dhcp.parse.option_values import option_values
from hosts.errors import BadInput

Kinds = dict[str, OptionKind]
Option = dict[str, Any]
_NUMERIC = re.compile(r"[0-9.]+")
_DOMAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*|\.")
_OCTAL = re.compile(r"-?0[0-9]+")
_FIELDS = {
    "ip": gettext_lazy("address"),
    "ip6": gettext_lazy("IPv6 address"),
    "text": gettext_lazy("text"),
    "flag": gettext_lazy("true or false"),
    "u8": gettext_lazy("number to 255"),
    "u16": gettext_lazy("number to 65535"),
    "u32": gettext_lazy("number"),
    "i32": gettext_lazy("number"),
    "hex": gettext_lazy("hex with colons, or a text in quotes"),
    "fqdn": gettext_lazy("domain name"),
    "fqdns": gettext_lazy("domain names"),
    "empty": gettext_lazy("nothing"),
}


def known_options(server: Server) -> dict[str, OptionKind]:
    """What can be chosen by name at a server: its own definitions, then the standard ones of its IP version."""
    own = kinds(each.facts() for each in server.definitions.all()) if server.pk else {}
    standard = DHCP4 if server.version == 4 else DHCP6
    return own | {kind.full_name: kind for kind in standard.values() if kind.full_name not in own}


def typed_rows(options: Iterable[Option], custom: Kinds) -> list[tuple[str, str]]:
    """Options as they stand in the form."""
    return [(each["name"], option_typed(each, custom)) for each in options]


def option_typed(option: Option, custom: Kinds) -> str:
    """One option's value as people type it."""
    if option.get("expression"):
        return str(option["expression"])
    values = list(option.get("values", ()))
    kind = kind_by_name(option["name"], custom)
    size = len(kind.fields) if kind else 1
    if kind and len(kind.fields) > 1 and any(each in ("text", "fqdn") for each in kind.fields):
        values = [
            f'"{value}"' if kind.fields[at % size] in ("text", "fqdn") else value for at, value in enumerate(values)
        ]
    return ", ".join(" ".join(values[at : at + size]) for at in range(0, len(values), size))


def option_of(name: str, typed: str, server: Server, custom: Kinds) -> Option:
    """As a row keeps it. BadInput says what the option's type asks for."""
    kind = kind_by_name(name, custom)
    if not name:
        raise BadInput(_("Choose the option that has this value."))
    if typed.startswith("=") and server.kind == ServerKind.ISC:
        return {"name": name, "values": [], "expression": typed}
    if kind is None:
        said = _("No option is called “%(name)s”. Choose one of the list, or define it at the server first.")
        raise BadInput(said % {"name": name[:60]})
    values = _values(typed, kind)
    if values is None:
        said = _("“%(value)s” does not fit %(name)s, which takes: %(type)s.")
        raise BadInput(said % {"value": typed[:60], "name": name, "type": type_words(kind)})
    return {"name": name, "values": list(values), "expression": ""}


def type_words(kind: OptionKind) -> str:
    """What an option takes, for people."""
    one = ", ".join(str(_FIELDS.get(field, field)) for field in kind.fields)
    return _("%(type)s, several with commas between them") % {"type": one} if kind.array else one


def _values(typed: str, kind: OptionKind) -> tuple[str, ...] | None:
    if kind.fields == ("text",) and not kind.array:
        return (_unquoted(typed),) if typed else None
    if kind.fields == ("empty",):
        return () if not typed else None
    if any(_OCTAL.fullmatch(word) for word in re.split(r"[\s,]+", typed)):
        return None
    if kind.fields in (("fqdn",), ("fqdns",)):
        names = [_unquoted(name) for name in re.split(r"[\s,]+", typed) if name]
        fits = names and all(_DOMAIN.fullmatch(name) for name in names)
        return option_values(", ".join(f'"{name}"' for name in names), kind) if fits else None
    written = typed
    if kind.array and len(kind.fields) == 1 and '"' not in typed:
        written = ", ".join(word for word in re.split(r"[\s,]+", typed) if word)
    values = option_values(written, kind)
    size = len(kind.fields)
    addresses = [each for at, each in enumerate(values or ()) if kind.fields[at % size] == "ip"]
    is_wrong = any(_NUMERIC.fullmatch(each) and not _is_address(each) for each in addresses)
    return None if is_wrong else values


def _is_address(written: str) -> bool:
    parts = written.split(".")
    return len(parts) == 4 and all(part.isdecimal() and int(part) < 256 for part in parts)


def _unquoted(typed: str) -> str:
    return typed[1:-1] if len(typed) > 1 and typed[0] == typed[-1] == '"' else typed
