"""Frozen dataclasses to plain JSON values and back; fields marked `volatile` can be left out."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from hosts.errors import UnreadableFacts
from hosts.facts.words import gettext_noop, words

T = TypeVar("T")
Json = dict[str, Any]

VOLATILE: Mapping[str, bool] = {"volatile": True}
"""Metadata of a field that changes without anybody having changed anything (uptime, free memory)."""


def to_json(value: object, *, volatile: bool = True) -> Any:
    """Dataclass -> dict, tuple -> list, str/int/float/bool/None as they are. `volatile=False` leaves such fields out.

    Text is made safe for PostgreSQL's jsonb, which takes neither NUL nor lone surrogates.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, tuple | list):
        return [to_json(item, volatile=volatile) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: to_json(getattr(value, each.name), volatile=volatile)
            for each in fields(value)
            if volatile or not each.metadata.get("volatile")
        }
    return value


def from_json(kind: type[T], data: object) -> T:
    """The dataclass `kind` from what `to_json` gave. Unknown keys are ignored, missing ones take their default.

    Raises UnreadableFacts where a value has another type than its field, or a field without default is missing.
    """
    if not isinstance(data, dict):
        raise _wrong(data, kind.__name__, "dict")
    hints = get_type_hints(kind)
    known = {name: _value(hints[name], data[name], name) for name in hints if name in data}
    try:
        return kind(**known)
    except TypeError as error:
        lacking = words(gettext_noop("Saved facts lack something: %(what)s."), what=str(error))
        raise UnreadableFacts(lacking) from error


def _value(hint: Any, data: object, name: str) -> object:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _one_of(arguments, data, name)
    if origin is tuple:
        return _tuple(arguments, data, name)
    if is_dataclass(hint) and isinstance(hint, type):
        return from_json(hint, data)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if isinstance(data, hint) and (hint is bool or not isinstance(data, bool)):
        return data
    raise _wrong(data, name, hint.__name__)


def _one_of(hints: tuple[Any, ...], data: object, name: str) -> object:
    if data is None and type(None) in hints:
        return None
    wanted = [hint for hint in hints if hint is not type(None)]
    plain = next((hint for hint in wanted if isinstance(hint, type) and type(data) is hint), wanted[0])
    return _value(plain, data, name)


def _tuple(arguments: tuple[Any, ...], data: object, name: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise _wrong(data, name, "list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_value(arguments[0], item, name) for item in data)
    if len(arguments) != len(data):
        raise _wrong(data, name, f"list[{len(arguments)}]")
    return tuple(_value(hint, item, name) for hint, item in zip(arguments, data, strict=True))


def _wrong(data: object, name: str, wanted: str) -> UnreadableFacts:
    found = f"list[{len(data)}]" if isinstance(data, list) else type(data).__name__
    sentence = gettext_noop("Saved facts hold %(found)s in %(name)s, where %(wanted)s belongs.")
    return UnreadableFacts(words(sentence, found=found, name=name, wanted=wanted))
