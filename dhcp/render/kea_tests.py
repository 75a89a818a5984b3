"""A condition of dhcpd (dhcp-eval(5)) in, Kea's expression for it out, or None where Kea has none.

Source: Kea's administrator reference, "Using Expressions in Classification".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dhcp.facts.option_types import kind_by_name
from dhcp.facts.options import OptionKind
from dhcp.facts.quoted import unescaped
from dhcp.facts.server import Permit

_TOKEN = re.compile(r"\s*(?:(\"(?:[^\"\\]|\\.)*\")|([(),]|!=|=)|([^\s\"(),=!]+))")
_HEX = re.compile(r"[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2})+")
_AGENT = {"circuit-id": 1, "remote-id": 2}
HARDWARE = "concat(substring(pkt4.htype, -1, all), pkt4.mac)"
Kinds = dict[str, OptionKind]


class _NotInKea(Exception):  # noqa: N818  (it is caught within this module only)
    """The condition has something that Kea cannot say."""


def condition(written: str, custom: Kinds) -> str | None:
    """`written` is what stands after `match if`."""
    return _whole(written, custom, truth=True)


def data_test(expression: str, data: str, custom: Kinds) -> str | None:
    """Of a subclass: `expression` is what stands after its class's `match`, `data` is the subclass's."""
    left, right = _whole(expression, custom, truth=False), _whole(data, custom, truth=False)
    return f"{left} == {right}" if left and right else None


def _whole(written: str, custom: Kinds, *, truth: bool) -> str | None:
    found = [text or mark or word for text, mark, word in _TOKEN.findall(written)]
    if "".join(found) != re.sub(r"\s+(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", "", written):
        return None
    reader = _Reader(found, custom)
    try:
        said = reader.either() if truth else reader.data()
    except _NotInKea:
        return None
    return said if not reader.left else None


class _Reader:
    def __init__(self, said: list[str], custom: Kinds) -> None:
        self.left = said
        self._custom = custom

    def _next(self, *expected: str) -> str:
        if not self.left or (expected and self.left[0].lower() not in expected):
            raise _NotInKea
        return self.left.pop(0)

    def _is(self, *words: str) -> bool:
        return bool(self.left) and self.left[0].lower() in words

    def either(self) -> str:
        said = self._both()
        while self._is("or"):
            self._next()
            said = f"({said}) or ({self._both()})"
        return said

    def _both(self) -> str:
        said = self._one()
        while self._is("and"):
            self._next()
            said = f"({said}) and ({self._one()})"
        return said

    def _one(self) -> str:
        if self._is("not"):
            self._next()
            return f"not ({self._one()})"
        if self._is("exists"):
            self._next()
            return f"{self._option(self._next())}.exists"
        if self._is("known"):
            self._next()
            return "member('KNOWN')"
        if self._is("("):
            self._next()
            said = self.either()
            self._next(")")
            return said
        left, sign = self.data(), self._next("=", "!=")
        same = f"{left} == {self.data()}"
        return same if sign == "=" else f"not ({same})"

    def data(self) -> str:
        word = self._next()
        if word.startswith('"') or _HEX.fullmatch(word):
            return _constant(word)
        if word.lower() == "option":
            return f"{self._option(self._next())}.hex"
        if word.lower() == "hardware":
            return HARDWARE
        if word.lower() in ("substring", "suffix", "concat"):
            return self._function(word.lower())
        raise _NotInKea

    def _function(self, name: str) -> str:
        self._next("(")
        parts = [self.data()]
        while self._is(","):
            self._next()
            parts.append(self.data() if name == "concat" else self._number())
        self._next(")")
        if name == "suffix" and len(parts) == 2:
            return f"substring({parts[0]}, -{parts[1]}, all)"
        if name == "substring" and len(parts) == 3:
            if parts[0] == HARDWARE and parts[1] == "1":
                return f"substring(pkt4.mac, 0, {parts[2]})"
            return f"substring({', '.join(parts)})"
        if name == "concat" and len(parts) > 1:
            said = parts[0]
            for part in parts[1:]:
                said = f"concat({said}, {part})"
            return said
        raise _NotInKea

    def _number(self) -> str:
        word = self._next()
        if not word.isdecimal() or not word.isascii():
            raise _NotInKea
        return str(int(word))

    def _option(self, name: str) -> str:
        space, _, inner = name.rpartition(".")
        if space == "agent" and inner in _AGENT:
            return f"relay4[{_AGENT[inner]}]"
        kind = kind_by_name(name, self._custom)
        if kind is None or kind.space not in ("dhcp", "dhcp6"):
            raise _NotInKea
        return f"option[{kind.code}]"


def _constant(word: str) -> str:
    if not word.startswith('"'):
        return "0x" + "".join(part.zfill(2) for part in word.split(":"))
    raw = unescaped(word[1:-1].encode("utf-8", "surrogateescape"))
    if re.fullmatch(rb"[ -&(-~]+", raw):
        return f"'{raw.decode('ascii')}'"
    if not raw:
        raise _NotInKea
    return f"0x{raw.hex()}"


def members(permits: Iterable[Permit]) -> tuple[str, list[Permit]]:
    """What the permissions of a pool come to as an expression ("" for everybody), and those that Kea cannot be told."""
    allowed: list[str] = []
    denied: list[str] = []
    left_out: list[Permit] = []
    everybody = False
    for permit in permits:
        said = _member(permit.who)
        if said == "all":
            everybody = everybody or permit.verb == "allow"
        elif said is None or permit.verb not in ("allow", "deny"):
            left_out.append(permit)
        else:
            (allowed if permit.verb == "allow" else denied).append(said)
    parts = [" or ".join(allowed)] if allowed and not everybody else []
    parts += [f"not ({' or '.join(denied)})"] if denied else []
    return (parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)), left_out


def _member(who: str) -> str | None:
    words = who.lower().split()
    if words[:2] == ["members", "of"]:
        name = who.split(None, 2)[2].strip('"')
        return None if "'" in name else f"member('{name}')"
    if words in (["known-clients"], ["known", "clients"]):
        return "member('KNOWN')"
    if words in (["unknown-clients"], ["unknown", "clients"]):
        return "member('UNKNOWN')"
    return "all" if words == ["all", "clients"] else None
