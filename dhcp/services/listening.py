"""A server in; the addresses of its host that must lie in a declared subnet, or it would not start, out."""

from __future__ import annotations

from collections.abc import Iterable

from dhcp.choices import ServerKind
from dhcp.facts import server as said
from dhcp.models import Server
from dhcp.rules.addresses import address_of, networks_of
from hosts.errors import UnreadableFacts
from hosts.facts.report import HostReport
from hosts.models import FactsRecord


def listening_of(server: Server, facts: said.Server) -> list[str]:
    """One address of each interface that people named and of which no subnet is declared, as it was last seen.

    Where no interface is named dhcpd takes those that have a subnet; then one of the host's own addresses must. Kea
    listens wherever it is told to.
    """
    if server.kind != ServerKind.ISC:
        return []
    if not server.interfaces:
        return _unheard(server, facts, server.addresses)
    known: dict[str, list[str]] = {}
    for written in server.listening:
        name, _, seen = str(written).partition(" ")
        known.setdefault(name, []).append(seen)
    if set(server.interfaces) - known.keys():
        known = _by_facts(server) | known
    return [each for name in server.interfaces for each in _unheard(server, facts, known.get(name, ()))]


def _unheard(server: Server, facts: said.Server, written: Iterable[str]) -> list[str]:
    """The first of these addresses, where none lies in a subnet."""
    own = [each for each in written if _is_of(each, server.version)]
    networks = networks_of(facts)
    return [] if any(address_of(each) in network for each in own for network in networks) else own[:1]


def _is_of(written: str, version: int) -> bool:
    """Link-local addresses of IPv6 need no subnet."""
    found = address_of(written)
    return found is not None and found.version == version and not found.is_link_local


def _by_facts(server: Server) -> dict[str, list[str]]:
    """Interfaces that the server does not listen on yet: from the newest facts of its host."""
    record = FactsRecord.objects.filter(host_id=server.host_id).order_by("-last_at").first()
    try:
        links = HostReport.from_json(record.report).links if record else None
    except UnreadableFacts:
        links = None
    return {link.name: [f"{each.address}/{each.prefix_length}" for each in link.addresses] for link in links or ()}
