"""The lines of a queue in, the rows of its table out. Not a template: thirty pieces in each of fifty rows are many."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol
from urllib.parse import quote

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from hosts.templatetags.panel import ago
from tickets.models import Ticket
from tickets.rules.timers import Timer
from tickets.templatetags.addresses import Addresses
from tickets.templatetags.desk import bar, left, ticket_state

register = template.Library()

NOTHING = mark_safe("")
HIDDEN = mark_safe(" hidden")
UNREAD = mark_safe(' class="unread"')
NOBODY = mark_safe('<span class="soft">–</span>')
ROW = (
    '<tr data-href="{address}?from={query}" data-preview="{preview}"{unread}>'
    '<td class="tick bare"><input type="checkbox" name="ticket" value="{number}" aria-label="{number}"></td>'
    '<td class="whole"><a class="title" href="{address}?from={query}">{subject}</a>{unread_words}'
    '<small><span class="number">{number}</span> · {filed}</small></td>'
    '<td data-col="contact"{hide_contact} class="bare"><span class="who" data-card="{contact_card}">{contact}</span>'
    "{organization}</td>"
    '<td data-col="agent"{hide_agent} class="bare">{agent}</td><td data-col="status"{hide_status}>{state}</td>'
    '<td data-col="due"{hide_due} class="due">{due}</td>'
    '<td data-col="active"{hide_active} class="num nowrap">{active}</td></tr>'
)
COLUMNS = ("contact", "agent", "status", "due", "active")


class QueueLine(Protocol):
    """A ticket with its people and its names, what is left of its time, and whether it is unread."""

    @property
    def ticket(self) -> Ticket: ...

    @property
    def timer(self) -> Timer | None: ...

    @property
    def is_unread(self) -> bool: ...


@register.simple_tag
def queue_lines(lines: Iterable[QueueLine], query: str, hidden_columns: Collection[str]) -> SafeString:
    """The rows; `query` names the queue, so that a ticket's page leads back and on."""
    hides = {f"hide_{name}": HIDDEN if name in hidden_columns else NOTHING for name in COLUMNS}
    page, preview = Addresses("tickets:ticket"), Addresses("tickets:preview")
    of_contact, of_agent = Addresses("tickets:contact-card"), Addresses("tickets:agent-card")
    same = {"query": quote(query), **hides}
    without, unread = gettext("(no subject)"), format_html('<span class="sr">{}</span>', gettext("unread"))
    rows = []
    for line in lines:
        ticket = line.ticket
        row = format_html(
            ROW,
            address=page(ticket.number),
            preview=preview(ticket.number),
            unread=UNREAD if line.is_unread else NOTHING,
            unread_words=unread if line.is_unread else NOTHING,
            number=ticket.number,
            subject=ticket.subject or without,
            filed=_filed(ticket),
            contact=ticket.contact,
            contact_card=of_contact(ticket.contact_id),
            organization=_small(ticket.organization),
            agent=_agent(ticket, of_agent),
            state=ticket_state(ticket),
            due=_due(line.timer),
            active=ago(ticket.active_at),
            **same,
        )
        rows.append(row)
    return mark_safe("".join(rows))  # noqa: S308  (format_html made each)


def _filed(ticket: Ticket) -> SafeString:
    """What it is filed under: department, topic, a priority that is not the usual one, tags."""
    parts = format_html("{} · {}", ticket.department, ticket.topic) if ticket.topic_id else str(ticket.department)
    priority = ticket.priority
    urgent = (
        NOTHING
        if priority.is_default
        else format_html(' <span class="tag prio-{}">{}</span>', priority.urgency, priority)
    )
    tags = format_html_join("", ' <span class="tag">{}</span>', ((tag.name,) for tag in ticket.tags.all()))
    return format_html("{}{}{}", parts, urgent, tags)


def _small(row: object) -> SafeString:
    return format_html("<small>{}</small>", row) if row is not None else NOTHING


def _agent(ticket: Ticket, card_of: Addresses) -> object:
    if ticket.agent_id is not None:
        return format_html('<span data-card="{}">{}</span>', card_of(ticket.agent_id), ticket.agent)
    return ticket.team if ticket.team_id is not None else NOBODY


def _due(timer: Timer | None) -> SafeString:
    if timer is None:
        return NOTHING
    late, when = " late" if timer.is_over else "", f"{timezone.localtime(timer.due_at):%Y-%m-%d %H:%M}"
    return format_html('<span class="num{}" title="{}">{}</span>{}', late, when, left(timer), bar(timer))
