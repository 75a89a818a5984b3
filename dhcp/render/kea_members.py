"""A member that only Kea has, as text, in; its value as JSON out, or RenderError that names it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from dhcp.facts.server import Parameter
from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

MOST_DEPTH = 100
_NOT_JSON = gettext_noop("%(name)s holds no JSON that Kea could read: %(value)s")


def member(said: Parameter) -> Any:
    """Its value. Nothing is deeper than MOST_DEPTH, and no number is longer than Python reads."""
    try:
        value = json.loads(said.value, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RenderError(words(_NOT_JSON, name=said.name, value=said.value[:60])) from error
    if _depth(value) > MOST_DEPTH:
        raise RenderError(words(_NOT_JSON, name=said.name, value=said.value[:60]))
    return value


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _depth(value: Any) -> int:
    """How deep it is, one step beyond MOST_DEPTH at most."""
    depth, level = 0, [value]
    while level and depth <= MOST_DEPTH:
        inner = [each for each in level if isinstance(each, dict | list)]
        level = [one for each in inner for one in (each.values() if isinstance(each, dict) else each)]
        depth += bool(inner)
    return depth
