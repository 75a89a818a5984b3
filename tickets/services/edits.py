"""Changes of what a ticket is filed under in, the ticket with its event out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from hosts.errors import BadInput
from hosts.facts.words import gettext_noop, words
from hosts.services.audit import Actor
from tickets.choices import EventKind, Permission, TicketState
from tickets.models import Ticket
from tickets.models.seeded import as_kept
from tickets.services import access, promises, search
from tickets.services.book import happened
from tickets.services.hold import hold
from tickets.services.tickets import subject_of

EDITABLE = ("subject", "topic", "priority", "sla", "due_at", "source", "organization")


@transaction.atomic
def edit_ticket(ticket: Ticket, changes: Mapping[str, Any], *, by: Actor) -> Ticket:
    """Change any of EDITABLE: {column: value or row}. Another SLA counts from the opening or the last reopening."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    unknown = [name for name in changes if name not in EDITABLE]
    if unknown:
        raise BadInput(words(gettext_noop("“%(name)s” of a ticket cannot be changed here."), name=unknown[0]))
    before = {name: _said(getattr(ticket, name)) for name in changes}
    for name, value in changes.items():
        setattr(ticket, name, value)
    ticket.subject = subject_of(ticket.subject)
    after = {name: _said(getattr(ticket, name)) for name in changes}
    differing = {name: [before[name], after[name]] for name in changes if before[name] != after[name]}
    if not differing:
        return ticket
    if {"sla", "due_at"} & differing.keys():
        promises.promise(ticket, ticket.reopened_at or ticket.created_at)
        ticket.is_overdue = ticket.state == TicketState.OPEN and promises.is_late(ticket, timezone.now())
    ticket.active_at = timezone.now()
    ticket.save()
    if "subject" in differing:
        search.ticket_changed(ticket)
    happened(ticket, EventKind.EDITED, by=by, changes=differing)
    return ticket


@transaction.atomic
def set_labels(ticket: Ticket, *, by: Actor, tags: list[Any] | None = None, hosts: list[Any] | None = None) -> Ticket:
    """Replace the tags, the hosts, or both."""
    ticket = hold(ticket)
    access.require(by, ticket, Permission.EDIT)
    differing = {}
    for name, rows in (("tags", tags), ("hosts", hosts)):
        if rows is None:
            continue
        before = _names(ticket, name)
        getattr(ticket, name).set(rows)
        after = _names(ticket, name)
        if before != after:
            differing[name] = [before, after]
    if differing:
        happened(ticket, EventKind.EDITED, by=by, changes=differing)
    return ticket


def _names(ticket: Ticket, relation: str) -> str:
    return ", ".join(sorted(str(row) for row in getattr(ticket, relation).all()))


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return as_kept(value)
