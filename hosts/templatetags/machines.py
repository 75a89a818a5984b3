"""Sentences of pure code in, the reader's language out; and small marks of the machines' pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import gettext, ngettext

from hosts.facts.words import Words, sentence_of

register = template.Library()


@register.filter
def words(sentence: Words | Sequence[Any] | str) -> str:
    """A sentence in the reader's language: of pure code, of a row, or kept as [msgid, values]. A text as it is."""
    return sentence_of(sentence).said_by(gettext)


@register.filter
def percent(number: float) -> str:
    """A number for an SVG attribute: a point and two digits in every language."""
    return f"{number:.2f}"


@register.filter
def lasting(seconds: float) -> str:
    """A long time in its two largest units: 31 days 9 h."""
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days} + " " + gettext("%(n)d h") % {"n": hours}
    if hours:
        return gettext("%(n)d h") % {"n": hours} + " " + gettext("%(n)d min") % {"n": minutes % 60}
    return gettext("%(n)d min") % {"n": minutes}
