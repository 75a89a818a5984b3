"""The first contact with a machine: its address goes in, the host keys it shows come out for a person to judge."""

from __future__ import annotations

from typing import Protocol

from hosts.facts.machine import HostFacts, PinnedKey
from hosts.outside.ssh import SshPool


class KeyReader(Protocol):
    """Who can ask a machine for its host keys; an `SshPool`, or a fake in a test."""

    def host_keys(self, address: str, port: int, jump: HostFacts | None = None) -> tuple[PinnedKey, ...]: ...


def host_keys(
    address: str, port: int, jump: HostFacts | None = None, *, pool: KeyReader | None = None
) -> tuple[PinnedKey, ...]:
    """All keys of the machine (ed25519, ECDSA, RSA in this order), without logging in there.

    `jump` must be enrolled itself. With `pool` the connection to the jump host is shared. Raises
    HostUnreachable with a sentence for each of: no such name, refused, no route, no answer, hangs, no SSH.
    """
    if pool is not None:
        return pool.host_keys(address, port, jump)
    own = SshPool()
    try:
        return own.host_keys(address, port, jump)
    finally:
        own.close()
