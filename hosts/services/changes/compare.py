"""What a worker read from the host comes in, the diff and its numbers go onto the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hosts.choices import ChangeState, FileKind, StepName, StepState
from hosts.facts.change import SeenFile
from hosts.facts.words import Words, gettext_noop, joined, words
from hosts.models import Change, ChangeFile, Step
from hosts.models.words import word_of
from hosts.rules import edits
from hosts.rules.diff import file_diff
from hosts.services.changes.care import take_into_care
from hosts.services.contents import keep_content


@transaction.atomic
def record_comparison(change: Change, seen: Sequence[SeenFile], *, seconds: float) -> Change:
    """Keep what lies on the host now, make the diff, and say whether there is something to approve.

    A change that was discarded in the meantime is left alone.
    """
    locked = Change.objects.select_for_update().filter(pk=change.pk, state=ChangeState.PLANNED).first()
    if locked is None:
        return change
    found = {file.path: file for file in seen}
    problems = []
    for row in locked.files.select_related("wanted_content"):
        live = found[row.path]
        if row.edit and live.kind == FileKind.FILE and live.content is None:
            problems.append(_too_large(locked, live))
            continue
        _keep(row, live)
        if live.kind not in (FileKind.FILE, FileKind.ABSENT):
            problems.append(_no_regular_file(locked, live))
    now = timezone.now()
    if problems:
        locked.state, locked.outcome_step, locked.outcome_why = (
            ChangeState.REFUSED,
            StepName.COMPARE,
            joined(problems),
        )
        locked.finished_at = now
    elif _differs(locked):
        locked.state, locked.compared_at = ChangeState.COMPARED, now
    else:
        locked.state, locked.compared_at, locked.finished_at = ChangeState.UNCHANGED, now, now
        locked.outcome_why = words(gettext_noop("The host already has it. Nothing was sent."))
        take_into_care(locked, now)
    locked.save()
    Step.objects.update_or_create(
        change=locked,
        name=StepName.COMPARE,
        defaults={
            "state": StepState.FAILED if problems else StepState.OK,
            "started_at": now - timedelta(seconds=seconds),
            "seconds": seconds,
            "note": locked.outcome_why,
        },
    )
    return locked


@transaction.atomic
def note_compare_failed(change: Change, *, why: Words | str, next_try_seconds: float | None) -> None:
    """The host was not reached for comparing: say so, and when it is tried again; None gives up."""
    now = timezone.now()
    open_change = Change.objects.select_for_update().filter(pk=change.pk, state=ChangeState.PLANNED).first()
    if open_change is None:
        return
    open_change.outcome_why = why
    open_change.tries += 1
    if next_try_seconds is None:
        open_change.state, open_change.finished_at = ChangeState.REFUSED, now
        open_change.outcome_step = StepName.COMPARE
    else:
        open_change.next_try_at = now + timedelta(seconds=next_try_seconds)
    open_change.save()
    Step.objects.update_or_create(
        change=open_change,
        name=StepName.COMPARE,
        defaults={"state": StepState.FAILED, "started_at": now, "note": why},
    )


def _too_large(change: Change, live: SeenFile) -> Words:
    return words(
        gettext_noop(
            "%(path)s on %(host)s is too large to add a line to from here (%(size)s bytes). Nothing was changed."
        ),
        path=live.path,
        host=change.host.name,
        size=live.size,
    )


def _no_regular_file(change: Change, live: SeenFile) -> Words:
    if live.target:
        what = gettext_noop(
            "%(path)s is %(kind)s to %(target)s on %(host)s. "
            "The panel replaces regular files only; give the path of a file."
        )
    else:
        what = gettext_noop(
            "%(path)s is %(kind)s on %(host)s. The panel replaces regular files only; give the path of a file."
        )
    kind = word_of(FileKind(live.kind))
    return words(what, path=live.path, kind=kind, target=live.target, host=change.host.name)


def _keep(row: ChangeFile, live: SeenFile) -> None:
    """Fill in the seen side, the edited content and the numbers of the diff."""
    if row.edit:
        wanted = edits.with_line(live.content or b"", str(row.edit["ensure_line"]))
        row.wanted_content = keep_content(wanted)
        if live.kind == FileKind.FILE:
            row.owner, row.group, row.mode = live.owner, live.group, live.mode
    row.seen_kind, row.seen_sha256, row.seen_size = live.kind, live.sha256, live.size
    row.seen_owner, row.seen_group, row.seen_mode, row.seen_target = live.owner, live.group, live.mode, live.target
    row.seen_content = keep_content(live.content) if live.content is not None else None
    wanted_bytes = row.wanted_content.read() if row.wanted_content and not row.is_absent else None
    if not row.is_secret:
        diff = file_diff(live.content, wanted_bytes)
        row.lines_added, row.lines_removed = diff.added, diff.removed
    row.differs = _file_differs(row)
    row.save()


def _file_differs(row: ChangeFile) -> bool:
    if row.is_absent:
        return row.seen_kind != FileKind.ABSENT
    wanted_sha256 = row.wanted_content_id
    return (row.seen_sha256, row.seen_owner, row.seen_group, row.seen_mode) != (
        wanted_sha256,
        row.owner,
        row.group,
        row.mode,
    )


def _differs(change: Change) -> bool:
    """Commands of a change without files always have something to do."""
    files = list(change.files.all())
    return not files or any(file.differs for file in files)
