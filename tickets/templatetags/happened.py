"""An event of a ticket in, the thin line of its thread out."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hosts.facts.words import sentence_of
from hosts.templatetags.panel import ago
from tickets.choices import EventKind, TicketSource
from tickets.models import Event
from tickets.models.seeded import seeded

NOBODY_DID = frozenset({EventKind.OVERDUE.value, EventKind.BOUNCED.value})
SHOWN = ("to", "from", "status", "agent", "team", "department", "contact", "email", "ticket", "title", "name", "text")
NAMED_BY_THE_HOUSE = frozenset({"status", "department", "from", "priority", "sla"})
COLUMNS = {
    "subject": _("subject"),
    "topic": _("help topic"),
    "priority": _("priority"),
    "sla": _("SLA"),
    "due_at": _("due"),
    "source": _("came by"),
    "organization": _("organization"),
    "tags": _("tags"),
    "hosts": _("hosts"),
    "answered": _("answered"),
    "title": _("title"),
    "text": _("text"),
    "department": _("department"),
    "agent": _("agent"),
    "team": _("team"),
}
SOURCES = dict(TicketSource.choices)
YES_NO = {"True": _("yes"), "False": _("no")}


def words_of_event(event: Event) -> SafeString:
    """Who did what, and what it was about: "Mina Park assigned the ticket · Joon Lee"."""
    what = EventKind(event.kind).label if event.kind in EventKind.values else event.kind
    said = format_html("{}", what) if event.kind in NOBODY_DID else format_html("<b>{}</b> {}", _actor(event), what)
    about = _about(event.data)
    return format_html("{} · {}", said, about) if about else said


def _actor(event: Event) -> str:
    name = event.actor_name.partition(" <")[0]
    return name or gettext("Somebody")


def _about(data: dict[str, Any]) -> SafeString:
    """The names that an event carries; numbers of rows and what is not for reading stay out."""
    parts = [_value(name, data[name]) for name in SHOWN if isinstance(data.get(name), str) and data[name]]
    if isinstance(data.get("changes"), dict):
        parts += [_change(name, pair) for name, pair in data["changes"].items()]
    if isinstance(data.get("why"), list):
        parts.append(sentence_of(data["why"]).said_by(gettext))
    return format_html_join(" · ", "{}", ((part,) for part in dict.fromkeys(parts)))


def _change(name: str, pair: Any) -> SafeString:
    before, after = pair if isinstance(pair, list) and len(pair) == 2 else ("", pair)
    label = COLUMNS.get(name, name)
    return format_html("{}: {} → {}", label, _value(name, before) or "–", _value(name, after) or "–")


def _value(name: str, value: Any) -> str:
    """What was written down, in the reader's language: names of the house, ways, yes and no, times in their zone."""
    text = str(value)
    if name == "source":
        return str(SOURCES.get(text, text))
    if name == "due_at" and (when := parse_datetime(text)) is not None:
        return ago(when)
    if text in YES_NO and name == "answered":
        return str(YES_NO[text])
    return conditional_escape(seeded(text) if name in NAMED_BY_THE_HOUSE else text)
