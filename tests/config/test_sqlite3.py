"""config.sqlite3: writers of one process wait for each other, whatever way a transaction ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from config.sqlite3.base import DatabaseWrapper

pytestmark = pytest.mark.django_db  # to be let at a database at all; the one used here is of the test's own

# SQLite itself does not wait at all here: who is not kept back by the lock fails at once.
OPTIONS = {"timeout": 0, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"}
ENDS: dict[str, Callable[[DatabaseWrapper], None]] = {
    "commit": DatabaseWrapper.commit,
    "rollback": DatabaseWrapper.rollback,
    "close": DatabaseWrapper.close,
}


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Callable[[], DatabaseWrapper]]:
    name = str(tmp_path / "rows.sqlite3")
    handler = ConnectionHandler({"default": {"ENGINE": "config.sqlite3", "NAME": name, "OPTIONS": OPTIONS}})
    made: list[DatabaseWrapper] = []

    def one() -> DatabaseWrapper:
        connection = handler.create_connection("default")
        connection.inc_thread_sharing()
        made.append(connection)
        return connection

    one().cursor().execute("CREATE TABLE seen (word)")
    yield one
    for connection in made:
        connection.close()


def begin(connection: DatabaseWrapper) -> None:
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_the_next_writer_begins_when_the_one_before_has_ended(
    connect: Callable[[], DatabaseWrapper], end: Callable[[DatabaseWrapper], None]
) -> None:
    first, second = connect(), connect()
    begin(first)
    first.cursor().execute("INSERT INTO seen VALUES ('first')")
    order: list[str] = []
    failures: list[Exception] = []

    def write() -> None:
        try:
            begin(second)
            order.append("second began")
            second.commit()
        except OperationalError as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    writer.join(0.2)
    order.append("first ends")
    end(first)
    writer.join(10)
    assert failures == []
    assert order == ["first ends", "second began"]


def test_a_transaction_that_cannot_begin_keeps_nobody_waiting(connect: Callable[[], DatabaseWrapper]) -> None:
    first, second = connect(), connect()
    first.ensure_connection()
    first.connection.close()
    with pytest.raises(Exception, match="closed database"):
        begin(first)
    began = threading.Event()

    def write() -> None:
        begin(second)
        began.set()
        second.rollback()

    writer = threading.Thread(target=write)
    writer.start()
    assert began.wait(10)
    writer.join(10)
