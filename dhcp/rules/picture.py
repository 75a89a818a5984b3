"""Servers and relays together in, checks out that no single configuration can show."""

from __future__ import annotations

from collections.abc import Iterator

from dhcp.facts.check import Check, Mend, Picture, Place, ServerOnHost
from dhcp.facts.server import Relay
from dhcp.rules.addresses import Address, address_of, network_of, networks_of
from dhcp.rules.advice import check, mend
from dhcp.rules.failover import failover
from hosts.facts.words import gettext_noop, words

DECLARE = gettext_noop("Declare the subnet %(network)s on %(host)s")
ROUTE = gettext_noop("Add a route to %(network)s by %(gateway)s on %(host)s")


def picture(whole: Picture) -> list[Check]:
    """Relays whose networks a server does not know or cannot reach, and halves of failover pairs that differ."""
    found: list[Check] = []
    for relay in whole.relays:
        for written in relay.servers:
            found += _pair(relay, written, whole)
    return list(dict.fromkeys([*found, *failover(whole.servers)]))


def _pair(relay: Relay, written: str, whole: Picture) -> Iterator[Check]:
    address = address_of(written)
    server = next((each for each in whole.servers if _is_at(each, address, written)), None)
    if server is None:
        yield check("dhcp.relay.no-server", Place("relay", relay.host, "servers"), written)
        return
    for giaddr in relay.giaddr:
        found = address_of(giaddr)
        if found is None:
            continue
        network = network_of(giaddr)
        if not any(found in each for each in networks_of(server.server)):
            known = network is not None and network.num_addresses > 1
            offer = mend(words(DECLARE, network=str(network), host=server.host), str(network)) if known else None
            place = Place("server", server.host, "subnets")
            yield check("dhcp.relay.no-subnet", place, f"{found} ({relay.host})", offer)
        if server.addresses and not _reaches(server, found):
            place = Place("server", server.host, "routes")
            yield check("dhcp.server.no-route", place, f"{found} ({relay.host})", _route(relay, server, giaddr))


def _is_at(server: ServerOnHost, address: Address | None, written: str) -> bool:
    if address is None:
        return server.host == written
    return any(address_of(each) == address for each in server.addresses)


def _reaches(server: ServerOnHost, address: Address) -> bool:
    """Over a network that it is on, or by a route."""
    known = [network_of(each) for each in (*server.addresses, *server.routes)]
    return any(address in network for network in known if network)


def _route(relay: Relay, server: ServerOnHost, giaddr: str) -> Mend | None:
    """By the relay's address on a network that the server is on."""
    network = network_of(giaddr)
    near = [network_of(each) for each in server.addresses]
    for uplink in relay.uplinks:
        gateway = address_of(uplink)
        if gateway and network and any(gateway in each for each in near if each):
            said = words(ROUTE, network=str(network), gateway=str(gateway), host=server.host)
            return mend(said, f"{network} via {gateway}")
    return None
