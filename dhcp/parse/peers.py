"""Blocks about partners of a server (failover peer, key, zone) in, facts out; None where something else is in them."""

from __future__ import annotations

from dhcp.facts.config import Statement
from dhcp.facts.server import DdnsZone, FailoverPeer, Parameter, TsigKey
from dhcp.parse.statement_words import bare, rest, word

_NUMBERS = {
    "port": "port",
    "peer port": "peer_port",
    "max-response-delay": "max_response_delay_seconds",
    "max-unacked-updates": "max_unacked_updates",
    "mclt": "mclt_seconds",
    "split": "split",
    "load balance max seconds": "load_balance_max_seconds",
    "load balance max secs": "load_balance_max_seconds",
}


def failover_peer(statement: Statement) -> FailoverPeer | None:
    """Of `failover peer "fo" { }`."""
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    others: list[Parameter] = []
    for each in statement.block or ():
        name, value = " ".join(each.words[:-1]).lower(), each.words[-1]
        if name in _NUMBERS and value.isascii() and value.isdigit():
            numbers[_NUMBERS[name]] = int(value)
        elif name in ("address", "peer address"):
            texts[name] = value
        elif each.text.lower() in ("primary", "secondary"):
            texts["role"] = each.text.lower()
        else:
            others.append(Parameter(each.keyword, rest(each, 1)))
    if word(statement, 1).lower() != "peer" or not {"role", "address", "peer address"} <= set(texts):
        return None
    return FailoverPeer(
        name=word(statement, 2),
        primary=texts["role"] == "primary",
        address=texts["address"],
        peer_address=texts["peer address"],
        others=tuple(others),
        **numbers,
    )


def tsig_key(statement: Statement) -> TsigKey | None:
    """Of `key NAME { algorithm A; secret S; }`."""
    said = {each.keyword: bare(rest(each, 1)) for each in statement.block or ()}
    if set(said) != {"algorithm", "secret"} or len(statement.words) != 2:
        return None
    return TsigKey(word(statement, 1), said["algorithm"], said["secret"])


def ddns_zone(statement: Statement) -> DdnsZone | None:
    """Of `zone NAME { primary A; key K; }`."""
    said = {each.keyword: bare(rest(each, 1)) for each in statement.block or ()}
    if not {"primary"} <= set(said) <= {"primary", "key"} or len(statement.words) != 2:
        return None
    return DdnsZone(word(statement, 1), said["primary"], said.get("key", ""))
