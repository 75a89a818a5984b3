"""Leases, ranges and reserved addresses of a network in, its picture out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address

from dhcp.choices import LeaseState
from dhcp.facts.subnet_map import Block, Cell, Leased

MOST_CELLS = 4096
BLOCK_DIGITS = 2
"""A block has at least 16 ** 2 addresses: of IPv4 a /24."""
Span = tuple[str, str]


def shown(network: Span, pools: Sequence[Span]) -> Span | None:
    """The keys of what is drawn: of IPv4 the network; of IPv6, where a network is mostly empty, from the first to the
    last address of its pools, None where it has none.
    """
    if network[0].startswith("4"):
        return network
    if not pools:
        return None
    return min(low for low, _ in pools), max(high for _, high in pools)


def digits_of_block(span: Span) -> int:
    """How many hex digits of a key a block leaves open; 0 where every address is a cell of its own."""
    size = _number(span[1]) - _number(span[0]) + 1
    if size <= MOST_CELLS:
        return 0
    digits = BLOCK_DIGITS
    while size // 16**digits > MOST_CELLS:
        digits += 1
    return digits


def cells(
    span: Span, pools: Sequence[Span], leases: Iterable[Leased], reserved: Mapping[str, str], now: datetime
) -> list[Cell]:
    """One for each address of the span. `reserved` is the name of a reservation by the key of its address."""
    by_key = {each.key: each for each in leases}
    version, width = span[0][0], len(span[0]) - 1
    found = []
    for number in range(_number(span[0]), _number(span[1]) + 1):
        key = f"{version}{number:0{width}x}"
        in_pool = any(low <= key <= high for low, high in pools)
        found.append(_cell(_written(key), by_key.get(key), reserved.get(key, ""), now, in_pool=in_pool))
    return found


def _cell(address: str, lease: Leased | None, reserved_for: str, now: datetime, *, in_pool: bool) -> Cell:
    nobody = "reserved" if reserved_for else "free" if in_pool else "outside"
    if lease is None:
        return Cell(address, nobody, in_pool, reserved_for=reserved_for)
    kind = nobody
    if lease.state in (LeaseState.BACKUP, LeaseState.ABANDONED):
        kind = lease.state
    elif lease.state in (LeaseState.ACTIVE, "") and (lease.until is None or lease.until > now):
        kind = "leased"
    return Cell(address, kind, in_pool, lease.mac, lease.hostname, lease.until, lease.never_ends, reserved_for)


def blocks(
    span: Span,
    digits: int,
    pools: Sequence[Span],
    leased: Mapping[tuple[str, str], int],
    reserved: Iterable[str],
) -> list[Block]:
    """`leased` is how many leases there are by (the key without its last `digits`, the state)."""
    named = Counter(key[:-digits] for key in reserved)
    merged = _merged(pools)
    size, low, high = 16**digits, _number(span[0]), _number(span[1])
    found = []
    for start in range(low - low % size, high + 1, size):
        first, last = max(start, low), min(start + size - 1, high)
        keys = _key(span, first), _key(span, last)
        head = keys[0][:-digits]
        found.append(
            Block(
                _written(keys[0]),
                _written(keys[1]),
                last - first + 1,
                sum(max(0, min(last, top) - max(first, bottom) + 1) for bottom, top in merged),
                leased.get((head, LeaseState.ACTIVE), 0) + leased.get((head, ""), 0),
                leased.get((head, LeaseState.ABANDONED), 0),
                named[head],
            )
        )
    return found


def _merged(pools: Iterable[Span]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted((_number(low), _number(high)) for low, high in pools):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return found


def _number(key: str) -> int:
    return int(key[1:], 16)


def _key(span: Span, number: int) -> str:
    return f"{span[0][0]}{number:0{len(span[0]) - 1}x}"


def _written(key: str) -> str:
    return str(IPv4Address(_number(key)) if key[0] == "4" else IPv6Address(_number(key)))
