"""What a person wrote in, checks of what dhcpd reads in another way out: of a file's statements, or of one number.

Source: common/parse.c of ISC DHCP 4.4: 0x is hex, a leading 0 octal, and more than 32 bits wrap without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dhcp.facts.check import Check, Place
from dhcp.facts.config import Statement
from dhcp.rules.addresses import Address, address_of
from dhcp.rules.advice import check, write

_TIMES = ("default-lease-time", "max-lease-time", "min-lease-time")
_NUMBER = re.compile(r"(-?)(0[xX][0-9a-fA-F]+|[0-9]+)")
_WRAPS = 2**32


def written(statements: Iterable[Statement]) -> Iterator[Check]:
    """Of a whole file; each place has the file and the line."""
    for each in statements:
        if each.keyword in _TIMES and len(each.words) == 2:
            yield from number(each.words[1], Place("statement", each.keyword, each.keyword, each.file, each.line))
        elif each.keyword in ("range", "range6") and len(each.words) > 2:
            yield from _reversed(each)
        yield from written(each.block or ())


def number(text: str, place: Place) -> Iterator[Check]:
    """Of a lease time as it was typed; the subject is `name value`, where the place has a name."""
    subject = f"{place.name} {text}".strip()
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return
    digits = found[2]
    if len(digits) > 1 and digits.isdecimal() and digits.startswith("0"):
        yield check("dhcp.number.octal", place, subject, write(digits.lstrip("0") or "0"))
    elif len(digits) > 100 or int(digits, 0) >= _WRAPS:
        yield check("dhcp.number.wraps", place, subject, write("infinite"))


def _reversed(each: Statement) -> Iterator[Check]:
    first, last = (_plain(word) for word in each.words[-2:])
    if first and last and first.version == last.version and int(first) > int(last):
        place = Place("statement", each.text, "range", each.file, each.line)
        yield check("dhcp.range.reversed", place, each.text, write(f"{last} {first}"))


def _plain(word: str) -> Address | None:
    """As dhcpd reads it, whose numbers in addresses are decimal."""
    return address_of(re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])", "", word) if "." in word else word)
