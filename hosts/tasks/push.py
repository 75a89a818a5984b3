"""Bring a change to its host: compare, apply, and find out again what became of it."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from django.conf import settings
from django.db import close_old_connections

from hosts.choices import ChangeState
from hosts.errors import Explainable, HostUnreachable
from hosts.facts.words import reason
from hosts.models import Change
from hosts.outside import compare
from hosts.services import changes, rollouts
from hosts.tasks.carrier import Carrier
from hosts.tasks.look import loaded, note_no_way
from hosts.tasks.naming import named_task
from hosts.tasks.pulse import pulse
from hosts.tasks.recorder import TakenOver
from hosts.tasks.ways import pool

log = logging.getLogger(__name__)

COMPARE_WAITS = (5.0, 15.0, 60.0)
BUNDLE = 10
"""So many changes go with one message: a worker takes in messages one after the other, for about 2 ms each."""
_carriers = ThreadPoolExecutor(settings.PUSH_THREADS, thread_name_prefix="push")


@named_task("hosts.compare_change")
def compare_change(change_id: int) -> None:
    """Read the live files and put the diff onto the change. Reading twice does no harm, so nothing is claimed."""
    change = Change.objects.filter(pk=change_id, state=ChangeState.PLANNED).first()
    host = loaded(change.host_id) if change else None
    if change is None or host is None:
        return
    began = time.monotonic()
    paths = list(change.files.values_list("path", flat=True))
    try:
        with pool.open(host.facts()) as shell:
            compared = compare.live_files(shell, paths)
    except Explainable as error:
        if isinstance(error, HostUnreachable):
            note_no_way(host, error)
        wait = COMPARE_WAITS[change.tries] if change.tries < len(COMPARE_WAITS) else None
        changes.note_compare_failed(change, why=reason(error), next_try_seconds=wait)
        return
    changes.record_comparison(change, compared.files, seconds=time.monotonic() - began)


@named_task("hosts.apply_change")
def apply_change(change_id: int) -> None:
    """Carry a queued change to its host, or find out what became of one whose worker fell silent."""
    claim = uuid.uuid4()
    change = changes.claim_change(change_id, claim=claim)
    is_found_again = change is None
    change = change or changes.find_again(change_id, claim=claim)
    if change is None:
        return  # another worker has it, it was taken back, or its host is busy with another change
    try:
        carrier = Carrier(change, is_found_again=is_found_again)
        with pulse.of(carrier.recorder):
            ended = carrier.carry()
    except TakenOver:
        log.info("change %s is looked after by another worker", change_id)
        return
    if ended and change.rollout_id:
        step_rollout(change.rollout_id)


@named_task("hosts.apply_changes")
def apply_changes(change_ids: Sequence[int]) -> None:
    """Carry several changes at once; what one of them raises is raised after all have ended."""
    running = [_carriers.submit(_apply_in_thread, change_id) for change_id in change_ids]
    wait(running)
    for done in running:
        done.result()


def _apply_in_thread(change_id: int) -> None:
    """Celery looks after the database's connections in its own threads only."""
    close_old_connections()
    try:
        apply_change(change_id)
    finally:
        close_old_connections()


@named_task("hosts.step_rollout")
def step_rollout(rollout_id: int) -> None:
    """Queue the next changes of a rollout and wake workers for them."""
    change_ids = rollouts.advance_rollout(rollout_id)
    if len(change_ids) == 1:
        apply_change.delay(*change_ids)
        return
    for start in range(0, len(change_ids), BUNDLE):
        apply_changes.delay(change_ids[start : start + BUNDLE])
