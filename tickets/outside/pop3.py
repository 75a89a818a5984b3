"""A mailbox over POP3 (RFC 1939, 2595): by UIDL; what is deleted is certain only after QUIT."""

from __future__ import annotations

import base64
import poplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from hosts.facts.words import gettext_noop, plain, words
from tickets.choices import AfterFetch, MailLogin, Security
from tickets.errors import MailGone, MailLoginRefused, MailServerLost, MailServerUnreachable
from tickets.facts.mailbox import MailServer, RemoteMail
from tickets.outside.secure import ANSWER_SECONDS, explained, require_loopback, trust

LINE_BYTES = 1 << 16
PIECE_BYTES = 1 << 20
SMALL_BYTES = 1 << 16


class _Line(poplib.POP3):
    """poplib with a RETR that takes lines of any length, in pieces; and with TLS from the first byte where asked."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(host, port, timeout=ANSWER_SECONDS)

    def _create_socket(self, timeout: float) -> socket.socket:
        line = socket.create_connection((self.host, self.port), timeout)
        if self._context is None:
            return line
        try:
            return self._context.wrap_socket(line, server_hostname=self.host)
        except OSError:
            line.close()
            raise

    @property
    def wire(self) -> socket.socket:
        """The socket."""
        return self.sock

    def retrieved(self, number: int) -> Iterator[bytes]:
        """The bytes of a mail without the dots that the protocol adds; whole lines or parts of very long ones."""
        answer = self._asked(f"RETR {number}")
        if not answer.startswith(b"+OK"):
            raise poplib.error_proto(answer)
        at_line_start = True
        while True:
            line = self.file.readline(LINE_BYTES)
            if not line:
                raise poplib.error_proto("the line ended in the middle of a mail")
            if at_line_start and line.startswith(b"."):
                if line in (b".\r\n", b".\n"):
                    return
                line = line[1:]
            at_line_start = line.endswith(b"\n")
            yield line

    def authenticate(self, mechanism: str, first: str) -> None:
        """AUTH with an initial answer (RFC 5034); an error that the server tells in base64 is let through."""
        answer = self._asked(f"AUTH {mechanism} {first}")
        if answer.startswith(b"+ "):  # the server tells why not, and waits for an empty line
            answer = self._asked("")
        if not answer.startswith(b"+OK"):
            raise poplib.error_proto(answer)

    def _asked(self, command: str) -> bytes:
        self.sock.sendall(command.encode() + b"\r\n")
        return self.file.readline(LINE_BYTES).rstrip(b"\r\n")


class Pop3Box:
    """A maildrop. It has no folders, so that moving leaves the mail where it is, like marking."""

    settles_at_close = True
    can_wait = False
    uid_validity = 0

    def __init__(self, line: _Line, server: MailServer) -> None:
        self._pop, self._server = line, server
        self._numbers: dict[str, int] = {}
        self._sizes: dict[int, int] = {}

    def mails_after(self, uid_validity: int, last_uid: int) -> list[RemoteMail]:
        """Everything that is there, oldest first."""
        with _session():
            _, lines, _ = self._pop.uidl()
        found = [line.split(b" ", 1) for line in lines]
        mails = [RemoteMail(uid.decode("latin-1").strip(), int(number)) for number, uid in found]
        self._numbers = {mail.remote_id: mail.number for mail in mails}
        return mails

    def pieces(self, mail: RemoteMail) -> Iterator[bytes]:
        """The raw bytes, about a megabyte at a time."""
        with _session():
            lines = self._pop.retrieved(mail.number)
            held: list[bytes] = []
            size = 0
            try:
                for line in lines:
                    held.append(line)
                    size += len(line)
                    if size >= PIECE_BYTES:
                        yield b"".join(held)
                        held, size = [], 0
            except poplib.error_proto as error:
                if size == 0 and not held and _said(error).startswith("-ERR"):
                    raise MailGone(words(gettext_noop("The mail is no longer on the server."))) from error
                raise
            yield b"".join(held)

    def small_ones(self, mails: Sequence[RemoteMail]) -> dict[str, bytes]:
        """The raw bytes of those with less than SMALL_BYTES, by what the server says and by what comes."""
        found: dict[str, bytes] = {}
        if not mails:
            return found
        with _session():
            if not self._sizes:
                _, lines, _ = self._pop.list()
                self._sizes = {int(number): int(size) for number, size, *_ in (line.split() for line in lines)}
            for mail in mails:
                if self._sizes.get(mail.number, SMALL_BYTES) < SMALL_BYTES:
                    raw = self._small(mail.number)
                    found |= {} if raw is None else {mail.remote_id: raw}
        return found

    def put_away(self, remote_ids: Sequence[str]) -> None:
        """Delete these at QUIT, where the facts say so."""
        if self._server.after_fetch != AfterFetch.DELETE:
            return
        for remote_id in remote_ids:
            number = self._numbers.pop(remote_id, None)
            if number is not None:
                with _session():
                    self._pop.dele(number)

    def wait(self, seconds: float) -> bool:
        """No news ever comes by itself."""
        return False

    def _small(self, number: int) -> bytes | None:
        """A mail that should be small; None where it is not, and where it is gone."""
        held, size = [], 0
        try:
            for line in self._pop.retrieved(number):
                size += len(line)
                if size < SMALL_BYTES:  # of one that is larger the rest is read, and not held
                    held.append(line)
        except poplib.error_proto as error:
            if not held and _said(error).startswith("-ERR"):
                return None
            raise
        return b"".join(held) if size < SMALL_BYTES else None

    def has_folder(self, name: str) -> bool:
        """There are no folders to be missed."""
        return True


@contextmanager
def opened_pop3(server: MailServer) -> Iterator[Pop3Box]:
    """Log in over a verified line. Leaving it well sends QUIT, which makes the deletions; an error does not."""
    with explained(server.host, server.port):
        line = _connected(server)
    try:
        _log_in(line, server)
        yield Pop3Box(line, server)
        with _session():
            line.quit()
    finally:
        _drop(line)


def _connected(server: MailServer) -> _Line:
    context = trust(server.ca_certificate)
    try:
        line = _Line(server.host, server.port, context if server.security == Security.TLS else None)
    except poplib.error_proto as error:
        raise _no_pop3(server, error) from error
    try:
        if server.security == Security.STARTTLS:
            line.stls(context)
        elif server.security == Security.NONE:
            require_loopback(line.wire)
    except poplib.error_proto as error:
        _drop(line)
        raise MailServerUnreachable(
            words(
                gettext_noop("The server offers no STARTTLS (%(why)s). No password was sent."), why=plain(_said(error))
            )
        ) from error
    except (OSError, MailServerUnreachable):
        _drop(line)
        raise
    return line


def _log_in(line: _Line, server: MailServer) -> None:
    try:
        if server.login == MailLogin.OAUTH2:
            said = f"user={server.username}\1auth=Bearer {server.password}\1\1"
            line.authenticate("XOAUTH2", base64.b64encode(said.encode()).decode())
        elif server.login == MailLogin.PASSWORD:
            line.user(server.username)
            line.pass_(server.password)
    except poplib.error_proto as error:
        raise MailLoginRefused(
            words(gettext_noop("The server does not accept the login: %(why)s."), why=plain(_said(error)))
        ) from error
    except OSError as error:
        raise MailServerUnreachable(
            words(gettext_noop("The line broke during the login: %(why)s."), why=plain(_said(error)))
        ) from error


def _no_pop3(server: MailServer, error: Exception) -> MailServerUnreachable:
    return MailServerUnreachable(
        words(
            gettext_noop("%(where)s does not speak POP3: %(why)s. Is it the right port?"),
            where=f"{server.host}:{server.port}",
            why=plain(_said(error)),
        )
    )


def _drop(line: _Line) -> None:
    with suppress(OSError):
        line.close()


@contextmanager
def _session() -> Iterator[None]:
    try:
        yield
    except (poplib.error_proto, OSError, ValueError) as error:
        raise MailServerLost(
            words(
                gettext_noop("The session with the mail server ended early: %(why)s. What was fetched is kept."),
                why=plain(_said(error)),
            )
        ) from error


def _said(error: Exception) -> str:
    first = error.args[0] if error.args else ""
    text = first.decode("latin-1") if isinstance(first, bytes) else str(error)
    return " ".join(text.split()).rstrip(".")[:300] or type(error).__name__
