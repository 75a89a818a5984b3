"""Addresses, leases and the ways to a server in; the programs that ask or tell the server out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dhcp.facts.answers import KeaSocket, Omapi
from dhcp.render.on_host import Program, program
from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

_BAD_KEY = gettext_noop("The key %(key)s has blanks in its name, algorithm or secret. Enter it again.")


def pings(addresses: Sequence[str], seconds: int, at_once: int) -> Program:
    """Its output is for `dhcp.parse.answers.ping_answers`."""
    return program(("ping",), (seconds, at_once), *((address,) for address in addresses))


def omapi_release(way: Omapi, ip: str, mac: str) -> Program:
    """Its output is for `dhcp.parse.answers.omapi_answer`. `mac` is "" where any client's lease is meant.

    RenderError for a key that cannot be one.
    """
    if any(letter.isspace() for letter in way.key_name + way.algorithm + way.secret):
        raise RenderError(words(_BAD_KEY, key=way.key_name))
    algorithm = way.algorithm.partition(".")[0]
    key = (way.key_name or "0", algorithm, way.secret or "0")
    return program(("omapi",), (way.port, *key, ip, mac or "0"))


def kea_command(socket: KeaSocket, command: str, ip: str) -> Program:
    """Its output is for `dhcp.parse.answers.kea_answer`. `ip` is an address, or a prefix with its length."""
    address, slash, _length = ip.partition("/")
    arguments = {"ip-address": address} | ({"type": "IA_PD"} if slash else {})
    asked = json.dumps({"command": command, "arguments": arguments})
    return program(("kea_socket",), (socket.path, asked))


def server_state() -> Program:
    """Its output is for `dhcp.parse.server_state`."""
    return program(("state",))
