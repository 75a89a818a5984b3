"""A real SMTP server on loopback in a thread of the test: TLS, STARTTLS or neither, with or without a login.

It keeps what it took. `answers` says what it answers to a recipient, so that a test can be a full mailbox.
"""

from __future__ import annotations

import base64
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.tickets.dovecot import certificates
from tickets.choices import MailLogin, Security
from tickets.facts.smtp import SmtpServer

USER, PASSWORD, TOKEN = "desk", "correct horse", "ya29.token"


@dataclass
class Taken:
    """A mail that the server took."""

    sender: str
    to: str
    content: bytes

    @property
    def message_id(self) -> str:
        return self.content.split(b"Message-ID: <", 1)[1].split(b">", 1)[0].decode()


@dataclass
class Keeper:
    """The server's other side: what it took and how it answers."""

    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sender_answer: str = ""
    data_answer: str = ""
    breaks_after: int = -1

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_answer:
            return self.data_answer
        self.taken += [Taken(envelope.mail_from, to, bytes(envelope.content)) for to in envelope.rcpt_tos]
        if len(self.taken) == self.breaks_after:
            server.transport.abort()  # the mail is here, and the answer never gets there
        return "250 2.0.0 Taken"

    @property
    def copies(self) -> Counter[str]:
        """How often each mail came."""
        return Counter(one.message_id for one in self.taken)


class _Smtp(SMTP):
    """The server with XOAUTH2, which aiosmtpd lacks."""

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01":
            return AuthResult(success=True)
        await self.challenge_auth('{"status":"401"}')
        return AuthResult(success=False, handled=False)


class _Controller(Controller):
    def factory(self) -> SMTP:
        server = _Smtp(self.handler, **self.SMTP_kwargs)
        server._auth_require_tls = False  # on loopback a login without TLS is what some tests are about
        return server


@dataclass
class Running:
    """A server that can be stopped and started again at the same port."""

    keeper: Keeper
    port: int
    authority: str
    context: ssl.SSLContext
    options: dict[str, Any]
    controller: Controller | None = None

    def start(self) -> None:
        implicit = self.options.get("security") == Security.TLS
        kwargs: dict[str, Any] = {"hostname": "127.0.0.1", "port": self.port, "data_size_limit": 1 << 26}
        if implicit:
            kwargs["ssl_context"] = self.context
        elif self.options.get("security") == Security.STARTTLS:
            kwargs |= {"tls_context": self.context, "require_starttls": True}
        if self.options.get("login", MailLogin.NONE) != MailLogin.NONE:
            kwargs |= {"auth_required": True, "authenticator": _authenticate}
        self.controller = _Controller(self.keeper, **kwargs)
        self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def facts(self, **changes: Any) -> SmtpServer:
        """How a client reaches it."""
        fields = {
            "host": "localhost",
            "port": self.port,
            "security": self.options.get("security", Security.NONE),
            "login": self.options.get("login", MailLogin.NONE),
            "username": USER,
            "password": TOKEN if self.options.get("login") == MailLogin.OAUTH2 else PASSWORD,
            "ca_certificate": self.authority,
            "hello": "desk.example",
        }
        return SmtpServer(**(fields | changes))


@contextmanager
def smtp_server(folder: Path, **options: Any) -> Iterator[Running]:
    """A server that is up; `security` and `login` are what it asks for."""
    authority = certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    running = Running(Keeper(), _free_port(), authority, context, options)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
