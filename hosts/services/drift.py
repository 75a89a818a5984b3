"""What lies on hosts now against what the panel put there: noticed, then adopted or overwritten by a person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hosts.choices import DriftState, FileKind, Source
from hosts.errors import BadInput, WrongState
from hosts.facts.change import Bundle, Command, SeenFile, WantedFile
from hosts.facts.proposal import Meaning, Proposal
from hosts.facts.words import gettext_noop, joined, words
from hosts.models import Change, Host, HostFile, Override
from hosts.models.words import word_of
from hosts.rules.jitter import spread
from hosts.services.audit import Actor, note
from hosts.services.contents import keep_content

STAGED = re.compile(r"\{staged:([^}]*)\}")


def path_digest(path: str) -> str:
    """SHA-256 of a path: what is unique and indexed, since a path may be longer than an index entry."""
    return hashlib.sha256(path.encode()).hexdigest()


def count_drift(host: Host) -> None:
    """Bring the number on the host up to date; the host list shows it without counting."""
    Host.objects.filter(pk=host.pk).update(drifted_count=host.files.drifted().count())


@transaction.atomic
def record_drift(host: Host, seen: Iterable[SeenFile], *, looked_at: datetime | None = None) -> int:
    """Note for each file under management whether it is what was put there; says how many drifted.

    `looked_at` is when the looking began: what a change has put there since is not judged by what was seen before.
    """
    now = timezone.now()
    found = {file.path: file for file in seen}
    for row in host.files.select_for_update():
        live = found.get(row.path)
        is_newer = looked_at is not None and row.checked_at is not None and row.checked_at > looked_at
        if live is not None and not is_newer:
            _judge(row, live)
            row.checked_at = now
            row.save()
    Host.objects.filter(pk=host.pk).update(
        next_drift_at=now + timedelta(seconds=spread(settings.DRIFT_EVERY_SECONDS, host.pk))
    )
    count_drift(host)
    return host.files.drifted().count()


@transaction.atomic
def adopt(row: HostFile, *, by: Actor) -> HostFile:
    """What lies on the host is right: it becomes what the panel looks after. A managed file keeps it for this host."""
    rows = HostFile.objects.select_for_update(of=("self",)).select_related("host__organization", "managed_file")
    row = rows.get(pk=row.pk)
    if row.state != DriftState.DRIFTED or row.live_content is None:
        raise WrongState(
            words(
                gettext_noop(
                    "%(path)s cannot be adopted: its text on %(host)s is not known. Look for drift again first."
                ),
                path=row.path,
                host=row.host.name,
            )
        )
    row.content = row.live_content
    row.owner, row.group = row.live_owner or row.owner, row.live_group or row.group
    row.mode = row.mode if row.live_mode is None else row.live_mode
    _settle(row, DriftState.ADOPTED)
    row.save()
    if row.managed_file:
        Override.objects.update_or_create(
            managed_file=row.managed_file, host=row.host, defaults={"content": row.content, "made_by": by.user}
        )
    count_drift(row.host)
    note(by, "adopt drift", row, organization=row.host.organization, details={"path": row.path})
    return row


@transaction.atomic
def ask_for_drift(host: Host, *, by: Actor) -> None:
    """A person wants the files looked at now; the front door wakes a worker, or the next sweep does."""
    Host.objects.filter(pk=host.pk).update(next_drift_at=None)
    note(by, "look for drift", host, organization=host.organization)


def overwrite_proposal(rows: Sequence[HostFile]) -> Proposal:
    """A bundle that puts back what the panel had put there, with the commands of the change that did."""
    if not rows:
        raise BadInput(words(gettext_noop("No drifted file was chosen.")))
    changes: dict[int, Change] = {row.change_id: row.change for row in rows}
    bundles = [change.bundle() for change in changes.values()]
    return Proposal(
        title=words(gettext_noop("Overwrite drift: %(paths)s"), paths=", ".join(row.path for row in rows)),
        bundle=Bundle(
            files=tuple(
                WantedFile(row.path, row.content.read(), row.owner, row.group, row.mode, row.is_secret) for row in rows
            ),
            check=_checks(bundles, {row.path for row in rows}),
            activate=tuple(dict.fromkeys(command for bundle in bundles for command in bundle.activate)),
            verify=tuple(dict.fromkeys(command for bundle in bundles for command in bundle.verify)),
            guard=next((bundle.guard for bundle in bundles if bundle.guard), None),
        ),
        means=tuple(
            Meaning("info", words(gettext_noop("Puts %(path)s back to what the panel had put there."), path=row.path))
            for row in rows
        ),
    )


OVERWRITE = Source.OVERWRITE


def _checks(bundles: Sequence[Bundle], paths: set[str]) -> tuple[Command, ...]:
    """The checks that concern these files only. `{staged}` means the first file of its own bundle, so it is named."""
    checks: dict[Command, None] = {}
    for bundle in bundles:
        first = bundle.files[0].path if bundle.files else ""
        for command in bundle.check:
            argv = tuple(part.replace("{staged}", f"{{staged:{first}}}") for part in command.argv)
            asked = {path for part in argv for path in STAGED.findall(part)}
            if asked <= paths:
                checks[replace(command, argv=argv)] = None
    return tuple(checks)


def _judge(row: HostFile, live: SeenFile) -> None:
    differing = [
        words(label)
        for label, old, new in (
            (gettext_noop("content"), row.content_id, live.sha256),
            (gettext_noop("owner"), f"{row.owner}:{row.group}", f"{live.owner}:{live.group}"),
            (gettext_noop("mode"), f"{row.mode:04o}", f"{live.mode:04o}"),
        )
        if old != new
    ]
    state: str
    if live.kind == FileKind.ABSENT:
        state, said = DriftState.MISSING, words(gettext_noop("gone"))
    elif live.kind != FileKind.FILE:
        state, said = DriftState.DRIFTED, words(gettext_noop("now %(kind)s"), kind=word_of(FileKind(live.kind)))
    elif differing:
        state, said = DriftState.DRIFTED, joined(differing, ", ")
    else:
        state = row.state if row.state == DriftState.ADOPTED else DriftState.IN_PLACE
        _settle(row, state)
        return
    row.drifted_at = row.drifted_at or timezone.now()
    row.state, row.drift_words = state, said
    row.live_content = keep_content(live.content) if live.content is not None else None
    row.live_owner, row.live_group, row.live_mode = live.owner, live.group, live.mode


def _settle(row: HostFile, state: str) -> None:
    """Nothing differs any more."""
    row.state, row.drifted_at, row.drift_words = state, None, ""
    row.live_content, row.live_owner, row.live_group, row.live_mode = None, "", "", None
