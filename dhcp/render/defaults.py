"""Defaults of relay and server in, the files under /etc/default out, or RenderError.

The files are read by a shell, and their values split at spaces: only words that need no quoting are let through.
Source: Debian's isc-dhcp-relay and isc-dhcp-server, init scripts.
"""

from __future__ import annotations

import re

from dhcp.facts.defaults import RelayDefaults, ServerDefaults
from dhcp.facts.server import Relay, Server
from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

_WORD = re.compile(r"[A-Za-z0-9_.:/%@+=,-]+")
_INTERFACE = re.compile(r"[A-Za-z0-9_.:@-]{1,15}")


def isc_dhcp_relay(defaults: RelayDefaults | Relay) -> str:
    """/etc/default/isc-dhcp-relay. A relay without servers does not start, and is refused."""
    if not defaults.servers:
        raise RenderError(words(gettext_noop("A relay needs at least one server to pass requests on to.")))
    return _file(
        ("SERVERS", defaults.servers, _WORD),
        ("INTERFACES", defaults.interfaces, _INTERFACE),
        ("OPTIONS", defaults.options, _WORD),
    )


def isc_dhcp_server(*told: ServerDefaults | Server) -> str:
    """/etc/default/isc-dhcp-server, of its defaults, or of the servers for IPv4 and IPv6 that run on one host.

    No interface means all that have a subnet.
    """
    each = [_defaults(one) if isinstance(one, Server) else one for one in told]
    defaults = ServerDefaults(
        tuple(name for one in each for name in one.interfaces4),
        tuple(name for one in each for name in one.interfaces6),
        tuple(option for one in each for option in one.options),
    )
    return _file(
        ("INTERFACESv4", defaults.interfaces4, _INTERFACE),
        ("INTERFACESv6", defaults.interfaces6, _INTERFACE),
        ("OPTIONS", defaults.options, _WORD),
    )


def _defaults(server: Server) -> ServerDefaults:
    return ServerDefaults(*((), server.interfaces) if server.version == 6 else (server.interfaces,))


def _file(*settings: tuple[str, tuple[str, ...], re.Pattern[str]]) -> str:
    lines = []
    for name, values, allowed in settings:
        for value in values:
            if not allowed.fullmatch(value):
                said = gettext_noop("%(name)s cannot hold %(value)s: a shell would read it in another way.")
                raise RenderError(words(said, name=name, value=value))
        lines.append(f'{name}="{" ".join(values)}"\n')
    return "".join(lines)
