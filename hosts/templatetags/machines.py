"""Sentences of pure code in, the reader's language out; and small marks of the machines' pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import template
from django.forms import BoundField, ChoiceField, ModelChoiceField
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from hosts.facts.words import Words, sentence_of

register = template.Library()
HYPHENS = "---------"
"""What Django writes for no choice."""
DIVIDERS = re.compile(r"([.-])(?=\w)")


@register.filter
def words(sentence: Words | Sequence[Any] | str) -> str:
    """A sentence in the reader's language: of pure code, of a row, or kept as [msgid, values]. A text as it is."""
    return sentence_of(sentence).said_by(gettext)


@register.filter
def named_blank(field: BoundField) -> BoundField:
    """A field of a form, whose empty choice is a word instead of a row of hyphens."""
    kind = field.field
    if isinstance(kind, ModelChoiceField):
        if kind.empty_label == HYPHENS:
            kind.empty_label = gettext("None")
    elif isinstance(kind, ChoiceField):
        choices: list[Any] = [*cast("Iterable[Any]", kind.choices)]
        if choices and choices[0] == ("", HYPHENS):
            kind.choices = [("", gettext("None")), *choices[1:]]
    return field


@register.filter
def breakable(name: str) -> SafeString:
    """A host's name that a narrow column breaks behind its dots and hyphens, and nowhere else."""
    return mark_safe(DIVIDERS.sub(r"\1<wbr>", escape(name)))  # noqa: S308  (escaped before)


@register.filter
def percent(number: float) -> str:
    """A number for an SVG attribute: a point and two digits in every language."""
    return f"{number:.2f}"


@register.filter
def loops(disks: Sequence[Any] | None) -> list[Any]:
    """The loop devices among a report's disks, of which there may be dozens."""
    return [disk for disk in disks or () if disk.kind == "loop"]


@register.filter
def but_loops(disks: Sequence[Any] | None) -> list[Any]:
    """The disks of a report that are more than a file."""
    return [disk for disk in disks or () if disk.kind != "loop"]


@register.filter
def gap_words(why: str) -> str:
    """Why a part of a host's facts could not be read."""
    said = {
        "absent": gettext("not there"),
        "needs_root": gettext("needs root"),
        "failed": gettext("failed"),
        "cut": gettext("cut off"),
        "timed_out": gettext("took too long"),
        "missing": gettext("not reported"),
    }
    return said.get(why, why)


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
