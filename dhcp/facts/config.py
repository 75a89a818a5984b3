"""A dhcpd.conf: as the tree of its statements, and as the rows that people know (subnet, pool, reservation, ...)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hosts.facts.words import Words

Pairs = tuple[tuple[str, str], ...]
INDENT = "    "
_APART = ("subnet", "subnet6", "shared-network", "host", "class", "group", "pool", "pool6", "failover", "key", "zone")


@dataclass(frozen=True, slots=True)
class Statement:
    """`words` as written; `text` the same in one line. `block` is None for a statement that ends with a semicolon.

    `comments` stand above it, `remark` behind it in its line, `closing` are comments before the end of its block.
    """

    words: tuple[str, ...]
    text: str
    block: tuple[Statement, ...] | None = None
    comments: tuple[str, ...] = ()
    remark: str = ""
    closing: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def keyword(self) -> str:
        """The first word in lower case."""
        return self.words[0].lower() if self.words else ""

    def lines(self, depth: int = 0) -> list[str]:
        """Written out: four spaces for each level, one statement a line, declarations apart by an empty line."""
        indent = INDENT * depth
        out = [indent + comment for comment in self.comments]
        remark = f" {self.remark}" if self.remark else ""
        if self.block is None:
            return [*out, f"{indent}{self.text};{remark}"]
        head = f"{self.text} " if self.text else ""
        inner = lines_of(self.block, depth + 1) + [indent + INDENT + comment for comment in self.closing]
        if not inner:
            return [*out, f"{indent}{head}{{ }}{remark}"]
        return [*out, f"{indent}{head}{{", *inner, f"{indent}}}{remark}"]


def lines_of(statements: Iterable[Statement], depth: int = 0) -> list[str]:
    """All statements of a block, written out."""
    out: list[str] = []
    for statement in statements:
        if out and statement.block and statement.keyword in _APART:
            out.append("")
        out += statement.lines(depth)
    return out


@dataclass(frozen=True, slots=True)
class ConfFile:
    """All statements, with those of included files in their place; `missing` includes stay as statements."""

    statements: tuple[Statement, ...]
    closing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds within a declaration: options and parameters by name, with their values as written."""

    options: Pairs = ()
    parameters: Pairs = ()


@dataclass(frozen=True, slots=True)
class SharedNetwork:
    """Subnets (in CIDR) on one wire."""

    name: str
    subnets: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Subnet:
    """`subnet` in CIDR; `shared_network` is "" outside of any."""

    subnet: str
    shared_network: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Pool:
    """One range. `pool` numbers the `pool { }` it stands in from 1 (0: directly in the subnet)."""

    subnet: str
    first: str
    last: str
    pool: int
    permits: tuple[str, ...]
    scope: Scope
    prefix_length: int | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A `host`. Addresses may be names that the server resolves. `subnet` is "" where none holds the first address."""

    name: str
    mac: str | None
    client_id: str | None
    addresses: tuple[str, ...]
    hostname: str | None
    subnet: str
    group: str
    scope: Scope
    prefixes: tuple[str, ...] = ()
    """Delegated ones (IPv6), with their length."""


@dataclass(frozen=True, slots=True)
class ClientClass:
    """A class, or a subclass with the `data` it is chosen by; `match` holds the conditions as written."""

    name: str
    match: tuple[str, ...]
    data: str | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class OptionDefinition:
    """What a custom option is: its code and type as written; for an option space there is no code."""

    name: str
    code: str
    type: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """What is kept as it is, without being understood."""

    text: str
    within: str


Row = SharedNetwork | Subnet | Pool | Reservation | ClientClass | OptionDefinition | Verbatim


@dataclass(frozen=True, slots=True)
class Trouble:
    """A statement that dhcpd refuses too: where, and why."""

    file: str
    line: int
    words: Words


@dataclass(frozen=True, slots=True)
class Site:
    """All rows of a configuration in its order, its global scope, and what is wrong."""

    rows: tuple[Row, ...] = ()
    scope: Scope = field(default_factory=Scope)
    troubles: tuple[Trouble, ...] = ()
