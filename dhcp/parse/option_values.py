"""The value of an option as dhcpd.conf writes it in, its fields out, or None where it does not fit the type."""

from __future__ import annotations

import re

from dhcp.facts.options import OptionKind
from dhcp.facts.quoted import unescaped
from dhcp.parse.addresses import address
from dhcp.parse.tokens import Token, tokens

_BITS = {"u8": (0, 2**8), "u16": (0, 2**16), "u32": (0, 2**32), "i8": (-(2**7), 2**7), "i16": (-(2**15), 2**15)}
_BITS["i32"] = (-(2**31), 2**31)
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|[0-9]+)")
_HEX = re.compile(r"[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2})*")
_FLAGS = {"true": "true", "on": "true", "false": "false", "off": "false"}
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")


def option_values(written: str, kind: OptionKind) -> tuple[str, ...] | None:
    """Numbers in decimal, addresses in their usual spelling, texts without quotes (hex keeps its own spelling)."""
    told = list(tokens(written))
    if any(token.comments or token.text in "{}();=" for token in told) or not told:
        return None
    if kind.fields == ("fqdns",):
        return _list_of_names(told)
    return _fields(told, kind)


def _fields(told: list[Token], kind: OptionKind) -> tuple[str, ...] | None:
    values: list[str] = []
    position = 0
    for token in told:
        if token.text == ",":
            # A comma stands between the elements of a list, which may be records.
            if position != 0 or not kind.array or not values:
                return None
            continue
        value = _value(token, kind.fields[position])
        if value is None or (position == 0 and values and not kind.array):
            return None
        values.append(value)
        position = (position + 1) % len(kind.fields)
    return tuple(values) if position == 0 and told[-1].text != "," else None


def _list_of_names(told: list[Token]) -> tuple[str, ...] | None:
    names = [token for token in told if token.text != ","]
    if len(told) != 2 * len(names) - 1 or any(token.text != "," for token in told[1::2]):
        return None
    values = [_text(token) if token.text.startswith('"') else None for token in names]
    return tuple(value for value in values if value) if all(values) else None


def _value(token: Token, field: str) -> str | None:
    if field == "text":
        return _text(token)
    if field == "hex":
        return token.text if token.text.startswith('"') or _HEX.fullmatch(token.text) else None
    if field in ("ip", "ip6"):
        found = address(token.text)
        if found is None:
            return token.text if field == "ip" and _NAME.fullmatch(token.text) else None
        return str(found) if found.version == (4 if field == "ip" else 6) else None
    if field == "flag":
        return _FLAGS.get(token.lower)
    if field == "fqdn":
        return _text(token) if token.text.startswith('"') else None
    return _number(token.text, field)


def _text(token: Token) -> str | None:
    """None for a text with bytes that are no letters."""
    if not token.text.startswith('"'):
        return token.text if _NAME.fullmatch(token.text) else None
    raw = unescaped(token.text[1:-1].encode("utf-8", "surrogateescape"))
    try:
        read = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return read if "\0" not in read and len(token.text) > 1 else None


def _number(written: str, field: str) -> str | None:
    """As dhcpd reads it: 0x is hex, a leading zero octal."""
    if field not in _BITS or not _NUMBER.fullmatch(written):
        return None
    digits = written.lstrip("-")
    base = 16 if digits[:2] in ("0x", "0X") else 8 if digits.startswith("0") and len(digits) > 1 else 10
    try:
        number = int(digits, base) * (-1 if written.startswith("-") else 1)
    except ValueError:
        return None
    low, end = _BITS[field]
    return str(number) if low <= number < end else None
