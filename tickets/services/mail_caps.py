"""How many automatic mails addresses had in the last hour, and whether they may have one more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone

from tickets.choices import OutgoingState
from tickets.facts.outgoing import Person
from tickets.models import OutgoingMail, Ticket
from tickets.rules.alerts import cap_of

WINDOW = timedelta(hours=1)
HELD_SHOWN = 20
"""So many held mails are kept to be seen; what comes after them in the same hour is not even written down."""


@dataclass(frozen=True, slots=True)
class Room:
    """`is_free`: one more automatic mail may go out. `is_shown`: if not, a row that says so is still worth it."""

    is_free: bool
    is_shown: bool


def rooms_for(people: Iterable[Person], ticket: Ticket | None, cap: int) -> dict[str, Room]:
    """{address_key: room}: customers by all that they got, agents by what they got about this ticket. One query."""
    found = tuple(people)
    emails = {person.email.lower() for person in found}
    rows = OutgoingMail.objects.annotate(low=Lower("to_email")).filter(
        low__in=emails, is_automatic=True, created_at__gt=timezone.now() - WINDOW
    )
    if ticket is not None and found and found[0].is_agent:
        rows = rows.filter(ticket=ticket)
    counted = {
        low: (going, written)
        for low, going, written in rows.values("low")
        .annotate(going=Count("pk", filter=~Q(state=OutgoingState.HELD)), written=Count("pk"))
        .values_list("low", "going", "written")
    }
    rooms = {}
    for person in found:
        going, written = counted.get(person.email.lower(), (0, 0))
        allowed = cap_of(person, cap)
        rooms[person.address_key] = Room(going < allowed, written < allowed + HELD_SHOWN)
    return rooms
