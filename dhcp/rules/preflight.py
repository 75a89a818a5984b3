"""The rows of a dhcpd.conf in, findings out: what `dhcpd -t` lets pass although it will not work as meant.

Source: dhcpd.conf(5), common/parse.c of ISC DHCP 4.4 (numbers: 0x is hex, a leading 0 octal, more than 32 bits wrap).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from dhcp.facts.config import Pool, Reservation, Scope, SharedNetwork, Site, Statement, Subnet
from hosts.choices import Severity
from hosts.facts.finding import Finding
from hosts.facts.words import Words, gettext_noop, words

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_TIMES = ("default-lease-time", "max-lease-time", "min-lease-time")
_WRAPS = 2**32
_INFINITE = 2**32 - 1

SAME_MAC = gettext_noop("Two reservations have the MAC address %(subject)s")
SAME_ADDRESS = gettext_noop("Two reservations have the address %(subject)s")
IN_RANGE = gettext_noop("The reserved address %(subject)s lies in a range")
OUTSIDE = gettext_noop("The reserved address %(subject)s lies in no subnet")
IS_NAME = gettext_noop("The reserved address %(subject)s is a name")
OVERLAP = gettext_noop("Two subnets overlap: %(subject)s")
EMPTY = gettext_noop("No subnet is declared")
REVERSED = gettext_noop("A range is written backwards: %(subject)s")
MIN_MAX = gettext_noop("The shortest lease time is longer than the longest: %(subject)s")
OCTAL = gettext_noop("A number with a leading zero is octal: %(subject)s")
WRAPS = gettext_noop("A number is too large and starts again at zero: %(subject)s")
NO_SUBNET_HERE = gettext_noop("No subnet is declared for the address %(subject)s")

_ADVICE: dict[str, tuple[Words, Words]] = {
    "dhcp.mac.twice": (
        words(gettext_noop("dhcpd takes the one that it finds first; the other never applies.")),
        words(gettext_noop("Delete one of the two, or correct its MAC address.")),
    ),
    "dhcp.address.twice": (
        words(gettext_noop("Two machines would be told to use one address, and both lose their connections.")),
        words(gettext_noop("Give one of them another address.")),
    ),
    "dhcp.address.in-range": (
        words(gettext_noop("The address can be leased to somebody else before the machine with the reservation asks.")),
        words(gettext_noop("Take the address out of the range, or reserve one outside of it.")),
    ),
    "dhcp.address.outside": (
        words(gettext_noop("The reservation never applies, since no network of this server holds the address.")),
        words(gettext_noop("Correct the address, or declare its subnet.")),
    ),
    "dhcp.address.name": (
        words(gettext_noop("The server asks DNS for it. While DNS does not answer, the reservation does not apply.")),
        words(gettext_noop("Write the address itself.")),
    ),
    "dhcp.subnet.overlap": (
        words(gettext_noop("dhcpd only warns, and serves clients from one of the two.")),
        words(gettext_noop("Correct the number or the mask of one of them.")),
    ),
    "dhcp.subnet.none": (
        words(gettext_noop("dhcpd -t accepts such a file, and the server does not start with it.")),
        words(gettext_noop("Declare the subnet of each interface that the server listens on.")),
    ),
    "dhcp.subnet.interface": (
        words(gettext_noop("The server does not listen there, or answers nobody who is behind that relay.")),
        words(gettext_noop("Declare the subnet, without a range if it leases nothing there.")),
    ),
    "dhcp.range.reversed": (
        words(gettext_noop("dhcpd turns it round without a word; it may be a slip of the pen.")),
        words(gettext_noop("Write the lower address first.")),
    ),
    "dhcp.time.min-max": (
        words(gettext_noop("dhcpd gives the shortest time although it is beyond the longest.")),
        words(gettext_noop("Let the shortest be at most the longest.")),
    ),
    "dhcp.number.octal": (
        words(gettext_noop("dhcpd reads 0600 as 384.")),
        words(gettext_noop("Leave the zero out.")),
    ),
    "dhcp.number.wraps": (
        words(gettext_noop("dhcpd keeps 32 bits of it: 4294967296 becomes 0.")),
        words(gettext_noop("Write a smaller number, or infinite.")),
    ),
}


def preflight(site: Site, statements: Iterable[Statement] = (), listening: Iterable[str] = ()) -> list[Finding]:
    """`statements` are those of the file the rows come from; `listening` the addresses of interfaces and of relays."""
    networks = [ip_network(row.subnet) for row in site.rows if isinstance(row, Subnet)]
    found: list[Finding] = []
    if not networks:
        found.append(_finding("dhcp.subnet.none", Severity.CRITICAL, EMPTY, ""))
    found += _overlaps(networks)
    found += _reservations(site)
    found += (each for scope in _scopes(site) for each in _lease_times(scope))
    found += _ranges(statements)
    for written in listening:
        if not any(ip_address(written) in network for network in networks):
            found.append(_finding("dhcp.subnet.interface", Severity.CRITICAL, NO_SUBNET_HERE, written))
    return list(dict.fromkeys(found))


def _finding(name: str, severity: Severity, title: str, subject: str) -> Finding:
    why, what_to_do = _ADVICE[name]
    return Finding(name, severity, words(title, subject=subject), why, what_to_do, subject)


def _overlaps(networks: list[Network]) -> Iterator[Finding]:
    """Networks are nested or apart, so that one look at the last that holds others is enough."""
    widest: Network | None = None
    for net in sorted(networks, key=lambda net: (net.version, int(net[0]), net.prefixlen)):
        if widest is not None and widest.version == net.version and int(net[0]) <= int(widest[-1]):
            yield _finding("dhcp.subnet.overlap", Severity.CRITICAL, OVERLAP, f"{widest}, {net}")
        else:
            widest = net


def _reservations(site: Site) -> Iterator[Finding]:
    macs: set[str] = set()
    addresses: set[str] = set()
    pools = [(ip_address(row.first), ip_address(row.last)) for row in site.rows if isinstance(row, Pool)]
    for row in site.rows:
        if not isinstance(row, Reservation):
            continue
        if row.mac and row.mac in macs:
            yield _finding("dhcp.mac.twice", Severity.WARNING, SAME_MAC, row.mac)
        macs.add(row.mac or "")
        for written in row.addresses:
            if written in addresses:
                yield _finding("dhcp.address.twice", Severity.CRITICAL, SAME_ADDRESS, written)
            addresses.add(written)
            yield from _place(written, row, pools)


def _place(written: str, row: Reservation, pools: list[tuple[Address, Address]]) -> Iterator[Finding]:
    try:
        address = ip_address(written.partition("/")[0])
    except ValueError:
        yield _finding("dhcp.address.name", Severity.WARNING, IS_NAME, written)
        return
    if not row.subnet:
        yield _finding("dhcp.address.outside", Severity.WARNING, OUTSIDE, written)
    for first, last in pools:
        if address.version == first.version and int(first) <= int(address) <= int(last):
            yield _finding("dhcp.address.in-range", Severity.WARNING, IN_RANGE, written)


def _scopes(site: Site) -> Iterator[Scope]:
    yield site.scope
    for row in site.rows:
        if isinstance(row, SharedNetwork | Subnet | Pool | Reservation):
            yield row.scope


def _lease_times(scope: Scope) -> Iterator[Finding]:
    told = {name: value for name, value in scope.parameters if name in _TIMES}
    for name, value in told.items():
        if re.fullmatch(r"0[0-9]+", value):
            yield _finding("dhcp.number.octal", Severity.WARNING, OCTAL, f"{name} {value}")
        elif (number := _seconds(value)) is not None and abs(number) >= _WRAPS:
            yield _finding("dhcp.number.wraps", Severity.WARNING, WRAPS, f"{name} {value}")
    low, high = _seconds(told.get("min-lease-time", "")), _seconds(told.get("max-lease-time", ""))
    if low is not None and high is not None and low % _WRAPS > high % _WRAPS:
        yield _finding("dhcp.time.min-max", Severity.WARNING, MIN_MAX, f"{low} > {high}")


def _seconds(written: str) -> int | None:
    """As dhcpd reads it; infinite is -1."""
    if written.lower() == "infinite":
        return _INFINITE
    if not re.fullmatch(r"-?(?:0x[0-9a-fA-F]+|[0-9]+)", written):
        return None
    sign, digits = (-1, written[1:]) if written.startswith("-") else (1, written)
    base = 16 if digits.startswith("0x") else 8 if re.fullmatch(r"0[0-7]+", digits) else 10
    return sign * int(digits[:100], base)


def _ranges(statements: Iterable[Statement]) -> Iterator[Finding]:
    for statement in statements:
        if statement.keyword in ("range", "range6") and len(statement.words) > 2:
            first, last = (_address(word) for word in statement.words[-2:])
            if first and last and first.version == last.version and int(first) > int(last):
                yield _finding("dhcp.range.reversed", Severity.WARNING, REVERSED, statement.text)
        yield from _ranges(statement.block or ())


def _address(written: str) -> Address | None:
    plain = re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])", "", written) if "." in written else written
    try:
        return ip_address(plain)
    except ValueError:
        return None
