"""Sentences of pure code in, the reader's language out; and small marks of the machines' pages."""

from __future__ import annotations

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from hosts.facts.words import Words

register = template.Library()


@register.filter
def words(sentence: Words | str) -> SafeString:
    """A sentence of pure code in the reader's language."""
    return conditional_escape(sentence.said_by(gettext) if isinstance(sentence, Words) else sentence)


@register.filter
def percent(number: float) -> str:
    """A number for an SVG attribute: a point and two digits in every language."""
    return f"{number:.2f}"
