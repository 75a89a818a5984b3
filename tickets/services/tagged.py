"""Tickets and names of tags in; those of the tickets that have one of the tags out."""

# Django's own SQL is put into a few words around it; names of tags are parameters.
# ruff: noqa: S611

from __future__ import annotations

from collections.abc import Collection

from django.db import connection
from django.db.models.expressions import RawSQL

from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet

FEW = 20_000
"""So many tickets are looked up by their keys faster than the others are passed by."""


def with_tags(tickets: TicketQuerySet, names: Collection[str]) -> TicketQuerySet:
    """Those that have one of these tags.

    Tickets of a tag that few have are looked up by their keys. PostgreSQL would walk all closed ones in the order of
    the page until enough of them have it, and start helpers for that; where many have it, the walk is short.
    """
    tagged = Ticket.tags.through.objects.filter(tag__name__in=names).order_by()
    if connection.vendor != "postgresql" or tagged[: FEW + 1].count() > FEW:
        return tickets.filter(pk__in=tagged.values("ticket"))
    sql, params = tagged.values("ticket").query.sql_with_params()
    return tickets.filter(pk__in=RawSQL(f"SELECT unnest(ARRAY({sql}))", params))
