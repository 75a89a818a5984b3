"""Read kept mails, a few at a time: a ticket, an entry, or quarantine each; none holds up the next."""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, OperationalError

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
        mails = incoming.claim_some(claim=claim)
        if not mails:
            break
        take_in_all(mails, claim)
        count += len(mails)
    else:
        take_in_waiting.delay()
    if count:
        send.wake()


def take_in_all(mails: Sequence[IncomingMail], claim: uuid.UUID) -> None:
    """Take in mails that were claimed together: what opens tickets in one transaction, the others each in its own."""
    read = [(mail, facts) for mail in mails if (facts := _well_read(mail)) is not None]
    done: list[int] = []
    try:
        done = intake.take_in_together(read, claim=claim)
    except (DatabaseError, InterfaceError, OSError, Explainable) as error:
        log.info("%s mails are taken in one by one: %r", len(read), error)
    except Exception:  # it is found out again with the mail that it belongs to
        log.exception("%s mails are taken in one by one", len(read))
    known = dict(read)
    for number, mail in enumerate(one for one in mails if one.pk not in done):
        if number == 0 or incoming.touch_mail(mail, claim=claim):
            take_in(mail, claim, known.get(mail))


def take_in(mail: IncomingMail, claim: uuid.UUID, facts: MailFacts | None = None) -> None:
    """Take in one claimed mail. Whatever it does to us, it ends in a ticket, in a list with the reason, or waits."""
    if incoming.is_worn_out(mail):
        incoming.quarantine_mail(mail, claim=claim, why=incoming.WORN_OUT)
        return
    try:
        if facts is None:
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


def _well_read(mail: IncomingMail) -> MailFacts | None:
    """The facts of a mail; None where anything is in the way, which is found out once more where it is handled."""
    if incoming.is_worn_out(mail) or mail.raw.size > LARGE_BYTES:
        return None
    try:
        return _read(mail)
    except (Explainable, OSError):
        return None
    except Exception:  # any bytes may be a mail, so it may be anything
        log.exception("mail %s could not be read with others", mail.pk)
        return None


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
