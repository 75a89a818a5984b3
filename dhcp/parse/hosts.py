"""A `host` of a dhcpd.conf in, the reservation out."""

from __future__ import annotations

from dataclasses import replace

from dhcp.facts.config import Statement
from dhcp.facts.server import Reservation, Settings
from dhcp.parse.addresses import address, mac
from dhcp.parse.settings import Kinds, Read, settings
from dhcp.parse.statement_words import bare, rest, word

_ADDRESSES = ("fixed-address", "fixed-address6")


def reservation(statement: Statement, custom: Kinds) -> tuple[Reservation, Read]:
    """With what its settings said besides (comments)."""
    made = Reservation(word(statement, 1))
    others: list[Statement] = []
    for each in statement.block or ():
        taken = _taken(made, each)
        made = taken or made
        others += [] if taken else [each]
    read = settings(others, custom)
    return _named(made, read.settings), read


def _taken(made: Reservation, each: Statement) -> Reservation | None:
    if each.block is not None:
        return None
    if each.keyword == "hardware" and len(each.words) == 3 and (found := mac(each.words[2])):
        return replace(made, hardware=each.words[1].lower(), mac=found)
    if each.keyword in _ADDRESSES:
        written = [bare(said) for said in each.words[1:] if said != ","]
        return replace(made, addresses=tuple(str(address(said) or said) for said in written))
    if each.keyword == "fixed-prefix6":
        return replace(made, prefixes=(*made.prefixes, rest(each, 1)))
    if each.keyword == "host-identifier":
        return replace(made, match=rest(each, 1))
    return None


def _named(made: Reservation, found: Settings) -> Reservation:
    """Its client id and host name are fields of their own, unless they are expressions."""
    options, client_id, hostname = [], made.client_id, made.hostname
    for option in found.options:
        if option.name == "dhcp-client-identifier" and option.values:
            client_id = option.values[0]
        elif option.name == "host-name" and option.values:
            hostname = option.values[0]
        else:
            options.append(option)
    kept = replace(found, options=tuple(options))
    return replace(made, client_id=client_id, hostname=hostname, settings=kept)
