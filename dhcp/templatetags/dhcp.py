"""Values of DHCP's rows in, words and marks of its pages out."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext

from dhcp.choices import Service
from dhcp.facts.server import INFINITE
from dhcp.services.told import PushState
from hosts.choices import Tone
from hosts.templatetags.panel import state

register = template.Library()
SERVICES = {
    Service.RUNNING: Tone.GOOD,
    Service.STOPPED: Tone.BROKEN,
    Service.MISSING: Tone.ATTENTION,
    Service.UNREACHABLE: Tone.BROKEN,
    Service.UNKNOWN: Tone.NEUTRAL,
}
FILLS = {"alarm": "b", "warn": "w"}


@register.simple_tag
def service(value: str) -> str:
    """The state of a server or a relay on its host, as a badge."""
    known = Service(value) if value in Service.values else Service.UNKNOWN
    return state(known.value, SERVICES[known].value, str(known.label))


@register.simple_tag
def in_step(push: PushState) -> str:
    """Whether the host has what people saved, as a badge."""
    if push.open_change is not None:
        label, tone = gettext("A change is under way"), Tone.RUNNING
    elif push.applied_revision is None:
        label, tone = gettext("Never applied"), Tone.NEUTRAL
    elif push.waits:
        label, tone = gettext("Edits not applied"), Tone.ATTENTION
    else:
        label, tone = gettext("In step with the host"), Tone.GOOD
    return state("in_step", tone.value, label)


@register.filter
def fill(tone: str) -> str:
    """The css class of a bar: w from the warning on, b from the alarm on."""
    return FILLS.get(tone, "")


@register.filter
def lease_time(seconds: int | None) -> str:
    """A lease time in its own units: 8 h, 1 h 30 min, 7 days, infinite; a dash where none is said."""
    if seconds is None:
        return "–"
    if seconds == INFINITE:
        return pgettext("lease time", "infinite")
    days, rest = divmod(seconds, 86400)
    hours, minutes = rest // 3600, rest // 60 % 60
    parts = [ngettext("%(n)d day", "%(n)d days", days) % {"n": days}] if days else []
    parts += [gettext("%(n)d h") % {"n": hours}] if hours else []
    parts += [gettext("%(n)d min") % {"n": minutes}] if minutes else []
    parts += [gettext("%(n)s s") % {"n": rest % 60}] if rest % 60 or not parts else []
    return " ".join(parts[:3])


@register.filter
def until_full(days: int) -> str:
    """When a network will be full at this pace."""
    if days == 0:
        return gettext("full now")
    return ngettext("full in %(n)d day", "full in %(n)d days", days) % {"n": days}


@register.simple_tag
def mono(text: Any) -> str:
    """An address or a name out of a file."""
    return format_html('<code translate="no">{}</code>', text)
