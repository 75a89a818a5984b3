"""Kept mails on their way into tickets: which worker reads one, and what becomes of those that nobody could read."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from hosts.errors import Explainable, WrongState
from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import PANEL, Actor, note
from tickets.choices import IncomingState
from tickets.models import IncomingMail

SILENT_AFTER = timedelta(seconds=60)
LAST_TRY = 5
WAIT_SECONDS = (2, 5, 15, 60, 300)
LONGEST_TRACE = 20_000
TO_RUN_AGAIN = (IncomingState.QUARANTINED, IncomingState.IGNORED, IncomingState.REJECTED)


class TakenOver(Explainable):
    """The mail belongs to another worker by now; this one stops without recording anything."""


def claim_next(*, claim: uuid.UUID) -> IncomingMail | None:
    """Take the oldest waiting mail, or one whose worker fell silent; None where there is nothing to do."""
    while True:
        now = timezone.now()
        found = _oldest(now)
        if found is None:
            return None
        mine = found.update(state=IncomingState.RUNNING, claim=claim, heartbeat_at=now, tries=F("tries") + 1)
        mail = IncomingMail.objects.select_related("mailbox", "raw").filter(claim=claim).first() if mine else None
        if mail is not None:  # a worker that stood still until here may have lost it again
            return mail


def touch_mail(mail: IncomingMail, *, claim: uuid.UUID) -> bool:
    """Say that the worker is alive; False where the mail is no longer its own."""
    mine = IncomingMail.objects.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING)
    return bool(mine.update(heartbeat_at=timezone.now()))


def has_work(now: datetime) -> bool:
    """Whether a worker should be woken."""
    return _oldest(now) is not None


def postpone_mail(mail: IncomingMail, *, claim: uuid.UUID, why: Words) -> None:
    """The database or the disk had trouble, which says nothing of the mail: it waits and is tried again."""
    wait = timedelta(seconds=WAIT_SECONDS[min(mail.tries, len(WAIT_SECONDS)) - 1])
    mine = IncomingMail.objects.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING)
    mine.update(
        state=IncomingState.KEPT, claim=None, why=why, next_try_at=timezone.now() + wait, tries=max(mail.tries - 1, 0)
    )


@transaction.atomic
def quarantine_mail(
    mail: IncomingMail, *, claim: uuid.UUID, why: Words, trace: str = "", sender: str = "", subject: str = ""
) -> bool:
    """Put aside what could not be taken in: the raw mail, the reason and the trace stay, and people decide."""
    mine = IncomingMail.objects.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING)
    found = {"why": why, "trouble": trace[-LONGEST_TRACE:].replace("\0", "\ufffd")}
    shown = {"sender": sender[:254], "subject": subject[:255]}
    if not mine.update(state=IncomingState.QUARANTINED, handled_at=timezone.now(), **found, **shown):
        return False
    note(PANEL, "quarantine", mail, details={"why": why.as_json()})
    return True


def is_worn_out(mail: IncomingMail) -> bool:
    """Whether reading this mail ended its worker so often that it must be the mail."""
    return mail.tries > LAST_TRY


WORN_OUT = words(
    gettext_noop("Its worker ended in the middle %(count)s times, so the mail is put aside. It is kept as it came."),
    count=LAST_TRY,
)


@transaction.atomic
def run_again(mail: IncomingMail, *, by: Actor) -> IncomingMail:
    """Let a worker read a quarantined, ignored or rejected mail once more. WrongState where it is on its way or in."""
    row = IncomingMail.objects.select_for_update().get(pk=mail.pk)
    if row.state not in TO_RUN_AGAIN:
        raise WrongState(words(gettext_noop("This mail is in a ticket already, or on its way there.")))
    row.state, row.why, row.trouble = IncomingState.KEPT, "", ""
    row.claim = row.heartbeat_at = row.next_try_at = row.handled_at = None
    row.tries = 0
    row.save()
    note(by, "run again", row)
    return row


@transaction.atomic
def discard_mail(mail: IncomingMail, *, by: Actor) -> IncomingMail:
    """Take a mail out of quarantine without a ticket; the raw mail stays."""
    row = IncomingMail.objects.select_for_update().get(pk=mail.pk)
    if row.state != IncomingState.QUARANTINED:
        raise WrongState(words(gettext_noop("This mail is not in quarantine any more.")))
    row.state, row.handled_at = IncomingState.IGNORED, timezone.now()
    row.why = words(gettext_noop("Somebody decided that it belongs nowhere."))
    row.save(update_fields=["state", "handled_at", "why"])
    note(by, "discard", row)
    return row


def _oldest(now: datetime) -> QuerySet[IncomingMail] | None:
    """One row as a queryset that still names the state it was found in, for compare-and-set; None for nothing."""
    waiting = IncomingMail.objects.waiting(now)
    silent = IncomingMail.objects.silent(now - SILENT_AFTER)
    for found in (waiting, silent):
        pk = found.order_by("pk").values_list("pk", flat=True).first()
        if pk is not None:
            return found.filter(pk=pk)
    return None
