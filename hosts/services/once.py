"""A request that makes a row goes in, that row comes out: made now, or when the same request came first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.models import Change, PlanRequest, Rollout
from hosts.services.audit import Actor

KEPT_FOR = timedelta(days=7)
LONGEST_KEY = 200
Row = TypeVar("Row", bound=models.Model)


def plan_once(
    key: str, sent: bytes, plan: Callable[[], Change | Rollout], *, by: Actor
) -> tuple[Change | Rollout, bool]:
    """`make_once` for what a request plans: a change, or a rollout of many."""
    return make_once(key, sent, plan, by=by)


@transaction.atomic
def make_once(key: str, sent: bytes, make: Callable[[], Row], *, by: Actor) -> tuple[Row, bool]:
    """What `make` makes and True; with a `key` that the person used already, what it made then and False.

    The key's row is written first, so that the second of two at once waits for the first. BadInput where the key came
    with another content before, or what it made is gone. Keys are kept for a week.
    """
    if not key:
        return make(), True
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
        known = _made(row)
        if row.digest != digest or known is None:
            raise BadInput(
                words(
                    gettext_noop(
                        "This idempotency key was used for another request. Nothing was done; choose a new key."
                    )
                ),
                field="Idempotency-Key",
            )
        return cast(Row, known), False
    made = make()
    row.made_kind, row.made_id = made._meta.label_lower, str(made.pk)
    row.save(update_fields=["made_kind", "made_id"])
    return made, True


def _made(row: PlanRequest) -> models.Model | None:
    """What the request made, as it is now."""
    if not row.made_kind:
        return None
    model: Any = apps.get_model(row.made_kind)
    found: models.Model | None = model.objects.filter(pk=row.made_id).first()
    return found
