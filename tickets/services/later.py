"""Rows that nobody looks at before their verb ends, written at its end: one statement for each kind of them.

A line of the book, an event, a mail in the outbox: a ticket makes a handful of each, twenty mails that are taken in
together a few dozen. They belong to the transaction of the verb as they would one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models

_Waiting = dict[type[models.Model], list[models.Model]]
_waiting: ContextVar[_Waiting | None] = ContextVar("waiting", default=None)


@contextmanager
def written_at_the_end() -> Iterator[None]:
    """What is put in this block is written when it ends, or not at all where it fails. For inside of a transaction.

    A block within another one adds to that one's rows, and takes its own away where it fails.
    """
    outer = _waiting.get()
    if outer is not None:
        before = {kind: len(rows) for kind, rows in outer.items()}
        try:
            yield
        except BaseException:
            for kind, rows in outer.items():
                del rows[before.get(kind, 0) :]
            raise
        return
    token = _waiting.set({})
    try:
        yield
        write_now()
    finally:
        _waiting.reset(token)


def put(*rows: models.Model) -> None:
    """Write rows at the end of the block; at once where there is none. Until then they have no key."""
    waiting = _waiting.get()
    if waiting is None:
        _write(rows)
        return
    for row in rows:
        waiting.setdefault(type(row), []).append(row)


def write_now(*kinds: type[models.Model]) -> None:
    """Write what waits of these kinds (of all, where none is named), for somebody wants to look at them."""
    waiting = _waiting.get() or {}
    for kind in kinds or tuple(waiting):
        _write(waiting.pop(kind, []))


def _write(rows: Iterable[models.Model]) -> None:
    by_kind: _Waiting = {}
    for row in rows:
        by_kind.setdefault(type(row), []).append(row)
    for kind, some in by_kind.items():
        models.QuerySet[models.Model](kind).bulk_create(some)
