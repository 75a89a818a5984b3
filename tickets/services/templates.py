"""The words of mails: saved where every variable in them exists, and shown as the mail they would make."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext, override

from hosts.services.audit import Actor
from tickets.choices import MailKind
from tickets.facts.variables import variables_for
from tickets.models import MailTemplate
from tickets.render.letters import Around, Composed, Wording, composed
from tickets.render.sample import sample_values
from tickets.render.variables import check
from tickets.services.mail_words import built_in
from tickets.services.order import save_row

SAMPLE_NUMBER = "100041"


@transaction.atomic
def save_template(template: MailTemplate, *, by: Actor) -> MailTemplate:
    """Create or change the words of one kind of mail; RenderError names a variable that this kind does not have."""
    known = variables_for(template.kind)
    check(template.subject, known)
    check(template.body, known)
    return save_row(template, by=by)


def preview(kind: str, language: str, subject: str, body: str) -> Composed:
    """The mail that these words would make, with made-up values; RenderError where they make none."""
    known = variables_for(kind)
    check(subject, known)
    check(body, known)
    phrases = built_in(kind, language)
    wording = Wording(subject, body, phrases.phrases, phrases.language)
    with override(language):
        values = {name: said.said_by(gettext) for name, said in sample_values(known).items()}
    has_ticket = kind not in {MailKind.TICKET_OVERLIMIT, MailKind.MAILBOX_ALERT}
    around = Around(number=SAMPLE_NUMBER if has_ticket else "", can_be_answered=has_ticket)
    return composed(wording, values, {}, around)
