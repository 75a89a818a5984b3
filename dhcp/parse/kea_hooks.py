"""Members that only Kea has, as rows keep them, in; the libraries that it is told to load, with one more, out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

MEMBER = "hooks-libraries"


def lease_hooks(members: Iterable[Sequence[str]], name: str) -> list[str]:
    """The paths among them that end with such a name."""
    paths = (str(each.get("library", "")) for each in _libraries(members) if isinstance(each, dict))
    return [path for path in paths if path.rpartition("/")[2] == name]


def with_hook(members: Iterable[Sequence[str]], path: str) -> list[list[str]]:
    """The same members, with a library behind those that are loaded already."""
    told = [list(each) for each in members]
    libraries = json.dumps([*_libraries(told), {"library": path}])
    return [*(each for each in told if each[0] != MEMBER), [MEMBER, libraries]]


def _libraries(members: Iterable[Sequence[str]]) -> list[Any]:
    written = next((each[1] for each in members if each[0] == MEMBER), "[]")
    try:
        found = json.loads(written)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []
