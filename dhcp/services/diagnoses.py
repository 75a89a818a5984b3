"""A machine's name, MAC or address in; all that is known of why it has an address or none out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from dhcp.choices import LeaseState, Outcome
from dhcp.facts.diagnosis import Known
from dhcp.models import Exchange, Lease, Problem, Reservation, Server
from dhcp.parse.asked import asked
from dhcp.rules.diagnosis import diagnosis
from dhcp.services.lookups import find_exchanges, find_leases
from hosts.facts.words import Words
from hosts.models import User

MOST = 20
OF_ONE_RELAY = "dhcp.relay.no-subnet"
"""Its subject begins with the relay's address."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`answers` are sentences, the answer first. Conversations are the newest first; `problems` are findings about the
    networks, relays and servers that those came through.
    """

    answers: tuple[Words, ...]
    leases: list[Lease]
    reservations: list[Reservation]
    exchanges: list[Exchange]
    problems: list[Problem]


def diagnose(said: str, user: User, *, now: datetime) -> Diagnosis:
    """One answer to "why does this machine get no address". What is found by a name leads to its MACs, and these to
    what they said.
    """
    leases = list(find_leases(user, said).rows.order_by("key")[:MOST])
    reservations = _reservations(said, user)
    macs = ({row.mac for row in leases} | {row.mac for row in reservations}) - {""}
    exchanges = _exchanges(said, macs, user)
    macs |= {row.mac for row in exchanges}
    if macs and not asked(said).keys:
        leases = _with(leases, user, macs)
        reservations = _of_macs(reservations, user, macs)
    problems = _problems(user, leases, exchanges)
    return Diagnosis(
        diagnosis(_known(user, leases, reservations, exchanges, now)), leases, reservations, exchanges, problems
    )


def _reservations(said: str, user: User) -> list[Reservation]:
    wanted = asked(said)
    if wanted.keys:
        which = Q(addresses__key__gte=wanted.keys[0], addresses__key__lte=wanted.keys[1])
    elif wanted:
        text = said.strip()
        which = Q(name__iexact=text) | Q(hostname__iexact=text)
        which |= Q(mac=wanted.mac) if wanted.mac else Q()
        which |= Q(client_id=wanted.client_id) if wanted.client_id else Q()
    else:
        return []
    rows = Reservation.objects.visible_to(user).filter(which).select_related("server__host", "subnet")
    return list(rows.prefetch_related("addresses").distinct().order_by("pk")[:MOST])


def _exchanges(said: str, macs: set[str], user: User) -> list[Exchange]:
    found = (
        {row.pk: row for row in find_exchanges(user, said).rows.order_by("-started_at")[:MOST]} if said.strip() else {}
    )
    mine = Exchange.objects.visible_to(user).filter(mac__in=macs).select_related("server__host")
    found |= {row.pk: row for row in mine.order_by("-started_at")[:MOST]} if macs else {}
    return sorted(found.values(), key=lambda row: row.started_at, reverse=True)[:MOST]


def _with(leases: list[Lease], user: User, macs: set[str]) -> list[Lease]:
    more = Lease.objects.visible_to(user).filter(mac__in=macs).select_related("server__host").order_by("key")[:MOST]
    return sorted({row.pk: row for row in (*leases, *more)}.values(), key=lambda row: row.key)[:MOST]


def _of_macs(reservations: list[Reservation], user: User, macs: set[str]) -> list[Reservation]:
    """Also those whose name says nothing of what was searched for."""
    more = Reservation.objects.visible_to(user).filter(mac__in=macs).select_related("server__host", "subnet")
    rows = more.prefetch_related("addresses").distinct().order_by("pk")[:MOST]
    return sorted({row.pk: row for row in (*reservations, *rows)}.values(), key=lambda row: row.pk)[:MOST]


def _problems(user: User, leases: list[Lease], exchanges: list[Exchange]) -> list[Problem]:
    """Those of the log that are about what this machine met; and all of its servers that are grave."""
    servers = {row.server_id for row in leases} | {row.server_id for row in exchanges}
    met = {each for row in exchanges[:5] for each in (row.via, row.relay, row.ip, row.mac) if each}
    about = Q(subject__in=met) | Q(source="picture") | Q(rule="dhcp.handshake.full")
    if exchanges:  # who came through one relay is not told of networks behind the others
        here = reduce(or_, (Q(subject__startswith=f"{each} ") for each in met), Q(pk__in=()))
        about &= ~Q(rule=OF_ONE_RELAY) | here
    rows = Problem.objects.visible_to(user).filter(about, server_id__in=servers)
    return list(rows.select_related("server__host").order_by("-seen_at", "pk")[:MOST])


def _known(
    user: User, leases: list[Lease], reservations: list[Reservation], exchanges: list[Exchange], now: datetime
) -> Known:
    servers = list(Server.objects.visible_to(user).select_related("host"))
    active = [row for row in leases if row.state == LeaseState.ACTIVE and (row.ends_at is None or row.ends_at > now)]
    last = exchanges[0] if exchanges else None
    holds = max(active, key=lambda row: row.starts_at or now) if active else None
    return Known(
        holds=holds.address if holds else "",
        until=holds.ends_at if holds else None,
        outcome=Outcome(last.outcome) if last else None,
        reason=last.reason.words if last else None,
        spoke_at=last.started_at if last else None,
        reserved=tuple(row.name for row in reservations),
        switched_off=tuple(row.name for row in reservations if not row.is_enabled),
        abandoned=tuple(row.address for row in leases if row.state == LeaseState.ABANDONED),
        unread=tuple((str(row), row.log_why.words) for row in servers if row.log_why),
        servers=len(servers),
    )
