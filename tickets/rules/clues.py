"""A mail to the places in it that may name a ticket."""

from __future__ import annotations

from tickets.facts.mail import MailFacts
from tickets.facts.threading import Clues
from tickets.rules.subject_token import numbers_in

_BODY_SEARCHED = 1_000_000


def clues(mail: MailFacts) -> Clues:
    """What to look up, best first: In-Reply-To, References from the right, the body, the subject.

    Attachments are not searched: a mail that is attached (forwarded) belongs to another conversation.
    """
    ids = tuple(dict.fromkeys(one for one in (mail.in_reply_to, *reversed(mail.references)) if one))
    bounce = mail.bounce
    originals = (bounce.original_message_id, *reversed(bounce.original_references)) if bounce else ()
    return Clues(
        texts=(*ids, mail.text[:_BODY_SEARCHED], mail.html[:_BODY_SEARCHED]),
        ids=ids,
        numbers=numbers_in(mail.subject),
        original_texts=tuple(one for one in originals if one),
    )
