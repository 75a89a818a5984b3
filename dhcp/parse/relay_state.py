"""How a relay was started, and its host's interfaces and routes, in; which side is which out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network

from dhcp.facts.defaults import RelayDefaults
from dhcp.facts.server import Relay
from dhcp.facts.state import Interface, KnownRoute

_WITH_VALUE = ("-p", "-c", "-A", "-m", "-pf", "-g", "-U", "-rp", "-N", "-I", "-l", "-u")
_ON = {"-i": "both", "-id": "down", "-iu": "up"}


def relay_of(words: Sequence[str], interfaces: Sequence[Interface], routes: Sequence[KnownRoute]) -> Relay:
    """Of the words after the program's name. Source: dhcrelay(8), 4.4.

    Where no interface is said to lead to the servers (-iu) it is the one by which the host reaches them.
    """
    sides: dict[str, list[str]] = {"both": [], "down": [], "up": []}
    options: list[str] = []
    servers: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _ON:
            sides[_ON[word]].append(next(rest, ""))
        elif word in _WITH_VALUE:
            options += [word, next(rest, "")]
        elif word.startswith("-"):
            options.append(word)
        else:
            servers.append(word)
    up = sides["up"] or [name for name in (_way_to(server, routes) for server in servers) if name]
    down = sides["down"] or [name for name in sides["both"] if name not in up]
    for flag, names in (("-id", sides["down"]), ("-iu", sides["up"])):
        options += [part for name in names for part in (flag, name)]
    return Relay(
        host="",
        servers=tuple(servers),
        interfaces=tuple(sides["both"]),
        options=tuple(options),
        giaddr=_addresses(down, interfaces),
        uplinks=_addresses(up, interfaces),
    )


def words_of(defaults: RelayDefaults) -> list[str]:
    """As Debian's start script makes them of /etc/default/isc-dhcp-relay."""
    named = [part for name in defaults.interfaces for part in ("-i", name)]
    return [*defaults.options, *named, *defaults.servers]


def _addresses(names: Iterable[str], interfaces: Sequence[Interface]) -> tuple[str, ...]:
    known = {one.name: [each for each in one.addresses if ":" not in each] for one in interfaces}
    return tuple(dict.fromkeys(each for name in names for each in known.get(name, ())))


def _way_to(server: str, routes: Sequence[KnownRoute]) -> str:
    """The interface of the narrowest route; "" for a name, and where there is no route."""
    try:
        address = ip_address(server)
    except ValueError:
        return ""
    fitting = [route for route in routes if address in ip_network(route.network)]
    return max(fitting, key=lambda route: ip_network(route.network).prefixlen).interface if fitting else ""
