"""An event of a ticket in, the thin line of its thread out."""

from __future__ import annotations

from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from tickets.choices import EventKind
from tickets.models import Event

NOBODY_DID = frozenset({EventKind.OVERDUE.value, EventKind.BOUNCED.value})
SHOWN = ("to", "from", "status", "agent", "team", "department", "contact", "email", "ticket", "title", "name", "text")


def words_of_event(event: Event) -> SafeString:
    """Who did what, and what it was about: "Mina Park assigned the ticket · Joon Lee"."""
    what = EventKind(event.kind).label if event.kind in EventKind.values else event.kind
    said = format_html("{}", what) if event.kind in NOBODY_DID else format_html("<b>{}</b> {}", _actor(event), what)
    about = _about(event.data)
    return format_html("{} · {}", said, about) if about else said


def _actor(event: Event) -> str:
    name = event.actor_name.partition(" <")[0]
    return name or gettext("Somebody")


def _about(data: dict[str, Any]) -> str:
    """The names that an event carries; numbers of rows and what is not for reading stay out."""
    if isinstance(data.get("changes"), dict):
        return mark_safe(", ".join(_change(name, pair) for name, pair in data["changes"].items()))  # noqa: S308
    parts = [str(data[name]) for name in SHOWN if isinstance(data.get(name), str) and data[name]]
    return conditional_escape(" · ".join(dict.fromkeys(parts)))


def _change(name: str, pair: Any) -> SafeString:
    before, after = pair if isinstance(pair, list) and len(pair) == 2 else ("", pair)
    return format_html("{}: {} → {}", name, before or "–", after or "–")
