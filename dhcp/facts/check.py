"""What is wrong with a configuration, where, and what would mend it, as values."""

from __future__ import annotations

from dataclasses import dataclass

from dhcp.facts.server import Relay, Server
from hosts.facts.finding import Finding
from hosts.facts.words import Words


@dataclass(frozen=True, slots=True)
class Place:
    """`kind` is that of a fact ("reservation", "subnet", "pool", "class", "failover", "server", "relay"), `name` its
    name (a subnet's network, a pool's first address), `field` the one to be corrected. `file` and `line` (from 1)
    tell of a statement in a file that was read.
    """

    kind: str
    name: str
    field: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Mend:
    """Write `value` into the place's field; `words` say so on a button."""

    words: Words
    value: str


@dataclass(frozen=True, slots=True)
class Check:
    """One finding with its place, and its mend where there is one."""

    finding: Finding
    place: Place
    mend: Mend | None = None


@dataclass(frozen=True, slots=True)
class ServerOnHost:
    """A server where it runs. `addresses` are with their length ("192.168.0.1/24"), `routes` the networks that the
    host knows a way to ("0.0.0.0/0" is the default).
    """

    host: str
    server: Server
    addresses: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """All servers and relays that are looked at together."""

    servers: tuple[ServerOnHost, ...] = ()
    relays: tuple[Relay, ...] = ()
