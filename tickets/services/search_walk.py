"""A person's tickets and what is asked in; the keys of the newest that fit out, by whichever way is the short one.

Frequent words are found by looking at the person's own tickets from the newest back: soon there are enough. Rare ones
are found by the index of words, which names their few tickets at once. Which of both a word is shows in the first look.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import F

from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.services.search_index import TICKETS, Asked, index_of

FIRST_LOOK = 3_000
"""So many keys are looked at first, whosever tickets they are."""
MOST_LOOKED = 20_000
"""Tickets of one's own that are looked at one by one, at most: each costs some microseconds."""
MARGIN = 1.3
"""What is looked at is so much wider than what should do, because words are not spread evenly."""


def newest(tickets: TicketQuerySet, asked: Asked, *, few: int, most: int) -> list[int]:
    """The `most` newest of the tickets that fit. Up to `few` tickets, like those that are open, are looked at whole."""
    plain = tickets.order_by()
    if not plain[few : few + 1].exists():
        return _fitting(asked, list(plain.values_list("pk", flat=True)), most)
    walk = _Walk(plain, asked, most)
    if index_of(TICKETS).looks_at_keys:
        walk.look_back()
    walk.ask_index()
    return walk.found


@dataclass(slots=True)
class _Walk:
    """`found` are the newest that fit with keys of `below` and more; `below` None: nothing was looked at."""

    plain: TicketQuerySet
    asked: Asked
    most: int
    found: list[int] = field(default_factory=list)
    below: int | None = None
    is_at_end: bool = False
    width: int = 0

    def look_back(self) -> None:
        """Look at the tickets themselves until there are enough, or until that would take longer than the index."""
        newest = Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        top = self.below = newest + 1
        looked, wide = 0, FIRST_LOOK
        while len(self.found) < self.most and not self.is_at_end:
            low = max(self.below - wide, 0)
            own = list(self.plain.filter(pk__gte=low, pk__lt=self.below).values_list("pk", flat=True))
            if own:
                self.found += _fitting(self.asked, own, self.most - len(self.found))
            looked, self.below, self.is_at_end = looked + len(own), low, low == 0
            if not self.found:
                return
            missing = (self.most - len(self.found)) * MARGIN
            self.width = wide = int(missing * (top - low) / len(self.found)) + 1
            if missing * looked / len(self.found) > MOST_LOOKED - looked:
                return

    def ask_index(self) -> None:
        """What fits among older tickets, from the index: first as far back as should do, then all."""
        for hits in index_of(TICKETS).steps(self.asked, below=self.below, wide=self.width):
            if self.is_at_end or len(self.found) >= self.most:
                return
            # + 0: or all tickets are read in that order
            rows = self.plain.filter(pk__in=hits).order_by((F("pk") + 0).desc()).values_list("pk", flat=True)
            self.found += rows[: self.most - len(self.found)]


def _fitting(asked: Asked, keys: list[int], most: int) -> list[int]:
    """Those of the keys that fit, the newest first."""
    rows = Ticket.objects.filter(pk__in=index_of(TICKETS).among(asked, keys)).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:most])
