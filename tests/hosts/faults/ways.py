"""Lab hosts as the panel sees them: facts and open ways, for the fault tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hosts.facts.machine import HostFacts, Login, PinnedKey
from hosts.outside.shell import Shell
from hosts.outside.ssh import SshPool
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab


def facts(lab: Lab, host: LabHost, **changes: object) -> HostFacts:
    """What the panel knows of a lab host; `changes` replace fields."""
    key_type, public, *_ = (host.directory / "host_key.pub").read_text().split()
    known: dict[str, object] = {
        "id": host.number,
        "name": host.name,
        "address": host.address,
        "port": host.port,
        "login": Login("root", private_key=lab.key_path.read_text()),
        "keys": (PinnedKey(key_type, public),),
    }
    return HostFacts(**{**known, **changes})  # type: ignore[arg-type]


@contextmanager
def way(known: HostFacts) -> Iterator[Shell]:
    """One connection of its own to a host."""
    pool = SshPool()
    try:
        with pool.open(known) as shell:
            yield shell
    finally:
        pool.close()
