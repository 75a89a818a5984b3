"""A counter's value and a pattern in, the number of a ticket out."""

from __future__ import annotations


def ticket_number(pattern: str, value: int) -> str:
    """`pattern` with its # signs filled from the right by the digits of `value`: TKT-###### and 41 make TKT-000041.

    Digits that find no sign stand in front of the first one, so that no number comes twice. A pattern without a sign
    gets the digits at its end.
    """
    places = pattern.count("#")
    digits = str(value).zfill(places)
    if not places:
        return pattern + digits
    head, rest = digits[: len(digits) - places], iter(digits[len(digits) - places :])
    filled = "".join(next(rest) if sign == "#" else sign for sign in pattern)
    at = pattern.index("#")
    return filled[:at] + head + filled[at:]
