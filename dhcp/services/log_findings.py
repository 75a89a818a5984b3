"""Conversations of a server and other lines of its log in; what is wrong there, kept as Problem rows, out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dhcp.choices import FOUR, SIX, Message, Outcome
from dhcp.facts.log_json import line_from_json
from dhcp.facts.logs import Conversation, LogLine
from dhcp.models import Exchange, Problem, Server
from dhcp.rules.handshakes import handshake_findings
from hosts.facts.finding import Finding

SOURCE = "log"
LOOKS_BACK = timedelta(hours=1)
"""How far back conversations that failed are counted together."""
FORGOTTEN_AFTER = timedelta(hours=6)
"""A log does not say when trouble is over: a finding is gone when it was not seen for so long."""
_MOST_TALKS = 500
_IN_TALKS = (FOUR | SIX) - {Message.RELEASE, Message.INFORM, Message.BOOTREQUEST, Message.BOOTREPLY}


def record_findings(server: Server, talks: Sequence[Conversation], lines: Iterable[LogLine], *, now: datetime) -> None:
    """`talks` are those that were just written, `lines` the new lines. Called inside the transaction of the log."""
    together = [*talks, *_recent(server, talks, now)]
    told = [line for line in lines if line.message not in _IN_TALKS]
    told += [line for talk in together for line in talk.lines]
    rows = {(row.rule, row.subject): row for row in (_row(server, e, now) for e in handshake_findings(told, together))}
    Problem.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["server", "source", "rule", "subject", "place_name"],
        update_fields=["severity", "title", "why", "what_to_do", "seen_at"],
    )
    Problem.objects.filter(server=server, source=SOURCE, seen_at__lt=now - FORGOTTEN_AFTER).delete()


def _recent(server: Server, talks: Sequence[Conversation], now: datetime) -> list[Conversation]:
    """Earlier ones that failed."""
    new = {(talk.mac, talk.started_at) for talk in talks}
    failed = Exchange.objects.filter(server=server, started_at__gt=now - LOOKS_BACK).exclude(outcome=Outcome.BOUND)
    rows = failed.order_by("-started_at")[:_MOST_TALKS]
    return [conversation_of(row) for row in rows if (row.mac, row.started_at) not in new]


def conversation_of(row: Exchange) -> Conversation:
    """As pure code knows it."""
    return Conversation(
        mac=row.mac,
        lines=tuple(line_from_json(each) for each in row.lines),
        outcome=Outcome(row.outcome),
        reason=row.reason.words,
        via=row.via or None,
        ip=row.ip or None,
        relay=row.relay or None,
        hostname=row.hostname or None,
        duid=row.client_id or None,
    )


def _row(server: Server, found: Finding, now: datetime) -> Problem:
    return Problem(
        server=server,
        source=SOURCE,
        rule=found.id,
        subject=found.subject[:255].replace("\0", "\N{REPLACEMENT CHARACTER}"),
        severity=found.severity,
        title=found.title,
        why=found.why,
        what_to_do=found.what_to_do,
        found_at=now,
        seen_at=now,
    )
