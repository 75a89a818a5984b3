"""From one state of a ticket to another: whether there is a way, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.choices import EventKind, TicketState

WAYS: Mapping[TicketState, frozenset[TicketState]] = {
    TicketState.OPEN: frozenset({TicketState.RESOLVED, TicketState.CLOSED, TicketState.DELETED}),
    TicketState.RESOLVED: frozenset({TicketState.OPEN, TicketState.CLOSED, TicketState.ARCHIVED, TicketState.DELETED}),
    TicketState.CLOSED: frozenset({TicketState.OPEN, TicketState.ARCHIVED, TicketState.DELETED}),
    TicketState.ARCHIVED: frozenset({TicketState.OPEN, TicketState.CLOSED, TicketState.DELETED}),
    TicketState.DELETED: frozenset(),
}
"""Out of DELETED leads only `services.state.restore`. Within a state every status can follow every other."""

_EVENTS: Mapping[TicketState, EventKind] = {
    TicketState.OPEN: EventKind.REOPENED,
    TicketState.RESOLVED: EventKind.RESOLVED,
    TicketState.CLOSED: EventKind.CLOSED,
    TicketState.ARCHIVED: EventKind.ARCHIVED,
    TicketState.DELETED: EventKind.DELETED,
}


def is_way(before: str, after: str) -> bool:
    """Whether a ticket in state `before` may come into state `after`; staying is always allowed, but for DELETED."""
    old, new = TicketState(before), TicketState(after)
    return (old == new and old != TicketState.DELETED) or new in WAYS[old]


def event_of(before: str, after: str) -> EventKind:
    """What the thread says of the step."""
    return EventKind.STATUS if before == after else _EVENTS[TicketState(after)]
