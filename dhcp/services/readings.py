"""Servers and relays whose turn it is, who reads them, and what their hosts said of the programs there.

A turn is claimed by compare-and-set; a reader that fell silent is replaced. Whatever two readers do at once, what they
write is compared with the mark that they read from (`services.leases`, `services.exchanges`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from dhcp.choices import ServerKind, Service
from dhcp.facts.state import DhcpServer, RelayState, ServerState
from dhcp.models import Relay, Server
from dhcp.services.checks import look_for_strangers, look_over, look_over_relay
from hosts.choices import HostState
from hosts.facts.words import Words, gettext_noop, words
from hosts.rules.jitter import spread
from hosts.services.audit import Actor, note
from hosts.services.scope import require_visible

EVERY_SECONDS = 60
AFTER_FAILURE_SECONDS = 180
SILENT_AFTER = timedelta(minutes=10)
"""A first reading of a very long lease file takes minutes."""
ASK_AGAIN_AFTER = timedelta(seconds=60)
"""A server whose wake-up call was lost is woken again after this time."""
NOT_THERE = gettext_noop("%(program)s for IPv%(version)s is not installed on the host.")
NO_RELAY = gettext_noop("dhcrelay is not installed on the host.")
Row = Server | Relay


@dataclass(frozen=True, slots=True)
class Turn:
    """A row that this worker reads since `began_at`."""

    row_id: int
    host_id: int
    began_at: datetime


def due_servers(now: datetime, limit: int = 100) -> list[int]:
    """Servers to be read, their next turn put off so that no second sweep wakes them as well."""
    return _due(Server, now, limit)


def due_relays(now: datetime, limit: int = 100) -> list[int]:
    """The same of relays."""
    return _due(Relay, now, limit)


@transaction.atomic
def read_now(row: Row, *, by: Actor) -> None:
    """A person wants it read now; the front door wakes `tasks.read_server` or `tasks.read_relay`."""
    require_visible(by, row)
    type(row).objects.filter(pk=row.pk).update(next_read_at=timezone.now())
    note(by, "read", row, organization=row.host.organization)


def begin(kind: type[Row], row_id: int, *, now: datetime) -> Turn | None:
    """None where somebody is reading it, or where it is gone."""
    free = Q(read_since=None) | Q(read_since__lte=now - SILENT_AFTER)
    if not kind.objects.filter(free, pk=row_id).update(read_since=now):
        return None
    row = kind.objects.filter(pk=row_id).first()
    return None if row is None else Turn(row.pk, row.host_id, now)


def end(kind: type[Row], turn: Turn, *, now: datetime, failed: bool = False) -> None:
    """The next turn comes in a minute, later where the host was not reached. Nothing where this one was taken over."""
    seconds = spread(AFTER_FAILURE_SECONDS if failed else EVERY_SECONDS, turn.row_id)
    kind.objects.filter(pk=turn.row_id, read_since=turn.began_at).update(
        read_since=None, next_read_at=now + timedelta(seconds=seconds)
    )


@transaction.atomic
def record_server_state(server_id: int, state: ServerState, *, now: datetime) -> DhcpServer | None:
    """What the host says of the server; None where it is not installed there (or the row is gone)."""
    row = Server.objects.select_for_update().filter(pk=server_id).first()
    if row is None:
        return None
    found = state.server(row.version, ServerKind(row.kind))
    before = _around(row)
    row.addresses, row.routes = list(state.addresses), list(state.networks)
    row.looked_at = now
    if found is None:
        row.service, row.listening = Service.MISSING, []
        program = "Kea" if row.kind == ServerKind.KEA else "dhcpd"
        row.service_why = words(NOT_THERE, program=program, version=row.version)
    else:
        row.service, row.service_why = found.service, found.why
        row.program_version, row.lease_hook = found.program_version[:60], found.lease_hook[:255]
        row.listening = _listening(state, found)
    row.save(
        update_fields=[
            "addresses",
            "routes",
            "looked_at",
            "service",
            "service_why",
            "listening",
            "program_version",
            "lease_hook",
        ]
    )
    if before != _around(row):
        look_over(row)
        look_for_strangers()
    return found


@transaction.atomic
def record_relay_state(relay_id: int, state: ServerState, *, now: datetime) -> RelayState | None:
    """What the host says of the relay. Its addresses are taken over where nobody entered any."""
    row = Relay.objects.select_for_update().filter(pk=relay_id).first()
    if row is None:
        return None
    found = state.relay
    before = (row.giaddr, row.uplinks)
    row.looked_at = now
    if found is None:
        row.service, row.service_why = Service.MISSING, words(NO_RELAY)
    else:
        row.service, row.service_why = found.service, found.why
        row.giaddr = row.giaddr or list(found.relay.giaddr)
        row.uplinks = row.uplinks or list(found.relay.uplinks)
    row.save(update_fields=["looked_at", "service", "service_why", "giaddr", "uplinks"])
    if before != (row.giaddr, row.uplinks):
        look_over_relay(row)
    return found


def note_state_unread(kind: type[Row], row_id: int, why: Words) -> None:
    """The host was reached and did not say what runs there."""
    kind.objects.filter(pk=row_id).update(service_why=why)


def note_unreachable(kind: type[Row], row_id: int, why: Words) -> None:
    """There is no way to the host: what is shown of it is old, and says so."""
    told: dict[str, Any] = {"service": Service.UNREACHABLE, "service_why": why}
    if kind is Server:
        told |= {"leases_why": why, "log_why": why}
    kind.objects.filter(pk=row_id).update(**told)


@transaction.atomic
def _due(kind: type[Row], now: datetime, limit: int) -> list[int]:
    hosts = Q(
        host__state__in=(HostState.REACHABLE, HostState.UNREACHABLE),
        host__is_in_maintenance=False,
        host__credential__isnull=False,
    )
    free = Q(read_since=None) | Q(read_since__lte=now - SILENT_AFTER)
    turn = Q(next_read_at=None) | Q(next_read_at__lte=now)
    rows = kind.objects.filter(hosts, free, turn).order_by(F("next_read_at").asc(nulls_first=True), "pk")
    due = list(rows.values_list("pk", flat=True)[:limit])
    kind.objects.filter(pk__in=due).update(next_read_at=now + ASK_AGAIN_AFTER)
    return due


def _around(row: Server) -> tuple[list[Any], list[Any], list[Any], str]:
    return row.addresses, row.routes, row.listening, row.lease_hook


def _listening(state: ServerState, found: DhcpServer) -> list[str]:
    """ "eth0 192.168.0.1/24" for each address, "eth0" for an interface without one."""
    by_name = {each.name: each.addresses for each in state.interfaces}
    return [f"{name} {address}".strip() for name in found.listening for address in (by_name.get(name) or ("",))]
