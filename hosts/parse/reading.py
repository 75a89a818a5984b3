"""Small readings that never raise: text from a tool to numbers, pairs and JSON lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]

LARGEST = 2**63 - 1


def whole(text: object) -> int | None:
    """The integer in `text` (decimal digits, optional minus), None for anything else or beyond 64 bits."""
    word = str(text).strip()
    if not re.fullmatch(r"-?[0-9]{1,19}", word):
        return None
    number = int(word)
    return number if abs(number) <= LARGEST else None


def decimal(text: object) -> float | None:
    """The plain decimal number in `text` ("12.5"), None for anything else."""
    word = str(text).strip()
    return float(word) if re.fullmatch(r"-?[0-9]{1,19}(\.[0-9]{1,19})?", word) else None


def pairs(text: str, separator: str) -> Iterator[tuple[str, str]]:
    """(key, value) of each line that has the separator, both stripped."""
    for line in text.splitlines():
        key, found, value = line.partition(separator)
        if found and key.strip():
            yield key.strip(), value.strip()


def first_values(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A dict in which the first value of a key stays."""
    known: dict[str, str] = {}
    for key, value in items:
        known.setdefault(key, value)
    return known


def json_records(text: str) -> tuple[list[Record], bool]:
    """The objects of a JSON list and whether it was whole; of a damaged list those before the damage.

    A single object counts as a list of one. Text before the list (a warning, a prompt) is passed over.
    """
    start = min((at for at in (text.find("["), text.find("{")) if at >= 0), default=-1)
    if start < 0:
        return [], not text.strip()
    whole_value = _decoded(text, start)
    if whole_value is not None:
        value, _ = whole_value
        items = value if isinstance(value, list) else [value]
        return [item for item in items if isinstance(item, dict)], True
    return list(_salvaged(text, start + 1)) if text[start] == "[" else [], False


def _decoded(text: str, at: int) -> tuple[Any, int] | None:
    try:
        return json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _salvaged(text: str, at: int) -> Iterator[Record]:
    while True:
        at = text.find("{", at)
        item = _decoded(text, at) if at >= 0 else None
        if item is None:
            return
        value, at = item
        if isinstance(value, dict):
            yield value


def text_of(record: Record, *keys: str) -> str:
    """The first of `keys` that holds text or a number, as text; "" where none does."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value) if abs(value) <= LARGEST else ""
    return ""


def whole_of(record: Record, *keys: str) -> int | None:
    """The first of `keys` that holds an integer or its digits."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, bool):
            continue
        if isinstance(value, int) and abs(value) <= LARGEST:
            return value
        if isinstance(value, str) and whole(value) is not None:
            return whole(value)
    return None


def truth_of(record: Record, key: str) -> bool | None:
    """True or False; also of the "on"/"off", 1/0 and "1"/"0" that older tools print; None for anything else."""
    value = record.get(key)
    if isinstance(value, bool):
        return value
    return {"on": True, "off": False, "1": True, "0": False, "true": True, "false": False}.get(str(value).lower())


def records_of(record: Record, key: str) -> list[Record]:
    """The objects in the list under `key`."""
    value = record.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(record: Record, key: str) -> tuple[str, ...]:
    """The non-empty texts in the list under `key`, or the one text there."""
    value = record.get(key)
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str) and item)
