"""The files under /etc/default in, what the start scripts of relay and server are told out.

A shell reads these files; read here is what people write there: NAME=VALUE with or without quotes, the last one wins.
"""

from __future__ import annotations

import re

from dhcp.facts.defaults import RelayDefaults, ServerDefaults

_LINE = re.compile(
    r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s#;]*))", re.MULTILINE
)


def _values(text: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple((double or single or bare).split()) for name, double, single, bare in _LINE.findall(text)}


def relay_defaults(text: str) -> RelayDefaults:
    """Of /etc/default/isc-dhcp-relay."""
    said = _values(text)
    return RelayDefaults(said.get("SERVERS", ()), said.get("INTERFACES", ()), said.get("OPTIONS", ()))


def server_defaults(text: str) -> ServerDefaults:
    """Of /etc/default/isc-dhcp-server; INTERFACES is the name that old packages had for INTERFACESv4."""
    said = _values(text)
    four = said.get("INTERFACESv4") or said.get("INTERFACES", ())
    configs = (" ".join(said.get(f"DHCPDv{version}_CONF", ())) for version in (4, 6))
    return ServerDefaults(four, said.get("INTERFACESv6", ()), said.get("OPTIONS", ()), *configs)
