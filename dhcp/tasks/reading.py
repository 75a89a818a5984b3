"""Servers and relays: claim one, ask its host what runs, what its leases and its log say since the last time, record.

One connection; each of the three is recorded by itself, and where one fails the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from dhcp.choices import ServerKind
from dhcp.errors import UnreadableLeases, UnreadableLog, UnreadableState
from dhcp.facts.places import places_of
from dhcp.facts.reading import LeaseFile, LogPlace
from dhcp.facts.state import DhcpServer, ServerState
from dhcp.models import Relay, Server
from dhcp.outside.leases import LeaseReader, read_news
from dhcp.outside.logs import LogReader, read_log
from dhcp.outside.state import StateReader, read_state
from dhcp.services import exchanges, leases, readings
from hosts.errors import Explainable, HostUnreachable
from hosts.facts.words import reason
from hosts.outside.shell import Pool, Shell
from hosts.tasks.look import loaded, note_no_way
from hosts.tasks.naming import named_task
from hosts.tasks.ways import pool

MOST_PARTS = 50
"""Of one turn: what is left is read in the next one."""
IPV4 = 4


@dataclass(frozen=True, slots=True)
class Outside:
    """What is asked of a host."""

    state: StateReader = read_state
    leases: LeaseReader = read_news
    log: LogReader = read_log


@named_task("dhcp.read_server")
def read_server(server_id: int) -> None:
    """Read a server's state, leases and log."""
    carry_out(Server, server_id, pool, Outside())


@named_task("dhcp.read_relay")
def read_relay(relay_id: int) -> None:
    """Read a relay's state and log."""
    carry_out(Relay, relay_id, pool, Outside())


def carry_out(kind: type[Server | Relay], row_id: int, ways: Pool, outside: Outside) -> None:
    """One turn, from the claim to the next one. Nothing where somebody else has it."""
    turn = readings.begin(kind, row_id, now=timezone.now())
    host = loaded(turn.host_id) if turn is not None else None
    if turn is None or host is None:
        return
    failed = True
    try:
        with ways.open(host.facts()) as shell:
            _read_server(row_id, shell, outside) if kind is Server else _read_relay(row_id, shell, outside)
        failed = False
    except Explainable as error:
        if isinstance(error, HostUnreachable):
            note_no_way(host, error)
        readings.note_unreachable(kind, row_id, reason(error))
    finally:
        readings.end(kind, turn, now=timezone.now(), failed=failed)


def _read_server(server_id: int, shell: Shell, outside: Outside) -> None:
    state, found = None, None
    try:
        state = outside.state(shell)
        found = readings.record_server_state(server_id, state, now=timezone.now())
    except UnreadableState as error:
        readings.note_state_unread(Server, server_id, reason(error))
    try:
        _read_leases(server_id, found, shell, outside)
    except UnreadableLeases as error:
        leases.note_unread(server_id, reason(error))
    try:
        _read_log(server_id, state, found, shell, outside)
    except UnreadableLog as error:
        exchanges.note_log_unread(server_id, reason(error))


def _read_leases(server_id: int, found: DhcpServer | None, shell: Shell, outside: Outside) -> None:
    """Until nothing is new. Of a file that is read from its beginning in parts, all addresses are remembered until the
    last part: those that none of them names are gone.
    """
    named: set[str] | None = None
    for _ in range(MOST_PARTS):
        row = Server.objects.filter(pk=server_id).first()
        if row is None:
            return
        path = places_of(row.kind, row.version, leases=row.lease_path or (found.lease_path if found else "")).leases
        reading = outside.leases(shell, LeaseFile(path, kea=row.kind == ServerKind.KEA), row.mark)
        if reading.restarted:
            named = set()
        if named is not None:
            named.update(each.ip for each in reading.news.leases)
        whole = None if reading.more else named
        now = timezone.now()
        recorded = leases.record_news(server_id, reading.news, since=row.mark, now=now, named=whole)
        if recorded is None:  # another worker was faster: what it wrote is not among the addresses we know
            named = None
        elif not reading.more:
            return


def _read_log(
    server_id: int, state: ServerState | None, found: DhcpServer | None, shell: Shell, outside: Outside
) -> None:
    """Conversations are those of IPv4: DHCPv6 has other messages, which are not followed."""
    place = _log_place(state, found.log_path if found else "")
    for _ in range(MOST_PARTS):
        row = Server.objects.filter(pk=server_id, version=IPV4).first()
        if row is None:
            return
        since = exchanges.mark_of(row)
        news = outside.log(shell, place, since, source=str(row.host))
        recorded = exchanges.record_log(server_id, news, since=since, now=timezone.now())
        if recorded is None or not news.more:
            return


def _read_relay(relay_id: int, shell: Shell, outside: Outside) -> None:
    state = None
    try:
        state = outside.state(shell)
        readings.record_relay_state(relay_id, state, now=timezone.now())
        for _ in range(MOST_PARTS):
            row = Relay.objects.filter(pk=relay_id).first()
            if row is None:
                return
            since = exchanges.mark_of(row)
            news = outside.log(shell, _log_place(state, ""), since, source=str(row.host))
            recorded = exchanges.record_relay_log(relay_id, news, since=since, now=timezone.now())
            if not recorded or not news.more:
                return
    except (UnreadableState, UnreadableLog) as error:
        readings.note_state_unread(Relay, relay_id, reason(error))


def _log_place(state: ServerState | None, path: str) -> LogPlace:
    """A file that the program writes itself; else the journal, or where there is none the log that the host has."""
    if path:
        return LogPlace(path)
    if state is not None and "journalctl" not in state.tools and state.logs:
        return LogPlace(state.logs[0])
    return LogPlace()
