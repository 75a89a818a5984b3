"""Leases that changed in, the history of who held which address out. Called inside the transaction of the leases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dhcp.facts.address_key import address_key
from dhcp.facts.holding import Held
from dhcp.facts.lease import Lease
from dhcp.models import Holding
from dhcp.rules.holdings import turn

KEPT = timedelta(days=400)
"""How long a holding that ended is kept."""
_PAGE = 200
_AT_ONCE = 5000


@dataclass(slots=True)
class _Written:
    """Rows to be written of one page of addresses."""

    ended: list[Holding] = field(default_factory=list)
    going_on: list[Holding] = field(default_factory=list)
    new: list[Holding] = field(default_factory=list)


def follow(server_id: int, leases: dict[str, Lease | None], *, now: datetime) -> None:
    """End, begin and prolong holdings: `leases` by address, None for one that the server forgot. A page at a time."""
    rows = Holding.objects.filter(server_id=server_id, is_open=True, address__in=list(leases))
    before = {row.address: row for row in rows}
    written = _Written()
    for address, lease in leases.items():
        _step(server_id, address, before.get(address), lease, now, written)
    Holding.objects.bulk_update([*written.ended], ["ended_at", "is_open"], batch_size=_PAGE)
    Holding.objects.bulk_update([*written.going_on], ["until_at", "hostname"], batch_size=_PAGE)
    Holding.objects.bulk_create(written.new)


def _step(
    server_id: int, address: str, row: Holding | None, lease: Lease | None, now: datetime, written: _Written
) -> None:
    found = turn(_held(row), lease, now=now)
    if row is not None and found.ended_at is not None:
        row.ended_at, row.is_open = found.ended_at, False
        written.ended.append(row)
    if row is not None and found.goes_on is not None:
        row.until_at, row.hostname = found.goes_on.until_at, found.goes_on.hostname
        written.going_on.append(row)
    if begins := found.begins:
        written.new.append(
            Holding(
                server_id=server_id,
                address=address,
                key=address_key(address),
                mac=begins.mac,
                client_id=begins.client_id,
                hostname=begins.hostname,
                began_at=begins.began_at,
                until_at=begins.until_at,
            )
        )


def _held(row: Holding | None) -> Held | None:
    return None if row is None else Held(row.mac, row.client_id, row.hostname, row.began_at, row.until_at)


def forget_holdings(now: datetime) -> int:
    """Remove those that ended long ago; how many. A part of them at a time: the next run takes the rest."""
    old = Holding.objects.filter(ended_at__lt=now - KEPT).order_by("ended_at").values_list("pk", flat=True)[:_AT_ONCE]
    return _delete(list(old))


def _delete(pks: Iterable[int]) -> int:
    return Holding.objects.filter(pk__in=list(pks)).delete()[0]
