"""A configuration of Kea (JSON with comments) in, the same rows out that a dhcpd.conf gives.

Source: Kea's administrator reference: comments as #, // and /* */; "Dhcp4" or "Dhcp6" holds the configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from dhcp.errors import UnreadableConfig
from dhcp.facts.config import ClientClass, Pairs, Pool, Reservation, Row, Scope, SharedNetwork, Site, Subnet
from dhcp.parse.addresses import address, mac
from hosts.facts.words import gettext_noop, words

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
_PARAMETERS = (
    "valid-lifetime",
    "min-valid-lifetime",
    "max-valid-lifetime",
    "next-server",
    "boot-file-name",
    "interface",
)
Json = dict[str, Any]


def kea_object(text: str) -> Json:
    """The whole file, with or without comments. UnreadableConfig with the line where it is no JSON object."""
    try:
        whole = json.loads(_COMMENT.sub(_without_comment, text))
    except json.JSONDecodeError as error:
        said = gettext_noop("Line %(line)s is not the JSON that Kea reads.")
        raise UnreadableConfig(words(said, line=error.lineno), line=error.lineno) from error
    except RecursionError as error:
        raise UnreadableConfig(words(gettext_noop("Blocks are nested too deeply."))) from error
    return whole if isinstance(whole, dict) else {}


def kea_site(text: str) -> Site:
    """UnreadableConfig where the text is no JSON, or holds no configuration of a DHCP server."""
    whole = kea_object(text)
    found = [whole[key] for key in ("Dhcp4", "Dhcp6") if isinstance(whole.get(key), dict)]
    if not found:
        raise UnreadableConfig(words(gettext_noop("Neither Dhcp4 nor Dhcp6 is in the file.")))
    return Site(tuple(row for each in found for row in _rows(each)), _scope(found[0]))


def _without_comment(found: re.Match[str]) -> str:
    return found[1] or "\n" * found[0].count("\n") or " "


def _rows(conf: Json) -> Iterator[Row]:
    for shared in _objects(conf, "shared-networks"):
        name = str(shared.get("name", ""))
        inner = _subnet_objects(shared)
        yield SharedNetwork(name, tuple(str(each.get("subnet")) for each in inner), _scope(shared))
    for subnet in _subnet_objects(conf):
        yield from _subnet(subnet, "")
    for shared in _objects(conf, "shared-networks"):
        for subnet in _subnet_objects(shared):
            yield from _subnet(subnet, str(shared.get("name", "")))
    yield from (_reservation(each, "") for each in _objects(conf, "reservations"))
    for each in _objects(conf, "client-classes"):
        yield ClientClass(str(each.get("name", "")), (str(each["test"]),) if "test" in each else (), None, _scope(each))


def _subnet_objects(conf: Json) -> list[Json]:
    return [*_objects(conf, "subnet4"), *_objects(conf, "subnet6")]


def _subnet(subnet: Json, shared: str) -> Iterator[Row]:
    name = str(subnet.get("subnet", ""))
    yield Subnet(name, shared, _scope(subnet))
    for pool in _objects(subnet, "pools"):
        if ends := pool_ends(str(pool.get("pool", ""))):
            named = pool.get("client-class")
            yield Pool(name, *ends, 0, (str(named),) if named else (), _scope(pool))
    yield from (_reservation(each, name) for each in _objects(subnet, "reservations"))


def pool_ends(written: str) -> tuple[str, str] | None:
    """Of "first - last" or of a network."""
    if "/" in written:
        try:
            block = ip_network(written.strip(), strict=False)
        except ValueError:
            return None
        return str(block[0]), str(block[-1])
    ends = [address(part.strip()) for part in written.split("-")]
    return (str(ends[0]), str(ends[1])) if len(ends) == 2 and all(ends) else None


def _reservation(row: Json, subnet: str) -> Reservation:
    written = [row["ip-address"]] if "ip-address" in row else row.get("ip-addresses") or []
    name = str(row.get("hostname", ""))
    return Reservation(
        name=name,
        mac=mac(str(row.get("hw-address", ""))),
        client_id=str(row.get("client-id") or row.get("duid") or "") or None,
        addresses=tuple(map(str, written)),
        hostname=name or None,
        subnet=subnet,
        group="",
        scope=_scope(row),
        prefixes=tuple(map(str, row.get("prefixes") or [])),
    )


def _objects(conf: Json, key: str) -> list[Json]:
    value = conf.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _scope(conf: Json) -> Scope:
    options: Pairs = tuple(
        (str(each.get("name") or each.get("code") or ""), str(each.get("data", "")))
        for each in _objects(conf, "option-data")
    )
    return Scope(options, tuple((name, str(conf[name])) for name in _PARAMETERS if name in conf))
