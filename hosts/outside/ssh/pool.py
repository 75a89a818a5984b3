"""Ways into hosts, kept for the next use: facts of a host go in, a shell on it comes out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko

from hosts.errors import Explainable, HostKeyUnknown, HostUnreachable
from hosts.facts.machine import HostFacts, PinnedKey
from hosts.outside.shell import Counts, Shell
from hosts.outside.ssh import words as say
from hosts.outside.ssh.connection import Connection, log_in
from hosts.outside.ssh.handshake import (
    FAMILIES,
    Line,
    NoSuchKey,
    changed,
    close,
    encrypted,
    shown_key,
    trusted,
)
from hosts.outside.ssh.kept import Kept, Key
from hosts.outside.ssh.limits import Limits
from hosts.outside.ssh.line import dial
from hosts.outside.ssh.shells import SshShell

LetGo = Callable[[], None]


def _key(host: HostFacts) -> Key:
    """What two uses must have in common to share a connection. Holds no secret, only a digest."""
    login = host.login
    secret = "\0".join((login.private_key, login.passphrase, login.password))
    digest = hashlib.sha256(secret.encode()).digest()
    jump = None if host.jump is None else _key(host.jump)
    return (host.address, host.port, login.username, digest, host.keys, jump)


class SshPool:
    """Fulfils `Pool`. One for a process is enough; it needs no closing at exit."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._state = Kept(self._limits)

    @contextmanager
    def open(self, host: HostFacts, *, fresh: bool = False) -> Iterator[Shell]:
        kept, key = self._kept(), _key(host)
        connection, channel = (None if fresh else self._taken(kept, key)) or self._new(kept, host)
        shell = SshShell(connection, channel, self._limits)
        try:
            yield shell
        finally:
            shell.end()
            kept.keep(key, connection)

    def host_keys(self, address: str, port: int, jump: HostFacts | None = None) -> tuple[PinnedKey, ...]:
        """All host keys that a machine has (ed25519, ECDSA, RSA), each proven by a handshake of its own.

        Nobody is logged in. Raises HostUnreachable, also when it has none of these.
        """
        found: list[PinnedKey] = []
        nothing: NoSuchKey | None = None
        for family in FAMILIES:
            line, let_go = self._line(self._kept(), address, port, jump)
            try:
                transport = encrypted(line, family, address, port, self._limits)
                found.append(shown_key(transport))
                close(transport)
            except NoSuchKey as error:
                nothing = error
            finally:
                let_go()
        if nothing is not None and not found:
            raise HostUnreachable(*nothing.args) from nothing
        return tuple(found)

    def close(self) -> None:
        """Close what lies idle. The pool can go on being used."""
        self._kept().close()

    def _kept(self) -> Kept:
        if self._state.pid != os.getpid():
            inherited, self._state = self._state, Kept(self._limits)
            inherited.drop()
        return self._state

    def _taken(self, kept: Kept, key: Key) -> tuple[Connection, paramiko.Channel] | None:
        """A kept connection that still answers; the session that is needed anyway is the question."""
        while (connection := kept.take(key)) is not None:
            try:
                if connection.alive:
                    return connection, connection.session(self._limits.alive_seconds)
            except HostUnreachable:
                connection.broken = True  # it died while it lay there; a new one tells what is the matter
            connection.close()
        return None

    def _new(self, kept: Kept, host: HostFacts) -> tuple[Connection, paramiko.Channel]:
        connection = self._connected(kept, host)
        try:
            return connection, connection.session(self._limits.session_seconds)
        except HostUnreachable:
            connection.close()
            raise

    def _connected(self, kept: Kept, host: HostFacts) -> Connection:
        if not host.keys:
            raise HostKeyUnknown(say.key_unknown(host))
        counts = Counts(connects=1)
        line, let_go = self._line(kept, host.address, host.port, host.jump)
        try:
            transport = trusted(host, line, self._limits)
            try:
                log_in(host, transport, kept.keys, counts, self._limits)
            except Explainable:
                close(transport)
                raise
        except NoSuchKey as error:
            let_go()
            shown = self.host_keys(host.address, host.port, host.jump)[0]
            raise changed(host, shown) from error
        except Explainable:
            let_go()
            raise
        return Connection(host, transport, counts, let_go)

    def _line(self, kept: Kept, address: str, port: int, jump: HostFacts | None) -> tuple[Line, LetGo]:
        """A line to the machine, and what to call when it is not needed any more."""
        if jump is None:
            return dial(address, port, self._limits.connect_seconds), _nothing
        try:
            shared = kept.borrow(_key(jump), lambda: self._connected(kept, jump))
        except Explainable as error:
            raise HostUnreachable(say.through_jump(jump, error)) from error
        try:
            return self._through(shared.connection, address, port), lambda: kept.give_back(shared)
        except HostUnreachable:
            kept.give_back(shared)
            raise

    def _through(self, jump: Connection, address: str, port: int) -> paramiko.Channel:
        try:
            return jump.transport.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=self._limits.connect_seconds
            )
        except paramiko.ChannelException as error:
            raise HostUnreachable(say.jump_refused(jump.host, address, port, error.text)) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = str(error) or type(error).__name__
            raise HostUnreachable(say.jump_refused(jump.host, address, port, why)) from error


def _nothing() -> None:
    """A line of its own needs nothing given back."""
