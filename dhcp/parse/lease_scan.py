"""Bytes of a lease file in, in pieces of any size; whole top-level records out, with what was damaged between them.

Source: dhcpd.leases(5), and common/conflex.c of ISC DHCP 4.4 for comments and strings. Records as dhcpd writes them
are found by one expression; anything else (other spacing, comments, blocks by other programs) by a reading of every
token. Memory is bounded by LONGEST, whatever the file's size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from dhcp.facts.lease import Damage
from hosts.facts.words import Words, gettext_noop, words

LONGEST = 1 << 20
"""Bytes a single record may have; longer ones are damage (dhcpd's own have under a thousand)."""

_OCTET = rb"(?:0|[1-9][0-9]{0,2})"
# A record as dhcpd writes it: two spaces, a statement, a line end; blocks (on expiry) closed at the same depth. No
# brace or # may stand outside of strings, so that this and the reading of every token cannot differ.
_LINE = rb"[ \t]+[^\n\"{}#;]*+(?:\"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+\"[^\n\"{}#;]*+)*+;[ \t]*+(?:#[^\n]*+)?\n"
_BLOCK = rb"[ \t]+on [a-z ]+ \{\n(?:" + _LINE + rb")*+[ \t]+\}\n"
_PLAIN = re.compile(
    rb"lease (" + _OCTET + rb"(?:\." + _OCTET + rb"){3}) \{\n((?:" + _LINE + rb"|" + _BLOCK + rb")*+)\}\n+"
)
_END = b"\n}\n"
_TEXT = rb"\"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+\""
_OUTSIDE = rb"[\x00-!$-z|~-\xff]*+"  # anything but \" # { }, said in the way that `re` is fastest with
_FLAT = rb"(?:" + _OUTSIDE + _TEXT + rb")*+" + _OUTSIDE
# The only blocks within a record are those of `on expiry`, `on release`, `on commit`, and none is within them.
_EVENTS = rb"(?:(?<=expiry |elease |commit )\{" + _FLAT + rb"\}" + _FLAT + rb")*+"
_RECORDS = re.compile(rb"lease (" + _OCTET + rb"(?:\." + _OCTET + rb"){3}) \{\n(" + _FLAT + _EVENTS + rb")\}\n")
_FRAME = len(b"lease  {\n}\n")
_SPACE = re.compile(rb"(?:\s+|#[^\n]*(?:\n|$))+")
_TOKEN = re.compile(
    rb"#[^\n]*|\"(?:[^\"\\\n]|\\[^\n])*\"|(?P<open_string>\")|(?P<mark>[{};])"
    rb"|(?P<lease>lease\s+[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\s*\{)",
    re.IGNORECASE,
)
_BEGIN = re.compile(
    rb"^(?:failover\s+peer|ia-na|ia-ta|ia-pd|host|group|class|subclass|server-duid|authoring-byte-order)\s"
    rb"|lease\s+[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\s*\{",
    re.IGNORECASE | re.MULTILINE,
)

CUT = gettext_noop("A record is cut off: it has no end.")
JUNK = gettext_noop("These bytes are no statement of a lease file.")
STRING = gettext_noop("A text in quotes has no end.")
TOO_LONG = gettext_noop("A record is longer than any that a server writes.")

Plain = tuple[bytes, bytes]
"""Of a plain lease: (address, its statements)."""
Record = tuple[bytes | None, bytes]
"""Of a plain lease: (address, its statements); of anything else: (None, the whole statement)."""


def plain_records(data: bytes, end: int) -> list[Plain] | None:
    """(address, statements) of data[:end] if it is nothing but whole records of leases; None for anything else.

    All in one call, and so five times as fast as one record after the other. That nothing stands between the records
    is seen by adding up their lengths.
    """
    found: list[Plain] = _RECORDS.findall(data, 0, end)
    length = sum(map(len, chain.from_iterable(found))) + _FRAME * len(found)
    return found if length == end else None


class LeaseScan:
    """`feed` bytes, take the records it yields, `close` at the end of the file.

    `offset` is where the next unread statement begins: a later scan of the same file can start there.
    """

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        self.damage: list[Damage] = []
        self.damaged = 0
        self._rest = b""
        self._skipping = False

    def plain(self, data: bytes) -> tuple[list[Plain], bytes]:
        """The fast way: the records in `data` if it holds nothing else, and what is left.

        What is left is to be fed; it is all of `data` where there is anything but records in it.
        """
        joined = self._rest + data if self._rest else data
        end = joined.rfind(_END) + len(_END)
        found = plain_records(joined, end) if end >= len(_END) else None
        if found is None:
            return [], data
        self._rest = b""
        self.offset += end
        return found, joined[end:]

    def feed(self, data: bytes) -> Iterator[Record]:
        """The records that end within what was fed so far."""
        return self._read(self._rest + data if self._rest else data, at_end=False)

    def close(self) -> Iterator[Record]:
        """What is left at the end of the file: a last record without line end; the rest is damage.

        A record that is only cut off at the end leaves `offset` at its beginning, since the server may be writing it.
        """
        return self._read(self._rest, at_end=True)

    def _read(self, data: bytes, *, at_end: bool) -> Iterator[Record]:
        position, match = 0, _PLAIN.match
        while True:
            if found := match(data, position):
                yield found[1], found[2]
                position = found.end()
                continue
            if space := _SPACE.match(data, position):
                if space.end() == len(data) and not at_end and data[-1:] != b"\n" and len(data) <= LONGEST:
                    break
                position = space.end()
                continue
            if position >= len(data):
                break
            end, why = _statement_end(data, position)
            if why is CUT and end == len(data) and len(data) - position <= LONGEST:
                if at_end:
                    self._lost(position, end, why)
                break
            if why is None:
                yield None, data[position:end]
            else:
                position, found_more = self._after_damage(data, position, end, why, at_end=at_end)
                if not found_more:
                    break
                continue
            position = end
        self._rest = data[position:]
        self.offset += position

    def _after_damage(self, data: bytes, position: int, end: int, why: str, *, at_end: bool) -> tuple[int, bool]:
        """Where reading goes on, and whether a record begins there.

        Without a beginning in sight the last bytes stay for the next piece: one may be half there.
        """
        found = _BEGIN.search(data, position + 1)
        last = len(data) if at_end else max(position, len(data) - 64)
        stop = found.start() if found else last
        if stop > position:
            self._lost(position, stop, TOO_LONG if why is CUT and end == len(data) else why)
        return stop, found is not None

    def _lost(self, start: int, end: int, why: str) -> None:
        self.damaged += 1
        offset = self.offset + start
        last = self.damage[-1] if self.damage else None
        if last and last.offset + last.length == offset:
            self.damage[-1] = Damage(last.offset, last.length + end - start, last.words)
        elif len(self.damage) < 1000:
            self.damage.append(Damage(offset, end - start, words(why)))


def _statement_end(data: bytes, start: int) -> tuple[int, str | None]:
    """Where the statement that begins at `start` ends, and what is wrong with it."""
    depth = 0
    if not re.match(rb"[A-Za-z]", data[start : start + 1]):
        return start, JUNK
    for token in _TOKEN.finditer(data, start):
        kind = token.lastgroup
        if kind == "open_string":
            return (len(data), CUT) if b"\n" not in data[token.start() :] else (token.start(), STRING)
        if kind == "lease":
            if token.start() != start:
                return token.start(), CUT
            depth = 1
        elif kind == "mark":
            mark = token.group()
            depth += {b"{": 1, b"}": -1}.get(mark, 0)
            if depth < 0:
                return token.start(), JUNK
            if depth == 0 and mark != b"{":
                return token.end(), None
    return len(data), CUT


def damage_words(count: int) -> Words:
    """How a reader is told of damage beyond the list's length."""
    return words(gettext_noop("%(count)s places of the file could not be read."), count=count)
