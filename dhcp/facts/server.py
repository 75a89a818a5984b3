"""A DHCP server as a site keeps it: what rows say and what both dhcpd.conf and Kea's JSON are rendered from.

Every declaration has its `settings`, a `note` of people, and an `origin` that tells in the rendered file where it
comes from ("subnet 12, Office"). Times are seconds; INFINITE is the word infinite. Addresses are in their usual
spelling, networks in CIDR. Texts are as people mean them, without the quotes and escapes of a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

INFINITE = 2**32 - 1
"""Seconds of a lease without end, in DHCP itself and in both servers' files."""


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """Seconds, INFINITE, or None where this level says nothing."""

    default: int | None = None
    maximum: int | None = None
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class Boot:
    """PXE. `by_architecture` are (code of RFC 4578, file name): 0 BIOS, 7 and 9 EFI x86-64, 11 EFI ARM 64."""

    next_server: str = ""
    filename: str = ""
    server_name: str = ""
    by_architecture: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OptionValue:
    """`name` is dhcpd's ("routers", "LAN.colour"); `values` the fields one after the other, in the option's type.

    An `expression` ("= concat(...)", or what does not fit the type) stands as it is written in place of values.
    """

    name: str
    values: tuple[str, ...] = ()
    expression: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A statement of dhcpd.conf(5) that has no field of its own: its keyword and the rest as written."""

    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Text that is kept without being understood; only dhcpd gets it, and a person is warned of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be said at every level. In dhcpd's file the raw text follows the rest, and so has the last word.

    `kea` are members of a JSON object that only Kea has: name and JSON text; they are what `raw` is for dhcpd.
    """

    times: LeaseTimes = field(default_factory=LeaseTimes)
    boot: Boot = field(default_factory=Boot)
    options: tuple[OptionValue, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    raw: tuple[Raw, ...] = ()
    kea: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionSpace:
    """`widths` as dhcpd writes them ("code width 2 length width 2"), "" for one byte each."""

    name: str
    widths: str = ""


@dataclass(frozen=True, slots=True)
class OptionDefinition:
    """A custom option: `name` with its space ("LAN.colour"), `type` as dhcpd writes it ("array of ip-address")."""

    name: str
    code: int
    type: str


@dataclass(frozen=True, slots=True)
class TsigKey:
    """A key for DDNS, OMAPI or failover; `secret` is base64."""

    name: str
    algorithm: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DdnsZone:
    """A zone that the server updates: `name` ends with a dot, `primary` is an address or a name."""

    name: str
    primary: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class FailoverPeer:
    """One half of a failover pair (dhcpd.conf(5)). `split` and `mclt_seconds` only the primary has."""

    name: str
    primary: bool
    address: str
    peer_address: str
    port: int | None = None
    peer_port: int | None = None
    max_response_delay_seconds: int | None = None
    max_unacked_updates: int | None = None
    mclt_seconds: int | None = None
    split: int | None = None
    load_balance_max_seconds: int | None = None
    others: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends included. `bootp` lets BOOTP clients have its addresses, `temporary` is of IPv6."""

    first: str
    last: str
    bootp: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class PrefixRange:
    """Prefixes of one length to delegate, from the first to the last."""

    first: str
    last: str
    length: int


@dataclass(frozen=True, slots=True)
class Permit:
    """`verb` is allow, deny or ignore; `who` as dhcpd says it ("members of \\"phones\\"", "unknown-clients")."""

    verb: str
    who: str


@dataclass(frozen=True, slots=True)
class Pool:
    """Addresses that the same clients may have."""

    ranges: tuple[Range, ...] = ()
    prefixes: tuple[PrefixRange, ...] = ()
    permits: tuple[Permit, ...] = ()
    failover: str = ""
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A host: known by `hardware` ("ethernet"), `mac`, `client_id` (hex with colons, or a text in quotes), or `match`
    (what stands after host-identifier). Without addresses it only has settings. A disabled one no server is told of.
    """

    name: str
    mac: str = ""
    hardware: str = "ethernet"
    client_id: str = ""
    match: str = ""
    addresses: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    hostname: str = ""
    settings: Settings = field(default_factory=Settings)
    enabled: bool = True
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ClientClass:
    """`match` holds what stands after each match ("if substring(...) = ...", "hardware"), `test` Kea's expression."""

    name: str
    match: tuple[str, ...] = ()
    spawn: str = ""
    lease_limit: int | None = None
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class Subclass:
    """Of the class `of`: clients whose data is `data`, as dhcpd writes it (hex with colons, or a text in quotes)."""

    of: str
    data: str
    lease_limit: int | None = None
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Subnet:
    """`ranges` stand in the subnet itself, `pools` have their own rules. `interface` is the server's, "" by address.

    `number` is Kea's subnet id, which its leases refer to; 0 lets the renderer count.
    """

    network: str
    interface: str = ""
    ranges: tuple[Range, ...] = ()
    prefixes: tuple[PrefixRange, ...] = ()
    pools: tuple[Pool, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    groups: tuple[Group, ...] = ()
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class SharedNetwork:
    """Subnets on one wire; its own pools may hold addresses of any of them."""

    name: str
    interface: str = ""
    subnets: tuple[Subnet, ...] = ()
    pools: tuple[Pool, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    groups: tuple[Group, ...] = ()
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Declarations that share settings; `name` may be ""."""

    name: str = ""
    shared_networks: tuple[SharedNetwork, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    groups: tuple[Group, ...] = ()
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """All that one DHCP server is told. `version` is 4 or 6, `interfaces` are those it listens on (() is all)."""

    version: int = 4
    interfaces: tuple[str, ...] = ()
    spaces: tuple[OptionSpace, ...] = ()
    definitions: tuple[OptionDefinition, ...] = ()
    keys: tuple[TsigKey, ...] = ()
    zones: tuple[DdnsZone, ...] = ()
    failover: tuple[FailoverPeer, ...] = ()
    classes: tuple[ClientClass, ...] = ()
    subclasses: tuple[Subclass, ...] = ()
    shared_networks: tuple[SharedNetwork, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    groups: tuple[Group, ...] = ()
    settings: Settings = field(default_factory=Settings)
    note: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay on a host. `giaddr` are its addresses on the clients' sides, which the servers see as `via`, and
    `uplinks` those on the servers' side; both with their length ("192.168.1.254/24") where it is known.
    """

    host: str
    servers: tuple[str, ...]
    interfaces: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    giaddr: tuple[str, ...] = ()
    uplinks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the facts say and a kind of server cannot be told: the declaration it belongs to, and its text."""

    within: str
    text: str
