"""A sequence in, the next ticket number out: never given twice."""

from __future__ import annotations

import secrets

from django.db.models import F

from tickets.choices import NumberKind
from tickets.models import Sequence, Ticket
from tickets.render.number import ticket_number

TRIES_PER_LENGTH = 20


def next_number(sequence: Sequence) -> str:
    """A number that no ticket has, by the sequence's pattern. Called inside the transaction that makes the ticket.

    Counting locks the sequence's row until that transaction ends, so it should be done late.
    """
    if sequence.kind == NumberKind.RANDOM:
        return _random(sequence)
    while True:
        Sequence.objects.filter(pk=sequence.pk).update(next_value=F("next_value") + 1)
        value = Sequence.objects.values_list("next_value", flat=True).get(pk=sequence.pk) - 1
        number = ticket_number(sequence.pattern, value)
        if not Ticket.objects.filter(number=number).exists():
            return number


def _random(sequence: Sequence) -> str:
    """One of as many digits as the pattern has; one more digit each time that twenty in a row are taken."""
    digits = max(1, sequence.pattern.count("#"))
    while True:
        for _ in range(TRIES_PER_LENGTH):
            value = 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1))
            number = ticket_number(sequence.pattern, value)
            if not Ticket.objects.filter(number=number).exists():
                return number
        digits += 1
