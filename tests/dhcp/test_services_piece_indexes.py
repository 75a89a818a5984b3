"""Pieces of MACs and names have indexes where the database can have them, and are found with and without."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dhcp.models import Lease
from dhcp.services.lookups import find_leases
from dhcp.services.piece_indexes import INDEXES, drop_piece_indexes, make_piece_indexes
from tests import make
from tests.dhcp.lease_text import a_server
from tests.dhcp.test_services_lookups import lease

needs_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no trigrams")


@pytest.fixture
def without(db: None) -> None:
    """They come back with the end of the test, which is taken back."""
    drop_piece_indexes(connection)


def names() -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Lease._meta.db_table))


def found(said: str) -> list[str]:
    return [row.address for row in find_leases(make.admin(), said).rows]


@needs_postgres
@pytest.mark.django_db
def test_postgresql_has_them_after_migrating_and_reads_them() -> None:
    assert {name for name, _table, _column in INDEXES} <= names()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM dhcp_lease WHERE mac::text LIKE '%3e:0a:0b%'")
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "dhcp_lease_by_piece_of_mac" in plan


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["3e:0a", "3e0a0b", "3e-0a-0b", "163e.0a0b", "e:0a:0", "laptop-0", "TOP-01"])
def test_without_them_the_same_is_found(without: None, said: str) -> None:
    server = a_server()
    lease(server, "10.0.0.5", "00:16:3e:0a:0b:0c", hostname="laptop-01")
    lease(server, "10.0.0.6", "00:16:3f:9a:9b:9c", hostname="desktop")
    assert found(said) == ["10.0.0.5"]


@pytest.mark.django_db
def test_the_command_makes_them_later_or_says_what_is_missing(
    without: None, capsys: pytest.CaptureFixture[str]
) -> None:
    if connection.vendor == "postgresql":
        call_command("dhcp_search_index")
        call_command("dhcp_search_index")
        assert {name for name, _table, _column in INDEXES} <= names()
    else:
        with pytest.raises(CommandError, match="pg_trgm"):
            call_command("dhcp_search_index")


@needs_postgres
@pytest.mark.django_db
def test_a_role_without_the_right_goes_on_without_them(without: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS pg_trgm")
        cursor.execute("CREATE ROLE nobody_much")
        cursor.execute("SET LOCAL ROLE nobody_much")
    try:
        assert make_piece_indexes(connection) is False
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
