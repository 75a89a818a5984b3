"""Which worker has a change. Compare-and-set in the database, so that a lost or doubled message costs nothing."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from hosts.choices import ChangeState, StepName
from hosts.facts.words import Words, gettext_noop, words
from hosts.models import Change
from hosts.models.change import ON_THE_WAY

SILENT_AFTER = timedelta(seconds=20)
LAST_TRY = 8
WAIT_SECONDS = (2, 5, 15, 30, 60, 120, 300)


def claim_change(change_id: int, *, claim: uuid.UUID) -> Change | None:
    """Take a queued change for applying; None if it is not ours to take now or its host is busy with another."""
    now = timezone.now()
    due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    queued = Change.objects.filter(due, pk=change_id, state=ChangeState.QUEUED)
    try:
        with transaction.atomic():
            taken = queued.update(state=ChangeState.APPLYING, claim=claim, claimed_at=now, heartbeat_at=now)
    except IntegrityError:  # hosts_one_change_on_its_way_per_host
        return None
    return _with_host(change_id) if taken else None


def find_again(change_id: int, *, claim: uuid.UUID) -> Change | None:
    """Take over a change whose worker fell silent, or whose outcome is unknown; None if somebody looks after it."""
    now = timezone.now()
    silent = Change.objects.filter(pk=change_id, state__in=ON_THE_WAY).filter(
        Q(heartbeat_at__isnull=True) | Q(heartbeat_at__lte=now - SILENT_AFTER)
    )
    taken = silent.update(state=ChangeState.APPLYING, claim=claim, heartbeat_at=now)
    return _with_host(change_id) if taken else None


def touch_changes(claims: Collection[uuid.UUID]) -> int:
    """Say that the worker with these claims is alive; returns how many changes are still its own."""
    carried = Change.objects.filter(claim__in=claims, state=ChangeState.APPLYING)
    return carried.update(heartbeat_at=timezone.now())


def let_go_changes(claims: Collection[uuid.UUID]) -> int:
    """The worker with these claims is about to end: another one need not wait for its silence. Returns how many."""
    carried = Change.objects.filter(claim__in=claims, state=ChangeState.APPLYING, heartbeat_at__isnull=False)
    return carried.update(heartbeat_at=None)


@transaction.atomic
def postpone_change(change: Change, *, why: Words) -> Change | None:
    """Nothing was touched: try again later, and after the last try refuse in words. Returns it when it was refused."""
    row = (
        Change.objects.select_for_update().filter(pk=change.pk, claim=change.claim, state=ChangeState.APPLYING).first()
    )
    if row is None:
        return None
    now = timezone.now()
    row.tries += 1
    if row.tries >= LAST_TRY:
        row.state, row.outcome_step, row.finished_at = ChangeState.REFUSED, StepName.CONNECT, now
        row.outcome_why = words(
            gettext_noop("%(why)s Nothing was changed on the host. Tried %(count)s times."), why=why, count=row.tries
        )
    else:
        wait = WAIT_SECONDS[min(row.tries, len(WAIT_SECONDS)) - 1]
        row.state, row.next_try_at, row.outcome_why = ChangeState.QUEUED, now + timedelta(seconds=wait), why
    row.save(update_fields=["state", "tries", "next_try_at", "outcome_step", "outcome_why", "finished_at"])
    return row if row.has_ended else None


def _with_host(change_id: int) -> Change:
    return (
        Change.objects.select_related("host__credential", "host__jump_host__credential")
        .prefetch_related("files__wanted_content", "host__keys")
        .get(pk=change_id)
    )
