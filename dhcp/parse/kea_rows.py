"""An object of Kea's JSON in; its members out, each taken once, so that what nobody took is known."""

from __future__ import annotations

import json
from typing import Any

from dhcp.facts.server import Parameter

Json = dict[str, Any]


class KeaRow:
    """What is left at the end is Kea's own. A member of another type than asked for is not taken."""

    def __init__(self, row: Json) -> None:
        self._left = dict(row)

    def text(self, name: str) -> str:
        """A text; "" where it is none."""
        value = self._left.get(name)
        return str(self._left.pop(name)) if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """A whole number."""
        value = self._left.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            del self._left[name]
            return value
        return None

    def objects(self, name: str) -> list[Json]:
        """A list of objects."""
        value = self._left.get(name)
        if isinstance(value, list) and all(isinstance(each, dict) for each in value):
            del self._left[name]
            return value
        return []

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._left.get(name)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            del self._left[name]
            return tuple(value)
        return ()

    def flag(self, name: str) -> bool | None:
        """true or false."""
        value = self._left.get(name)
        if isinstance(value, bool):
            del self._left[name]
            return value
        return None

    def context(self) -> tuple[str, str, str]:
        """(note, origin, name) of "user-context", or the note of "comment"."""
        said = self._left.get("user-context")
        ours = isinstance(said, dict) and set(said) <= {"note", "origin", "name"}
        if isinstance(said, dict) and ours and all(isinstance(value, str) for value in said.values()):
            del self._left["user-context"]
            return said.get("note", ""), said.get("origin", ""), said.get("name", "")
        return self.text("comment"), "", ""

    def objects_of(self, name: str) -> Json:
        """An object that is only looked at."""
        value = self._left.get(name)
        return value if isinstance(value, dict) else {}

    def drop(self, name: str) -> None:
        """Take a member that was looked at."""
        self._left.pop(name, None)

    def drop_if_true(self, *names: str) -> None:
        """Take members that say what a renderer says by itself."""
        for name in names:
            if self._left.get(name) is True:
                del self._left[name]

    def put(self, name: str, value: object) -> None:
        """Give a member back."""
        self._left[name] = value

    def kea(self) -> tuple[Parameter, ...]:
        """All that nobody took."""
        return tuple(Parameter(name, json.dumps(value, ensure_ascii=False)) for name, value in self._left.items())
