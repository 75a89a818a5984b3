"""A change in, everything that its review page says about it out. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from hosts.choices import ChangeState, HostState, StepName
from hosts.models import Change, ChangeFile, HostFile, LogLine, Step, User
from hosts.models.change import ENDED
from hosts.rules.rail import FAILED, SKIPPED, RailStep, StepSeen, rail
from hosts.rules.standing import standing_of
from hosts.services.drift import path_digest
from hosts.templatetags.machines import words
from hosts.views.change_offers import offers
from hosts.views.references import address_of

LOG_LINES = 500
TAIL_LINES = 12
OTHERS = 5
LIVE = frozenset({ChangeState.PLANNED, ChangeState.QUEUED, ChangeState.APPLYING, ChangeState.LOST})
ASK_AGAIN = {ChangeState.LOST: 3, ChangeState.COMPARED: 8, ChangeState.APPROVED: 8}


def load_change(user: User, pk: int) -> Change | None:
    """The change with what every part of its page needs, if the person may see it."""
    people = ("planned_by", "approved_by", "applied_by")
    back = Change.objects.only("id", "state", "title")
    return (
        Change.objects.visible_to(user)
        .select_related("host__organization", "rollout", "puts_back", "replaces", *people)
        .prefetch_related("steps", Prefetch("put_back_by", queryset=back), Prefetch("replaced_by", queryset=back))
        .filter(pk=pk)
        .first()
    )


def head(change: Change, user: User) -> dict[str, Any]:
    """What changes with the state: title, words, buttons, rail. The same for the page and for its live pieces."""
    steps = {step.name: step for step in change.steps.all()}
    standing = standing_of(change.state)
    values = {"host": change.host.name}
    may = offers(change, user)
    return {
        "change": change,
        "standing": standing,
        "standing_head": _(standing.head) % values,
        "standing_body": _(standing.body) % values,
        "offers": may,
        "needs_other_eyes": change.state == ChangeState.COMPARED
        and change.host.needs_second_person
        and change.planned_by_id == user.pk,
        "rail": [_rail_entry(change, entry) for entry in _rail(change, steps.values())],
        "rail_seconds": sum(step.seconds or 0 for step in steps.values() if step.name != StepName.PLAN),
        "ask_again": ask_again(change),
        "reference_url": address_of(change.reference, user),
        "seen_state": seen_state(change),
        "seen_steps": seen_steps(steps.values()),
    }


def ask_again(change: Change) -> int:
    """Seconds until the page asks again; 0 at the end."""
    if change.state in ENDED:
        return 0
    return ASK_AGAIN.get(ChangeState(change.state), 1)


def seen_state(change: Change) -> str:
    """A mark of all that the head of the page shows: where it is the same, the page is left alone."""
    said = (change.state, change.outcome_why, change.tries, change.next_try_at, change.approved_by_id)
    return _digest(said)


def seen_steps(steps: Iterable[Step]) -> str:
    """A mark of all that the rail shows."""
    return _digest(sorted((step.name, step.state, step.seconds, step.note) for step in steps))


def side(change: Change, files: list[ChangeFile], user: User) -> dict[str, Any]:
    """What does not move while one looks: what to heed, the other open changes of the host, what comes if it fails."""
    others = list(
        Change.objects.visible_to(user)
        .filter(host=change.host_id)
        .open()
        .exclude(pk=change.pk)
        .order_by("-id")
        .only("id", "title", "state", "host_id")[: OTHERS + 1]
    )
    return {
        "others": others[:OTHERS],
        "has_more_others": len(others) > OTHERS,
        "heeds": list(_heeds(change, files, others)) if change.state not in ENDED else [],
        "commands": _commands(change),
    }


def log(change: Change, *, before: int = 0) -> dict[str, Any]:
    """The last lines of the log, or those before a number; newest last."""
    rows = LogLine.objects.filter(change=change.pk)
    if before:
        rows = rows.filter(number__lt=before)
    lines = list(rows.order_by("-number")[: LOG_LINES + 1])
    has_older = len(lines) > LOG_LINES
    lines = lines[:LOG_LINES][::-1]
    return {"lines": lines, "has_older": has_older, "first": lines[0].number if lines else 0, "last": _last(lines)}


def log_after(change: Change, after: int) -> list[LogLine]:
    """The lines that came since; the newest where it is very many at once."""
    newest = LogLine.objects.filter(change=change.pk, number__gt=after).order_by("-number")[:LOG_LINES]
    return list(newest)[::-1]


def _last(lines: list[LogLine]) -> int:
    return lines[-1].number if lines else 0


def _rail(change: Change, steps: Iterable[Step]) -> list[RailStep]:
    seen = {step.name: StepSeen(step.state, step.started_at, step.seconds, step.note) for step in steps}
    failed = change.outcome_step if change.state in (ChangeState.REFUSED, ChangeState.FAILED) else ""
    return rail(change.state, seen, _needed(change), failed)


def _needed(change: Change) -> set[str]:
    has_files = bool(change.files.all())
    needs = {
        StepName.DRIFT: has_files,
        StepName.BEFORE: bool(change.before),
        StepName.STAGE: has_files,
        StepName.CHECK: bool(change.check_commands),
        StepName.SWAP: has_files,
        StepName.ACTIVATE: bool(change.activate),
        StepName.VERIFY: bool(change.verify),
        StepName.CONFIRM: bool(change.guard_seconds),
    }
    return {name.value for name, is_needed in needs.items() if is_needed}


def _rail_entry(change: Change, entry: RailStep) -> dict[str, Any]:
    of = {
        StepName.BEFORE: change.before,
        StepName.CHECK: change.check_commands,
        StepName.ACTIVATE: change.activate,
        StepName.VERIFY: change.verify,
    }
    note, output = entry.seen.note if entry.seen else "", []
    if entry.look == FAILED:
        note = note or change.outcome_why
        tail = LogLine.objects.filter(change=change.pk, step=entry.name).order_by("-number")[:TAIL_LINES]
        output = [line.text for line in tail][::-1]
    return {
        "step": entry,
        "label": StepName(entry.name).label,
        "commands": of.get(StepName(entry.name), []) if entry.look != SKIPPED else [],
        "note": note,
        "output": output,
    }


def _commands(change: Change) -> list[tuple[str, list[dict[str, Any]]]]:
    parts = (
        (_("Before"), change.before),
        (_("Check, on the staged files"), change.check_commands),
        (_("Activate"), change.activate),
        (_("Verify"), change.verify),
        (_("If it has to be undone"), change.undo),
    )
    return [(label, rows) for label, rows in parts if rows]


def _heeds(change: Change, files: list[ChangeFile], others: list[Change]) -> Iterable[str]:
    """What a person should look out for before saying yes."""
    host = change.host
    if host.state == HostState.KEY_CHANGED:
        yield _("%(host)s shows another host key than the accepted one. Nothing is sent before somebody decides.") % {
            "host": host.name
        }
    elif host.state == HostState.UNREACHABLE:
        yield _("%(host)s is not reached at the moment: %(why)s") % {"host": host.name, "why": words(host.state_why)}
    if host.is_in_maintenance:
        yield _("%(host)s is in maintenance.") % {"host": host.name}
    digests = {path_digest(file.path): file.path for file in files}
    if not digests:
        return
    for kept in HostFile.objects.filter(host=host.pk, path_digest__in=digests).drifted():
        yield _("Somebody changed %(path)s on the host after the panel put it there; this change overwrites that.") % {
            "path": kept.path
        }
    if others:
        same = ChangeFile.objects.filter(change__in=[other.pk for other in others], path__in=digests.values())
        for number, path in same.values_list("change_id", "path")[:OTHERS]:
            yield _(
                "Change #%(number)s is open and writes %(path)s too; the second of them will have to be planned again."
            ) % {"number": number, "path": path}


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]
