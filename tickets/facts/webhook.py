"""One call to another program, and what it said."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted to `url`: JSON in `body`, signed with `secret`. `delivery` is the same for every try."""

    delivery: int
    url: str
    event: str
    body: bytes = field(repr=False)
    secret: bytes = field(repr=False)
