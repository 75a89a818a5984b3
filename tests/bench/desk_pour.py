"""Rows in, tables that hold them out: by COPY on PostgreSQL, with many INSERTs at once on SQLite.

Import this only after `django.setup()`.
"""

# Names of tables are put into SQL; they are those of our own models.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

BATCH = 5_000
UNCHECKED = "SET session_replication_role = replica"
"""No foreign key is looked up while rows come in."""
Row = tuple[Any, ...]


def pour(model: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    """Rows as {name of field: value or key}; what a row does not name is the model's default."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    defaults: dict[str, Any] = {}
    for field in fields:
        value = [] if field.get_internal_type() == "JSONField" else field.get_default()
        if getattr(field, "auto_now_add", False):
            value = timezone.now()
        defaults[field.name] = "[]" if value == [] else "" if value is None and not field.null else value
    it = iter(rows)
    first = next(it, None)
    if first is None:
        return
    if "id" in first:
        fields.insert(0, model._meta.pk)
    columns = [field.column for field in fields]
    names = [field.name for field in fields]
    defaults = {n: v.replace(tzinfo=None) if isinstance(v, datetime) else v for n, v in defaults.items()}

    def whole() -> Iterator[Row]:
        for row in _chained(first, it):
            merged = defaults | row
            yield tuple(merged[name] for name in names)

    _copy(model._meta.db_table, columns, whole())


def pour_words(table: str, rows: Iterable[tuple[int, set[str]]]) -> None:
    key = "key" if connection.vendor == "postgresql" else "rowid"
    _copy(table, [key, "words"], ((pk, " ".join(words)) for pk, words in rows))


def _chained(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def _copy(table: str, columns: list[str], rows: Iterator[Row]) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
                while batch := list(islice(rows, BATCH)):
                    copy.write("".join("\t".join("\\N" if v is None else str(v) for v in row) + "\n" for row in batch))
            return
        marks = ", ".join(["%s"] * len(columns))
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", [_plain(row) for row in batch])


def _plain(row: Row) -> Row:
    return tuple(f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value for value in row)


@contextmanager
def in_bulk(tables: list[str]) -> Iterator[None]:
    """Without indexes and checks of foreign keys while rows are poured in; the indexes are made again at the end."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA synchronous = OFF")
        with transaction.atomic():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute(UNCHECKED)
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint) AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            (tables,),
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        # The index of words takes longer than all others together: it begins first, beside them.
        with ThreadPoolExecutor(2) as two:
            list(two.map(_index, sorted((made for _, made in indexes), key=lambda made: " gin " not in made)))
        cursor.execute("SET session_replication_role = DEFAULT")


def _index(made: str) -> None:
    """In a session of this thread's own."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(made)
    connection.close()


@contextmanager
def beside() -> Iterator[Callable[[Callable[[], None]], None]]:
    """Call what is given with pours: while PostgreSQL takes rows, in a session of their own, more can be made."""
    if connection.vendor != "postgresql":
        yield lambda act: act()
        return
    with ThreadPoolExecutor(1, initializer=_uncheck) as pool:
        waiting: list[Future[None]] = []

        def do(act: Callable[[], None]) -> None:
            if waiting:
                waiting.pop().result()  # no more than one waits, so that memory is bounded
            waiting.append(pool.submit(act))

        yield do
        do(_leave)
        waiting.pop().result()


def _leave() -> None:
    connection.close()  # this thread's: the name stands for another connection in each


def _uncheck() -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNCHECKED)


def settle(tables: list[str]) -> None:
    """What autovacuum does in the hours after: figures for the planner; and the next numbers of the keys."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("ANALYZE")
            return
        for table in tables:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("VACUUM ANALYZE")
