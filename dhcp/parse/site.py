"""The tree of a dhcpd.conf in, the rows that people know out; what is not understood is listed as Verbatim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dhcp.facts.config import (
    ClientClass,
    ConfFile,
    OptionDefinition,
    Pool,
    Reservation,
    Row,
    Scope,
    SharedNetwork,
    Site,
    Statement,
    Subnet,
    Trouble,
    Verbatim,
)
from dhcp.facts.options import usual_name
from dhcp.parse.addresses import Network, address, mac
from dhcp.parse.parameters import PARAMETERS
from dhcp.parse.statement_words import bare, ends, network_of, rest, word
from hosts.facts.words import gettext_noop, words

BAD_SUBNET = gettext_noop("%(text)s: the number and the mask do not fit each other.")
BAD_RANGE = gettext_noop("%(text)s: these are no addresses of one kind.")
OUTSIDE = gettext_noop("%(text)s: the range is not within a subnet here.")
NO_NAME = gettext_noop("%(text)s: the name is missing.")
_CLIENT_IDS = ("dhcp-client-identifier", "dhcp6.client-id")
_PERMITS = ("allow", "deny", "ignore")


@dataclass(frozen=True)
class _Place:
    """Where a statement stands."""

    shared_network: str = ""
    subnets: tuple[Network, ...] = ()
    pool: int = 0
    permits: tuple[str, ...] = ()
    pool_scope: Scope = field(default_factory=Scope)
    group: str = ""
    within: str = ""


def site(conf: ConfFile) -> Site:
    """Rows in the order of the file; a pool at a shared network goes to the subnet that holds its first address."""
    reader = _Rows()
    reader.walk(conf.statements, _Place())
    rows = tuple(_placed(row, reader.networks) if isinstance(row, Reservation) else row for row in reader.rows)
    return Site(rows, scope(conf.statements), tuple(reader.troubles))


def scope(statements: Iterable[Statement]) -> Scope:
    """Options and parameters that are set directly among these statements."""
    options, parameters = [], []
    for each in statements:
        if each.block is not None or each.keyword in ("range", "range6", "prefix6", "hardware", "match", "include"):
            continue
        if _is_definition(each):
            continue
        if each.keyword == "option":
            options.append((usual_name(word(each, 1)), rest(each, 2)))
        elif each.keyword in PARAMETERS:
            parameters.append((each.keyword, rest(each, 1)))
    return Scope(tuple(options), tuple(parameters))


class _Rows:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.networks: list[Network] = []
        self.troubles: list[Trouble] = []
        self._pools = 0
        self._takers = {
            "shared-network": self._shared_network,
            "subnet": self._subnet,
            "subnet6": self._subnet,
            "pool": self._pool,
            "pool6": self._pool,
            "range": self._range,
            "range6": self._range,
            "prefix6": self._range,
            "host": self._host,
            "class": self._class,
            "subclass": self._class,
            "group": self._group,
        }

    def walk(self, statements: Iterable[Statement], place: _Place) -> None:
        for statement in statements:
            taker = self._takers.get(statement.keyword)
            if taker:
                taker(statement, place)
            elif _is_definition(statement):
                self.rows.append(_definition(statement))
            elif not _is_setting(statement):
                self.rows.append(Verbatim(_whole(statement), place.within))

    def _trouble(self, statement: Statement, msgid: str) -> None:
        self.troubles.append(Trouble(statement.file, statement.line, words(msgid, text=statement.text)))

    def _shared_network(self, statement: Statement, place: _Place) -> None:
        name, block = word(statement, 1), statement.block or ()
        if not name:
            self._trouble(statement, NO_NAME)
        subnets = tuple(found for found in map(network_of, _subnets_in(block)) if found)
        self.rows.append(SharedNetwork(name, tuple(map(str, subnets)), scope(block)))
        self.walk(block, replace(place, shared_network=name, subnets=subnets, within=statement.text))

    def _subnet(self, statement: Statement, place: _Place) -> None:
        found, block = network_of(statement), statement.block or ()
        if found is None:
            self._trouble(statement, BAD_SUBNET)
            return
        self.networks.append(found)
        self.rows.append(Subnet(str(found), place.shared_network, scope(block)))
        self.walk(block, replace(place, subnets=(found,), within=statement.text))

    def _pool(self, statement: Statement, place: _Place) -> None:
        block = statement.block or ()
        self._pools += 1
        permits = tuple(each.text for each in block if each.keyword in _PERMITS)
        inner = replace(place, pool=self._pools, permits=permits, pool_scope=scope(block))
        self.walk([each for each in block if each.keyword not in _PERMITS], inner)

    def _range(self, statement: Statement, place: _Place) -> None:
        limits, length = ends(statement)
        if not limits or any(end.version != limits[0].version for end in limits):
            self._trouble(statement, BAD_RANGE)
            return
        low, high = min(limits, key=int), max(limits, key=int)
        inside = [each for each in place.subnets if low in each and high in each]
        # A delegated prefix, and a range of IPv6, need not lie within the subnet that offers it.
        subnet = inside[0] if inside else place.subnets[0] if place.subnets and low.version == 6 else None
        if subnet is None:
            self._trouble(statement, OUTSIDE)
            return
        self.rows.append(Pool(str(subnet), str(low), str(high), place.pool, place.permits, place.pool_scope, length))

    def _host(self, statement: Statement, place: _Place) -> None:
        block = statement.block or ()
        found = {each.keyword: each for each in block}
        fixed = found.get("fixed-address") or found.get("fixed-address6")
        written = [bare(word) for word in fixed.words[1:] if word != ","] if fixed else []
        options = dict(scope(block).options)
        self.rows.append(
            Reservation(
                name=word(statement, 1),
                mac=mac(word(found["hardware"], 2)) if "hardware" in found else None,
                client_id=options.get("dhcp-client-identifier") or _identifier(block),
                addresses=tuple(str(address(each) or each) for each in written),
                hostname=bare(options["host-name"]) if "host-name" in options else None,
                subnet="",
                group=place.group,
                scope=scope(each for each in block if not each.keyword.startswith("fixed-")),
                prefixes=tuple(rest(each, 1) for each in block if each.keyword == "fixed-prefix6"),
            )
        )
        self.walk([each for each in block if each.keyword not in self._takers], replace(place, within=statement.text))

    def _class(self, statement: Statement, place: _Place) -> None:
        block = statement.block or ()
        data = rest(statement, 2) if statement.keyword == "subclass" else None
        match = tuple(each.text for each in block if each.keyword == "match")
        self.rows.append(ClientClass(word(statement, 1), match, data, scope(block)))
        self.walk([each for each in block if each.keyword != "match"], replace(place, within=statement.text))

    def _group(self, statement: Statement, place: _Place) -> None:
        name = word(statement, 1)
        self.walk(statement.block or (), replace(place, group=name, within=statement.text))


def _is_setting(statement: Statement) -> bool:
    if statement.block is not None:
        return False
    return statement.keyword == "option" or statement.keyword in PARAMETERS or statement.keyword == "hardware"


def _is_definition(statement: Statement) -> bool:
    """`option NAME code N = TYPE` and `option space NAME` say what an option is, not what it is set to."""
    if statement.keyword != "option" or statement.block is not None:
        return False
    return word(statement, 1).lower() == "space" or word(statement, 2).lower() == "code"


def _definition(statement: Statement) -> OptionDefinition:
    if word(statement, 1).lower() == "space":
        return OptionDefinition(word(statement, 2), "", rest(statement, 3) or "space")
    kind = rest(statement, 4).removeprefix("=").strip()
    return OptionDefinition(word(statement, 1), word(statement, 3), kind)


def _whole(statement: Statement) -> str:
    if statement.block is None:
        return f"{statement.text};"
    inner = " ".join(_whole(each) for each in statement.block)
    return f"{statement.text} {{ {inner} }}"


def _subnets_in(statements: Iterable[Statement]) -> list[Statement]:
    """Those of a shared network, also where they stand in a group of it."""
    found = []
    for each in statements:
        if each.keyword in ("subnet", "subnet6"):
            found.append(each)
        elif each.keyword == "group":
            found += _subnets_in(each.block or ())
    return found


def _identifier(block: Iterable[Statement]) -> str | None:
    for each in block:
        if each.keyword == "uid":
            return rest(each, 1)
        if each.keyword == "host-identifier" and usual_name(word(each, 2)) in _CLIENT_IDS:
            return rest(each, 3)
    return None


def _placed(row: Reservation, networks: list[Network]) -> Reservation:
    first = address(row.addresses[0]) if row.addresses else None
    holding = [each for each in networks if first and first in each]
    return replace(row, subnet=str(max(holding, key=lambda each: each.prefixlen)) if holding else "")
