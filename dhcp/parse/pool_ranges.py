"""A dhcpd.conf and a lease file in, ranges and the state of each address out, read as dhcpd-pools 2.29 reads them.

People script against that program's numbers, so its reading is kept where it differs from dhcpd's: numbers of an
address with a leading zero are octal (inet_aton), a range written backwards is turned, and states are read line by
line, so that the state of an IPv6 prefix counts for the address before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv6Address, ip_network

from dhcp.facts.usage import RangeLine
from dhcp.parse.tokens import Token, tokens

EVERYWHERE = "All networks"
_STATES = rb"(free|abandoned|expired|released|active|backup);"
_MODE = re.compile(rb"^(lease |  iaaddr )", re.MULTILINE)
_LINES = {
    4: re.compile(rb"^(?:lease ([^ \n]+)|  binding state " + _STATES + rb")", re.MULTILINE),
    6: re.compile(rb"^(?:  iaaddr ([^ \n]+)|    binding state " + _STATES + rb")", re.MULTILINE),
}
_RANGES = ("range", "range6")


class PoolRanges:
    """`ranges` in the order of the file, `networks` the names of shared networks in theirs.

    `read` gives the text of an include (or None, and its name goes to `missing`).
    """

    def __init__(self, text: str, read: Callable[[str], str | None]) -> None:
        self.ranges: list[RangeLine] = []
        self.networks: list[str] = []
        self.missing: list[str] = []
        self._read = read
        self._including: list[str] = []
        self._walk(text, EVERYWHERE)

    def _walk(self, text: str, network: str) -> None:
        depth, outside, closing = 0, network, -1
        stream = tokens(text)
        previous = ";"
        for token in stream:
            begins = previous in ";{}"
            previous = token.text
            if token.text == "{":
                depth += 1
            elif token.text == "}":
                depth -= 1
                if depth == closing:
                    network, closing = outside, -1
            elif begins and token.lower == "shared-network":
                network, closing = _name(stream), depth
                depth += 1
                self.networks.append(network)
                previous = "{"
            elif begins and token.lower in _RANGES:
                self._range(_statement(stream), network)
                previous = ";"
            elif begins and token.lower == "include":
                self._include(_statement(stream), network)
                previous = ";"

    def _range(self, statement: list[Token], network: str) -> None:
        said = [token.value for token in statement if token.lower not in ("dynamic-bootp", "temporary")]
        ends = [bounds for bounds in map(_bounds, said) if bounds]
        if not ends or len(ends) != len(said):
            return
        first, last = min(low for _, low, _ in ends), max(high for _, _, high in ends)
        self.ranges.append(RangeLine(network, ends[0][0], first, last))

    def _include(self, statement: list[Token], network: str) -> None:
        name = statement[0].value if statement else ""
        text = None if name in self._including else self._read(name)
        if text is None:
            self.missing.append(name)
            return
        self._including.append(name)
        self._walk(text, network)
        self._including.pop()


def _name(stream: Iterator[Token]) -> str:
    name = ""
    for token in stream:
        if token.text == "{":
            break
        name = name or token.value
    return name


def _statement(stream: Iterator[Token]) -> list[Token]:
    found = []
    for token in stream:
        if token.text in (";", "{", "}"):
            break
        found.append(token)
    return found


def _bounds(written: str) -> tuple[int, int, int] | None:
    """(version, first, last) of an address, or of a network with its length."""
    try:
        if "/" in written:
            network = ip_network(written, strict=False)
            return network.version, int(network[0]), int(network[-1])
        if ":" in written:
            number = int(IPv6Address(written))
            return 6, number, number
        parts = [int(part, 8) if part.startswith("0") else int(part) for part in written.split(".")]
    except (AddressValueError, ValueError):
        return None
    if len(parts) != 4 or max(parts) > 255:
        return None
    number = int.from_bytes(bytes(parts))
    return 4, number, number


class AddressStates:
    """Feed it a lease file in pieces, then `states` has the last state of each (version, address as a number)."""

    def __init__(self) -> None:
        self.states: dict[tuple[int, int], str] = {}
        self._version = 0
        self._current: tuple[int, int] | None = None
        self._rest = b""

    def read(self, data: bytes) -> None:
        """The next bytes; a line that is not complete waits for its rest."""
        data = self._rest + data
        end = data.rfind(b"\n") + 1
        self._rest = data[end:] if len(data) - end < 1 << 20 else b""
        self._lines(data[:end])

    def finish(self) -> None:
        """The file ends here, perhaps without a line end."""
        self._lines(self._rest)
        self._rest = b""

    def _lines(self, data: bytes) -> None:
        if not self._version:
            found = _MODE.search(data)
            if not found:
                return
            self._version = 4 if found[1] == b"lease " else 6
        for line in _LINES[self._version].finditer(data):
            address, state = line.groups()
            if address is not None:
                bounds = _bounds(address.decode("latin-1"))
                self._current = (bounds[0], bounds[1]) if bounds else None
            elif self._current:
                self.states[self._current] = state.decode()
