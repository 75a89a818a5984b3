"""The tree of a dhcpd.conf in, the server that a site keeps out: nothing of it is lost, its order is made plain.

Declarations that stand where they cannot be kept as such, or are not understood, become raw text in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dhcp.facts.config import ConfFile, Statement
from dhcp.facts.option_types import kinds
from dhcp.facts.server import (
    ClientClass,
    DdnsZone,
    FailoverPeer,
    Group,
    OptionDefinition,
    OptionSpace,
    Permit,
    Pool,
    PrefixRange,
    Range,
    Reservation,
    Server,
    Settings,
    SharedNetwork,
    Subclass,
    Subnet,
    TsigKey,
)
from dhcp.parse.hosts import reservation
from dhcp.parse.peers import ddns_zone, failover_peer, tsig_key
from dhcp.parse.pools import permit, prefix_range, range_of
from dhcp.parse.settings import Kinds, Read, settings
from dhcp.parse.statement_words import network_of, rest, word

ORIGIN = "#: "
HEADER = "#:: "
"""Begin the comments that a renderer writes; all others are notes of people."""


@dataclass
class _Block:
    """What was found in a block."""

    spaces: list[OptionSpace] = field(default_factory=list)
    definitions: list[OptionDefinition] = field(default_factory=list)
    keys: list[TsigKey] = field(default_factory=list)
    zones: list[DdnsZone] = field(default_factory=list)
    failover: list[FailoverPeer] = field(default_factory=list)
    classes: list[ClientClass] = field(default_factory=list)
    subclasses: list[Subclass] = field(default_factory=list)
    shared_networks: list[SharedNetwork] = field(default_factory=list)
    subnets: list[Subnet] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    prefixes: list[PrefixRange] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    peer: str = ""
    interface: str = ""
    others: list[Statement] = field(default_factory=list)
    read: Read = field(default_factory=lambda: Read(Settings(), ()))


def server(conf: ConfFile, version: int = 4) -> Server:
    """Of a whole file with its includes. Definitions of options are taken from wherever they stand: they are global."""
    statements, header = _without_header(conf.statements)
    definitions: list[OptionDefinition] = []
    spaces: list[OptionSpace] = []
    plain = tuple(_without_definitions(statements, definitions, spaces))
    found = _Reader(kinds(definitions)).block(plain, "server")
    return Server(
        version=version,
        spaces=tuple(spaces),
        definitions=tuple(definitions),
        keys=tuple(found.keys),
        zones=tuple(found.zones),
        failover=tuple(found.failover),
        classes=tuple(found.classes),
        subclasses=tuple(found.subclasses),
        shared_networks=tuple(found.shared_networks),
        subnets=tuple(found.subnets),
        reservations=tuple(found.reservations),
        groups=tuple(found.groups),
        settings=found.read.settings,
        note=_note((*found.read.comments, *conf.closing)),
        origin=header,
    )


def _without_header(statements: tuple[Statement, ...]) -> tuple[tuple[Statement, ...], str]:
    if not statements:
        return statements, ""
    first = statements[0]
    said = [line.removeprefix(HEADER) for line in first.comments if line.startswith(HEADER)]
    kept = replace(first, comments=tuple(line for line in first.comments if not line.startswith(HEADER)))
    return (kept, *statements[1:]), "\n".join(said)


def _without_definitions(
    statements: Iterable[Statement], definitions: list[OptionDefinition], spaces: list[OptionSpace]
) -> Iterable[Statement]:
    for each in statements:
        if each.keyword == "option" and each.block is None and word(each, 1).lower() == "space":
            spaces.append(OptionSpace(word(each, 2), rest(each, 3)))
        elif each.keyword == "option" and word(each, 2).lower() == "code" and word(each, 3).isdecimal():
            definitions.append(OptionDefinition(word(each, 1), int(word(each, 3)), rest(each, 4).lstrip("= \t")))
        elif each.block is not None:
            yield replace(each, block=tuple(_without_definitions(each.block, definitions, spaces)))
        else:
            yield each


_HOLDS = {
    "server": ["key", "zone", "failover", "class", "subclass", "shared-network", "subnet", "subnet6", "host", "group"],
    "group": ["shared-network", "subnet", "subnet6", "host", "group"],
    "shared-network": ["subnet", "subnet6", "pool", "pool6", "host", "group", "interface"],
    "subnet": ["pool", "pool6", "range", "range6", "prefix6", "host", "group", "interface"],
    "pool": ["range", "range6", "prefix6", "allow", "deny", "ignore", "failover"],
}
"""What can be kept as a declaration of its own in each block; anything else is a setting or raw text."""


class _Reader:
    def __init__(self, custom: Kinds) -> None:
        self._custom = custom

    def block(self, statements: Iterable[Statement], kind: str) -> _Block:
        found = _Block()
        for each in statements:
            if each.keyword not in _HOLDS[kind] or not self._take(each, found):
                found.others.append(each)
        found.read = settings(found.others, self._custom)
        return found

    def _take(self, each: Statement, found: _Block) -> bool:
        if each.keyword in ("shared-network", "subnet", "subnet6", "group", "pool", "pool6"):
            return each.block is not None and self._network(each, found)
        if each.keyword in ("host", "class", "subclass"):
            return self._client(each, found)
        if each.keyword in ("key", "zone") or (each.keyword == "failover" and each.block is not None):
            return _partner(each, found)
        return _plain(each, found)

    def _network(self, each: Statement, found: _Block) -> bool:
        keyword = each.keyword.removesuffix("6")
        inner = self.block(each.block or (), keyword)
        note, origin = _notes(each, inner.read)
        if keyword == "pool":
            found.pools.append(
                Pool(
                    tuple(inner.ranges), tuple(inner.prefixes), tuple(inner.permits), inner.peer, inner.read.settings,
                    note, origin,
                )
            )  # fmt: skip
        elif keyword == "subnet":
            network = network_of(each)
            if network is None:
                return False
            found.subnets.append(
                Subnet(
                    str(network), inner.interface, tuple(inner.ranges), tuple(inner.prefixes), tuple(inner.pools),
                    tuple(inner.reservations), tuple(inner.groups), inner.read.settings, note, origin,
                )
            )  # fmt: skip
        elif keyword == "group":
            found.groups.append(
                Group(
                    word(each, 1), tuple(inner.shared_networks), tuple(inner.subnets), tuple(inner.reservations),
                    tuple(inner.groups), inner.read.settings, note, origin,
                )
            )  # fmt: skip
        else:
            found.shared_networks.append(
                SharedNetwork(
                    word(each, 1), inner.interface, tuple(inner.subnets), tuple(inner.pools),
                    tuple(inner.reservations), tuple(inner.groups), inner.read.settings, note, origin,
                )
            )  # fmt: skip
        return True

    def _client(self, each: Statement, found: _Block) -> bool:
        if each.keyword == "host":
            host, read = reservation(each, self._custom)
            note, origin = _notes(each, read)
            found.reservations.append(replace(host, note=note, origin=origin))
            return each.block is not None
        matches, spawn, limit, others = _class_words(each.block or ())
        read = settings(others, self._custom)
        note, origin = _notes(each, read)
        if each.keyword == "class":
            found.classes.append(ClientClass(word(each, 1), matches, spawn, limit, read.settings, note, origin))
            return True
        if matches or spawn:
            return False
        found.subclasses.append(Subclass(word(each, 1), rest(each, 2), limit, read.settings, note, origin))
        return True


def _class_words(block: Iterable[Statement]) -> tuple[tuple[str, ...], str, int | None, list[Statement]]:
    matches: list[str] = []
    spawn, limit = "", None
    others: list[Statement] = []
    for each in block:
        if each.keyword == "match":
            matches.append(rest(each, 1))
        elif each.keyword == "spawn" and word(each, 1).lower() == "with":
            spawn = rest(each, 2)
        elif each.keyword == "lease" and word(each, 1).lower() == "limit" and word(each, 2).isdecimal():
            limit = int(word(each, 2))
        else:
            others.append(each)
    return tuple(matches), spawn, limit, others


def _partner(each: Statement, found: _Block) -> bool:
    if each.keyword == "key" and (key := tsig_key(each)):
        found.keys.append(key)
    elif each.keyword == "zone" and (zone := ddns_zone(each)):
        found.zones.append(zone)
    elif each.keyword == "failover" and (peer := failover_peer(each)):
        found.failover.append(peer)
    else:
        return False
    return True


def _plain(each: Statement, found: _Block) -> bool:
    if each.keyword in ("allow", "deny", "ignore"):
        found.permits.append(permit(each))
    elif each.keyword == "interface":
        found.interface = word(each, 1)
    elif each.keyword == "failover" and word(each, 1).lower() == "peer":
        found.peer = word(each, 2)
    elif each.keyword == "prefix6" and (prefixes := prefix_range(each)):
        found.prefixes.append(prefixes)
    elif each.keyword in ("range", "range6") and (limits := range_of(each)):
        found.ranges.append(limits)
    else:
        return False
    return True


def _notes(each: Statement, read: Read) -> tuple[str, str]:
    """People's comments at a declaration and at its settings; and where a renderer said that it comes from."""
    comments = (*each.comments, *([each.remark] if each.remark else ()), *read.comments, *each.closing)
    origin = [line.removeprefix(ORIGIN) for line in comments if line.startswith(ORIGIN)]
    return _note(comments), "\n".join(origin)


def _note(comments: Iterable[str]) -> str:
    return "\n".join(line.lstrip("#").strip() for line in comments if not line.startswith("#:"))
