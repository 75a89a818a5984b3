"""Leases, reservations and conversations in, their states as words and marks out."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, pgettext

from dhcp.choices import OUTCOME_WORDS
from dhcp.facts import reservation_list as lines
from dhcp.facts import standing as stands
from dhcp.facts.standing import Standing
from dhcp.models import Lease
from dhcp.services.lease_states import state_of
from hosts.choices import Tone
from hosts.templatetags.panel import ago, state

register = template.Library()
STANDINGS: dict[str, tuple[Any, Tone]] = {
    stands.OFF: (gettext_lazy("Switched off"), Tone.NEUTRAL),
    stands.USED: (gettext_lazy("In use"), Tone.GOOD),
    stands.SEEN: (gettext_lazy("In use"), Tone.GOOD),
    stands.TAKEN: (gettext_lazy("Taken by another"), Tone.BROKEN),
    stands.ELSEWHERE: (gettext_lazy("Has another address"), Tone.ATTENTION),
    stands.WAITS: (gettext_lazy("Not seen"), Tone.NEUTRAL),
    stands.PLAIN: (gettext_lazy("Settings only"), Tone.NEUTRAL),
}
VERDICTS: dict[str, tuple[Any, Tone]] = {
    lines.NEW: (gettext_lazy("comes in"), Tone.GOOD),
    lines.CHANGED: (gettext_lazy("changes"), Tone.RUNNING),
    lines.SAME: (gettext_lazy("stays as it is"), Tone.NEUTRAL),
    lines.WRONG: (gettext_lazy("wrong"), Tone.BROKEN),
    lines.LEFT_OUT: (gettext_lazy("left out"), Tone.ATTENTION),
}


@register.simple_tag
def lease_state(lease: Lease) -> str:
    """The state of a lease, as a badge."""
    value, label, tone = state_of(lease)
    return state(value, tone, label)


@register.simple_tag
def outcome(value: str) -> str:
    """How a conversation ended, as a badge."""
    label, tone = OUTCOME_WORDS.get(value, (value, Tone.NEUTRAL))
    return state(value, tone.value, str(label))


@register.simple_tag
def verdict(value: str) -> str:
    """What becomes of a line of a table, as a badge."""
    label, tone = VERDICTS[value]
    return state(value, tone.value, str(label))


@register.simple_tag
def standing(found: Standing) -> str:
    """How a reservation stands, as a badge."""
    label, tone = STANDINGS[found.kind]
    return state(found.kind, tone.value, str(label))


@register.simple_tag
def standing_why(found: Standing) -> str:
    """What is to be said beside the badge: who has the address, or which one the machine has."""
    if found.kind == stands.TAKEN:
        return format_html(gettext("{} has it"), format_html("<code>{}</code>", found.mac or "?"))
    if found.kind == stands.ELSEWHERE:
        return format_html(gettext("it has {} now"), format_html("<code>{}</code>", found.address))
    if found.kind == stands.SEEN:
        return format_html(gettext("asked {}"), ago(found.at))
    return ""


@register.filter
def ends(lease: Lease) -> str:
    """When a lease ends: a time, never, or a dash."""
    if lease.never_ends:
        return pgettext("end of a lease", "never")
    return ago(lease.ends_at)


@register.filter
def offset(seconds: float | None) -> str:
    """A time after the first message: +0.000 s."""
    return "" if seconds is None else gettext("+%(n)s s") % {"n": f"{seconds:.3f}"}
