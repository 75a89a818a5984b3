"""Whom a line to a mail server trusts, and which lines may go without encryption."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from hosts.facts.words import gettext_noop, plain, words
from tickets.errors import MailServerUnreachable

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 60.0


def trust(ca_certificate: str, *, with_public: bool = False) -> ssl.SSLContext:
    """A context that verifies the server's certificate and name, by `ca_certificate` (PEM) alone where it is given.

    `with_public` trusts the public authorities as well.
    """
    try:
        context = ssl.create_default_context(cadata=ca_certificate or None)
        if with_public:
            context.load_default_certs()
    except (ssl.SSLError, ValueError) as error:
        raise MailServerUnreachable(
            words(gettext_noop("The certificate authority of this mailbox is no readable PEM text."))
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def require_loopback(line: socket.socket) -> None:
    """Refuse to go on without encryption unless the other end is this machine."""
    peer = line.getpeername()
    if isinstance(peer, tuple) and ipaddress.ip_address(peer[0].split("%")[0]).is_loopback:
        return
    raise MailServerUnreachable(
        words(
            gettext_noop(
                "Without encryption mail is fetched only from this machine. Nothing was sent; choose TLS or STARTTLS."
            )
        )
    )


@contextmanager
def explained(host: str, port: int) -> Iterator[None]:
    """What can go wrong on the way to a server as MailServerUnreachable in words."""
    where = f"{host}:{port}"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailServerUnreachable(
            words(
                gettext_noop("The certificate of %(where)s is not trusted: %(why)s. No password was sent."),
                where=where,
                why=plain(error.verify_message or str(error)),
            )
        ) from error
    except ssl.SSLError as error:
        raise MailServerUnreachable(
            words(
                gettext_noop("No encrypted line to %(where)s came about: %(why)s. Is it the right port?"),
                where=where,
                why=plain(error.reason or str(error)),
            )
        ) from error
    except socket.gaierror as error:
        raise MailServerUnreachable(
            words(gettext_noop("The name %(host)s is not known. Check the name of the server."), host=host)
        ) from error
    except TimeoutError as error:
        raise MailServerUnreachable(words(gettext_noop("%(where)s does not answer."), where=where)) from error
    except OSError as error:
        raise MailServerUnreachable(
            words(
                gettext_noop("%(where)s cannot be reached: %(why)s."),
                where=where,
                why=plain(error.strerror or str(error)),
            )
        ) from error
