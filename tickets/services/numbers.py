"""A sequence in, the next ticket numbers out: never given twice."""

from __future__ import annotations

import secrets

from django.db import connection, transaction
from django.db.models import F

from tickets.choices import NumberKind
from tickets.models import Sequence, Ticket
from tickets.models.read_once import found_out, known_of
from tickets.render.number import ticket_number

TRIES_PER_LENGTH = 20


def lay_in(sequence: Sequence, count: int) -> None:
    """Take numbers before the transaction of the tickets begins, for `next_numbers` to give out within the reading.

    Counting locks the sequence's row until its transaction ends, so that nobody else could open a ticket until this one
    is written. What is not given out is left out for ever, as is a number whose ticket came to nothing. Where there is
    one writer anyway, or a transaction has begun, nothing is gained and nothing is done.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block or sequence.kind == NumberKind.RANDOM:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The ticket's own commit comes later in the same log: where that one is on disk, this one is, too.
            cursor.execute("SET LOCAL synchronous_commit = off")
        found_out(_stock(sequence), _counted(sequence, count))


def next_number(sequence: Sequence) -> str:
    """A number that no ticket has, by the sequence's pattern. Called inside the transaction that makes the ticket."""
    return next_numbers(sequence, 1)[0]


def next_numbers(sequence: Sequence, count: int) -> list[str]:
    """Several, in order."""
    found: list[str] = []
    while len(found) < count:
        wanted = count - len(found)
        if sequence.kind == NumberKind.RANDOM:
            some = list(dict.fromkeys(_random(sequence) for _ in range(wanted)))
        else:
            some = [ticket_number(sequence.pattern, value) for value in _values(sequence, wanted)]
        taken = set(Ticket.objects.filter(number__in=some).values_list("number", flat=True))
        found += [number for number in some if number not in taken and number not in found]
    return found


def _values(sequence: Sequence, count: int) -> list[int]:
    """From what was laid in, as far as it goes; else counted now."""
    stock: list[int] = known_of(_stock(sequence)) or []
    some, rest = stock[:count], stock[count:]
    found_out(_stock(sequence), rest)
    return some or _counted(sequence, count)


def _counted(sequence: Sequence, count: int) -> list[int]:
    Sequence.objects.filter(pk=sequence.pk).update(next_value=F("next_value") + count)
    after = Sequence.objects.values_list("next_value", flat=True).get(pk=sequence.pk)
    return list(range(after - count, after))


def _stock(sequence: Sequence) -> tuple[str, int]:
    return "numbers laid in", sequence.pk


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
