"""Rows of the desk in, the marks, bars and bodies that its pages show out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from tickets.choices import EntryKind, IncomingState, MailboxState, OutgoingState, TicketState
from tickets.models import Entry, Event, Ticket
from tickets.rules.timers import Timer
from tickets.rules.tones import mail_tone, ticket_tone
from tickets.templatetags.bodies import Body, body_of
from tickets.templatetags.happened import words_of_event

register = template.Library()

MAIL_LABELS = {each.value: each.label for lists in (MailboxState, IncomingState, OutgoingState) for each in lists}
SELECTED = mark_safe(" selected")
MINUTE, HOUR, DAY = 60, 3600, 86400


@register.simple_tag
def ticket_state(ticket: Ticket) -> str:
    """The house's own word for where a ticket stands, in the colour of what that means; and whether it was answered."""
    tone = ticket_tone(ticket.state, is_answered=ticket.is_answered)
    word = str(ticket.status)
    if ticket.is_answered and ticket.state == TicketState.OPEN:
        word = gettext("%(status)s · answered") % {"status": word}
    return format_html('<span class="state {}" data-state="{}">{}</span>', tone, ticket.state, word)


@register.simple_tag
def mail_state(state: str) -> str:
    """The state of a mail or a mailbox as a badge."""
    return format_html(
        '<span class="state {}" data-state="{}">{}</span>', mail_tone(state), state, MAIL_LABELS.get(state, state)
    )


@register.filter
def mail_tone_name(state: str) -> str:
    """The css class of a mail's state."""
    return str(mail_tone(state).value)


@register.filter
def mail_label(state: str) -> str:
    """The word of a mail's state."""
    return str(MAIL_LABELS.get(state, state))


@register.simple_tag
def bar(timer: Timer, words: str = "") -> str:
    """A thin bar that shortens: what is left of a promise."""
    width = max(2, round(timer.left * 100)) if not timer.is_over else 100
    return format_html(
        '<svg class="sla-bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="{}" width="{}" height="4"/></svg>',
        words or lasts(abs(timer.seconds)),
        timer.tone,
        width,
    )


@register.filter
def lasts(seconds: float) -> str:
    """A length of time in two units at most: 1 h 48 min, 3 d 2 h, 26 min."""
    whole = abs(round(seconds))
    if whole < MINUTE:
        return gettext("under a minute")
    days, hours, minutes = whole // DAY, whole % DAY // HOUR, whole % HOUR // MINUTE
    parts = [
        gettext("%(n)d d") % {"n": days} if days else "",
        gettext("%(n)d h") % {"n": hours} if hours else "",
        gettext("%(n)d min") % {"n": minutes} if minutes and not days else "",
    ]
    return " ".join(part for part in parts if part)


@register.simple_tag
def left(timer: Timer) -> str:
    """How a promise stands in words: met, 26 min; 1 h 48 min; 20 min over."""
    length = lasts(timer.seconds)
    if timer.done_at is not None:
        said = gettext("met, %(length)s") if timer.was_kept else gettext("missed, %(length)s")
        return said % {"length": length}
    return gettext("%(length)s over") % {"length": length} if timer.is_over else length


@register.filter
def initial(name: object) -> str:
    """The sign on somebody's face: the first letter or digit of the name."""
    return next((sign.upper() for sign in str(name) if sign.isalnum()), "?")


@register.filter
def side(entry: Entry) -> str:
    """The css class of an entry: customer, agent or internal."""
    return {EntryKind.RESPONSE.value: "agent", EntryKind.NOTE.value: "internal"}.get(entry.kind, "customer")


@register.simple_tag
def body(entry: Entry, *, pictures: bool = False) -> Body:
    """What an entry says, ready to be shown: shown and folded pieces, and whether pictures wait for consent."""
    return body_of(entry, pictures=pictures)


@register.filter
def happened(event: Event) -> SafeString:
    """What an event tells, in the reader's language."""
    return words_of_event(event)


@register.filter
def in_words(count: int) -> str:
    """So many minutes of work."""
    return ngettext("%(n)d minute spent", "%(n)d minutes spent", count) % {"n": count}


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """The value of a key, or nothing."""
    return mapping.get(key)


@register.filter
def as_json(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


@register.simple_tag
def options(rows: Iterable[Any], chosen: object = None, prefix: str = "") -> SafeString:
    """Rows as the options of a list, the one with the key `chosen` selected; `prefix` stands before each key."""
    drawn = '<option value="{}{}"{}>{}</option>'
    shown = ((prefix, str(row.pk), SELECTED if row.pk == chosen else "", row) for row in rows)
    return format_html_join("", drawn, shown)
