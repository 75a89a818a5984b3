"""What the programs that ask a host about an address print in, facts out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dhcp.facts.answers import Heard, PingAnswer
from dhcp.facts.duid import mac_of_duid
from dhcp.parse.addresses import address, mac
from dhcp.parse.log_news import NothingRead
from dhcp.parse.told_files import BEGIN

_ACTIVE = "00:00:00:02"
_THERE = ("REACHABLE", "DELAY", "PROBE", "STALE", "PERMANENT", "NOARP")


def told(output: bytes) -> list[tuple[str, str]]:
    """The lines between the program's first and last as (word, the rest). Raises NothingRead."""
    lines = iter(output.decode("utf-8", "replace").split("\n"))
    if BEGIN.decode() not in lines:
        raise NothingRead("")
    found = [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line]
    if ("done", "") not in found:
        raise NothingRead("")
    for word, rest in found:
        if word == "refused":
            raise NothingRead(rest)
    return found


def ping_answers(output: bytes, addresses: Sequence[str]) -> tuple[PingAnswer, ...]:
    """In the order of `addresses`. Raises NothingRead.

    A neighbour that was known before and did not answer may be gone; it counts as one that is there.
    """
    codes: dict[object, str] = {}
    wires: dict[object, str | None] = {}
    for word, rest in told(output):
        parts = rest.split(" ")
        if word == "ping" and len(parts) == 2:
            codes[address(parts[0])] = parts[1]
        elif word == "neighbour" and len(parts) == 3 and parts[1] in _THERE:
            wires[address(parts[0])] = mac(parts[2])
    return tuple(_answer(each, codes.get(address(each)), wires, address(each)) for each in addresses)


def _answer(written: str, code: str | None, wires: dict[object, str | None], found: object) -> PingAnswer:
    if code == "0":
        return PingAnswer(written, Heard.ANSWERS, wires.get(found))
    if found in wires:
        return PingAnswer(written, Heard.NEIGHBOUR, wires[found])
    return PingAnswer(written, Heard.SILENT if code == "1" else Heard.NOT_ASKED)


@dataclass(frozen=True, slots=True)
class OmapiAnswer:
    """`is_active` and `mac` are of the lease as it was; `problem` is omshell's own word where something failed."""

    is_active: bool
    mac: str | None
    ended: bool
    problem: str


def omapi_answer(output: bytes) -> OmapiAnswer:
    """Raises NothingRead."""
    said = dict(told(output))
    problem = said.get("failed") or said.get("error") or ""
    return OmapiAnswer(said.get("state") == _ACTIVE, mac(said.get("mac", "")), "ended" in said, problem)


@dataclass(frozen=True, slots=True)
class KeaAnswer:
    """`result` as Kea says it: 0 done, 1 failed, 2 not supported, 3 nothing there; `mac` and `duid` those of a lease
    that it tells.
    """

    result: int
    text: str
    mac: str | None = None
    duid: str | None = None

    def is_of(self, client: str) -> bool:
        """Whether the lease is that client's, by its MAC (which may stand in its DUID) or by its DUID."""
        return client in (self.mac, self.duid, mac_of_duid(self.duid or "") or self.mac)


def kea_answer(output: bytes) -> KeaAnswer:
    """Raises NothingRead."""
    try:
        value = json.loads(dict(told(output)).get("answer", ""))
    except (ValueError, RecursionError) as error:
        raise NothingRead("") from error
    said: dict[str, Any] = value if isinstance(value, dict) else {}
    result, arguments = said.get("result"), said.get("arguments")
    lease: dict[str, Any] = arguments if isinstance(arguments, dict) else {}
    found, duid = mac(str(lease.get("hw-address") or "")), mac(str(lease.get("duid") or ""))
    return KeaAnswer(result if isinstance(result, int) else 1, str(said.get("text", "")), found, duid)
