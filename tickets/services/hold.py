"""A ticket in, the same one locked and read anew out: the first line of every verb."""

from __future__ import annotations

from collections.abc import Iterable

from hosts.errors import WrongState
from hosts.facts.words import gettext_noop, words
from tickets.choices import TicketState
from tickets.models import Ticket

RELATED = (
    "department",
    "status",
    "organization",
    "agent__user",
    "team",
    "contact",
    "topic",
    "sla__schedule",
    "mailbox",
)


def hold(ticket: Ticket, *, even_deleted: bool = False) -> Ticket:
    """The ticket, locked until the transaction ends. WrongState where it was deleted in the meantime."""
    found = _locked([ticket.pk], even_deleted=even_deleted)
    return found[ticket.pk]


def hold_all(tickets: Iterable[Ticket]) -> dict[int, Ticket]:
    """Several, locked in the order of their keys, so that two who want the same never wait for each other."""
    return _locked([ticket.pk for ticket in tickets], even_deleted=False)


def hold_whole(ticket: Ticket) -> Ticket:
    """The ticket that this one was merged into, else itself; locked.

    The way there is read without locks, since a merge locks the other way round; it is only gone on with where a merge
    came between.
    """
    key = _whole_of(ticket.pk)
    while True:
        found = hold(Ticket(pk=key))
        if found.merged_into_id is None:
            return found
        key = _whole_of(found.merged_into_id)


def _whole_of(key: int) -> int:
    """The key at the end of the chain of merges."""
    above = Ticket.objects.filter(pk=key).values_list("merged_into", flat=True).first()
    while above is not None:
        key, above = above, Ticket.objects.filter(pk=above).values_list("merged_into", flat=True).first()
    return key


def _locked(keys: list[int], *, even_deleted: bool) -> dict[int, Ticket]:
    # Locked first and read with its relations then: a join would be looked up as it was before the wait for the lock,
    # and PostgreSQL leaves a row out whose relation has changed meanwhile.
    list(Ticket.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
    found = {row.pk: row for row in Ticket.objects.select_related(*RELATED).filter(pk__in=keys)}
    gone = [key for key in keys if key not in found]
    deleted = [row for row in found.values() if row.state == TicketState.DELETED]
    if gone or (deleted and not even_deleted):
        raise WrongState(
            words(
                gettext_noop("Ticket %(number)s was deleted. Nothing was changed; restore it first."),
                number=deleted[0].number if deleted else str(gone[0]),
            )
        )
    return found
