"""Messages of logs and the conversations they make in; what a person should know of them out, each thing once.

A finding's subject is the network, relay or address that it is about; what happened once to one client is in its
conversation, and only what happened again, or to the whole server, is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dhcp.choices import Message, Outcome
from dhcp.facts.logs import Conversation, LogLine
from dhcp.rules.conversations import NO_REQUEST, NOT_ARRIVED, NOT_BACK
from hosts.choices import Severity
from hosts.facts.finding import Finding
from hosts.facts.words import gettext_noop, words

C, W, N = Severity.CRITICAL, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class _Rule:
    """`subject` gives what a line (or a conversation) is about where the rule holds, None where it does not."""

    id: str
    severity: Severity
    title: str
    why: str
    what_to_do: str
    line: Callable[[LogLine], str | None] = lambda line: None
    talk: Callable[[Conversation], str | None] = lambda talk: None
    least: int = 1


def _noted(part: str) -> Callable[[LogLine], str | None]:
    """Lines whose note has that part, by the interface or relay they came through."""
    return lambda line: (line.via or "") if part in line.note.lower() else None


def _message(message: Message, field: str) -> Callable[[LogLine], str | None]:
    return lambda line: str(getattr(line, field) or "") if line.message is message else None


def _full(line: LogLine) -> str | None:
    if "no free leases" not in line.note.lower():
        return None
    network = line.note.partition("network ")[2].partition(":")[0]
    return network or line.via or ""


def _reason(*msgids: str) -> Callable[[Conversation], str | None]:
    return lambda talk: (talk.relay or talk.via or "") if talk.reason.msgid in msgids else None


def _failover(line: LogLine) -> str | None:
    if line.message is Message.PEER_LOST:
        return line.server
    lost = line.message is Message.PEER_STATE and line.note.endswith("to communications-interrupted")
    return line.server if lost else None


_RULES = (
    _Rule(
        "dhcp.handshake.offer-lost",
        C,
        gettext_noop("Offers are sent and never received: %(subject)s"),
        gettext_noop(
            "Clients ask again and again and take no offer. Either another DHCP server is faster, or the offers do not "
            "arrive: a Xen vif leaves UDP checksums to the hardware, and a client behind it drops such packets."
        ),
        gettext_noop(
            "Switch UDP checksum offload off on the server's and the clients' vif (ethtool -K eth0 tx off); behind a "
            "relay look at the server's route back to it; look for a second DHCP server."
        ),
        talk=_reason(NO_REQUEST, NOT_BACK),
        least=2,
    ),
    _Rule(
        "dhcp.handshake.request-lost",
        C,
        gettext_noop("Requests that a relay passes on do not reach the server: %(subject)s"),
        gettext_noop("The relay's log has them and the server's has not."),
        gettext_noop(
            "Look at the way from the relay to the server, at a firewall for UDP port 67, and at UDP checksum offload "
            "where one of the two is a guest behind a Xen vif."
        ),
        talk=lambda talk: (talk.lines[0].server or "") if talk.reason.msgid == NOT_ARRIVED else None,
    ),
    _Rule(
        "dhcp.handshake.full",
        C,
        gettext_noop("No free leases: %(subject)s"),
        gettext_noop("New machines on this network get no address until a lease ends."),
        gettext_noop("Widen the range, shorten the lease time, or release leases of machines that are gone."),
        line=_full,
    ),
    _Rule(
        "dhcp.handshake.unknown-subnet",
        C,
        gettext_noop("Requests come from a network that has no subnet: %(subject)s"),
        gettext_noop("The server knows no subnet with the relay's address (giaddr) in it, and answers nobody there."),
        gettext_noop("Declare the subnet on the server, or take the server out of that relay's list."),
        line=lambda line: (
            line.via or ""
            if line.message is Message.UNKNOWN_SUBNET
            or "unknown subnet" in line.note.lower()
            or "unknown network segment" in line.note.lower()
            else None
        ),
    ),
    _Rule(
        "dhcp.handshake.no-subnet",
        C,
        gettext_noop("The server does not listen on %(subject)s: no subnet is declared for it"),
        gettext_noop("Clients on that wire get no answer."),
        gettext_noop("Declare its subnet, or leave the interface out of the server's defaults."),
        line=_message(Message.NO_SUBNET, "via"),
    ),
    _Rule(
        "dhcp.handshake.checksum",
        C,
        gettext_noop("Packets with wrong UDP checksums arrive: %(subject)s"),
        gettext_noop("They are dropped. A Xen vif leaves checksums to the hardware that it does not have."),
        gettext_noop("Switch checksum offload off on the sender's vif: ethtool -K eth0 tx off."),
        line=_message(Message.CHECKSUM, "note"),
    ),
    _Rule(
        "dhcp.handshake.unreachable",
        C,
        gettext_noop("The server cannot send its answers: %(subject)s"),
        gettext_noop("It has no way to the client or to the relay."),
        gettext_noop("Look at its routes and at its interface; add a route to the relay's network."),
        line=_message(Message.SEND_FAILED, "note"),
    ),
    _Rule(
        "dhcp.handshake.wrong-network",
        W,
        gettext_noop("Machines ask for addresses of another network: %(subject)s"),
        gettext_noop("One that moved does so once; many say that a wire or VLAN is connected in a wrong place."),
        gettext_noop("Look at the cabling and VLANs there."),
        line=_noted("wrong network"),
        least=3,
    ),
    _Rule(
        "dhcp.handshake.not-authoritative",
        W,
        gettext_noop("The server does not answer wrong requests, since it is not authoritative: %(subject)s"),
        gettext_noop("A machine that moved here waits until its old lease ends before it asks anew."),
        gettext_noop("If this is the network's own DHCP server, declare it authoritative."),
        line=_noted("not authoritative"),
    ),
    _Rule(
        "dhcp.handshake.unknown-client",
        N,
        gettext_noop("Machines without a reservation are turned away: %(subject)s"),
        gettext_noop("The pools there are for known clients only."),
        gettext_noop("Reserve an address for those that belong there."),
        line=_noted("unknown client"),
    ),
    _Rule(
        "dhcp.handshake.conflict",
        W,
        gettext_noop("An address is in use by a machine that has no lease of it: %(subject)s"),
        gettext_noop("The server gave the address up after a ping was answered or a client declined it."),
        gettext_noop("Find the machine (arping), and give it a reservation or another address."),
        line=_message(Message.ABANDONED, "ip"),
    ),
    _Rule(
        "dhcp.handshake.two-leases",
        N,
        gettext_noop("One machine has two leases, as it shows two client ids: %(subject)s"),
        gettext_noop("Firmware and operating system often send different ones, and each takes an address."),
        gettext_noop("Let the server ignore client ids on that network, or reserve by MAC address."),
        line=_message(Message.DUPLICATE, "mac"),
    ),
    _Rule(
        "dhcp.handshake.peer-holds-all",
        C,
        gettext_noop("The failover partner holds all free leases: %(subject)s"),
        gettext_noop("While the partner does not answer, new machines get no address."),
        gettext_noop("See that the partner runs; if it is gone for good, set this half to partner-down."),
        line=_noted("peer holds all free leases"),
    ),
    _Rule(
        "dhcp.handshake.peer-lost",
        W,
        gettext_noop("The failover partner was lost: %(subject)s"),
        gettext_noop("Each half goes on with its own part of the addresses."),
        gettext_noop("See that the partner runs and that TCP port 647 is open between the two."),
        line=_failover,
    ),
)


def handshake_findings(lines: Iterable[LogLine], talks: Iterable[Conversation]) -> list[Finding]:
    """Worst first; each rule once for each subject."""
    told, spoken = list(lines), [talk for talk in talks if talk.outcome is not Outcome.BOUND]
    found = [finding for rule in _RULES for finding in _of_rule(rule, told, spoken)]
    order = (Severity.CRITICAL, Severity.WARNING, Severity.NOTE)
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _of_rule(rule: _Rule, lines: list[LogLine], talks: list[Conversation]) -> Iterator[Finding]:
    subjects = Counter(subject for line in lines if (subject := rule.line(line)) is not None)
    subjects += Counter(subject for talk in talks if (subject := rule.talk(talk)) is not None)
    for subject, count in subjects.items():
        if count >= rule.least:
            title = words(rule.title, subject=subject)
            yield Finding(rule.id, rule.severity, title, words(rule.why), words(rule.what_to_do), subject)
