"""Mailboxes: who fetches from them now, how they do, and what a connection test found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hosts.facts.words import Words
from hosts.models.sealed import Sealed
from hosts.services.audit import PANEL, Actor, note
from tickets.choices import MailboxState, MailProtocol
from tickets.facts.mailbox import Step
from tickets.models import Mailbox
from tickets.services.mail_out import tell_of_mailbox

SILENT_AFTER = timedelta(seconds=90)
ALERT_AFTER = 2
LONGEST_WAIT = timedelta(minutes=10)
LOST_AFTER = timedelta(seconds=60)


def due_mailboxes(now: datetime) -> list[int]:
    """The mailboxes to be fetched from now. Each is put off to its next turn at once, so that one call is made."""
    woken = []
    for row in Mailbox.objects.due(now).order_by("next_poll_at").only("pk", "next_poll_at", "poll_seconds"):
        mine = Mailbox.objects.filter(pk=row.pk, next_poll_at=row.next_poll_at)
        if mine.update(next_poll_at=now + timedelta(seconds=row.poll_seconds)):
            woken.append(row.pk)
    return woken


def claim_mailbox(mailbox_id: int, *, claim: uuid.UUID) -> Mailbox | None:
    """Take a mailbox for fetching; None where another worker fetches from it, or nobody should."""
    now = timezone.now()
    free = Q(claim=None) | Q(heartbeat_at=None) | Q(heartbeat_at__lte=now - SILENT_AFTER)
    mine = Mailbox.objects.filter(free, pk=mailbox_id, is_active=True).exclude(protocol=MailProtocol.NONE)
    if not mine.update(claim=claim, heartbeat_at=now):
        return None
    return Mailbox.objects.get(pk=mailbox_id)


def touch_mailbox(mailbox: Mailbox, *, claim: uuid.UUID, uid_validity: int = 0, last_uid: int = 0) -> bool:
    """Say that the fetcher is alive and how far it came; False where the mailbox is no longer its own."""
    mine = Mailbox.objects.filter(pk=mailbox.pk, claim=claim)
    if not last_uid:
        return bool(mine.update(heartbeat_at=timezone.now()))
    return bool(mine.update(heartbeat_at=timezone.now(), uid_validity=uid_validity, last_uid=last_uid))


def record_poll(mailbox: Mailbox, *, claim: uuid.UUID, has_more: bool = False) -> None:
    """It worked: the mailbox is well and free for the next turn, which is at once where `has_more`."""
    now = timezone.now()
    row = Mailbox.objects.filter(pk=mailbox.pk, claim=claim)
    well = {"state": MailboxState.WELL, "state_why": "", "failures": 0, "polled_at": now, "worked_at": now}
    later = timedelta(0) if has_more else timedelta(seconds=mailbox.poll_seconds)
    mine = row.update(**well, alerted_at=None, claim=None, heartbeat_at=None, next_poll_at=now + later)
    if mine and mailbox.alerted_at is not None:
        note(PANEL, "recover", mailbox)


@transaction.atomic
def record_failed_poll(mailbox: Mailbox, *, claim: uuid.UUID, why: Words) -> None:
    """It did not work: say why, wait longer each time, and alert people at the second time in a row."""
    row = Mailbox.objects.select_for_update().filter(pk=mailbox.pk, claim=claim).first()
    if row is None:
        return
    now = timezone.now()
    row.failures += 1
    row.state, row.state_why, row.polled_at = MailboxState.FAILING, why, now
    row.claim = row.heartbeat_at = None
    wait = timedelta(seconds=row.poll_seconds) * 2 ** min(max(row.failures - ALERT_AFTER, 0), 10)
    row.next_poll_at = now + min(wait, max(LONGEST_WAIT, timedelta(seconds=row.poll_seconds)))
    if row.failures >= ALERT_AFTER and row.alerted_at is None:
        row.alerted_at = now
        note(PANEL, "alert", row, details={"why": why.as_json(), "failures": row.failures})
        tell_of_mailbox(row, why=str(why))
    row.save(
        update_fields=[
            "failures", "state", "state_why", "polled_at", "claim", "heartbeat_at", "next_poll_at", "alerted_at"
        ]
    )  # fmt: skip


def keep_refresh_token(mailbox: Mailbox, token: str, *, which: str = "secret") -> None:
    """Keep the refresh token that a server gave instead of the old one, which may be void from now."""
    sealed = Sealed.of(json.dumps({**mailbox.opened(which), "refresh_token": token}))
    setattr(mailbox, which, sealed)
    mailbox.save(update_fields=[which])


@transaction.atomic
def ask_for_test(mailbox: Mailbox, *, by: Actor) -> Mailbox:
    """Ask for a connection test; a worker makes it (`tasks.test_mailbox`) and `test_steps` tells of it."""
    Mailbox.objects.filter(pk=mailbox.pk).update(test_asked_at=timezone.now(), test_done_at=None, test_steps=[])
    note(by, "test", mailbox)
    mailbox.refresh_from_db()
    return mailbox


def record_test(mailbox: Mailbox, steps: Sequence[Step]) -> None:
    """What a connection test found: [{"name": sentence, "ok": bool, "why": sentence}]."""
    rows = [{"name": step.name.as_json(), "ok": step.ok, "why": step.why.as_json()} for step in steps]
    Mailbox.objects.filter(pk=mailbox.pk).update(test_done_at=timezone.now(), test_steps=rows)


def tests_to_make(now: datetime) -> list[int]:
    """The mailboxes whose connection test nobody began; each is named once in LOST_AFTER."""
    lost = Mailbox.objects.filter(test_asked_at__lte=now - LOST_AFTER, test_done_at=None)
    found = list(lost.values_list("pk", flat=True))
    lost.update(test_asked_at=now)
    return found
