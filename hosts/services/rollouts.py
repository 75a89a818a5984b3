"""One proposal over many hosts: planned together, approved together, carried on step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hosts.choices import ChangeState, RolloutState
from hosts.errors import BadInput, NotAllowed, WrongState
from hosts.facts.proposal import Proposal
from hosts.facts.words import Words, gettext_noop, reason, stored, words
from hosts.models import Change, Host, ManagedFile, Rollout
from hosts.rules.progress import BAD_ENDS, Advance, advance
from hosts.services.audit import PANEL, Actor, note
from hosts.services.changes import approve_change, plan_change, queue_change, queue_changes, refuse_change, title_of

MOST_HOSTS = 2_000


@dataclass(frozen=True, slots=True)
class Manner:
    """How a rollout goes: the canary hosts first, then so many at a time, stopped after more failures than these."""

    canary_count: int = 1
    batch_size: int = 10
    failures_allowed: int = 0


@transaction.atomic
def plan_for_hosts(
    hosts: Sequence[Host],
    propose: Callable[[Host], Proposal],
    *,
    by: Actor,
    source: str,
    why: str = "",
    reference: str = "",
    managed: ManagedFile | None = None,
    manner: Manner | None = None,
) -> Change | Rollout:
    """One change for one host; for more, a rollout with a change for each. All or nothing is planned."""
    hosts = list(dict.fromkeys(hosts))
    if not hosts:
        raise BadInput(words(gettext_noop("No host was chosen.")), field="hosts")
    _require_hosts(by, hosts)
    if len(hosts) > MOST_HOSTS:
        raise BadInput(
            words(
                gettext_noop("A rollout goes to %(most)s hosts at most; %(count)s were chosen."),
                most=MOST_HOSTS,
                count=len(hosts),
            ),
            field="hosts",
        )
    proposals = [(host, propose(host)) for host in hosts]
    rollout = None
    if len(hosts) > 1:
        how = manner or Manner()
        rollout = Rollout.objects.create(
            title=title_of(proposals[0][1]),
            why=why,
            canary_count=min(how.canary_count, len(hosts)),
            batch_size=max(1, how.batch_size),
            failures_allowed=how.failures_allowed,
            planned_by=by.person,
        )
        note(by, "plan", rollout, details={"hosts": len(hosts)})
    changes = [
        plan_change(
            host,
            proposal,
            by=by,
            source=source,
            why=why,
            reference=reference,
            managed=managed,
            rollout=rollout,
            position=position,
        )
        for position, (host, proposal) in enumerate(proposals)
    ]
    return rollout or changes[0]


@transaction.atomic
def approve_rollout(rollout: Rollout, *, by: Actor) -> list[Change]:
    """Approve every change of it that waits for approval. A host with four eyes that refuses stops all of it."""
    _require_all(by, rollout)
    waiting = rollout.changes.filter(state=ChangeState.COMPARED).select_related("host").order_by("position")
    approved = [approve_change(change, by=by) for change in waiting]
    if not approved:
        raise WrongState(words(gettext_noop("No change of this rollout waits for approval.")))
    note(by, "approve", rollout, details={"changes": len(approved)})
    return approved


@transaction.atomic
def start_rollout(rollout: Rollout, *, by: Actor) -> Rollout:
    """Begin, or go on after a stop. Changes that are still being compared hold the start up.

    Who starts has seen what failed so far; from here on only what fails later counts against `failures_allowed`.
    """
    _require_all(by, rollout)
    row = Rollout.objects.select_for_update().get(pk=rollout.pk)
    if row.state not in (RolloutState.PLANNED, RolloutState.STOPPED):
        raise WrongState(words(gettext_noop("This rollout is not waiting to be started.")))
    open_states = set(row.changes.values_list("state", flat=True))
    if ChangeState.PLANNED in open_states:
        raise WrongState(
            words(gettext_noop("Some hosts are still being compared. Wait for their diffs, read them, then start."))
        )
    if ChangeState.COMPARED in open_states:
        raise NotAllowed(words(gettext_noop("Some changes are not approved yet. Approve or discard them first.")))
    if ChangeState.APPROVED not in open_states:
        raise WrongState(words(gettext_noop("No approved change is left in this rollout.")))
    now = timezone.now()
    row.state, row.started_at, row.went_on_at = RolloutState.RUNNING, row.started_at or now, now
    row.stopped_by, row.stopped_why, row.finished_at = None, "", None
    row.started_by = by.person
    row.save()
    note(by, "start", row)
    return row


@transaction.atomic
def stop_rollout(rollout: Rollout, *, by: Actor, why: str = "") -> Rollout:
    """No further host is begun; queued ones are taken back; what is on its way ends by itself."""
    _require_all(by, rollout)
    row = Rollout.objects.select_for_update().get(pk=rollout.pk)
    if row.state != RolloutState.RUNNING:
        raise WrongState(words(gettext_noop("This rollout is not running.")))
    _stop(row, why or words(gettext_noop("Stopped by %(person)s."), person=str(by.person)))
    row.stopped_by = by.user
    row.save()
    note(by, "stop", row)
    return row


def advance_rollout(rollout_id: int) -> list[int]:
    """Queue what may go next and return the ids of those changes, for the caller to wake workers.

    Every change of a rollout asks this when it ends, and mostly there is nothing to do: that is found out from the
    states alone, without waiting for the one writer's turn. Whoever ends last sees that all others have ended.
    """
    row = Rollout.objects.filter(pk=rollout_id, state=RolloutState.RUNNING).first()
    return _advanced(rollout_id) if row and _move(row).is_due else []


@transaction.atomic
def _advanced(rollout_id: int) -> list[int]:
    row = Rollout.objects.select_for_update().filter(pk=rollout_id, state=RolloutState.RUNNING).first()
    if row is None:
        return []
    move = _move(row)
    if move.state == RolloutState.STOPPED:
        _stop(row, move.why)
        row.save()
        note(PANEL, "stop", row, details={"why": stored(move.why)})
        return []
    if move.state == RolloutState.DONE:
        row.state, row.finished_at = RolloutState.DONE, timezone.now()
        row.save(update_fields=["state", "finished_at"])
        return []
    in_order = list(_in_order(row).values_list("pk", flat=True)) if move.indexes else []
    return _sent([in_order[index] for index in move.indexes], row)


def _in_order(row: Rollout) -> QuerySet[Change]:
    return row.changes.order_by("position", "id")


def _move(row: Rollout) -> Advance:
    """The next move by the rule; a failure from before the last start was seen by whoever started again."""
    states = [
        ChangeState.DISCARDED
        if state in BAD_ENDS and finished_at and row.went_on_at and finished_at < row.went_on_at
        else state
        for state, finished_at in _in_order(row).values_list("state", "finished_at")
    ]
    return advance(
        states,
        canary_count=row.canary_count,
        batch_size=row.batch_size,
        failures_allowed=row.failures_allowed,
    )


def _sent(change_ids: list[int], row: Rollout) -> list[int]:
    """Queue them; where a host cannot be spoken to, its change is refused in words and the others go on."""
    by = Actor(row.started_by, PANEL.via)
    queued = queue_changes(change_ids, by=by)
    for change in row.changes.filter(pk__in=set(change_ids) - queued):
        try:
            queued.add(queue_change(change, by=by).pk)
        except WrongState as error:
            why = words(gettext_noop("%(why)s Nothing was changed on the host."), why=reason(error))
            refuse_change(change, by=by, why=why)
    return [pk for pk in change_ids if pk in queued]


def _require_hosts(by: Actor, hosts: Sequence[Host]) -> None:
    """All of these hosts must be the person's to work on."""
    if by.user is None or by.user.sees_everything:
        return
    seen = Host.objects.visible_to(by.user).filter(pk__in=[host.pk for host in hosts]).count()
    if seen != len(hosts):
        raise NotAllowed(
            words(gettext_noop("Some of these hosts belong to an organization that is not yours. Nothing was planned."))
        )


def _require_all(by: Actor, rollout: Rollout) -> None:
    """Who decides about a rollout must see each of its hosts."""
    if by.user and not by.user.sees_everything:
        hidden = rollout.changes.exclude(host__in=Host.objects.visible_to(by.user))
        if hidden.exists():
            raise NotAllowed(
                words(
                    gettext_noop(
                        "Some hosts of this rollout belong to an organization that is not yours. Decide "
                        "about the changes of your own hosts one by one."
                    )
                )
            )


def _stop(row: Rollout, why: Words | str) -> None:
    row.state, row.stopped_why, row.finished_at = RolloutState.STOPPED, why, timezone.now()
    row.changes.filter(state=ChangeState.QUEUED).update(state=ChangeState.APPROVED, next_try_at=None, outcome_why="")
