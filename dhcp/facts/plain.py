"""Facts of a server in; the same facts without what a renderer says about where they come from out."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any


def without_origin(facts: Any) -> Any:
    """With every `origin` empty: what two readings of one site have in common."""
    if isinstance(facts, tuple):
        return tuple(without_origin(each) for each in facts)
    if not is_dataclass(facts) or isinstance(facts, type):
        return facts
    inner = {each.name: without_origin(getattr(facts, each.name)) for each in fields(facts)}
    return replace(facts, **(inner | ({"origin": ""} if "origin" in inner else {})))
