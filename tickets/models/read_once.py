"""A question and how to answer it in; an answer out that is read from the database once within a block.

A verb asks for the settings of the desk, its departments and its statuses again and again, and a worker that takes in
twenty mails asks twenty times as often. Within `one_reading` they are read as they are asked for first, and thrown away
at the end of the block: nothing is kept from one transaction to the next, so nothing can be out of date there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

_Found = TypeVar("_Found")
_read: ContextVar[dict[Hashable, Any] | None] = ContextVar("read", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """What is asked by `once` in this block is read once. A block within another one belongs to that."""
    if _read.get() is not None:
        yield
        return
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def once(key: Hashable, read: Callable[[], _Found]) -> _Found:
    """What `read` gives; within a block what it gave the first time for this key."""
    known = _read.get()
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: _Found = known[key]
    return found


def found_out(key: Hashable, value: object) -> None:
    """Let `once` give this from now on: it was read with others, or just written."""
    known = _read.get()
    if known is not None:
        known[key] = value


def is_reading() -> bool:
    """Whether there is a block around this."""
    return _read.get() is not None


def known_of(key: Hashable) -> Any:
    """What is known under the key already, else None."""
    return (_read.get() or {}).get(key)
