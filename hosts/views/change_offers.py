"""A change and a person in, the buttons that this person may press now out; the first is the primary one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hosts.choices import ChangeState as S
from hosts.choices import RolloutState
from hosts.models import Change, User

PLAN, APPROVE, APPLY = "hosts.plan_change", "hosts.approve_change", "hosts.apply_change"


@dataclass(frozen=True, slots=True)
class Offer:
    """One button. `look`: primary, plain, danger. `asks` opens a dialog first: discard (why) or apply (type the name).

    `is_elsewhere` marks those that lead to another change's page.
    """

    verb: str
    label: str | Promise
    key: str
    look: str = "plain"
    asks: str = ""
    is_elsewhere: bool = False


NEEDS = {
    "approve": (APPROVE,),
    "approve-apply": (APPROVE, APPLY),
    "apply": (APPLY,),
    "take-back": (APPLY,),
    "discard": (PLAN,),
    "plan-again": (PLAN,),
    "put-back": (PLAN,),
}


def offers(change: Change, user: User) -> list[Offer]:
    """By the state, the permissions, four eyes and the rollout; at most one is primary."""
    may = [offer for offer in _by_state(change, user) if user.has_perms(NEEDS[offer.verb])]
    verbs = {offer.verb for offer in may}
    if "approve-apply" in verbs:
        return may
    return [_as_primary(offer) if offer.verb == "approve" else offer for offer in may]


def _by_state(change: Change, user: User) -> list[Offer]:
    discard = Offer("discard", _("Discard"), "d", "danger", asks="discard")
    again = Offer("plan-again", _("Plan again"), "p", is_elsewhere=True)
    match change.state:
        case S.PLANNED:
            return [again, discard] if change.outcome_why else [discard]
        case S.COMPARED:
            return [*_approvals(change, user), again, discard]
        case S.APPROVED:
            return [*_applies(change), again, discard]
        case S.QUEUED:
            return [Offer("take-back", _("Take back"), "t")]
        case S.APPLIED:
            back = Offer("put-back", _("Put back what was there before"), "b", is_elsewhere=True)
            return [back] if change.files.all() else []
        case S.REFUSED | S.ROLLED_BACK | S.FAILED | S.DISCARDED:
            return [Offer("plan-again", _("Plan again"), "p", "primary", is_elsewhere=True)]
        case _:
            return []


def _approvals(change: Change, user: User) -> list[Offer]:
    if change.host.needs_second_person and change.planned_by_id == user.pk:
        return []
    approve = Offer("approve", _("Approve"), "y")
    if change.rollout_id:
        return [approve]
    asks = "apply" if change.reboots else ""
    return [Offer("approve-apply", _("Approve and apply"), "a", "primary", asks=asks), approve]


def _applies(change: Change) -> list[Offer]:
    """A change of a rollout is applied by the rollout, except where that was stopped or is over."""
    if change.rollout and change.rollout.state in (RolloutState.PLANNED, RolloutState.RUNNING):
        return []
    return [Offer("apply", _("Apply"), "a", "primary", asks="apply" if change.reboots else "")]


def _as_primary(offer: Offer) -> Offer:
    return Offer(offer.verb, offer.label, "a", "primary", offer.asks, offer.is_elsewhere)
