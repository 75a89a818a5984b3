"""Keys, settings and short ways for the tests of hosts.outside.ssh: a real sshd, a login, one command."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from hosts.facts.machine import HostFacts, Login
from hosts.outside.shell import Pool
from hosts.outside.ssh import Limits
from tests.hosts.sshd import KeyPair, Sshd

MEBIBYTE = 1024 * 1024
HOST_KEYS = {kind: KeyPair.make(kind) for kind in ("ed25519", "ecdsa", "rsa")}
OTHER_KEY = KeyPair.make("ed25519")
HASTY = Limits(connect_seconds=0.5, banner_seconds=0.5)
PASSWORDS = ("PasswordAuthentication yes", "PubkeyAuthentication no")


@contextlib.contextmanager
def another(root: Path, *lines: str, keys: tuple[KeyPair, ...] = (HOST_KEYS["ed25519"],)) -> Iterator[Sshd]:
    """An sshd with its own settings, for one test."""
    with Sshd(root, host_keys=keys, lines=lines) as server:
        yield server


def touch(pool: Pool, host: HostFacts) -> None:
    """Log in and run one command."""
    with pool.open(host) as shell:
        shell.run("true")


def login_for(sshd: Sshd, number: int) -> Login:
    """A login that shares no connection with that of another number: the passphrase is not needed, but differs."""
    return Login("root", private_key=sshd.client.private, passphrase=str(number))
