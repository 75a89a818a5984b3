"""The gate: a server's rows in, the one value that pure code knows it by out. A fixed number of queries.

A server may have thousands of reservations, and an edit changes one of them. So the reading after it takes over what
the reading before it found (`Known`), and fetches of each reservation only where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_noop as noop

from dhcp.facts import server as said
from dhcp.models.clients import ReservedAddress
from dhcp.models.network import Group, Pool, Range, SharedNetwork, Subnet
from dhcp.models.server import Server

HEADER = noop(
    "Written by Rackdesk for %(host)s. Change it in the panel: what is written here by hand is shown as drift."
)


MOST_BY_KEY = 500
HOMES = ("group_id", "subnet_id", "shared_network_id")


@dataclass(frozen=True, slots=True)
class Known:
    """Reservations by their keys, as an earlier reading found them in this transaction."""

    reservations: dict[int, said.Reservation]

    def but(self, key: int | None) -> Known:
        """Without one that was written since."""
        return Known({pk: each for pk, each in self.reservations.items() if pk != key})


def server_facts(server: Server, *, keys: bool = True) -> said.Server:
    """All that the server is told. Without `keys` no secret is opened (their names are then not among the facts)."""
    return _Reading(server).server(keys=keys)


def facts_and_known(server: Server, known: Known | None = None) -> tuple[said.Server, Known]:
    """The same without secrets, and what the next reading may take over. Of `known` everything is believed."""
    reading = _Reading(server, known)
    return reading.server(keys=False), reading.known


def facts_with(server: Server, reservations: Collection[int]) -> said.Server:
    """The same without secrets, and of reservations only those with these keys."""
    return _Reading(server, only=reservations).server(keys=False)


class _Reading:
    """The rows of one server, each kind fetched once and put where it stands."""

    def __init__(self, server: Server, known: Known | None = None, only: Collection[int] | None = None) -> None:
        self._row = server
        self._only = only
        self._groups = _by_home(server.groups.all(), "parent_id", "shared_network_id", "subnet_id")
        self._shared = _by_home(server.shared_networks.all(), "group_id")
        self._subnets = _by_home(server.subnets.all(), "shared_network_id", "group_id")
        pools = server.pools.prefetch_related(Prefetch("ranges", Range.objects.order_by("position", "pk")))
        self._pools = _by_home(pools, "subnet_id", "shared_network_id")
        self._reservations: dict[tuple[str, int | None], list[said.Reservation]] = defaultdict(list)
        self.known = Known({})
        self._read_reservations(known or Known({}))

    def _read_reservations(self, known: Known) -> None:
        rows = self._row.reservations.all()
        rows = rows if self._only is None else rows.filter(pk__in=self._only)
        standing = list(rows.values_list("pk", *HOMES))
        new = [pk for pk, *_homes in standing if pk not in known.reservations]
        read = _reservations(self._row, new if len(new) < MOST_BY_KEY else None) if new else {}
        for pk, *homes in standing:
            facts = self.known.reservations[pk] = known.reservations.get(pk) or read[pk]
            at = next((at for at, home in enumerate(homes) if home is not None), None)
            self._reservations[("", None) if at is None else (HOMES[at], homes[at])].append(facts)

    def server(self, *, keys: bool) -> said.Server:
        row = self._row
        return said.Server(
            version=row.version,
            interfaces=tuple(row.interfaces),
            spaces=tuple(each.facts() for each in row.spaces.all()),
            definitions=tuple(each.facts() for each in row.definitions.all()),
            keys=tuple(each.facts() for each in row.keys.all()) if keys else (),
            zones=tuple(each.facts() for each in row.zones.all()),
            failover=tuple(each.facts() for each in row.peers.all()),
            classes=tuple(each.facts() for each in row.classes.all()),
            subclasses=tuple(each.facts() for each in row.subclasses.all()),
            **self._inner("", None),
            settings=row.settings(),
            note=row.note,
            origin=HEADER % {"host": row.host.name},
        )

    def _inner(self, home: str, pk: int | None) -> dict[str, Any]:
        """What stands in a group, or (with no home) in the server itself."""
        return {
            "shared_networks": tuple(self._shared_network(each) for each in self._shared[home, pk]),
            "subnets": tuple(self._subnet(each) for each in self._subnets[home, pk]),
            **self._clients(home, pk),
        }

    def _clients(self, home: str, pk: int | None) -> dict[str, Any]:
        return {
            "reservations": tuple(self._reservations[home, pk]),
            "groups": tuple(
                self._group(each) for each in self._groups["parent_id" if home == "group_id" else home, pk]
            ),
        }

    def _group(self, row: Group) -> said.Group:
        return said.Group(
            name=row.name,
            **self._inner("group_id", row.pk),
            settings=row.settings(),
            note=row.note,
            origin=f"group {row.pk}",
        )

    def _shared_network(self, row: SharedNetwork) -> said.SharedNetwork:
        return said.SharedNetwork(
            name=row.name,
            interface=row.interface,
            subnets=tuple(self._subnet(each) for each in self._subnets["shared_network_id", row.pk]),
            pools=tuple(self._pool(each) for each in self._pools["shared_network_id", row.pk]),
            **self._clients("shared_network_id", row.pk),
            settings=row.settings(),
            note=row.note,
            origin=f"shared network {row.pk}",
        )

    def _subnet(self, row: Subnet) -> said.Subnet:
        pools = self._pools["subnet_id", row.pk]
        plain = [each for each in pools if each.is_plain]
        return said.Subnet(
            network=row.network,
            interface=row.interface,
            ranges=tuple(found for each in plain for found in _ranges(each)),
            prefixes=tuple(found for each in plain for found in _prefixes(each)),
            pools=tuple(self._pool(each) for each in pools if not each.is_plain),
            **self._clients("subnet_id", row.pk),
            settings=row.settings(),
            note=row.note,
            origin=f"subnet {row.pk}" + (f", {row.name}" if row.name else ""),
            number=row.number,
        )

    def _pool(self, row: Pool) -> said.Pool:
        return said.Pool(
            ranges=_ranges(row),
            prefixes=_prefixes(row),
            permits=tuple(said.Permit(*each) for each in row.permits),
            failover=row.failover,
            settings=row.settings(),
            note=row.note,
            origin=f"pool {row.pk}" + (f", {row.name}" if row.name else ""),
        )


def _reservations(server: Server, keys: list[int] | None) -> dict[int, said.Reservation]:
    """Those with these keys, or all: two queries."""
    rows = server.reservations.order_by()
    addresses = ReservedAddress.objects.filter(reservation__server=server).order_by("position", "pk")
    if keys is not None:
        rows, addresses = rows.filter(pk__in=keys), addresses.filter(reservation__in=keys)
    mine: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for pk, address, is_prefix in addresses.values_list("reservation_id", "address", "is_prefix"):
        mine[pk].append((address, is_prefix))
    return {row.pk: row.facts(mine.get(row.pk, ())) for row in rows}


def _by_home(rows: Iterable[Any], *homes: str) -> dict[tuple[str, int | None], list[Any]]:
    """Rows by what they stand in: the first of `homes` that is set, ("", None) for the server itself."""
    found: dict[tuple[str, int | None], list[Any]] = defaultdict(list)
    for row in rows:
        home = next((name for name in homes if getattr(row, name) is not None), "")
        found[home, getattr(row, home) if home else None].append(row)
    return found


def _ranges(pool: Pool) -> tuple[said.Range, ...]:
    return tuple(
        said.Range(each.first, each.last, each.is_bootp, each.is_temporary)
        for each in pool.ranges.all()
        if each.prefix_length is None
    )


def _prefixes(pool: Pool) -> tuple[said.PrefixRange, ...]:
    return tuple(
        said.PrefixRange(each.first, each.last, each.prefix_length)
        for each in pool.ranges.all()
        if each.prefix_length is not None
    )
