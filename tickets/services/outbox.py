"""The mails on their way out: who sends one, and what became of it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import Words, gettext_noop, words
from hosts.services.audit import PANEL, Actor, note
from tickets.choices import EventKind, OutgoingState
from tickets.models import ContactAddress, DeskSettings, Mailbox, OutgoingMail
from tickets.models.outgoing import OutgoingMailQuerySet
from tickets.services.book import happened
from tickets.services.house import THE_ONE, desk
from tickets.services.mail_caps import WINDOW

SILENT_AFTER = timedelta(minutes=15)
"""Longer than handing over a mail can take, so that two workers never send the same one at once."""

GIVE_UP_AFTER = timedelta(days=3)
MAIL_WAITS = (60, 300, 900, 1800, 3600)
LINE_WAITS = (10, 30, 60, 120, 300)
CAP_WAIT = timedelta(minutes=5)
_LONGEST_CHAIN = 4


def due_mails(limit: int) -> list[int]:
    """Ids of mails that may be sent now, those that wait longest first."""
    rows = OutgoingMail.objects.waiting(timezone.now()).order_by("next_try_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


@transaction.atomic
def claim_mail(mail_id: int, *, claim: uuid.UUID) -> OutgoingMail | None:
    """Take a mail for sending; None where it is not ours to send now, or its address has had enough for a while."""
    now = timezone.now()
    mine = OutgoingMail.objects.waiting(now).filter(pk=mail_id)
    if not mine.update(state=OutgoingState.SENDING, claim=claim, heartbeat_at=now):
        return None
    mail = OutgoingMail.objects.select_related("mailbox", "entry", "ticket", "contact").get(pk=mail_id)
    if mail.is_automatic and mail.agent_id is None and not _has_room(mail, now):
        mail.state, mail.claim, mail.next_try_at = OutgoingState.WAITING, None, now + CAP_WAIT
        mail.why = words(gettext_noop("Waits: this address had as many automatic mails in this hour as are allowed."))
        mail.save(update_fields=["state", "claim", "next_try_at", "why"])
        return None
    return mail


def touch_mail(mail: OutgoingMail) -> bool:
    """Say that the worker is alive, right before it hands the mail over; False where it is no longer its own."""
    return bool(_mine(mail).update(heartbeat_at=timezone.now()))


def ways_of(mail: OutgoingMail) -> list[Mailbox]:
    """The mailboxes whose servers may send it, best first: its own, then what is to be tried instead."""
    found: list[Mailbox] = []
    at = mail.mailbox
    while at is not None and at not in found and len(found) < _LONGEST_CHAIN:
        found.append(at)
        at = at.fallback
    usable = [mailbox for mailbox in found if mailbox.is_active and mailbox.smtp_host]
    return usable or list(Mailbox.objects.filter(is_active=True).exclude(smtp_host="").order_by("pk")[:1])


def give_sender(mail: OutgoingMail, mailbox: Mailbox) -> None:
    """Fill in who writes, for a mail from a time when the desk had no mailbox to write from."""
    if not mail.from_email:
        mail.mailbox, mail.from_email, mail.from_name = mailbox, mailbox.address, mail.from_name or mailbox.name
        mail.save(update_fields=["mailbox", "from_email", "from_name"])


def record_sent(mail: OutgoingMail) -> None:
    """The server has it."""
    _mine(mail).update(state=OutgoingState.SENT, sent_at=timezone.now(), why="", claim=None, heartbeat_at=None)


@transaction.atomic
def postpone_mail(mail: OutgoingMail, *, why: Words, is_line: bool = False) -> None:
    """Try again later, sooner where it was the line (`is_line`) and not the mail; after three days it has failed."""
    now = timezone.now()
    row = _mine(mail).select_for_update().first()
    if row is None:
        return
    if row.created_at <= now - GIVE_UP_AFTER:
        record_failed(mail, why=words(gettext_noop("%(why)s Tried for three days, then given up."), why=why))
        return
    waits = LINE_WAITS if is_line else MAIL_WAITS
    row.state, row.claim, row.heartbeat_at, row.why = OutgoingState.WAITING, None, None, why
    row.next_try_at = now + timedelta(seconds=waits[min(row.tries, len(waits) - 1)])
    row.tries = min(row.tries + 1, 9999)
    row.save(update_fields=["state", "claim", "heartbeat_at", "why", "next_try_at", "tries"])


@transaction.atomic
def record_failed(mail: OutgoingMail, *, why: Words, no_such_address: bool = False) -> None:
    """It will not be sent: a line in the ticket says so, and an address that does not exist gets no more mail."""
    row = _mine(mail).select_for_update().first()
    if row is None:
        return
    row.state, row.claim, row.heartbeat_at, row.why = OutgoingState.FAILED, None, None, why
    row.save(update_fields=["state", "claim", "heartbeat_at", "why"])
    _tell_ticket(row, why)
    if no_such_address:
        mark_address(row.to_email, why)


@transaction.atomic
def mark_bounced(mail: OutgoingMail, *, why: Words | str, no_such_address: bool = False) -> None:
    """A report says that a mail that was sent did not arrive."""
    row = OutgoingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    row.state, row.why, row.claim = OutgoingState.BOUNCED, why, None
    row.save(update_fields=["state", "why", "claim"])
    _tell_ticket(row, why)
    if no_such_address:
        mark_address(row.to_email, why)


def mark_address(email: str, why: Words | str) -> None:
    """Send nothing there any more, until somebody changes or clears the address."""
    known = ContactAddress.objects.annotate(low=Lower("email")).filter(low=email.lower(), failed_at=None)
    for address in known.select_for_update():
        address.failed_at, address.failed_why = timezone.now(), why
        address.save(update_fields=["failed_at", "failed_why"])
        note(PANEL, "mark-failed", address.contact, details={"email": address.email})


@transaction.atomic
def send_again(mail: OutgoingMail, *, by: Actor) -> OutgoingMail:
    """Send a mail that failed, bounced or was held back; WrongState for one that is on its way or has arrived."""
    row = OutgoingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if row.state not in (OutgoingState.FAILED, OutgoingState.BOUNCED, OutgoingState.HELD, OutgoingState.WAITING):
        raise WrongState(words(gettext_noop("This mail is on its way or was sent already. Nothing was changed.")))
    row.state, row.next_try_at, row.tries, row.why = OutgoingState.WAITING, timezone.now(), 0, ""
    row.save(update_fields=["state", "next_try_at", "tries", "why"])
    note(by, "send-again", row.ticket, details={"to": row.to_email, "kind": row.kind})
    return row


def take_back_silent(now: datetime) -> int:
    """Mails whose worker is gone wait again. The server knows a mail that it has already by its Message-ID."""
    return OutgoingMail.objects.silent(now - SILENT_AFTER).update(
        state=OutgoingState.WAITING, claim=None, heartbeat_at=None, next_try_at=now
    )


def _mine(mail: OutgoingMail) -> OutgoingMailQuerySet:
    return OutgoingMail.objects.filter(pk=mail.pk, claim=mail.claim, state=OutgoingState.SENDING)


def _has_room(mail: OutgoingMail, now: datetime) -> bool:
    """Whether the address had fewer automatic mails in this hour than are allowed. Such claims wait for each other."""
    settings = DeskSettings.objects.select_for_update(of=("self",)).filter(pk=THE_ONE).first() or desk()
    rows = (
        OutgoingMail.objects.annotate(low=Lower("to_email"))
        .filter(low=mail.to_email.lower(), is_automatic=True, created_at__gt=now - GIVE_UP_AFTER - WINDOW)
        .filter(Q(sent_at__gt=now - WINDOW) | Q(state=OutgoingState.SENDING))
    )
    return rows.exclude(pk=mail.pk).count() < settings.automatic_mails_per_hour


def _tell_ticket(mail: OutgoingMail, why: Words | str) -> None:
    if mail.ticket is None:
        return
    said = why.as_json() if isinstance(why, Words) else str(why)
    data = {"email": mail.to_email, "mail": mail.pk, "entry": mail.entry_id, "why": said}
    happened(mail.ticket, EventKind.BOUNCED, by=PANEL, **data)
