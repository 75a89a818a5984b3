"""What people decide of a change: approve, apply, take back, discard."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from hosts.choices import ChangeState, HostState, StepName, StepState
from hosts.errors import NotAllowed, WrongState
from hosts.facts.words import Words, gettext_noop, stored, words
from hosts.models import AuditEntry, Change, Step
from hosts.models.words import word_of
from hosts.rules.progress import may_become
from hosts.services.audit import Actor, line, note

NOT_BEGUN = (ChangeState.PLANNED, ChangeState.COMPARED, ChangeState.APPROVED, ChangeState.QUEUED)


def _locked(change: Change, old: Collection[str], wanted: str, verb: str) -> Change:
    """The row as it is now, locked; WrongState unless it is in one of `old` and can become `wanted`.

    `old` is named by each decision, since another decision may lead to the same state from elsewhere: taking back
    must not approve, and applying must not send again what is being applied.
    """
    row = Change.objects.select_for_update(of=("self",)).select_related("host", "planned_by").get(pk=change.pk)
    if row.state not in old or not may_become(row.state, wanted):
        raise WrongState(
            words(
                gettext_noop(
                    "Change %(number)s is “%(state)s” by now, so it cannot be %(verb)s. Load the page again to see it."
                ),
                number=row.pk,
                state=word_of(ChangeState(row.state)),
                verb=words(verb),
            )
        )
    return row


@transaction.atomic
def approve_change(change: Change, *, by: Actor) -> Change:
    """Say yes to the diff as it was seen. Where the host asks for four eyes, the planner cannot."""
    row = _locked(change, (ChangeState.COMPARED,), ChangeState.APPROVED, gettext_noop("approved"))
    if row.host.needs_second_person and row.planned_by_id == by.person.pk:
        raise NotAllowed(
            words(
                gettext_noop("%(host)s asks for four eyes: somebody other than %(person)s must approve this."),
                host=row.host.name,
                person=str(row.planned_by),
            )
        )
    now = timezone.now()
    row.state, row.approved_by, row.approved_at = ChangeState.APPROVED, by.person, now
    row.save(update_fields=["state", "approved_by", "approved_at"])
    Step.objects.update_or_create(
        change=row,
        name=StepName.APPROVE,
        defaults={"state": StepState.OK, "started_at": now, "note": str(by.person)},
    )
    note(by, "approve", row, organization=row.host.organization)
    return row


@transaction.atomic
def queue_change(change: Change, *, by: Actor) -> Change:
    """Let a worker apply it. The front door wakes the worker; a sweep does where that call is lost."""
    row = _locked(change, (ChangeState.APPROVED,), ChangeState.QUEUED, gettext_noop("applied"))
    if row.host.state == HostState.KEY_CHANGED:
        raise WrongState(
            words(
                gettext_noop("%(host)s shows another host key than the accepted one. Decide about the key first."),
                host=row.host.name,
            )
        )
    row.state, row.queued_at, row.applied_by = ChangeState.QUEUED, timezone.now(), by.person
    row.tries, row.next_try_at, row.outcome_why = 0, None, ""
    row.save(update_fields=["state", "queued_at", "applied_by", "tries", "next_try_at", "outcome_why"])
    note(by, "apply", row, organization=row.host.organization)
    return row


@transaction.atomic
def queue_changes(change_ids: Collection[int], *, by: Actor) -> set[int]:
    """As `queue_change` for many at once; those left out cannot be queued, and `queue_change` says why."""
    rows = list(
        Change.objects.select_for_update(of=("self",))
        .select_related("host__organization")
        .filter(pk__in=change_ids, state=ChangeState.APPROVED)
        .exclude(host__state=HostState.KEY_CHANGED)
        .order_by("pk")  # everybody locks in the same order, so that nobody waits for each other
    )
    queued = {row.pk for row in rows}
    Change.objects.filter(pk__in=queued).update(
        state=ChangeState.QUEUED,
        queued_at=timezone.now(),
        applied_by=by.person,
        tries=0,
        next_try_at=None,
        outcome_why="",
    )
    AuditEntry.objects.bulk_create([line(by, "apply", row, organization=row.host.organization) for row in rows])
    return queued


@transaction.atomic
def refuse_change(change: Change, *, by: Actor, why: Words | str) -> Change:
    """An approved change cannot be sent, and waiting does not help: say why. Nothing on the host was touched."""
    row = _locked(change, (ChangeState.APPROVED,), ChangeState.REFUSED, gettext_noop("refused"))
    row.state, row.finished_at = ChangeState.REFUSED, timezone.now()
    row.outcome_step, row.outcome_why = StepName.CONNECT, why
    row.save(update_fields=["state", "finished_at", "outcome_step", "outcome_why"])
    note(by, "refuse", row, organization=row.host.organization, details={"why": stored(why)})
    return row


@transaction.atomic
def take_back_change(change: Change, *, by: Actor) -> Change:
    """Cancel the apply while no worker has begun; the approval stays."""
    row = _locked(change, (ChangeState.QUEUED,), ChangeState.APPROVED, gettext_noop("taken back"))
    row.state, row.next_try_at, row.outcome_why = ChangeState.APPROVED, None, ""
    row.save(update_fields=["state", "next_try_at", "outcome_why"])
    note(by, "cancel apply", row, organization=row.host.organization)
    return row


@transaction.atomic
def discard_change(change: Change, *, by: Actor, why: Words | str = "") -> Change:
    """Lay it aside for good. Nothing was sent to the host."""
    row = _locked(change, NOT_BEGUN, ChangeState.DISCARDED, gettext_noop("discarded"))
    row.state, row.finished_at, row.outcome_why = ChangeState.DISCARDED, timezone.now(), why
    row.save(update_fields=["state", "finished_at", "outcome_why"])
    note(by, "discard", row, organization=row.host.organization)
    return row
