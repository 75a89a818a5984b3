"""The words of each finding about a configuration: its id, what it means, what to do next."""

from __future__ import annotations

from dhcp.facts.check import Check, Mend, Place
from hosts.choices import Severity
from hosts.facts.finding import Finding
from hosts.facts.words import Words, gettext_noop, words

C, W, N = Severity.CRITICAL, Severity.WARNING, Severity.NOTE
_ADVICE: dict[str, tuple[Severity, str, str, str]] = {
    "dhcp.mac.twice": (
        W,
        gettext_noop("Two reservations have the MAC address %(subject)s"),
        gettext_noop("dhcpd takes the one that it finds first; the other never applies."),
        gettext_noop("Delete one of the two, or correct its MAC address."),
    ),
    "dhcp.client-id.twice": (
        W,
        gettext_noop("Two reservations have the client id %(subject)s"),
        gettext_noop("dhcpd takes the one that it finds first; the other never applies."),
        gettext_noop("Delete one of the two, or correct its client id."),
    ),
    "dhcp.name.twice": (
        C,
        gettext_noop("Two reservations are called %(subject)s"),
        gettext_noop("dhcpd refuses the whole file."),
        gettext_noop("Give one of them another name."),
    ),
    "dhcp.kea.no-lease-commands": (
        N,
        gettext_noop("Kea takes no commands for leases"),
        gettext_noop(
            "No lease of this server can be released from the panel: its hook libdhcp_lease_cmds.so is not loaded."
        ),
        gettext_noop("Add it to hooks-libraries, and apply that."),
    ),
    "dhcp.time.preferred": (
        W,
        gettext_noop("The lease time is shorter than the preferred one: %(subject)s"),
        gettext_noop(
            "Clients of IPv6 throw such addresses away and get none. Kea prefers an hour where nobody says so."
        ),
        gettext_noop("Add preferred-lifetime with less than the lease time, or give longer leases."),
    ),
    "dhcp.mac.wrong": (
        C,
        gettext_noop("%(subject)s is no MAC address"),
        gettext_noop("dhcpd refuses the whole file."),
        gettext_noop("Write six pairs of hex digits with colons between them."),
    ),
    "dhcp.address.twice": (
        C,
        gettext_noop("Two reservations have the address %(subject)s"),
        gettext_noop("Two machines would be told to use one address, and both lose their connections."),
        gettext_noop("Give one of them another address."),
    ),
    "dhcp.address.in-range": (
        W,
        gettext_noop("The reserved address %(subject)s lies in a range"),
        gettext_noop("The address can be leased to somebody else before the machine with the reservation asks."),
        gettext_noop("Take the address out of the range, or reserve one outside of it."),
    ),
    "dhcp.address.outside": (
        W,
        gettext_noop("The reserved address %(subject)s lies in no subnet"),
        gettext_noop("The reservation never applies, since no network of this server holds the address."),
        gettext_noop("Correct the address, or declare its subnet."),
    ),
    "dhcp.address.name": (
        W,
        gettext_noop("The reserved address %(subject)s is a name"),
        gettext_noop("The server asks DNS for it. While DNS does not answer, the reservation does not apply."),
        gettext_noop("Write the address itself."),
    ),
    "dhcp.subnet.overlap": (
        C,
        gettext_noop("Two subnets overlap: %(subject)s"),
        gettext_noop("dhcpd only warns, and serves clients from one of the two."),
        gettext_noop("Correct the number or the mask of one of them."),
    ),
    "dhcp.subnet.none": (
        C,
        gettext_noop("No subnet is declared"),
        gettext_noop("dhcpd -t accepts such a file, and the server does not start with it."),
        gettext_noop("Declare the subnet of each interface that the server listens on."),
    ),
    "dhcp.subnet.interface": (
        C,
        gettext_noop("No subnet is declared for the address %(subject)s"),
        gettext_noop("The server does not listen there, or answers nobody who is behind that relay."),
        gettext_noop("Declare the subnet, without a range if it leases nothing there."),
    ),
    "dhcp.subnet.routers": (
        W,
        gettext_noop("The router %(subject)s is not in its subnet"),
        gettext_noop("A client cannot reach a router that is not on its own network."),
        gettext_noop("Correct the router's address."),
    ),
    "dhcp.range.reversed": (
        W,
        gettext_noop("A range is written backwards: %(subject)s"),
        gettext_noop("dhcpd turns it round without a word; it may be a slip of the pen."),
        gettext_noop("Write the lower address first."),
    ),
    "dhcp.range.outside": (
        C,
        gettext_noop("The range %(subject)s is not within its subnet"),
        gettext_noop("dhcpd refuses the whole file."),
        gettext_noop("Correct its addresses, or put it into their subnet."),
    ),
    "dhcp.range.overlap": (
        C,
        gettext_noop("Two ranges overlap: %(subject)s"),
        gettext_noop("dhcpd refuses the whole file, since an address is declared twice."),
        gettext_noop("Correct the end of one of them."),
    ),
    "dhcp.range.edge": (
        W,
        gettext_noop("The range %(subject)s holds its subnet's own or broadcast address"),
        gettext_noop("A client that is given such an address cannot use it."),
        gettext_noop("Begin and end the range one address further in."),
    ),
    "dhcp.time.min-max": (
        W,
        gettext_noop("The shortest lease time is longer than the longest: %(subject)s"),
        gettext_noop("dhcpd gives the shortest time although it is beyond the longest; Kea refuses the whole file."),
        gettext_noop("Let the shortest be at most the longest."),
    ),
    "dhcp.time.default-max": (
        W,
        gettext_noop("The usual lease time is longer than the longest: %(subject)s"),
        gettext_noop("Clients get the longest, not the usual one; Kea refuses the whole file."),
        gettext_noop("Let the usual time be at most the longest."),
    ),
    "dhcp.time.default-min": (
        W,
        gettext_noop("The usual lease time is shorter than the shortest: %(subject)s"),
        gettext_noop("Clients get the shortest, which is 300 seconds where nobody says another."),
        gettext_noop("Let the shortest be at most the usual time."),
    ),
    "dhcp.number.octal": (
        W,
        gettext_noop("A number with a leading zero is octal: %(subject)s"),
        gettext_noop("dhcpd reads 0600 as 384."),
        gettext_noop("Leave the zero out."),
    ),
    "dhcp.number.wraps": (
        W,
        gettext_noop("A number is too large and starts again at zero: %(subject)s"),
        gettext_noop("dhcpd keeps 32 bits of it: 4294967296 becomes 0."),
        gettext_noop("Write a smaller number, or infinite."),
    ),
    "dhcp.class.unknown": (
        C,
        gettext_noop("No class is called %(subject)s"),
        gettext_noop("dhcpd refuses the whole file."),
        gettext_noop("Declare the class, or correct its name."),
    ),
    "dhcp.failover.unknown": (
        C,
        gettext_noop("No failover pair is called %(subject)s"),
        gettext_noop("dhcpd refuses the whole file."),
        gettext_noop("Declare the pair, or correct its name."),
    ),
    "dhcp.relay.no-subnet": (
        C,
        gettext_noop("A relay passes on requests for %(subject)s, and the server has no subnet for them"),
        gettext_noop("The server logs an unknown subnet and answers nobody behind that relay."),
        gettext_noop("Declare the subnet on the server, or take the server out of the relay's list."),
    ),
    "dhcp.relay.no-server": (
        W,
        gettext_noop("The relay's server %(subject)s is none that the panel knows"),
        gettext_noop("If no DHCP server runs there, requests that are passed on to it are lost."),
        gettext_noop("Correct the address, or add that server to the panel."),
    ),
    "dhcp.server.no-route": (
        C,
        gettext_noop("The server has no route back to the relay: %(subject)s"),
        gettext_noop("The request arrives and the offer is sent into nowhere; clients get no address."),
        gettext_noop("Add a route to the relay's network on the server's host."),
    ),
    "dhcp.pool.shrinks": (
        W,
        gettext_noop("Addresses that are leased now would leave their range: %(subject)s"),
        gettext_noop("The machines keep them until they renew, are then refused, and get other addresses."),
        gettext_noop("Keep the addresses in the range, reserve them for their machines, or tell their owners."),
    ),
    "dhcp.failover.alone": (
        W,
        gettext_noop("Only one half of the failover pair %(subject)s is known"),
        gettext_noop("The other half cannot be compared with it."),
        gettext_noop("Add the other server to the panel."),
    ),
    "dhcp.failover.roles": (
        C,
        gettext_noop("Both halves of a failover pair have one role: %(subject)s"),
        gettext_noop("One must be primary and the other secondary; otherwise they do not speak with each other."),
        gettext_noop("Change the role of one of them."),
    ),
    "dhcp.failover.addresses": (
        C,
        gettext_noop("The halves of a failover pair do not name each other: %(subject)s"),
        gettext_noop("Each connects to the address and port that it calls its peer's, and finds nobody there."),
        gettext_noop("Let the peer address and port of each be the address and port of the other."),
    ),
    "dhcp.failover.primary-only": (
        C,
        gettext_noop("mclt and split belong to the primary half: %(subject)s"),
        gettext_noop("dhcpd refuses a primary without them and a secondary with them."),
        gettext_noop("Say them on the primary and only there."),
    ),
    "dhcp.failover.pools": (
        C,
        gettext_noop("The halves of a failover pair lease different addresses: %(subject)s"),
        gettext_noop("An address that only one half knows is never balanced, and its leases are refused by the other."),
        gettext_noop("Give both halves the same ranges."),
    ),
    "dhcp.failover.times": (
        W,
        gettext_noop("The halves of a failover pair give different lease times: %(subject)s"),
        gettext_noop("A client's time then depends on which half answers."),
        gettext_noop("Give both halves the same times."),
    ),
}


def check(name: str, place: Place, subject: str, mend: Mend | None = None) -> Check:
    """The finding of that id about `subject`."""
    severity, title, why, what_to_do = _ADVICE[name]
    return Check(
        Finding(name, severity, words(title, subject=subject), words(why), words(what_to_do), subject), place, mend
    )


def write(value: str) -> Mend:
    """A mend that writes another value into the field."""
    return Mend(words(gettext_noop("Write %(value)s"), value=value), value)


def mend(said: Words, value: str) -> Mend:
    """A mend with its own words."""
    return Mend(said, value)
