"""What somebody searches for in; leases, conversations and who had an address, of what they may see, out.

Addresses and networks are parts of an index. A piece of a MAC or of a name stands anywhere in it: PostgreSQL has
indexes of their trigrams for that (`piece_indexes`); SQLite, and a PostgreSQL without them, read from one end to the
other, which takes a tenth of a second for a million leases. At most `MOST` are found that way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, Q, QuerySet

from dhcp.facts.address_key import address_key
from dhcp.facts.asked import Asked
from dhcp.models import Exchange, Holding, Lease, Server, Subnet
from dhcp.parse.asked import asked
from hosts.models import User

MOST = 1000
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """Rows, not fetched yet and in no order: `hosts.views.keyset.keyset_page` makes pages of them. `is_cut`: there are
    more than `MOST`, and only those are here.
    """

    rows: QuerySet[Row]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Had:
    """Somebody who had an address. Not certain where the time that was promised had run out and nobody told of it."""

    holding: Holding
    is_certain: bool


def find_leases(
    user: User,
    said: str = "",
    *,
    server_id: int | None = None,
    subnet: Subnet | None = None,
    state: str = "",
    vendor: str = "",
) -> Found[Lease]:
    """By an address, a network, a MAC in any spelling or a piece of it, a host name or a part of it, a client id.

    Pages go by "key". `vendor` is the beginning of a vendor class.
    """
    rows: QuerySet[Lease] = Lease.objects.filter(_seen(user, server_id))
    if subnet is not None:
        inside = Q(key__gte=subnet.first_key, key__lte=subnet.last_key)
        rows = rows.filter(inside, server_id=subnet.server_id)
    if state:
        rows = rows.filter(state=state)
    wanted = asked(said)
    if vendor and not wanted:
        return _among(rows, _Ways((begins("vendor_class", vendor),)))
    if vendor:
        rows = rows.filter(begins("vendor_class", vendor))
    if wanted.keys:
        rows = rows.filter(key__gte=wanted.keys[0], key__lte=wanted.keys[1])
    elif wanted:
        return _among(rows, _ways(wanted))
    return Found(rows.select_related("server__host"))


def find_exchanges(
    user: User,
    said: str = "",
    *,
    server_id: int | None = None,
    outcome: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Found[Exchange]:
    """By an address, a network, a MAC or a piece of it, a DUID, a host name. Pages go by "started_at", newest first."""
    rows: QuerySet[Exchange] = Exchange.objects.filter(_seen(user, server_id))
    if outcome:
        rows = rows.filter(outcome=outcome)
    if since is not None:
        rows = rows.filter(started_at__gte=since)
    if until is not None:
        rows = rows.filter(started_at__lte=until)
    wanted = asked(said)
    if wanted.keys:
        rows = rows.filter(key__gte=wanted.keys[0], key__lte=wanted.keys[1])
    elif wanted:
        return _among(rows, _ways(wanted, ends=False))
    return Found(rows.select_related("server__host"))


def find_holdings(user: User, said: str, *, server_id: int | None = None) -> Found[Holding]:
    """By an address or a network, by a MAC, or by a name that a lease has now. Pages go by "began_at"."""
    rows: QuerySet[Holding] = Holding.objects.filter(_seen(user, server_id))
    wanted = asked(said)
    if wanted.keys:
        rows = rows.filter(key__gte=wanted.keys[0], key__lte=wanted.keys[1])
        return Found(rows.select_related("server__host"))
    if wanted.mac:
        return Found(rows.filter(mac=wanted.mac).select_related("server__host"))
    leases = find_leases(user, said, server_id=server_id)
    macs = set(leases.rows.exclude(mac="").values_list("mac", flat=True)[:MOST]) if wanted else set()
    return Found(rows.filter(mac__in=macs).select_related("server__host"), leases.is_cut)


def who_had(address: str, at: datetime, user: User) -> list[Had]:
    """Who had an address at a time, those who surely had it first; of several servers there may be several."""
    rows = Holding.objects.filter(_seen(user, None), key=address_key(address), began_at__lte=at)
    rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=at)).exclude(key="").select_related("server__host")
    found = [Had(row, row.ended_at is not None or row.until_at is None or row.until_at >= at) for row in rows]
    return sorted(found, key=lambda had: (not had.is_certain, -had.holding.began_at.timestamp()))


def begins(column: str, text: str) -> Q:
    """That a column begins with a text, in words that each database has an index for.

    SQLite compares bytes, so it is a part of the index; PostgreSQL compares as its language does, and has an index for
    LIKE (varchar_pattern_ops).
    """
    if connection.vendor == "postgresql":
        return Q(**{f"{column}__startswith": text})
    return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\U0010ffff"})


def _seen(user: User, server_id: int | None) -> Q:
    """By the keys of servers, which are few: no row that is looked at has to be joined with its host."""
    scope = Q() if user.sees_everything else Q(server_id__in=_servers(user))
    return scope if server_id is None else scope & Q(server_id=server_id)


def _servers(user: User) -> list[int]:
    return list(Server.objects.visible_to(user).values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class _Ways:
    """How a text is looked for. Each of `quick` has its own index. Where they find nothing a piece of a MAC is looked
    for within MACs, too. A name is not looked for where a whole MAC was typed and found.
    """

    quick: tuple[Q, ...] = ()
    name: Q | None = None
    within: Q | None = None
    is_whole: bool = False

    def slow(self, *, found: bool) -> list[Q]:
        """What is left to be tried. SQLite reads an index for each, PostgreSQL without trigrams all rows for both."""
        if found:
            return [] if self.is_whole or self.name is None else [self.name]
        both = [each for each in (self.name, self.within) if each is not None]
        return [both[0] | both[1]] if len(both) > 1 and connection.vendor == "postgresql" else both


def _ways(wanted: Asked, *, ends: bool = True) -> _Ways:
    """`ends`: the rows have an index for how MACs end, and a column for names in lower case."""
    quick = [Q(mac=wanted.mac)] if wanted.mac else []
    for piece in wanted.mac_parts if ends else ():
        quick += [begins("mac", piece), begins("mac_end", piece[::-1])]
    if wanted.client_id:
        quick.append(begins("client_id", wanted.client_id))
    name = None
    if wanted.name:
        own = Q(name_key__gt="", name_key__contains=wanted.name)
        name = own if ends else Q(hostname__gt="", hostname__icontains=wanted.name)
    within = Q()
    for piece in wanted.mac_parts:
        within |= Q(mac__contains=piece)
    return _Ways(tuple(quick), name, within or None, bool(wanted.mac))


def _among(rows: QuerySet[Any], ways: _Ways) -> Found[Any]:
    keys: dict[int, None] = {}
    for way in ways.quick:
        keys |= _keys(rows, way)
    for way in ways.slow(found=bool(keys)):
        keys |= _keys(rows, way)
    found = rows.model.objects.filter(pk__in=list(keys)[:MOST]).select_related("server__host")
    return Found(found, len(keys) > MOST)


def _keys(rows: QuerySet[Any], way: Q) -> dict[int, None]:
    """In the order in which the database comes upon them: no more than are shown."""
    return dict.fromkeys(rows.filter(way).order_by().values_list("pk", flat=True)[: MOST + 1])
