"""Ranges and states of addresses in, how full they are out, counted as dhcpd-pools 2.29 counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address

from dhcp.choices import LeaseState, UsageOf
from dhcp.facts.usage import RangeLine, Usage

ALL = "All networks"
_Sorted = dict[tuple[int, str], list[int]]


def usage(ranges: Iterable[RangeLine], networks: Iterable[str], states: Mapping[tuple[int, int], str]) -> list[Usage]:
    """One for each range in the order of addresses, then for each shared network, then for all.

    Ranges that overlap are each counted whole.
    """
    by_state = _sorted_addresses(states)
    rows = [_range_usage(line, by_state) for line in sorted(ranges, key=lambda line: line.first)]
    shared = [_sum(UsageOf.SHARED_NETWORK, name, (row for row in rows if row.name == name)) for name in networks]
    return [*rows, *shared, _sum(UsageOf.ALL, ALL, rows)]


def _sorted_addresses(states: Mapping[tuple[int, int], str]) -> _Sorted:
    found: _Sorted = {}
    for (version, address), state in states.items():
        kind = state if state in (LeaseState.ACTIVE, LeaseState.BACKUP) else "touched"
        found.setdefault((version, kind), []).append(address)
    for addresses in found.values():
        addresses.sort()
    return found


def _range_usage(line: RangeLine, by_state: _Sorted) -> Usage:
    def within(kind: str) -> int:
        addresses = by_state.get((line.version, kind), [])
        return bisect_right(addresses, line.last) - bisect_left(addresses, line.first)

    return Usage(
        of=UsageOf.RANGE,
        name=line.network,
        first=_written(line.version, line.first),
        last=_written(line.version, line.last),
        defined=line.last - line.first + 1,
        used=within(LeaseState.ACTIVE),
        touched=within("touched"),
        backup=within(LeaseState.BACKUP),
    )


def _sum(of: UsageOf, name: str, rows: Iterable[Usage]) -> Usage:
    rows = list(rows)
    return Usage(
        of=of,
        name=name,
        first=None,
        last=None,
        defined=sum(row.defined for row in rows),
        used=sum(row.used for row in rows),
        touched=sum(row.touched for row in rows),
        backup=sum(row.backup for row in rows),
    )


def _written(version: int, address: int) -> str:
    return str(IPv4Address(address) if version == 4 else IPv6Address(address))
