"""The name of a page in, its address for each of many rows out: Django's `reverse` is asked once, not for each row."""

from __future__ import annotations

from urllib.parse import quote

from django.urls import reverse

SAFE = "!$&'()*+,;=/~:@"
"""What may stand in a path as it is (RFC 3986, 3.3)."""
MARK = "90000000000000009"
"""Stands where the row's key goes: a number that a path takes as a number and as a text."""


class Addresses:
    """`Addresses("tickets:versions", number)(pk)`: the address of a page whose last part is the row's."""

    def __init__(self, name: str, *args: object) -> None:
        self._head, _mark, self._tail = reverse(name, args=[*args, MARK]).rpartition(MARK)

    def __call__(self, key: object) -> str:
        """As `reverse` gives it."""
        return f"{self._head}{quote(str(key), safe=SAFE)}{self._tail}"
