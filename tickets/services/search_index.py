"""Keys with their words in, keys by words out: two tables that only this module reads and writes, in SQL.

They are no models, since nothing is alike in the two databases: PostgreSQL has a `tsvector` with a GIN index (both of
its core: no extension, so no right to create one is needed), SQLite a virtual table of FTS5. The words are ours
(`tickets.parse.search_words`) in both, so that both find the same. The services write them in the transaction of what
they tell of; there are no triggers. A key whose row is gone finds nothing, because what is found is always looked up
among rows.
"""

# Names of tables and our own pieces of SQL are put together; what people type is always a parameter.
# ruff: noqa: S608, S611

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Protocol

from django.db import connection
from django.db.models.expressions import RawSQL

from tickets.parse.search_words import Term

TICKETS = "tickets_search_ticket"
CONTACTS = "tickets_search_contact"
MOST_WORDS_OF_KEY = 12_000
"""What a ticket is found by. A tsvector ends at 1 MiB; nobody searches for the twelve thousandth word."""
NEWEST_FIRST = (20_000, 120_000, 600_000)
"""How far back each step looks where nothing is known of the words. Those of every second contact are found among the
newest, at the price of those."""

Asked = list[list[tuple[Term, ...]]]
"""All of the outer, any of the middle, all of the inner."""


class WordIndex(Protocol):
    """One table of keys and words. `looks_at_keys`: `among` costs as much as its keys, and not as all that fits."""

    looks_at_keys: bool

    def put(self, key: int, words: Iterable[str]) -> None:
        """The words of a key, instead of those it had."""

    def put_new(self, words: Mapping[int, Iterable[str]]) -> None:
        """The words of keys that had none."""

    def add(self, key: int, words: Iterable[str]) -> None:
        """More words of a key."""

    def steps(self, asked: Asked, *, below: int | None = None, wide: int = 0) -> Iterator[RawSQL]:
        """Keys that fit, as subqueries to be asked one after the other until enough are found; newest keys first.

        `below`: the newest are known, down to this key; then the first step is so `wide`, and the second the last.
        """

    def among(self, asked: Asked, keys: list[int]) -> RawSQL:
        """Those of a few known keys that fit."""


class PostgresIndex:
    """A tsvector of words without places."""

    looks_at_keys = True

    def __init__(self, table: str) -> None:
        self.table = table

    def put(self, key: int, words: Iterable[str]) -> None:
        """The words of a key, instead of those it had."""
        self._write(key, words, "words = excluded.words")

    def put_new(self, words: Mapping[int, Iterable[str]]) -> None:
        """The words of keys that had none."""
        values = ", ".join(["(%s, array_to_tsvector(%s))"] * len(words))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.table} (key, words) VALUES {values} ON CONFLICT (key) DO UPDATE"
                " SET words = excluded.words",
                [value for key, some in words.items() for value in (key, sorted(some))],
            )

    def add(self, key: int, words: Iterable[str]) -> None:
        """More words of a key."""
        full = f"length(kept.words) > {MOST_WORDS_OF_KEY}"
        self._write(key, words, f"words = CASE WHEN {full} THEN kept.words ELSE kept.words || excluded.words END")

    def steps(self, asked: Asked, *, below: int | None = None, wide: int = 0) -> Iterator[RawSQL]:
        """Keys that fit, from the newest on."""
        if below is None:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT coalesce(max(key), 0) FROM {self.table}")
                newest = int(cursor.fetchone()[0])
        else:
            newest = below - 1
        widths = NEWEST_FIRST if below is None else (wide,)
        bounds = [newest, *(newest - back for back in widths if 0 < back < newest), 0]
        for high, low in pairwise(bounds):
            yield self._hits(asked, "key > %s AND key <= %s", (low, high))

    def among(self, asked: Asked, keys: list[int]) -> RawSQL:
        """Those of the keys that fit."""
        return self._hits(asked, "key = ANY(%s)", (keys,))

    def _hits(self, asked: Asked, where: str, params: tuple[Any, ...]) -> RawSQL:
        # Found first and on its own: a plan that walks the tickets and looks at the words of each takes seconds.
        plain, others = _apart(asked)
        one = f"SELECT key FROM {self.table} WHERE words @@ %s::tsquery AND {where}"
        hits, values = one, [_tsquery(plain), *params]
        if others:
            # OFFSET 0 keeps the condition on keys out of it: each is asked of the index of words, and of nothing else.
            each = f"SELECT key FROM {self.table} WHERE words @@ other.asked OFFSET 0"
            several = f"unnest(%s::tsquery[]) AS other (asked), LATERAL ({each}) AS found"
            hits += f" UNION ALL SELECT key FROM {several} WHERE {where}"
            values += [[_tsquery(other) for other in others], *params]
        return RawSQL(f"WITH hits AS MATERIALIZED ({hits}) SELECT key FROM hits", values)

    def _write(self, key: int, words: Iterable[str], change: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.table} AS kept (key, words) VALUES (%s, array_to_tsvector(%s))"
                f" ON CONFLICT (key) DO UPDATE SET {change}",
                (key, sorted(words)),
            )


class SqliteIndex:
    """A table of FTS5. It holds the words as they are given, so that more of them can be put to them."""

    looks_at_keys = False

    def __init__(self, table: str) -> None:
        self.table = table

    def put(self, key: int, words: Iterable[str]) -> None:
        """The words of a key, instead of those it had."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table} WHERE rowid = %s", (key,))
            cursor.execute(f"INSERT INTO {self.table} (rowid, words) VALUES (%s, %s)", (key, " ".join(sorted(words))))

    def put_new(self, words: Mapping[int, Iterable[str]]) -> None:
        """The words of keys that had none. SQLite gives no key a second time, so none of them can be there."""
        rows = [(key, " ".join(sorted(some))) for key, some in words.items()]
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.table} (rowid, words) VALUES (%s, %s)", rows)

    def add(self, key: int, words: Iterable[str]) -> None:
        """More words of a key."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT words FROM {self.table} WHERE rowid = %s", (key,))
            row = cursor.fetchone()
        kept = set(row[0].split()) if row else set()
        more = set(words) - kept
        if more and len(kept) <= MOST_WORDS_OF_KEY:
            self.put(key, kept | more)

    def steps(self, asked: Asked, *, below: int | None = None, wide: int = 0) -> Iterator[RawSQL]:
        """Keys that fit. One step is enough: FTS5 gives them in the order of their keys, as far as they are read."""
        yield RawSQL(f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH %s", (_match(asked),))

    def among(self, asked: Asked, keys: list[int]) -> RawSQL:
        """Those of the keys that fit."""
        known = ", ".join(str(int(key)) for key in keys)  # numbers; more of them than SQLite takes as parameters
        return RawSQL(  # +: otherwise FTS5 searches anew for each of the keys
            f"SELECT rowid FROM {self.table} WHERE {self.table} MATCH %s AND +rowid IN ({known})", (_match(asked),)
        )


def index_of(table: str) -> WordIndex:
    """The index in the database that there is."""
    return PostgresIndex(table) if connection.vendor == "postgresql" else SqliteIndex(table)


def _apart(asked: Asked) -> tuple[Asked, list[Asked]]:
    """`asked` with one way for its first word that has several, and the same with each of the other ways.

    Together they find the same. In one tsquery, two hundred people are thought to be in every tenth ticket, and the
    tickets are read instead of the index; one by one, each is known to be rare.
    """
    at = next((number for number, ways in enumerate(asked) if len(ways) > 1), None)
    if at is None:
        return asked, []
    plain, *others = ([*asked[:at], [way], *asked[at + 1 :]] for way in asked[at])
    return plain, others


def _tsquery(asked: Asked) -> str:
    """Words have letters and digits only, and `_` in our own: nothing in them needs to be escaped."""
    return _joined(asked, lambda term: f"'{term.word}'" + (":*" if term.is_beginning else ""), " & ", " | ")


def _match(asked: Asked) -> str:
    return _joined(asked, lambda term: f'"{term.word}"' + ("*" if term.is_beginning else ""), " AND ", " OR ")


def _joined(asked: Asked, shown: Any, both: str, either: str) -> str:
    def one(ways: list[tuple[Term, ...]]) -> str:
        return either.join(f"({both.join(map(shown, way))})" for way in ways)

    return both.join(f"({one(ways)})" for ways in asked)
