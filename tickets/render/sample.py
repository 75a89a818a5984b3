"""The names of variables in, a made-up mail's values out: what a preview of a template shows."""

from __future__ import annotations

from collections.abc import Mapping

from hosts.facts.words import Words as Sentence
from hosts.facts.words import gettext_noop, plain, words

WHO = "Minji Kim"
SAMPLES: Mapping[str, Sentence] = {
    "recipient": plain(WHO),
    "recipient.name": plain(WHO),
    "recipient.name.first": plain(WHO.partition(" ")[0]),
    "recipient.email": plain("minji@customer.example"),
    "recipient.ticket_link": plain("https://panel.example/panel/tickets/41/"),
    "url": plain("https://panel.example/panel/"),
    "ticket.id": plain("41"),
    "ticket.number": plain("100041"),
    "ticket.subject": words(gettext_noop("The shop does not answer since this morning")),
    "ticket.name": plain(WHO),
    "ticket.email": plain("minji@customer.example"),
    "ticket.user": plain(WHO),
    "ticket.user.name": plain(WHO),
    "ticket.user.email": plain("minji@customer.example"),
    "ticket.client_link": plain("https://panel.example/ticket/41/"),
    "ticket.staff_link": plain("https://panel.example/panel/tickets/41/"),
    "message": words(gettext_noop("Since seven our customers see an error page. Can you have a look?")),
    "response": words(gettext_noop("The web server was out of disk space. It runs again, and we watch it today.")),
    "resolution": words(gettext_noop("We have marked your request as resolved.")),
    "note": words(gettext_noop("Disk of web01 was full of old logs; logrotate is mended.")),
    "task.number": plain("7"),
    "mailbox.address": plain("support@panel.example"),
    "mailbox.why": words(gettext_noop("%(where)s does not answer."), where="imap.panel.example:993"),
}


def sample_values(known: Mapping[str, str]) -> dict[str, Sentence]:
    """{name: text} for the variables `known` (name: what it stands for): a made-up value, or what stands there."""
    return {name: SAMPLES.get(name) or words("‹%(what)s›", what=words(about)) for name, about in known.items()}
