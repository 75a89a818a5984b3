"""What somebody typed into a search in, what it may mean out: an address, a network, a MAC in any spelling, a name.

Read are `10.0.0.5`, `10.0.0.0/24`, `10.0.0.5-10.0.0.9`, the beginnings `10.0.0.` and `2001:db8:`; MACs as
`00:16:3e:0a:0b:0c`, `00-16-3E-…`, `0016.3e0a.0b0c`, `00163e0a0b0c`, `0:16:3e:a:b:c`, and pieces of them; client ids in
hex; anything else is a part of a name.
"""

from __future__ import annotations

import re
from ipaddress import ip_network

from dhcp.facts.address_key import address_key, network_keys
from dhcp.facts.asked import Asked
from dhcp.parse.addresses import address, mac

LONGEST = 255
_MAC_BYTES = 6
_SEPARATED = re.compile(r"[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){1,254}[:-]?", re.I)
_DOTTED = re.compile(r"[0-9a-f]{4}(?:\.[0-9a-f]{4}){1,9}", re.I)
_PLAIN = re.compile(r"[0-9a-f]{4,40}", re.I)
_IPV4_BEGINNING = re.compile(r"\d{1,3}(?:\.\d{1,3}){0,2}\.|\d{1,3}(?:\.\d{1,3}){1,2}")
_IPV6_BEGINNING = re.compile(r"(?=[0-9a-f:]*[0-9a-f]{3})[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}:?", re.I)


def asked(written: str) -> Asked:
    """Empty for nothing. It never fails: what has no other meaning is a part of a name."""
    text = written.strip()[:LONGEST]
    if keys := _keys(text):
        return Asked(keys=keys)
    if _SEPARATED.fullmatch(text):
        return _of_bytes(text.replace("-", ":").lower(), text)
    if _DOTTED.fullmatch(text):
        return _of_digits(text.replace(".", "").lower(), text)
    if _PLAIN.fullmatch(text):
        return _of_digits(text.lower(), text)
    return Asked(name=text.lower())


def _keys(text: str) -> tuple[str, str] | None:
    if found := address(text):
        key = address_key(str(found))
        return key, key
    first, dash, last = (part.strip() for part in text.partition("-"))
    if dash and (low := address(first)) and (high := address(last)) and low.version == high.version:
        low_key, high_key = sorted((address_key(str(low)), address_key(str(high))))
        return low_key, high_key
    if "/" in text:
        try:
            return network_keys(str(ip_network("".join(text.split()), strict=False)))
        except ValueError:
            return None
    return _beginning(text)


def _beginning(text: str) -> tuple[str, str] | None:
    """Of whole parts of an address: all that begin with them."""
    if _IPV4_BEGINNING.fullmatch(text):
        parts = [int(part) for part in text.split(".") if part]
        if any(part > 255 for part in parts):
            return None
        key = "4" + "".join(f"{part:02x}" for part in parts)
        return key.ljust(9, "0"), key.ljust(9, "f")
    if _IPV6_BEGINNING.fullmatch(text) and ":" in text:
        key = "6" + "".join(part.zfill(4) for part in text.lower().split(":") if part)
        return key.ljust(33, "0"), key.ljust(33, "f")
    return None


def _of_bytes(text: str, written: str) -> Asked:
    """Pairs of digits: a whole MAC, a piece of one, or a client id, which may be longer."""
    parts = text.split(":")
    name = written.lower() if "-" in written else ""
    piece = ":".join([*(part.zfill(2) for part in parts[:-1]), parts[-1]])
    pieces = tuple(dict.fromkeys((piece, text)))  # the first part may be the end of a byte, the last its beginning
    if len(parts) == _MAC_BYTES and all(parts):
        whole = mac(text) or ""
        return Asked(
            mac=whole, mac_parts=pieces if 1 in (len(parts[0]), len(parts[-1])) else (), client_id=whole, name=name
        )
    if len(parts) > _MAC_BYTES + 1 or (len(parts) == _MAC_BYTES + 1 and parts[-1]):
        return Asked(client_id=piece, name=name)
    return Asked(mac_parts=pieces, client_id=piece, name=name)


def _of_digits(digits: str, written: str) -> Asked:
    """Digits without separators, in pairs from the first on."""
    if len(digits) == 2 * _MAC_BYTES:
        whole = _paired(digits)
        return Asked(mac=whole, client_id=whole, name=written.lower())
    piece = _paired(digits)
    if len(digits) > 2 * _MAC_BYTES:
        return Asked(client_id=piece, name=written.lower())
    return Asked(mac_parts=(piece,), client_id=piece, name=written.lower())


def _paired(digits: str) -> str:
    return ":".join(digits[start : start + 2] for start in range(0, len(digits), 2))
