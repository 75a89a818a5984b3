"""A queryset, a column and a cursor in; one page of rows with cursors to the pages before and after it out.

Pages are found by key and not by OFFSET, so that the hundredth costs as much as the first and rows that come in
meanwhile shift nothing. The column, which may be an annotation, must not be null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SIGN = "~"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows in reading order. `before` and `after` are cursors, empty where there is nothing further."""

    rows: list[Row]
    before: str
    after: str


def keyset_page(
    queryset: QuerySet[Row],
    column: str,
    *,
    descending: bool,
    before: str = "",
    after: str = "",
    size: int = 50,
    read_by: QuerySet[Row] | None = None,
) -> Page[Row]:
    """The page after (or before) a cursor; the first one without. A cursor that cannot be read gives the first page.

    `read_by` (with the same column) reads the rows of the page, with joins that must not be made with all the others.
    """
    backwards = bool(before)
    cursor = _read(queryset, column, before or after)
    if cursor is None:
        backwards = False
    falling = descending != backwards
    order = [F(name).desc() if falling else F(name).asc() for name in _keys(column)]
    rows = queryset.order_by(*order)
    if cursor is not None:
        rows = rows.filter(_beyond(column, cursor, falling=falling))
    rows = rows[: size + 1]
    if read_by is not None:
        rows = read_by.filter(pk__in=rows.values("pk")).order_by(*order)
    taken = list(rows)
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
    if not taken:
        return Page([], "", "")
    first, last = _write(taken[0], column), _write(taken[-1], column)
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more
    return Page(taken, first if has_before else "", last if has_after else "")


def _keys(column: str) -> tuple[str, ...]:
    return ("pk",) if column in ("pk", "id") else (column, "pk")


def _beyond(column: str, cursor: tuple[Any, str], *, falling: bool) -> Q:
    value, pk = cursor
    side = "lt" if falling else "gt"
    if len(_keys(column)) == 1:
        return Q(**{f"pk__{side}": pk})
    # The first condition says nothing new, but an index begins at it; of the other two, OR makes a filter.
    beyond = Q(**{f"{column}__{side}": value}) | Q(**{column: value, f"pk__{side}": pk})
    return Q(**{f"{column}__{side}e": value}) & beyond


def _write(row: Model, column: str) -> str:
    return f"{getattr(row, column)}{SIGN}{row.pk}"


def _read(queryset: QuerySet[Row], column: str, text: str) -> tuple[Any, str] | None:
    value, sign, pk = text.rpartition(SIGN)
    if not sign or not pk.isdecimal() or len(pk) > 18:
        return None
    try:
        return _field(queryset, column).to_python(value), pk
    except (FieldDoesNotExist, ValidationError):
        return None


def _field(queryset: QuerySet[Row], column: str) -> Any:
    """What a value of the column or annotation is read by."""
    if column == "pk":
        return queryset.model._meta.pk
    annotation = queryset.query.annotations.get(column)
    return queryset.model._meta.get_field(column) if annotation is None else annotation.output_field
