"""A request to plan goes in, its change or rollout comes out: planned now, or when the same request came first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models import Change, PlanRequest, Rollout
from hosts.services.audit import Actor

KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 200


@transaction.atomic
def plan_once(
    key: str, sent: bytes, plan: Callable[[], Change | Rollout], *, by: Actor
) -> tuple[Change | Rollout, bool]:
    """What `plan` makes and True; with a `key` that the person used already, what it made then and False.

    The key's row is written first, so that the second of two at once waits for the first. BadInput where the key came
    with another content before. Keys are kept for a week.
    """
    if not key:
        return plan(), True
    if len(key) > LONGEST_KEY:
        raise BadInput(
            words(gettext_noop("An idempotency key has %(most)s characters at most."), most=LONGEST_KEY),
            field="Idempotency-Key",
        )
    now = timezone.now()
    PlanRequest.objects.filter(made_at__lt=now - KEPT_FOR).delete()
    digest = hashlib.sha256(sent).hexdigest()
    row, is_new = PlanRequest.objects.get_or_create(user=by.person, key=key, defaults={"digest": digest})
    if not is_new:
        known = row.change or row.rollout
        if row.digest != digest or known is None:
            raise BadInput(
                words(
                    gettext_noop(
                        "This idempotency key was used for another request. Nothing was planned; choose a new key."
                    )
                ),
                field="Idempotency-Key",
            )
        return known, False
    planned = plan()
    if isinstance(planned, Change):
        row.change = planned
    else:
        row.rollout = planned
    row.save(update_fields=["change", "rollout"])
    return planned, True
