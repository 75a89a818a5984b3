"""Kept mails on their way into tickets: which worker reads one, and what becomes of those that nobody could read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import connection, models, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from hosts.errors import Explainable, WrongState
from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import PANEL, Actor, note
from tickets.choices import IncomingState
from tickets.models import IncomingMail

SILENT_AFTER = timedelta(seconds=60)
LAST_TRY = 5
MOST_TOGETHER = 50
MOST_BYTES_TOGETHER = 4 << 20
OUTCOME = (
    *("mail_key", "entry", "ticket", "state", "why", "trouble", "handled_at"),
    *("sender", "subject", "claim", "heartbeat_at", "next_try_at"),
)
WAIT_SECONDS = (2, 5, 15, 60, 300)
LONGEST_TRACE = 20_000
TO_RUN_AGAIN = (IncomingState.QUARANTINED, IncomingState.IGNORED, IncomingState.REJECTED)


class TakenOver(Explainable):
    """The mail belongs to another worker by now; this one stops without recording anything."""


def claim_next(*, claim: uuid.UUID) -> IncomingMail | None:
    """Take the oldest waiting mail, or one whose worker fell silent; None where there is nothing to do."""
    return next(iter(claim_some(claim=claim, most=1)), None)


def claim_some(*, claim: uuid.UUID, most: int = MOST_TOGETHER) -> list[IncomingMail]:
    """Take the oldest waiting mails, as many as are read together; [] where there is nothing to do.

    What was tried before, and what a worker fell silent over, is taken alone: if it is the mail that ends its workers,
    then it takes no other one with it.
    """
    while True:
        now = timezone.now()
        with transaction.atomic():
            found = _oldest_some(now, most)
            if found is None:
                return []
            keys, rows = found
            mine = rows.update(state=IncomingState.RUNNING, claim=claim, heartbeat_at=now, tries=F("tries") + 1)
        mails = IncomingMail.objects.select_related("raw").filter(pk__in=keys, claim=claim).order_by("pk")
        taken = list(mails) if mine else []
        if taken:  # a worker that stood still until here may have lost them again
            return taken


def touch_mail(mail: IncomingMail, *, claim: uuid.UUID) -> bool:
    """Say that the worker is alive; False where the mail is no longer its own."""
    mine = IncomingMail.objects.filter(pk=mail.pk, claim=claim, state=IncomingState.RUNNING)
    return bool(mine.update(heartbeat_at=timezone.now()))


def has_work(now: datetime) -> bool:
    """Whether a worker should be woken."""
    waiting, silent = IncomingMail.objects.waiting(now), IncomingMail.objects.silent(now - SILENT_AFTER)
    return waiting.exists() or silent.exists()


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


def record_outcomes(rows: Collection[IncomingMail]) -> None:
    """Write down what became of mails: the columns of OUTCOME and no others, in the transaction of what they became.

    One statement that is run for each of them: Django's own way takes longer over its words than over the work.
    """
    fields = [cast("models.Field[Any, Any]", IncomingMail._meta.get_field(name)) for name in OUTCOME]
    columns = ", ".join(f'"{field.column}" = %s' for field in fields)
    table = IncomingMail._meta.db_table
    values = [
        [*(field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields), row.pk]
        for row in sorted(rows, key=lambda row: row.mail_key or "")  # so that two never wait for each other
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{table}" SET {columns} WHERE id = %s', values)  # noqa: S608  (names of columns)


def _oldest_some(now: datetime, most: int) -> tuple[list[int], QuerySet[IncomingMail]] | None:
    """Keys, and their rows as a queryset that still names the state they were found in, for compare-and-set."""
    waiting = IncomingMail.objects.waiting(now)
    rows = waiting.order_by("pk").select_related("raw").only("tries", "raw__size")
    found = list(rows.select_for_update(of=("self",), skip_locked=True)[:most])
    if not found:
        silent = IncomingMail.objects.silent(now - SILENT_AFTER)
        pk = silent.order_by("pk").values_list("pk", flat=True).first()
        return None if pk is None else ([pk], silent.filter(pk=pk))
    keys, size = [found[0].pk], found[0].raw.size
    for mail in found[1:]:
        size += mail.raw.size
        if found[0].tries or mail.tries or size > MOST_BYTES_TOGETHER:
            break
        keys.append(mail.pk)
    return keys, waiting.filter(pk__in=keys)
