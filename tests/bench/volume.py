"""Numbers in, a database full of hosts, changes and log lines out, by bulk inserts: what a panel holds after years.

Import this only after `django.setup()`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from hosts.choices import ChangeState, DriftState, FileKind, HostRole, HostState, Source, StepName, StepState
from hosts.facts.change import Command
from hosts.models import (
    Change,
    ChangeFile,
    Host,
    HostFile,
    HostRoleRow,
    LogLine,
    Organization,
    Step,
    Tag,
    User,
)
from hosts.services.contents import keep_content
from hosts.services.drift import path_digest

BATCH = 2_000
LONGEST_LOG = 20_000
PATH = "/etc/dhcp/dhcpd.conf"
DONE = (StepName.PLAN, StepName.COMPARE, StepName.APPROVE, StepName.CONNECT, StepName.LOCK, StepName.DRIFT)
ON_HOST = (StepName.STAGE, StepName.CHECK, StepName.SWAP, StepName.ACTIVATE, StepName.VERIFY)
STATES = (
    *(ChangeState.APPLIED,) * 80,
    *(ChangeState.UNCHANGED,) * 8,
    *(ChangeState.REFUSED,) * 5,
    *(ChangeState.ROLLED_BACK,) * 3,
    *(ChangeState.DISCARDED,) * 3,
    ChangeState.COMPARED,
)
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Volume:
    """What was made: somebody who sees all of it, and the rows whose pages are the heaviest."""

    person: User
    host: Host
    change: Change


def fill(*, hosts: int, changes: int, lines: int) -> Volume:
    """Make so many of each. One change has a log as long as they get; the other lines are spread over all of them."""
    chance = random.Random(20261123)
    person = User.objects.create_superuser("operator@example.test", None, name="Operator")
    made_hosts = _hosts(hosts, chance)
    made_changes = _changes(changes, made_hosts, person, chance)
    _in_batches(Step, _steps(made_changes))
    _in_batches(LogLine, _lines(made_changes, lines))
    _files(made_changes, made_hosts, chance)
    return Volume(person, made_hosts[0], made_changes[0])


def _hosts(count: int, chance: random.Random) -> list[Host]:
    owners = [Organization.objects.create(name=f"Organization {n}") for n in range(20)]
    tags = [Tag.objects.create(name=f"rack{n}") for n in range(40)]
    now = timezone.now()
    rows = _in_batches(
        Host,
        (
            Host(
                name=f"node{n:05}.example.net",
                address=f"10.{n // 65536}.{n // 256 % 256}.{n % 256}",
                organization=owners[n % len(owners)],
                site=f"Site {n % 7}",
                state=chance.choices((HostState.REACHABLE, HostState.UNREACHABLE), (97, 3))[0],
                state_since=now,
                os_name="Debian GNU/Linux 12 (bookworm)",
                kernel="6.1.0-37-amd64",
                findings_count=chance.choice((0, 0, 0, 1, 2)),
            )
            for n in range(count)
        ),
    )
    _in_batches(HostRoleRow, (HostRoleRow(host=row, role=HostRole.values[row.pk % 6]) for row in rows))
    tagged = Host.tags.through
    _in_batches(tagged, (tagged(host_id=row.pk, tag_id=tags[row.pk % len(tags)].pk) for row in rows))
    return rows


def _changes(count: int, hosts: list[Host], person: User, chance: random.Random) -> list[Change]:
    check = [{"argv": ["dhcpd", "-t", "-cf", "{staged}"], "timeout_seconds": Command(("true",)).timeout_seconds}]
    now = timezone.now()

    def row(number: int) -> Change:
        at = now - timedelta(minutes=count - number)
        host = hosts[0] if number % 40 == 0 else chance.choice(hosts)
        state = ChangeState.APPLIED if number == 0 else chance.choice(STATES)
        return Change(
            uuid=uuid.UUID(int=chance.getrandbits(128)),
            host=host,
            title=f"Serve network {number}",
            reference=f"#{number % 5000}",
            source=Source.MANAGED_FILE,
            state=state,
            means=[["add", "Writes %(path)s (%(size)s bytes).", {"path": PATH, "size": 2000}]],
            check_commands=check,
            planned_by=person,
            approved_by=person,
            applied_by=person,
            compared_at=at,
            approved_at=at,
            finished_at=None if state == ChangeState.COMPARED else at,
        )

    return _in_batches(Change, (row(number) for number in range(count)))


def _steps(changes: list[Change]) -> Iterator[Step]:
    now = timezone.now()
    for change in changes:
        for name in (*DONE, *ON_HOST) if change.state == ChangeState.APPLIED else DONE[:2]:
            yield Step(change=change, name=name, state=StepState.OK, started_at=now, seconds=0.02)


def _lines(changes: list[Change], count: int) -> Iterator[LogLine]:
    longest = min(LONGEST_LOG, count // 2)
    now = timezone.now()
    yield from (_line(changes[0], number, now) for number in range(1, longest + 1))
    others = changes[1:]
    for number in range(count - longest):
        yield _line(others[number % len(others)], number // len(others) + 1, now)


def _line(change: Change, number: int, at: datetime) -> LogLine:
    text = f"line {number}: a sentence of about the length that programs say to a log"
    return LogLine(change=change, number=number, at=at, step=StepName.ACTIVATE, text=text)


def _files(changes: list[Change], hosts: list[Host], chance: random.Random) -> None:
    old = keep_content(b"".join(b"subnet 10.0.%d.0 netmask 255.255.255.0 { }\n" % n for n in range(40)))
    new = keep_content(b"".join(b"subnet 10.0.%d.0 netmask 255.255.255.0 { }\n" % n for n in range(44)))
    shared: dict[str, Any] = {
        "path": PATH,
        "wanted_content": new,
        "seen_kind": FileKind.FILE,
        "seen_sha256": old.pk,
        "seen_size": old.size,
        "seen_owner": "root",
        "seen_group": "root",
        "seen_mode": 0o644,
        "seen_content": old,
        "lines_added": 4,
    }
    _in_batches(ChangeFile, (ChangeFile(change=change, **shared) for change in changes))
    now, digest = timezone.now(), path_digest(PATH)
    _in_batches(
        HostFile,
        (
            HostFile(
                host=host,
                path=PATH,
                path_digest=digest,
                change=chance.choice(changes),
                content=new,
                owner="root",
                group="root",
                mode=0o644,
                state=DriftState.DRIFTED if host.pk % 50 == 0 else DriftState.IN_PLACE,
                checked_at=now,
            )
            for host in hosts
        ),
    )


def _in_batches(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Insert them piece by piece; the rows with their keys come back, except log lines, which are too many to hold."""
    source = iter(rows)
    keeps = model is not LogLine
    kept: list[Row] = []
    while batch := list(islice(source, BATCH)):
        made = model._default_manager.bulk_create(batch)
        if keeps:
            kept += made
    return kept
