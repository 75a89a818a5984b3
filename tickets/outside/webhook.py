"""A call to another program over HTTP: posted once, without following where it points; its status code out."""

from __future__ import annotations

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from hosts.facts.words import gettext_noop, plain, words
from tickets.errors import HookFailed
from tickets.facts.webhook import Call
from tickets.render.webhook import headers

SECONDS = 15.0
MOST_READ = 64 * 1024


def post(call: Call, timestamp: int, *, authorities: str | None = None) -> int:
    """The status code, 200 to 299. HookFailed for everything else: no line, no trust, another answer, a redirect.

    `timestamp` (seconds since 1970) goes into the signature. `authorities` is a file with certificates to trust besides
    the system's. Addresses of the machine's own link (169.254/16, fe80::/10: cloud metadata) are never spoken to.
    """
    connection = _connection(call.url, authorities)
    try:
        connection.connect()
        _check_peer(connection)
        parts = urlsplit(call.url)
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request("POST", path, call.body, headers(call, timestamp))
        answer = connection.getresponse()
        answer.read(MOST_READ)
        status = answer.status
    except (OSError, HTTPException, ValueError) as error:
        why = plain(getattr(error, "strerror", None) or str(error) or type(error).__name__)
        raise HookFailed(words(gettext_noop("The other program could not be reached: %(why)s"), why=why)) from error
    finally:
        connection.close()
    if not 200 <= status <= 299:
        raise HookFailed(words(gettext_noop("The other program answered %(code)s."), code=status), status_code=status)
    return status


def _connection(url: str, authorities: str | None) -> HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname
    if parts.scheme not in ("http", "https") or not host:
        raise HookFailed(words(gettext_noop("The address must begin with https:// or http://, and carry no login.")))
    try:
        port = parts.port
    except ValueError as error:
        raise HookFailed(
            words(gettext_noop("The other program could not be reached: %(why)s"), why=str(error))
        ) from error
    if parts.scheme == "http":
        return HTTPConnection(host, port or 80, timeout=SECONDS)
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(authorities)
    return HTTPSConnection(host, port or 443, timeout=SECONDS, context=context)


def may_speak_to(peer: str) -> bool:
    """Whether an address may be told anything; one of IPv4 that is written as one of IPv6 is the same machine."""
    found = ip_address(peer.partition("%")[0])
    same = getattr(found, "ipv4_mapped", None) or found
    return not (same.is_link_local or same.is_multicast or same.is_unspecified)


def _check_peer(connection: HTTPConnection) -> None:
    """Looked at after connecting, so that a name which changes its address between two look-ups gains nothing."""
    peer = connection.sock.getpeername()[0]
    if not may_speak_to(peer):
        raise HookFailed(words(gettext_noop("The address %(peer)s is not spoken to."), peer=peer))
