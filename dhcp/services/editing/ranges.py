"""What people typed as ranges in, the rows of a pool out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dhcp.models import Pool, Range, Subnet
from dhcp.rules.addresses import address_of, network_of
from dhcp.services.editing.typed import require_few
from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words

MOST_RANGES = 2_000
"""Of a pool; more are taken over from a file, where they are."""


@dataclass(frozen=True, slots=True)
class RangeSaid:
    """As typed. An empty `last` means the first alone; with a `prefix_length` they are prefixes to delegate."""

    first: str
    last: str = ""
    bootp: bool = False
    temporary: bool = False
    prefix_length: int | None = None


def put_ranges(pool: Pool, ranges: Sequence[RangeSaid], version: int) -> None:
    """The pool has these and no others; rows of ranges that stay are kept."""
    require_few(ranges, MOST_RANGES, "ranges")
    wanted = [_row(pool, each, version, position) for position, each in enumerate(ranges)]
    kept = {_key(each): each for each in pool.ranges.all()}
    for row in wanted:
        if old := kept.pop(_key(row), None):
            Range.objects.filter(pk=old.pk).update(position=row.position)
        else:
            row.save()
    Range.objects.filter(pk__in=[each.pk for each in kept.values()]).delete()


def put_plain_ranges(subnet: Subnet, ranges: Sequence[RangeSaid]) -> None:
    """The ranges that stand in the subnet itself; none: there is no such pool."""
    pool = subnet.pools.filter(is_plain=True).first()
    if not ranges:
        if pool is not None:
            pool.delete()
        return
    pool = pool or Pool.objects.create(server=subnet.server, subnet=subnet, is_plain=True)
    put_ranges(pool, ranges, subnet.server.version)


def _row(pool: Pool, typed: RangeSaid, version: int, position: int) -> Range:
    first, last = (_address(each, version) for each in (typed.first, typed.last or typed.first))
    return Range(
        pool=pool,
        first=first,
        last=last,
        is_bootp=typed.bootp,
        is_temporary=typed.temporary,
        prefix_length=typed.prefix_length,
        position=position,
    )


def _address(typed: str, version: int) -> str:
    found = address_of(typed.strip()) if "/" not in typed else None
    if found is None or found.version != version:
        said = gettext_noop("“%(text)s” is no IPv%(version)s address. Write a range as its first and its last address.")
        raise BadInput(words(said, text=typed[:60], version=version), field="ranges")
    return str(found)


def _key(row: Range) -> tuple[object, ...]:
    return row.first, row.last, row.is_bootp, row.is_temporary, row.prefix_length


def usual_network(typed: str, version: int) -> str:
    """A network in its usual spelling. BadInput where bits are set beyond its length, with what was meant."""
    found = network_of(typed.strip())
    if found is None or found.version != version or "/" not in typed:
        said = gettext_noop("“%(text)s” is no IPv%(version)s network. Write it with its length: %(example)s.")
        example = "192.168.1.0/24" if version == 4 else "2001:db8:1::/64"
        raise BadInput(words(said, text=typed[:60], version=version, example=example), field="network")
    if address_of(typed.strip()) != found.network_address:
        said = gettext_noop("“%(text)s” has bits set beyond its length. Did you mean %(network)s?")
        raise BadInput(words(said, text=typed[:60], network=str(found)), field="network")
    return str(found)
