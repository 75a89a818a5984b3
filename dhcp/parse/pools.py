"""Statements of a pool in, its ranges and permissions out; None for what is not written as it must be."""

from __future__ import annotations

from ipaddress import IPv6Address

from dhcp.facts.config import Statement
from dhcp.facts.server import Permit, PrefixRange, Range
from dhcp.parse.statement_words import ends, rest


def range_of(statement: Statement) -> Range | None:
    """Of range or range6; one that is written backwards is turned, as dhcpd does."""
    limits, _ = ends(statement)
    if not limits or any(limit.version != limits[0].version for limit in limits):
        return None
    said = {written.lower() for written in statement.words[1:]}
    low, high = min(limits, key=int), max(limits, key=int)
    return Range(str(low), str(high), "dynamic-bootp" in said, "temporary" in said)


def prefix_range(statement: Statement) -> PrefixRange | None:
    """Of prefix6."""
    limits, length = ends(statement)
    if len(limits) != 2 or length is None or not all(isinstance(limit, IPv6Address) for limit in limits):
        return None
    return PrefixRange(str(limits[0]), str(limits[1]), length)


def permit(statement: Statement) -> Permit:
    """Of allow, deny or ignore."""
    return Permit(statement.keyword, rest(statement, 1))
