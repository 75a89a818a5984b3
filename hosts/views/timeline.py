"""A host in; what happened to it lately, out of its changes, its facts and the audit log, the newest first out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import nlargest
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from hosts.choices import HostState
from hosts.facts.words import gettext_noop
from hosts.models import AuditEntry, Host, User
from hosts.rules.progress import tone_of

EVENTS_SHOWN = 14
NEUTRAL = "idle"


class Event(NamedTuple):
    """One line of the time line. `tone` is one of the five meanings, `url` where to read more."""

    at: datetime
    tone: str
    words: str
    who: str
    url: str


def timeline(host: Host, user: User) -> list[Event]:
    """The newest events that the person may read."""
    events = [*_facts(host)] if user.has_perm("hosts.view_factsrecord") else []
    if user.has_perm("hosts.view_change"):
        events += _changes(host)
    events += _written(host, with_names=user.has_perm("hosts.view_auditentry"))
    if host.state_since and host.state != HostState.NEW:
        events.append(Event(host.state_since, tone_of(host.state).value, _state_words(host), "", ""))
    return nlargest(EVENTS_SHOWN, events, key=lambda event: event.at)


def _state_words(host: Host) -> str:
    return _("State: %(state)s") % {"state": host.get_state_display()}


def _changes(host: Host) -> Iterator[Event]:
    rows = host.changes.filter(finished_at__isnull=False).select_related("applied_by", "planned_by")
    for change in rows.order_by("-id")[:EVENTS_SHOWN]:
        if change.finished_at:
            words = f"{change} · {change.get_state_display()}"
            who = str(change.applied_by or change.planned_by)
            yield Event(change.finished_at, tone_of(change.state).value, words, who, change.get_absolute_url())


def _facts(host: Host) -> Iterator[Event]:
    rows = host.facts_records.order_by("-last_at").values_list("first_at", flat=True)[:EVENTS_SHOWN]
    kept = list(rows)
    url = reverse("hosts:host-history", args=[host.pk])
    for number, first_at in enumerate(kept):
        words = _("Facts changed") if number + 1 < len(kept) or len(kept) == EVENTS_SHOWN else _("First facts")
        yield Event(first_at, NEUTRAL, words, "", url)


def _written(host: Host, *, with_names: bool) -> Iterator[Event]:
    rows = AuditEntry.objects.filter(object_type="host", object_id=str(host.pk)).order_by("-id")
    for entry in rows.exclude(action="ask for facts")[:EVENTS_SHOWN]:
        words = ACTIONS.get(entry.action, entry.action)
        name = entry.actor_name.partition(" <")[0] if with_names else ""
        yield Event(entry.at, NEUTRAL, _(words), name, "")


ACTIONS = {
    "create": gettext_noop("Added to the panel"),
    "change": gettext_noop("Settings changed"),
    "maintenance on": gettext_noop("Put into maintenance"),
    "maintenance off": gettext_noop("Taken out of maintenance"),
    "accept host key": gettext_noop("Host key accepted"),
    "refuse host key": gettext_noop("Host key refused"),
    "ask for host key": gettext_noop("Host key asked for"),
}
