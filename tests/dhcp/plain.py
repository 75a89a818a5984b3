"""Facts of a server without what a renderer writes about where they come from."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any


def without_origin(facts: Any) -> Any:
    """The same facts with every `origin` empty."""
    if isinstance(facts, tuple):
        return tuple(without_origin(each) for each in facts)
    if not is_dataclass(facts) or isinstance(facts, type):
        return facts
    inner = {each.name: without_origin(getattr(facts, each.name)) for each in fields(facts)}
    return replace(facts, **(inner | ({"origin": ""} if "origin" in inner else {})))
