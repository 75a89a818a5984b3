"""A shell on one host over one connection: commands go in, what they said comes out."""

from __future__ import annotations

from collections.abc import Iterable

import paramiko

from hosts.errors import CommandFailed
from hosts.outside.shell import MEBIBYTE, Counts, Finished
from hosts.outside.ssh import words as say
from hosts.outside.ssh.connection import Connection
from hosts.outside.ssh.limits import Limits
from hosts.outside.ssh.running import Running


class SshShell:
    """Fulfils `Shell` over one connection, for one thread, within one `with`."""

    def __init__(self, connection: Connection, channel: paramiko.Channel, limits: Limits) -> None:
        self._connection = connection
        self._channel: paramiko.Channel | None = channel
        self._limits = limits
        self._running: Running | None = None

    @property
    def counts(self) -> Counts:
        return self._connection.counts

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",
        timeout_seconds: float = 60,
        output_limit: int = 64 * MEBIBYTE,
    ) -> Finished:
        running = self._started(command, stdin=stdin, idle_seconds=timeout_seconds, timeout_seconds=timeout_seconds)
        pieces, length = [], 0
        for piece in running:
            pieces.append(piece)
            length += len(piece)
            if length > output_limit:
                running.close()
                sentence = say.too_much_output(self._connection.host, output_limit)
                output = b"".join(pieces)[:1000].decode(errors="replace")
                raise CommandFailed(sentence, exit_code=-1, output=output)
        return Finished(running.exit_code, b"".join(pieces), running.stderr)

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> Running:
        return self._started(command, stdin=stdin, idle_seconds=idle_seconds)

    def _started(
        self,
        command: str,
        *,
        stdin: bytes | Iterable[bytes],
        idle_seconds: float,
        timeout_seconds: float | None = None,
    ) -> Running:
        self.leave()
        channel, self._channel = self._channel, None
        if channel is None:
            channel = self._connection.session(self._limits.session_seconds)
        self._running = Running(
            self._connection, channel, command, stdin=stdin, idle_seconds=idle_seconds, timeout_seconds=timeout_seconds
        )
        return self._running

    def leave(self) -> None:
        """Stop watching what still runs."""
        if self._running is not None and not self._running.ended:
            self._running.close()
        self._running = None

    def end(self) -> None:
        """The `with` is over: nothing of this shell may live on in the connection."""
        self.leave()
        if self._channel is not None:
            self._channel.close()
