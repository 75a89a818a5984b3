"""Defaults of relay and server in, the files under /etc/default out, or RenderError.

The files are read by a shell, and their values split at spaces: only words that need no quoting are let through,
and a server or an interface is none that the program would take for an option.
Source: Debian's isc-dhcp-relay and isc-dhcp-server, init scripts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dhcp.facts.defaults import RelayDefaults, ServerDefaults
from dhcp.facts.server import Relay, Server
from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

_WORD = re.compile(r"[A-Za-z0-9_.:/%@+=,-]+")
_SERVER = re.compile(r"[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*")
_INTERFACE = re.compile(r"[A-Za-z0-9_.:@][A-Za-z0-9_.:@-]{0,14}")


def isc_dhcp_relay(defaults: RelayDefaults | Relay) -> str:
    """/etc/default/isc-dhcp-relay. A relay without servers does not start, and is refused."""
    if not defaults.servers:
        raise RenderError(words(gettext_noop("A relay needs at least one server to pass requests on to.")))
    return _file(
        ("SERVERS", defaults.servers, _SERVER),
        ("INTERFACES", defaults.interfaces, _INTERFACE),
        ("OPTIONS", defaults.options, _WORD),
    )


def server_defaults(*servers: Server, paths: Mapping[int, str], options: tuple[str, ...] = ()) -> str:
    """/etc/default/isc-dhcp-server of the servers that run on one host, one of each IP version at most.

    `paths` are the configurations by IP version, where they are not at Debian's place, `options` words for dhcpd. The
    start script starts both versions where no interface is named, and fails where one of them has no configuration; a
    blank lets it start the one version on all interfaces that have a subnet.
    """
    names = {4: "INTERFACESv4", 6: "INTERFACESv6"}
    told = {server.version: server.interfaces for server in servers}
    for version, path in paths.items():
        _checked(f"DHCPDv{version}_CONF", (path,), _WORD)
    text = "".join(f'DHCPDv{version}_CONF="{path}"\n' for version, path in sorted(paths.items()))
    if any(not interfaces for interfaces in told.values()):
        text += "# A blank: all interfaces that have a subnet. Nothing at all would start the other IP version, too.\n"
    for version, name in names.items():
        words_of = _checked(name, told.get(version, ()), _INTERFACE)
        text += f'{name}="{words_of or " " if version in told else ""}"\n'
    return text + _file(("OPTIONS", options, _WORD))


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
    return "".join(f'{name}="{_checked(name, values, allowed)}"\n' for name, values, allowed in settings)


def _checked(name: str, values: tuple[str, ...], allowed: re.Pattern[str]) -> str:
    for value in values:
        if not allowed.fullmatch(value):
            said = gettext_noop("%(name)s cannot hold %(value)s: a shell would read it in another way.")
            raise RenderError(words(said, name=name, value=value))
    return " ".join(values)
