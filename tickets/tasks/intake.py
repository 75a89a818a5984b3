"""Read kept mails one after the other: a ticket, an entry, or quarantine; none holds up the next."""

from __future__ import annotations

import logging
import time
import traceback
import uuid

from django.db import InterfaceError, OperationalError

from hosts.errors import Explainable
from hosts.facts.words import gettext_noop, plain, reason, words
from hosts.tasks.naming import named_task
from tickets.errors import UnreadableMail
from tickets.facts.mail import MailFacts
from tickets.models import IncomingMail
from tickets.parse.mail import SIZE_LIMIT, mail_facts
from tickets.services import incoming, intake
from tickets.tasks import send

log = logging.getLogger(__name__)

TURN_SECONDS = 50.0
LARGE_BYTES = 1 << 20


@named_task("tickets.take_in_waiting")
def take_in_waiting() -> None:
    """Take in what is waiting, oldest first, for a turn; then give the worker to others and go on later."""
    until, count = time.monotonic() + TURN_SECONDS, 0
    while time.monotonic() < until:
        claim = uuid.uuid4()
        mail = incoming.claim_next(claim=claim)
        if mail is None:
            break
        take_in(mail, claim)
        count += 1
    else:
        take_in_waiting.delay()
    if count:
        send.wake()


def take_in(mail: IncomingMail, claim: uuid.UUID) -> None:
    """Take in one claimed mail. Whatever it does to us, it ends in a ticket, in a list with the reason, or waits."""
    if incoming.is_worn_out(mail):
        incoming.quarantine_mail(mail, claim=claim, why=incoming.WORN_OUT)
        return
    facts: MailFacts | None = None
    try:
        facts = _read(mail)
        if mail.raw.size > LARGE_BYTES:  # it took a while
            incoming.touch_mail(mail, claim=claim)
        intake.take_in(mail, facts, claim=claim)
    except incoming.TakenOver:
        log.info("mail %s is read by another worker", mail.pk)
    except (OperationalError, InterfaceError, OSError) as error:
        log.warning("mail %s waits: %s", mail.pk, error)
        incoming.postpone_mail(mail, claim=claim, why=plain(type(error).__name__))
    except Explainable as error:
        _put_aside(mail, claim, error, facts)
    except Exception as error:  # a mail that breaks us must not hold up the next; the trace is kept
        log.exception("mail %s could not be taken in", mail.pk)
        _put_aside(mail, claim, error, facts)


def _read(mail: IncomingMail) -> MailFacts:
    if mail.raw.size > SIZE_LIMIT:
        raise UnreadableMail(
            words(gettext_noop("This mail is larger than %(limit)s MB. It is kept as it came."), limit=SIZE_LIMIT >> 20)
        )
    try:
        return mail_facts(mail.raw.read())
    except FileNotFoundError as error:
        raise UnreadableMail(
            words(gettext_noop("The bytes of this mail are not on the panel's disk any more."))
        ) from error


def _put_aside(mail: IncomingMail, claim: uuid.UUID, error: Exception, facts: MailFacts | None) -> None:
    if isinstance(error, Explainable):
        why, trace = reason(error), ""
    else:
        why = words(gettext_noop("The panel could not read this mail: %(kind)s."), kind=type(error).__name__)
        trace = "".join(traceback.format_exception(error))
    shown = {} if facts is None else {"sender": facts.sender.email, "subject": facts.subject}
    incoming.quarantine_mail(mail, claim=claim, why=why, trace=trace, **shown)
