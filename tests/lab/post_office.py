"""Accounts and ports in, a real Dovecot and a real SMTP server on loopback out, with delivery between them.

Mail to an account is put into its Maildir, which is called after what stands before the @; other mail is refused.
"""

from __future__ import annotations

import hashlib
import logging
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.lab.errors import LabError
from tests.tickets import dovecot

PLACES = {"smtp": 25, "pop3": 110, "imap": 143, "imaps": 993, "pop3s": 995}
"""What is added to the panel's port: 8025 is SMTP where the panel is at 8000."""
LARGEST_MAIL = 64 * 1024 * 1024
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of every command


@dataclass(frozen=True)
class PostOffice:
    """Running servers: their ports by name, and the authority that their certificate is of."""

    ports: Mapping[str, int]
    authority: str


class Deliverer:
    """What the SMTP server does with mail."""

    def __init__(self, server: dovecot.Dovecot, accounts: frozenset[str]) -> None:
        self._server, self._accounts = server, accounts

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:  # noqa: N802
        """Take mail for accounts only."""
        if not address.lower().endswith(".localhost"):
            return f"550 5.7.1 <{address}>: mail of the demo stays on this machine"
        if address.lower() not in self._accounts:
            return f"550 5.1.1 <{address}>: there is nobody of this name here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Deliver a copy to each, with the two lines that a delivery agent writes."""
        content = bytes(envelope.content or b"")
        for address in envelope.rcpt_tos:
            head = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {address}\r\n".encode()
            self._server.deliver(head + content, address.rpartition("@")[0].lower())
        return "250 2.0.0 Delivered"


def ports_beside(panel: int) -> dict[str, int]:
    """The ports of the servers of the panel at `panel`."""
    return {name: panel + more for name, more in PLACES.items()}


def missing() -> str:
    """What this machine lacks for it, as a sentence; empty where nothing is missing."""
    return dovecot.missing()


@contextmanager
def running(var: Path, ports: Mapping[str, int], accounts: Mapping[str, str]) -> Iterator[PostOffice]:
    """Start both and stop both at the end. LabError where a port is taken. Mails stay for the next time."""
    imap_and_pop3 = {name: port for name, port in ports.items() if name != "smtp"}
    try:
        with dovecot.running_in(_place(var), ports=imap_and_pop3, accounts=accounts) as server:
            controller = _started(_smtp(server, ports["smtp"], frozenset(accounts)))
            try:
                yield PostOffice(ports, server.ca)
            finally:
                controller.stop()
    except (OSError, RuntimeError) as error:
        raise LabError(f"The mail servers did not start: {' '.join(str(error).split())[:300]}.") from error


def _started(controller: Controller) -> Controller:
    """The SMTP server, listening; where it cannot, its loop is not left behind."""
    try:
        controller.start()
    except OSError:
        controller.loop.close()
        raise
    return controller


def _smtp(server: dovecot.Dovecot, port: int, accounts: frozenset[str]) -> Controller:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.folder / "server.pem", server.folder / "server.key")
    return Controller(
        Deliverer(server, accounts),
        hostname="127.0.0.1",
        port=port,
        server_hostname="mail.rackdesk.localhost",
        tls_context=context,
        data_size_limit=LARGEST_MAIL,
        enable_SMTPUTF8=True,
    )


def _place(var: Path) -> Path:
    """Where the mails lie: Dovecot serves them as nobody and must get there, which into root's own folders it cannot."""
    if os.geteuid() != 0:
        place = var / "mail"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place
    place = Path("/var/tmp") / f"rackdesk-mail-{hashlib.sha256(str(var).encode()).hexdigest()[:8]}"
    place.mkdir(mode=0o711, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != 0:
        raise LabError(f"{place} belongs to somebody else. Remove it, and start again.")
    return place
