"""How many automatic mails an address had in the last hour, and whether it may have one more."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Lower
from django.utils import timezone

from tickets.choices import OutgoingState
from tickets.facts.outgoing import Person
from tickets.models import OutgoingMail, Ticket
from tickets.rules.alerts import cap_of

WINDOW = timedelta(hours=1)
HELD_SHOWN = 20
"""So many held mails are kept to be seen; what comes after them in the same hour is not even written down."""


def room_for(person: Person, ticket: Ticket | None, cap: int) -> tuple[bool, bool]:
    """(whether one more automatic mail may go out, whether a held one is still worth a row)."""
    allowed = cap_of(person.is_agent, cap)
    rows = (
        OutgoingMail.objects.annotate(low=Lower("to_email"))
        .filter(low=person.email.lower(), is_automatic=True, created_at__gt=timezone.now() - WINDOW)
        .order_by("-created_at")
    )
    if person.is_agent:
        rows = rows.filter(ticket=ticket)
    states = list(rows.values_list("state", flat=True)[: allowed + HELD_SHOWN])
    going = sum(state != OutgoingState.HELD for state in states)
    return going < allowed, len(states) < allowed + HELD_SHOWN
