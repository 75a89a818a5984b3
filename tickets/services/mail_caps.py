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
from tickets.models.read_once import found_out, known_of
from tickets.rules.alerts import cap_of
from tickets.services import later

WINDOW = timedelta(hours=1)
NOTHING = (0, 0)
HELD_SHOWN = 20
"""So many held mails are kept to be seen; what comes after them in the same hour is not even written down."""


@dataclass(frozen=True, slots=True)
class Room:
    """`is_free`: one more automatic mail may go out. `is_shown`: if not, a row that says so is still worth it."""

    is_free: bool
    is_shown: bool


def rooms_for(people: Iterable[Person], ticket: Ticket | None, cap: int) -> dict[str, Room]:
    """{address_key: room}: customers by all that they got, agents by what they got about this ticket. One query, and
    none where it is known within the reading.
    """
    found = tuple(people)
    about = ticket if ticket is not None and found and found[0].is_agent else None
    emails = {person.email.lower() for person in found}
    is_new = about is not None and known_of(("nobody was told of", about.pk))
    unknown = {email for email in emails if known_of(_key(email, about)) is None}
    counted = {} if is_new or not unknown else _counted(unknown, about)
    for email in unknown:
        found_out(_key(email, about), counted.get(email, NOTHING))
    rooms = {}
    for person in found:
        going, written = known_of(_key(person.email.lower(), about)) or counted.get(person.email.lower(), NOTHING)
        allowed = cap_of(person, cap)
        rooms[person.address_key] = Room(going < allowed, written < allowed + HELD_SHOWN)
    return rooms


def read_together(emails: Iterable[str]) -> None:
    """Count what several customers got, for `rooms_for` within the reading."""
    wanted = {email.lower() for email in emails}
    counted = _counted(wanted, None)
    for email in wanted:
        found_out(_key(email, None), counted.get(email, NOTHING))


def nobody_was_told(ticket: Ticket) -> None:
    """A ticket that was made just now: there is nothing to count about it yet."""
    found_out(("nobody was told of", ticket.pk), value=True)


def were_written(rows: Iterable[OutgoingMail]) -> None:
    """These are in the outbox, too; said for each mail that is put there within the reading."""
    for row in rows:
        for about in (None, row.ticket) if row.is_automatic else ():
            key = _key(row.to_email.lower(), about)
            known = known_of(key)
            if known is not None:
                going, written = known
                found_out(key, (going + (row.state != OutgoingState.HELD), written + 1))


def _counted(emails: set[str], about: Ticket | None) -> dict[str, tuple[int, int]]:
    """{address: (going out, written at all)} of automatic mails in the last hour; those with none are left out."""
    later.write_now(OutgoingMail)
    rows = OutgoingMail.objects.annotate(low=Lower("to_email")).filter(
        low__in=emails, is_automatic=True, created_at__gt=timezone.now() - WINDOW
    )
    if about is not None:
        rows = rows.filter(ticket=about)
    counts = rows.values("low").annotate(going=Count("pk", filter=~Q(state=OutgoingState.HELD)), written=Count("pk"))
    return {low: (going, written) for low, going, written in counts.values_list("low", "going", "written")}


def _key(email: str, about: Ticket | None) -> tuple[str, str, int | None]:
    return "automatic mails", email, about.pk if about is not None else None
