"""Tell other programs what happened, and wake what was missed."""

from __future__ import annotations

import time

from django.utils import timezone

from hosts.facts.words import reason
from hosts.tasks.naming import named_task
from tickets.errors import HookFailed
from tickets.outside import webhook
from tickets.services import webhooks

AT_ONCE = 50


@named_task("tickets.call_webhooks")
def call_webhooks() -> None:
    """Make the calls that are due, one after the other; what is left is woken by the sweep."""
    for pk in webhooks.due(timezone.now(), AT_ONCE):
        _call(pk)


@named_task("tickets.sweep_webhooks")
def sweep_webhooks() -> None:
    """Take back calls whose worker is gone, and wake a worker where something is due."""
    webhooks.take_back_lost(timezone.now())
    if webhooks.due(timezone.now(), 1):
        call_webhooks.delay()


def _call(pk: int) -> None:
    taken = webhooks.claim(pk)
    if taken is None:
        return
    token, call = taken
    try:
        status = webhook.post(call, int(time.time()))
    except HookFailed as error:
        webhooks.record(pk, token, status_code=error.status_code, why=reason(error))
    else:
        webhooks.record(pk, token, status_code=status, why=None)
