"""What a change was made for in; the page of the ticket that it names out. Named in settings."""

from __future__ import annotations

import re

from hosts.models import User
from tickets.models import Ticket
from tickets.views.desk import works_at_desk

NUMBER = re.compile(r"(?:^|[#\s])([\w-]+)$")
"""The last word: #204-117, Ticket 1042, 100001."""


def address_of(reference: str, user: User) -> str:
    """ "" where it names no ticket, or none that the person may see."""
    found = NUMBER.search(reference.strip())
    if found is None or not works_at_desk(user):
        return ""
    ticket = Ticket.objects.visible_to(user).filter(number=found[1]).only("number").first()
    return ticket.get_absolute_url() if ticket else ""


def written_as(number: str) -> tuple[str, ...]:
    """The ways in which a change refers to a ticket."""
    return (f"#{number}", number, f"Ticket {number}")
