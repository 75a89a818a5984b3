"""What pure code says of a whole server in, its rows out: each kind written at once, whatever the number.

Used where a site takes over what it has. Rows of people's own (names, organizations) are not touched by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.db import models

from dhcp.errors import Unstorable
from dhcp.facts import server as said
from dhcp.facts.address_key import address_key, network_keys
from dhcp.models import (
    ClientClass,
    Definition,
    Group,
    Key,
    Peer,
    Pool,
    Range,
    Reservation,
    ReservedAddress,
    Server,
    SharedNetwork,
    Space,
    Subclass,
    Subnet,
    Zone,
)
from hosts.facts.words import gettext_noop, words
from hosts.models.sealed import Sealed

Home = dict[str, Any]
_PAGE = 500


def write_rows(row: Server, facts: said.Server) -> None:
    """Fill a server that has no declarations. Called inside the transaction of a verb.

    Unstorable where a text holds bytes that are none in UTF-8, or a NUL: databases keep neither.
    """
    row.take(facts.settings)
    row.note, row.interfaces = facts.note, list(facts.interfaces)
    _storable(row)
    row.save()
    _Writer(row).server(facts)


class _Writer:
    """Goes from the outer to the inner declarations; a home is the column that says what one stands in."""

    def __init__(self, row: Server) -> None:
        self._row = row
        self._position = count(1)

    def server(self, facts: said.Server) -> None:
        row, at = self._row, self._position
        self._add(Space, [Space(name=e.name, widths=e.widths, position=next(at)) for e in facts.spaces])
        self._add(
            Definition,
            [Definition(name=e.name, code=e.code, type=e.type, position=next(at)) for e in facts.definitions],
        )
        keys = [
            Key(name=e.name, algorithm=e.algorithm, secret=Sealed.of(e.secret), position=next(at)) for e in facts.keys
        ]
        self._add(Key, keys)
        zones = [Zone(name=e.name, primary=e.primary, key=e.key, position=next(at)) for e in facts.zones]
        self._add(Zone, zones)
        self._add(Peer, [_peer(each, next(at)) for each in facts.failover])
        self._add(ClientClass, [self._declared(_class(each), each) for each in facts.classes])
        subclasses = [Subclass(of=e.of, data=e.data, lease_limit=e.lease_limit) for e in facts.subclasses]
        self._add(Subclass, [self._declared(s, e) for s, e in zip(subclasses, facts.subclasses, strict=True)])
        self._inner(facts, {})
        Server.objects.filter(pk=row.pk).update(position=next(at))

    def _inner(self, facts: said.Server | said.Group, home: Home) -> None:
        for each in facts.shared_networks:
            self._shared_network(each, home)
        self._subnets(facts.subnets, home)
        self._clients(facts, home, home)

    def _clients(
        self, facts: said.Server | said.Group | said.SharedNetwork | said.Subnet, home: Home, of: Home
    ) -> None:
        for each in facts.groups:
            self._group(each, of)
        self._reservations(facts.reservations, home)

    def _group(self, facts: said.Group, home: Home) -> None:
        outer = {"parent": home["group"]} if "group" in home else home
        (row,) = self._add(Group, [self._declared(Group(name=facts.name, **outer), facts)])
        self._inner(facts, {"group": row})

    def _shared_network(self, facts: said.SharedNetwork, home: Home) -> None:
        made = SharedNetwork(name=facts.name, interface=facts.interface, **home)
        (row,) = self._add(SharedNetwork, [self._declared(made, facts)])
        here = {"shared_network": row}
        self._subnets(facts.subnets, here)
        self._pools(facts.pools, here)
        self._clients(facts, here, here)

    def _subnets(self, subnets: Iterable[said.Subnet], home: Home) -> None:
        facts = list(subnets)
        made = []
        for each in facts:
            first, last = network_keys(each.network)
            subnet = Subnet(network=each.network, interface=each.interface, number=each.number, **home)
            subnet.first_key, subnet.last_key = first, last
            made.append(self._declared(subnet, each))
        for row, each in zip(self._add(Subnet, made), facts, strict=True):
            here = {"subnet": row}
            plain = said.Pool(ranges=each.ranges, prefixes=each.prefixes)
            self._pools([plain] if each.ranges or each.prefixes else [], here, is_plain=True)
            self._pools(each.pools, here)
            self._clients(each, here, here)

    def _pools(self, pools: Iterable[said.Pool], home: Home, *, is_plain: bool = False) -> None:
        facts = list(pools)
        made = [
            Pool(is_plain=is_plain, permits=[[p.verb, p.who] for p in e.permits], failover=e.failover, **home)
            for e in facts
        ]
        rows = self._add(Pool, [self._declared(row, each) for row, each in zip(made, facts, strict=True)])
        ranges = [found for row, each in zip(rows, facts, strict=True) for found in self._ranges(row, each)]
        _create(Range, ranges)

    def _ranges(self, pool: Pool, facts: said.Pool) -> Iterable[Range]:
        for each in facts.ranges:
            yield self._range(pool, each, is_bootp=each.bootp, is_temporary=each.temporary)
        for one in facts.prefixes:
            yield self._range(pool, one, prefix_length=one.length)

    def _range(self, pool: Pool, facts: said.Range | said.PrefixRange, **more: Any) -> Range:
        keys = {"first_key": address_key(facts.first), "last_key": address_key(facts.last)}
        return Range(pool=pool, first=facts.first, last=facts.last, position=next(self._position), **keys, **more)

    def _reservations(self, reservations: Iterable[said.Reservation], home: Home) -> None:
        facts = list(reservations)
        rows = self._add(Reservation, [self._declared(_reservation(each, home), each) for each in facts])
        addresses = [
            ReservedAddress(
                reservation=row, address=written, key=address_key(written), is_prefix=is_prefix, position=number
            )
            for row, each in zip(rows, facts, strict=True)
            for number, (written, is_prefix) in enumerate(
                [*((one, False) for one in each.addresses), *((one, True) for one in each.prefixes)]
            )
        ]
        _create(ReservedAddress, addresses)

    def _declared(self, row: Any, facts: Any) -> Any:
        row.take(facts.settings)
        row.note = facts.note
        row.position = next(self._position)
        return row

    def _add(self, kind: type[Any], rows: list[Any]) -> list[Any]:
        for row in rows:
            row.server = self._row
        return _create(kind, rows)


def _create(kind: type[Any], rows: list[Any]) -> list[Any]:
    for row in rows:
        _storable(row)
    found: list[Any] = kind.objects.bulk_create(rows, batch_size=_PAGE)
    return found


def _class(facts: said.ClientClass) -> ClientClass:
    return ClientClass(
        name=facts.name, match=list(facts.match), spawn=facts.spawn, lease_limit=facts.lease_limit, test=facts.test
    )


def _peer(facts: said.FailoverPeer, position: int) -> Peer:
    return Peer(
        name=facts.name,
        is_primary=facts.primary,
        address=facts.address,
        peer_address=facts.peer_address,
        port=facts.port,
        peer_port=facts.peer_port,
        max_response_delay_seconds=facts.max_response_delay_seconds,
        max_unacked_updates=facts.max_unacked_updates,
        mclt_seconds=facts.mclt_seconds,
        split=facts.split,
        load_balance_max_seconds=facts.load_balance_max_seconds,
        others=[[each.name, each.value] for each in facts.others],
        position=position,
    )


def _reservation(facts: said.Reservation, home: Home) -> Reservation:
    return Reservation(
        name=facts.name,
        mac=facts.mac,
        hardware=facts.hardware,
        client_id=facts.client_id,
        match=facts.match,
        hostname=facts.hostname,
        is_enabled=facts.enabled,
        **home,
    )


def _storable(row: models.Model) -> None:
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)
        if isinstance(value, str) and field.max_length and len(value) > field.max_length:
            raise Unstorable(
                words(
                    gettext_noop(
                        "“%(name)s” is longer than the %(most)s letters that are kept. Nothing was taken over."
                    ),
                    name=value[:60],
                    most=field.max_length,
                )
            )
        if _is_bad(value):
            raise Unstorable(
                words(
                    gettext_noop(
                        "“%(name)s” holds bytes that are no text in UTF-8. Save the file as UTF-8 and try again; "
                        "nothing was taken over."
                    ),
                    name=str(row).encode("utf-8", "replace").decode()[:100],
                )
            )


def _is_bad(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, list | tuple):
        return any(_is_bad(each) for each in value)
    if isinstance(value, dict):
        return any(_is_bad(each) for each in value.values())
    return False
