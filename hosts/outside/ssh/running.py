"""One command on a host: a fresh session, the command and its input go in; its output and exit code come out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import paramiko
from paramiko.common import cMSG_CHANNEL_REQUEST

from hosts.errors import HostLost, HostUnreachable, SudoRefused
from hosts.facts.machine import HostFacts
from hosts.facts.words import Words, gettext_noop, words
from hosts.outside.ssh import words as say
from hosts.outside.ssh.connection import Connection

PIECE_BYTES = 256 * 1024
STDERR_BYTES = 64 * 1024
# Input up to this size is sent by the caller's own thread: it fits into the buffers on the way, so that a
# host which stops reading cannot hold the caller.
SMALL_BYTES = 32 * 1024
# A command that ended but left a child with its stdout open is not waited for any longer than this.
LINGER_SECONDS = 2.0
SUDO = "env LC_ALL=C sudo -n -- "  # in English, so that its refusal is recognised
SUDO_WORDS = (b"sudo:", b"sudoers", b"may not run sudo", b"is not allowed to")
SUDO_CODES = (1, 126, 127)


class _Bell:
    """Rung by the thread that reads the line whenever stdout, stderr or the end of either came.

    paramiko's pipes take anything with `set` and `clear`; their own `clear` is ignored, because the pipe that
    was emptied would silence the ring of the other.
    """

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        """Nothing: see above."""

    def wait(self, seconds: float) -> None:
        """Until it rings, or `seconds` are over. What came before the ring is seen by who looks after it."""
        self._event.wait(seconds)
        self._event.clear()


class _Exit(threading.Event):
    """The event of the exit code, which rings as well: a child left behind may keep stdout open and silent."""

    def __init__(self, bell: _Bell) -> None:
        super().__init__()
        self._bell = bell

    def set(self) -> None:
        super().set()
        self._bell.set()


class Running:
    """A command that was started. Fulfils `Stream`; the errors are those of `Shell`.

    One thread reads; input of more than 32 KiB is written by another, so neither side can wait for the other.
    """

    def __init__(
        self,
        connection: Connection,
        channel: paramiko.Channel,
        command: str,
        *,
        stdin: bytes | Iterable[bytes],
        idle_seconds: float,
        timeout_seconds: float | None = None,
    ) -> None:
        self._connection = connection
        self._host: HostFacts = connection.host
        self._channel = channel
        self._idle_seconds = idle_seconds
        self._timeout_seconds = timeout_seconds
        self._began_at = time.monotonic()
        self._bell = _Bell()
        self._moved_at = time.monotonic()
        self._stderr = bytearray()
        self._stdin_error: Exception | None = None
        self._any_stdout = False
        self._ended = False
        self._start(SUDO + command if self._host.sudo else command)
        self._feed(stdin)

    @property
    def exit_code(self) -> int:
        if not self._ended:
            raise RuntimeError("the command has not been read to its end")
        return int(self._channel.exit_status)

    @property
    def stderr(self) -> bytes:
        return bytes(self._stderr)

    @property
    def ended(self) -> bool:
        """Whether everything was read and the exit code is known."""
        return self._ended

    def close(self) -> None:
        self._channel.close()

    def __iter__(self) -> Iterator[bytes]:
        while not self._ended:
            piece = self._next_piece()
            if piece:
                self._any_stdout = True
                yield piece
            else:
                self._end()

    # -- sending -----------------------------------------------------------------------------------------

    def _start(self, command: str) -> None:
        channel, transport = self._channel, self._connection.transport
        if channel.closed or not transport.is_active():
            raise self._broken()
        channel.in_buffer.set_event(self._bell)  # type: ignore[arg-type]  # it needs no more than a bell
        channel.in_stderr_buffer.set_event(self._bell)  # type: ignore[arg-type]
        channel.status_event = _Exit(self._bell)
        request = paramiko.Message()
        request.add_byte(cMSG_CHANNEL_REQUEST)
        request.add_int(channel.remote_chanid)
        request.add_string("exec")
        request.add_boolean(True)  # noqa: FBT003  (want_reply)
        request.add_string(command)
        self._connection.counts.execs += 1
        # Channel.exec_command would wait for the answer, without any limit. A refusal closes the channel,
        # and `_end` recognises that.
        channel._event_pending()  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            transport._send_user_message(request)  # type: ignore[attr-defined]  # noqa: SLF001
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._broken() from error  # a request that was not written whole is not begun

    def _broken(self) -> HostUnreachable:
        self._connection.broken = True
        return HostUnreachable(say.channel_refused(self._host, words(gettext_noop("the connection broke"))))

    def _feed(self, stdin: bytes | Iterable[bytes]) -> None:
        if isinstance(stdin, bytes) and len(stdin) <= SMALL_BYTES:
            self._channel.settimeout(self._idle_seconds)
            self._write((stdin,))
            return
        pieces = (stdin,) if isinstance(stdin, bytes) else stdin
        self._channel.settimeout(None)
        threading.Thread(target=self._write, args=(pieces,), name="ssh-stdin", daemon=True).start()

    def _write(self, pieces: Iterable[bytes]) -> None:
        channel = self._channel
        try:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[channel.send(bytes(rest[:SMALL_BYTES])) :]
                    self._moved_at = time.monotonic()
            channel.shutdown_write()
        except (OSError, EOFError, paramiko.SSHException):
            self._bell.set()  # the command ended or the line broke before it read everything: the reader sees
        except Exception as error:  # noqa: BLE001  (the caller's own iterator failed: hand it to the caller)
            self._stdin_error = error
            with suppress(OSError, EOFError, paramiko.SSHException):  # the line may be gone by now
                channel.close()

    # -- reading -----------------------------------------------------------------------------------------

    def _next_piece(self) -> bytes:
        """The next bytes of stdout, or none when there will be no more."""
        channel = self._channel
        while True:
            at_end = bool(channel.closed or channel.eof_received)  # looked at first: data comes before the end
            self._drain_stderr()
            if channel.recv_ready():
                self._moved_at = time.monotonic()
                return channel.recv(PIECE_BYTES)
            if at_end or self._lingers():
                return b""
            self._bell.wait(self._patience())

    def _drain_stderr(self) -> None:
        while self._channel.recv_stderr_ready():
            piece = self._channel.recv_stderr(PIECE_BYTES)
            self._stderr += piece[: STDERR_BYTES - len(self._stderr)]
            self._moved_at = time.monotonic()

    def _lingers(self) -> bool:
        """Whether only a left-over child still holds stdout: the exit code is here and nothing comes."""
        channel = self._channel
        ended = channel.status_event.is_set() and channel.exit_status != -1
        return ended and time.monotonic() - self._moved_at > LINGER_SECONDS

    def _patience(self) -> float:
        """Seconds until something must be decided; HostLost when the time is up."""
        now = time.monotonic()
        left = self._moved_at + self._idle_seconds - now
        if self._timeout_seconds is not None:
            until_timeout = self._began_at + self._timeout_seconds - now
            if until_timeout <= 0:
                self._lose(say.took_too_long(self._host, self._timeout_seconds))
            left = min(left, until_timeout)
        if left <= 0:
            self._lose(say.went_silent(self._host, self._idle_seconds))
        return min(left, LINGER_SECONDS) if self._channel.status_event.is_set() else left

    def _end(self) -> None:
        channel = self._channel
        while not channel.status_event.is_set():  # stdout is closed, but the command goes on
            channel.status_event.wait(self._patience())
        if self._stdin_error is not None:
            raise self._stdin_error
        if channel.exit_status == -1:
            self._explain_missing_status()
        self._refuse_sudo()
        channel.close()
        self._ended = True

    def _explain_missing_status(self) -> None:
        """No exit code: the line was cut, or the host runs nothing for us, or a signal ended the command."""
        transport = self._connection.transport
        if transport.is_active():
            transport.join(0.1)  # its thread closes the channels a moment before it calls itself dead
        if not transport.is_active():
            self._lose(say.line_cut(self._host))
        if not self._channel.event_ready:
            raise HostUnreachable(say.exec_refused(self._host))

    def _refuse_sudo(self) -> None:
        if not self._host.sudo or self._any_stdout or self._channel.exit_status not in SUDO_CODES:
            return
        if not any(word in self._stderr for word in SUDO_WORDS):
            return
        why = self._stderr.decode(errors="replace").strip().splitlines()[-1].removeprefix("sudo: ")
        raise SudoRefused(say.sudo_refused(self._host, why.rstrip(".")))

    def _lose(self, sentence: Words) -> None:
        self._connection.broken = True
        self._channel.close()
        raise HostLost(sentence)
