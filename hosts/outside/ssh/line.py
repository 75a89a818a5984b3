"""Open the line that SSH is spoken over: an address goes in, a socket tuned for short messages comes out."""

from __future__ import annotations

import errno
import socket
import time

from hosts.errors import HostUnreachable
from hosts.facts.words import Words
from hosts.outside.ssh import words as say

NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL)

# The kernel notices a dead peer by itself: after 15 s of silence it asks three times, 5 s apart, and what was
# sent must be acknowledged within 30 s. Nagle's algorithm would add 40 ms to every small message.
TUNING = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000),
)


def dial(address: str, port: int, seconds: float) -> socket.socket:
    """A connected TCP socket; each address of a name is tried in the resolver's order within `seconds` in all.

    Raises HostUnreachable in words for: no such name, refused, no route, no answer.
    """
    try:
        found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise HostUnreachable(say.name_not_found(address)) from error
    deadline = time.monotonic() + seconds
    why: OSError = TimeoutError()
    for number, (family, kind, protocol, _name, place) in enumerate(found):
        share = (deadline - time.monotonic()) / (len(found) - number)  # a dead address must not eat it all
        if share <= 0:
            break
        try:
            return _connected(family, kind, protocol, place, share)
        except OSError as error:
            why = error
    raise HostUnreachable(_sentence(why, address, port, seconds)) from why


def _connected(
    family: socket.AddressFamily, kind: socket.SocketKind, protocol: int, place: object, seconds: float
) -> socket.socket:
    line = socket.socket(family, kind, protocol)
    try:
        for level, option, value in TUNING:
            line.setsockopt(level, option, value)
        line.settimeout(seconds)
        line.connect(place)  # type: ignore[arg-type]  # whatever getaddrinfo gave for this family
    except OSError:
        line.close()
        raise
    return line


def _sentence(why: OSError, address: str, port: int, seconds: float) -> Words:
    if isinstance(why, ConnectionRefusedError):
        return say.refused(address, port)
    if why.errno in NO_ROUTE:
        return say.no_route(address, port)
    if isinstance(why, TimeoutError):
        return say.no_answer(address, port, seconds)
    return say.not_connected(address, port, why.strerror or type(why).__name__)
