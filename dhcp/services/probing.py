"""Whether a test client's DISCOVER gets an OFFER: commands for a change that is put back where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dhcp.facts import server as said
from dhcp.models import Relay, Server
from dhcp.render.probe import probe
from dhcp.rules.addresses import address_of, network_of, ranges_of
from dhcp.services.checks import is_told
from hosts.facts.change import Command
from hosts.facts.proposal import Meaning
from hosts.facts.words import gettext_noop, words

MOST_PROBES = 2
"""A change waits for each of them."""


def probes_of_server(server: Server, facts: said.Server) -> tuple[Command, ...]:
    """Asked on the server's own host: on the test client's interface where that is the host, and as the relays would.

    None where the server is not to be probed, serves IPv6, or no interface of it is known.
    """
    if not server.probes or server.version != 4:
        return ()
    own = server.probe_interface if server.probe_host_id in (None, server.host_id) else ""
    through = own or next(iter(server.interfaces), "")
    if not through:
        return ()
    if own:
        return (probe(own),)
    return tuple(probe(through, giaddr=giaddr) for giaddr in list(_relayed(server, facts))[:MOST_PROBES])


def probes_of_relay(relay: Relay) -> tuple[Command, ...]:
    """Where the test client of a server that is to be probed is the relay's own host."""
    servers = Server.objects.filter(probes=True, version=4, probe_host=relay.host).exclude(probe_interface="")
    found = [server for server in servers.select_related("host").order_by("pk") if is_told(relay, server)]
    return tuple(probe(server.probe_interface) for server in found[:MOST_PROBES])


def probing(probes: Sequence[Command], *, asked: bool) -> Iterator[Meaning]:
    """What a person should know of it."""
    if probes:
        said_of = gettext_noop("A test client asks for an address; where no offer comes, everything is put back.")
        yield Meaning("info", words(said_of))
    elif asked:
        said_of = gettext_noop(
            "No test client can ask: name the server's interface, or a relay whose networks it leases addresses of."
        )
        yield Meaning("heed", words(said_of))


def _relayed(server: Server, facts: said.Server) -> Iterator[str]:
    """Addresses of relays on the clients' sides, in whose networks the server leases addresses."""
    spans = ranges_of(facts).merged
    for relay in Relay.objects.select_related("host").order_by("pk"):
        if not is_told(relay, server):
            continue
        for written in relay.giaddr:
            network, address = network_of(written), address_of(written)
            if network is None or address is None or network.version != 4:
                continue
            first, last = int(network[0]), int(network[-1])
            if any(version == 4 and low <= last and high >= first for version, low, high in spans):
                yield str(address)
