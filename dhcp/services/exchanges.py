"""Log lines of servers and relays in; conversations as rows, and what is wrong with them as findings, out.

A conversation is written as soon as its first message is known and again when more of it is. Its messages stay with
the server (`log_rest`) until nothing more can come, with those of relays that wait for the server's side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from dhcp.choices import FOUR, RELAYED, SIX, Message
from dhcp.facts.address_key import address_key
from dhcp.facts.log_json import line_as_json, line_from_json
from dhcp.facts.logs import Conversation, LogLine
from dhcp.facts.reading import LogMark, LogNews
from dhcp.models import Exchange, Relay, Server
from dhcp.rules.conversations import conversations
from dhcp.services.checks import may_meet
from dhcp.services.log_findings import record_findings
from hosts.facts.words import Words

KEPT = timedelta(days=30)
STAYS = timedelta(minutes=3)
"""A conversation may go on for so long after its last message; twice what `rules.conversations` waits."""
MOST_REST = 5000
_AT_ONCE = 5000
_COLUMNS = ("client_id", "ip", "key", "hostname", "via", "relay", "outcome", "reason", "ended_at", "lines")


@transaction.atomic
def record_log(server_id: int, news: LogNews, *, since: LogMark | None, now: datetime) -> int | None:
    """How many conversations were written; None where another worker read the same, or the server is gone."""
    server = Server.objects.select_for_update().filter(pk=server_id).first()
    if server is None or mark_of(server) != since:
        return None
    rest = [line_from_json(each) for each in server.log_rest]
    new = _apart(rest, _of_version(news.lines, server), now)
    lines = sorted([*rest, *new], key=_time)
    talks = conversations(lines, None if news.more else now)
    written = _write(server, talks, now)
    record_findings(server, talks, new, now=now)
    server.log_rest = _stays(lines, talks, now)
    server.log_mark = asdict(news.mark)
    server.log_read_at, server.log_why = now, ""
    server.save(update_fields=["log_rest", "log_mark", "log_read_at", "log_why"])
    return written


@transaction.atomic
def record_relay_log(relay_id: int, news: LogNews, *, since: LogMark | None, now: datetime) -> bool:
    """Give a relay's lines to the servers that it passes on to: they wait there for the server's own lines."""
    relay = Relay.objects.select_for_update(of=("self",)).select_related("host").filter(pk=relay_id).first()
    if relay is None or mark_of(relay) != since:
        return False
    lines = [line for line in news.lines if line.message in RELAYED and line.mac]
    if lines:
        told = [
            row.pk
            for row in Server.objects.only("pk", "addresses", "host__organization")
            .select_related("host")
            .order_by("pk")
            if _own(row) & set(relay.servers) and may_meet(relay, row)
        ]
        for pk in told:
            _hand_over(Server.objects.select_for_update().get(pk=pk), lines, now)
    relay.log_mark, relay.log_read_at = asdict(news.mark), now
    relay.save(update_fields=["log_mark", "log_read_at"])
    return True


def mark_of(row: Server | Relay) -> LogMark | None:
    """How far its log was read; None where it was not."""
    return LogMark(**row.log_mark) if row.log_mark else None


def note_log_unread(server_id: int, why: Words) -> None:
    """Say why the log could not be read; what was read before stays."""
    Server.objects.filter(pk=server_id).update(log_why=why)


def forget_exchanges(now: datetime) -> int:
    """Remove old conversations; how many. A part of them at a time: the next run takes the rest."""
    old = Exchange.objects.filter(started_at__lt=now - KEPT).order_by("started_at").values_list("pk", flat=True)
    return Exchange.objects.filter(pk__in=list(old[:_AT_ONCE])).delete()[0]


def _of_version(lines: Iterable[LogLine], server: Server) -> list[LogLine]:
    """Without what the host's other server said, whose lines stand in the same log: of the other IP version."""
    others = FOUR if server.version == 6 else SIX
    return [line for line in lines if line.message not in others]


def _own(server: Server) -> set[str]:
    """Its addresses, without their lengths."""
    return {str(each).partition("/")[0] for each in server.addresses}


def _hand_over(server: Server, lines: list[LogLine], now: datetime) -> None:
    own = _own(server)
    rest = [line_from_json(each) for each in server.log_rest]
    mine = [line for line in _of_version(lines, server) if line.server is None or line.server in own]
    both = sorted([*rest, *_apart(rest, mine, now)], key=_time)
    server.log_rest = [line_as_json(each) for each in both[-MOST_REST:]]
    server.save(update_fields=["log_rest"])


def _apart(known: Iterable[LogLine], new: Iterable[LogLine], now: datetime) -> list[LogLine]:
    """The new lines, no two of one client at the same microsecond: a conversation is known by when it began."""
    taken = {(line.mac, line.at) for line in known}
    found = []
    for line in new:
        at = line.at or now
        while line.mac and (line.mac, at) in taken:
            at += timedelta(microseconds=1)
        taken.add((line.mac, at))
        found.append(replace(line, at=at))
    return found


def _time(line: LogLine) -> float:
    return line.at.timestamp() if line.at else 0.0


def _write(server: Server, talks: Sequence[Conversation], now: datetime) -> int:
    """Those that are new or that went on. What was written of a part of a longer one is taken back."""
    if not talks:
        return 0
    rows = {(row.mac, row.started_at): row for row in (_row(server, talk, now) for talk in talks)}
    known = {(row.mac, row.started_at): row for row in _known(server, talks)}
    inner = {(name, line.at) for talk in talks for line in talk.lines for name in _names(talk)} - rows.keys()
    Exchange.objects.filter(pk__in=[row.pk for key, row in known.items() if key in inner]).delete()
    different = [row for key, row in rows.items() if key not in known or not _is_same(row, known[key])]
    Exchange.objects.bulk_create(
        different,
        batch_size=500,
        update_conflicts=True,
        update_fields=list(_COLUMNS),
        unique_fields=["server", "mac", "started_at"],
    )
    return len(different)


def _known(server: Server, talks: Sequence[Conversation]) -> Iterable[Exchange]:
    times = [line.at for talk in talks for line in talk.lines if line.at]
    mine = Exchange.objects.filter(server=server, started_at__gte=min(times), started_at__lte=max(times))
    return mine.filter(mac__in={name for talk in talks for name in _names(talk)}) if len(talks) < 500 else mine


def _names(talk: Conversation) -> set[str]:
    """What its client is called and was: a client of DHCPv6 has its address on the link until its DUID is known."""
    return {talk.mac[:60]} | {line.mac[:60] for line in talk.lines if line.mac}


def _is_same(row: Exchange, known: Exchange) -> bool:
    return all(getattr(row, name) == getattr(known, name) for name in _COLUMNS)


def _row(server: Server, talk: Conversation, now: datetime) -> Exchange:
    return Exchange(
        server=server,
        mac=talk.mac[:60],
        client_id=(talk.duid or "")[:600],
        ip=(talk.ip or "")[:43],
        key=address_key(talk.ip or ""),
        hostname=(talk.hostname or "")[:255],
        via=(talk.via or "")[:60],
        relay=talk.relay or "",
        outcome=talk.outcome,
        reason=talk.reason,
        started_at=talk.started_at or now,
        ended_at=talk.ended_at or now,
        lines=[line_as_json(each) for each in talk.lines],
    )


def _stays(lines: list[LogLine], talks: Sequence[Conversation], now: datetime) -> list[dict[str, Any]]:
    """Messages of conversations that may go on, by the panel's clock or by the log's own."""
    if not lines:
        return []
    horizon = min(now, lines[-1].at or now) - STAYS
    alive = {id(line) for talk in talks if (talk.ended_at or now) > horizon for line in talk.lines}
    stay = [
        line
        for line in lines
        if id(line) in alive or (line.message is Message.ABANDONED and (line.at or now) > horizon)
    ]
    return [line_as_json(each) for each in stay[-MOST_REST:]]
