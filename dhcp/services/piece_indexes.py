"""A connection in; indexes by which PostgreSQL finds a piece of a MAC or of a name out, where it has pg_trgm.

A B-tree finds what a text begins with. What stands within it is found by its trigrams (PostgreSQL's manual, F.35);
without them all leases are read, which takes longer and finds the same. SQLite reads its index from end to end.
"""

from __future__ import annotations

from contextlib import suppress

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

EXTENSION = "pg_trgm"
_SCHEMA = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = %s"
_INDEX = "CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin ({column} {schema}.gin_trgm_ops)"
INDEXES = (
    ("dhcp_lease_by_piece_of_mac", "dhcp_lease", "mac"),
    ("dhcp_lease_by_piece_of_name", "dhcp_lease", "name_key"),
)


def make_piece_indexes(connection: BaseDatabaseWrapper) -> bool:
    """Whether they are there now. Where the role may not make the extension, nothing is changed and False returned."""
    if connection.vendor != "postgresql":
        return False
    schema = _schema(connection)
    if schema is None:
        return False
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for name, table, column in INDEXES:
            names = {"name": quote(name), "table": quote(table), "column": quote(column), "schema": quote(schema)}
            cursor.execute(_INDEX.format(**names))
    return True


def drop_piece_indexes(connection: BaseDatabaseWrapper) -> None:
    """The extension stays: somebody else may use it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name, _table, _column in INDEXES:
                cursor.execute(f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}")


def _schema(connection: BaseDatabaseWrapper) -> str | None:
    """Where the extension is; None where it is not and cannot be made. Since PostgreSQL 13 who owns the database may
    make it; its files are in Debian's package of the server.
    """
    # Without a right to it, or without its files, what is there already is used all the same.
    with suppress(DatabaseError), transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}")
    with connection.cursor() as cursor:
        cursor.execute(_SCHEMA, [EXTENSION])
        found = cursor.fetchone()
    return str(found[0]) if found else None
