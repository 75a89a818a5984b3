"""The query string and the columns that a list can be sorted by in; its order and the links of its heads out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.http import QueryDict

PAGING = ("before", "after")
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Head:
    """`query` is the query string of a click, `now` how the column is sorted now, as aria-sort says it."""

    query: str
    now: str


def order_of(query: QueryDict, sorts: Collection[str], usual: str) -> tuple[str, bool]:
    """(column, descending); `usual` ("-pk") where nothing that can be is asked for."""
    wanted = query.get("sort", usual)
    wanted = wanted if wanted.removeprefix("-") in sorts else usual
    return wanted.removeprefix("-"), wanted.startswith("-")


def heads(
    query: QueryDict, sorts: Collection[str], column: str, *, descending: bool, falls_first: Collection[str] = ()
) -> dict[str, Head]:
    """For each column that can be sorted by: a click on the one that is turns it round."""
    found = {}
    for each in sorts:
        is_now = each == column
        falls = not descending if is_now else each in falls_first
        now = ("descending" if descending else "ascending") if is_now else "none"
        found[each] = Head(with_values(query, sort=f"-{each}" if falls else each), now)
    return found


def with_values(query: QueryDict, **values: str) -> str:
    """The query string with values set (empty: none); the page begins anew."""
    changed = query.copy()
    for gone in PAGING:
        changed.pop(gone, None)
    for name, value in values.items():
        changed[name] = value
    return changed.urlencode()


def counted(rows: QuerySet[Model]) -> str:
    """How many there are; of very many only that they are more than `MOST_COUNTED`, which costs as much as those."""
    found = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if found > MOST_COUNTED else str(found)
