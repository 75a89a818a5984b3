"""Leases that changed in, the history of who held which address out. Called inside the transaction of the leases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dhcp.facts.address_key import address_key
from dhcp.facts.holding import Held
from dhcp.facts.lease import Lease
from dhcp.models import Holding
from dhcp.rules.holdings import turn
from dhcp.services.in_bulk import insert, update

KEPT = timedelta(days=400)
"""How long a holding that ended is kept."""
_NEW = (
    "server",
    "address",
    "key",
    "mac",
    "client_id",
    "hostname",
    "began_at",
    "until_at",
    "ended_at",
    "is_open",
)
_AT_ONCE = 5000


@dataclass(slots=True)
class _Written:
    """Values to be written of one page of addresses, as `in_bulk` takes them."""

    ended: list[tuple[Any, ...]] = field(default_factory=list)
    going_on: list[tuple[Any, ...]] = field(default_factory=list)
    new: list[tuple[Any, ...]] = field(default_factory=list)


def follow(server_id: int, leases: Mapping[str, Lease | None], *, now: datetime) -> None:
    """End, begin and prolong holdings: `leases` by address, None for one that the server forgot. A page at a time."""
    rows = Holding.objects.filter(server_id=server_id, is_open=True, address__in=list(leases))
    before = {row.address: row for row in rows}
    written = _Written()
    for address, lease in leases.items():
        _step(server_id, address, before.get(address), lease, now, written)
    update(Holding, ("ended_at", "is_open"), written.ended)
    update(Holding, ("until_at", "hostname"), written.going_on)
    insert(Holding, _NEW, written.new)


def _step(
    server_id: int, address: str, row: Holding | None, lease: Lease | None, now: datetime, written: _Written
) -> None:
    found = turn(_held(row), lease, now=now)
    if row is not None and found.ended_at is not None:
        written.ended.append((found.ended_at, False, row.pk))
    if row is not None and found.goes_on is not None:
        written.going_on.append((found.goes_on.until_at, found.goes_on.hostname, row.pk))
    if begins := found.begins:
        who = (begins.mac, begins.client_id, begins.hostname)
        written.new.append(
            (server_id, address, address_key(address), *who, begins.began_at, begins.until_at, None, True)
        )


def _held(row: Holding | None) -> Held | None:
    return None if row is None else Held(row.mac, row.client_id, row.hostname, row.began_at, row.until_at)


def forget_holdings(now: datetime) -> int:
    """Remove those that ended long ago; how many. A part of them at a time: the next run takes the rest."""
    old = Holding.objects.filter(ended_at__lt=now - KEPT).order_by("ended_at").values_list("pk", flat=True)[:_AT_ONCE]
    return _delete(list(old))


def _delete(pks: Iterable[int]) -> int:
    return Holding.objects.filter(pk__in=list(pks)).delete()[0]
