"""How many open tickets somebody may have: what comes from outside stops there, an agent is told and goes on."""

from __future__ import annotations

from hosts.errors import WrongState
from hosts.facts.words import Words, gettext_noop, words
from tickets.choices import TicketSource
from tickets.models import Contact
from tickets.services.house import desk

FROM_OUTSIDE = frozenset({TicketSource.WEB, TicketSource.API})
"""A mail over the limit is turned away when it is judged (`rules.fate`), with a mail that says so. What the panel finds
and what an agent writes down is never turned away.
"""


def check_room(contact: Contact, source: str) -> None:
    """WrongState where the person has as many open tickets as are allowed. Two at once are told apart by a lock."""
    most = desk().max_open_per_contact
    if not most or source not in FROM_OUTSIDE:
        return
    Contact.objects.select_for_update(of=("self",)).filter(pk=contact.pk).first()
    count = contact.tickets.open().count()
    if count >= most:
        raise WrongState(
            words(
                gettext_noop(
                    "%(name)s has %(count)s open tickets, which is the limit. No ticket was opened; add to one of "
                    "them, or wait until one is done."
                ),
                name=str(contact),
                count=count,
            )
        )


def over_limit(contact: Contact) -> Words | None:
    """What an agent is told who opened a ticket for somebody with more than are allowed from outside; else None."""
    most = desk().max_open_per_contact
    count = contact.tickets.open().count() if most else 0
    if count <= most:
        return None
    return words(
        gettext_noop("%(name)s has %(count)s open tickets now; from outside only %(most)s are let in."),
        name=str(contact),
        count=count,
        most=most,
    )
