"""Partners of a server (failover, keys, zones) in, their blocks of dhcpd.conf out."""

from __future__ import annotations

from dhcp.facts.config import INDENT
from dhcp.facts.server import DdnsZone, FailoverPeer, TsigKey
from dhcp.render import dhcpd_words as say


def failover_lines(peer: FailoverPeer) -> list[str]:
    """The half that this server is; mclt and split are only the primary's to say."""
    said = [
        ("port", peer.port),
        ("peer port", peer.peer_port),
        ("max-response-delay", peer.max_response_delay_seconds),
        ("max-unacked-updates", peer.max_unacked_updates),
        ("mclt", peer.mclt_seconds),
        ("split", peer.split),
        ("load balance max seconds", peer.load_balance_max_seconds),
    ]
    inner = [
        "primary;" if peer.primary else "secondary;",
        f"address {say.address(peer.address, 'address')};",
        f"peer address {say.address(peer.peer_address, 'peer address')};",
        *[f"{name} {value};" for name, value in said if value is not None],
        *[say.parameter(other) for other in peer.others],
    ]
    return _block(f"failover peer {say.text(peer.name, 'failover peer')}", inner)


def key_lines(key: TsigKey) -> list[str]:
    """A key with its secret: the file is not for everybody's eyes."""
    inner = [f"algorithm {say.bare(key.algorithm, 'algorithm')};", f"secret {say.text(key.secret, 'secret')};"]
    return _block(f"key {say.name(key.name, 'key')}", inner)


def zone_lines(zone: DdnsZone) -> list[str]:
    """A zone to update."""
    inner = [f"primary {say.address(zone.primary, 'primary')};"]
    inner += [f"key {say.name(zone.key, 'key')};"] if zone.key else []
    return _block(f"zone {say.bare(zone.name, 'zone')}", inner)


def _block(head: str, inner: list[str]) -> list[str]:
    return [f"{head} {{", *(INDENT + line for line in inner), "}"]
