"""Many lease records in, their Leases out: the same as reading each by itself, at a fourth of the cost.

One expression takes the fields out of records as dhcpd writes them (write_lease in server/db.c of ISC DHCP 4.4 has
the order of statements); any other record is read statement by statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from dhcp.facts.lease import Lease
from dhcp.facts.quoted import unescaped
from dhcp.parse.lease_words import STATES, lease, plain_date, text

BATCH = 100
"""Records that are read at once: enough that the cost of a batch does not show, and few for the memory."""

_TEXT = r"[^\"\\\n]*+(?:\\[^\n][^\"\\\n]*+)*+"
_VALUES = r"[^\n\";{}#=]*+(?:\"" + _TEXT + r"\"[^\n\";{}#=]*+)*+"
_SET = r"(?:  set (?!(?i:vendor-class-identifier) )[^ \"\n;{}#=]++ = (?:\"" + _TEXT + r"\"|[^\s\";{}#=]++);\n)*+"
_DATE = r"[0-9] .{19}"
_PAIR = r"[0-9a-f]{2}"
_TIMES = (
    rf"(?:  starts {_DATE};\n)?+(?:  ends (?:{_DATE}|never);\n)?+(?:(?=  [ta])(?:  (?:tstp|tsfp|atsfp) {_DATE};\n)++)?+"
    rf"(?:  cltt {_DATE};\n)?+"
)
# What is rare stands behind a look at the one letter that it can begin with: that halves the time.
_RECORD = re.compile(
    rf"({_TIMES})  binding state ([a-z]++;\n(?:  (?:next|rewind) binding state [a-z]++;\n)*+)"
    rf"(?:(?=  [rdb])(?:  (?:reserved|dynamic-bootp);\n)*+(?:  billing {_VALUES};\n)?+)?+"
    rf"(?:  hardware ethernet ({_PAIR}(?::{_PAIR}){{5}});\n)?+(?:  uid (\"{_TEXT}\"|[0-9a-f:]++);\n)?+"
    rf"(?:(?=  [so]){_SET}(?:  set vendor-class-identifier = \"(?!\")({_TEXT})\";\n)?+{_SET}"
    rf"(?:  option {_VALUES};\n)*+)?+"
    rf"(?:  client-hostname \"([^\"\\\n]++)\";\n)?+(?:  on [a-z ]++\{{\n(?:   [^\n]*+\n)*+  \}}\n)*+"
    # The end of a record, or, where it is another one, all of it: a brace within a text does not begin a line.
    r"\}|(?:[^}]*+(?<!\n)\})*+[^}]*+\}"
)
_PLAIN_DATE = re.compile(r"[0-9] [0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_Row = tuple[str, ...]


def leases_of(records: Sequence[tuple[bytes, bytes]]) -> list[Lease]:
    """Of (address, what stands between the braces), in their order; best called with BATCH of them."""
    if not records:
        return []
    joined = b"}".join([body for _, body in records]) + b"}"
    rows = _RECORD.findall(joined.decode("latin-1"))
    if len(rows) != len(records):
        return [lease(ip.decode("latin-1"), body) for ip, body in records]
    ips = b" ".join([ip for ip, _ in records]).decode("latin-1").split(" ")
    try:
        return _plain_leases(ips, rows) if joined.isascii() else _leases(ips, records, rows)
    except ValueError:
        return _leases(ips, records, rows)


def _leases(ips: list[str], records: Sequence[tuple[bytes, bytes]], rows: list[_Row]) -> list[Lease]:
    """Each by itself, so that one that is not plain does not make the others slow."""
    found: list[Lease] = []
    for ip, (_, body), row in zip(ips, records, rows, strict=True):
        try:
            found += _plain_leases([ip], [row]) if body.isascii() else [lease(ip, body)]
        except ValueError:
            found.append(lease(ip, body))
    return found


def _plain_leases(ips: list[str], rows: list[_Row]) -> list[Lease]:
    """ValueError where a row is not that of a record as dhcpd writes it."""
    times, states, new = _TIMES_READ, _STATES_READ, tuple.__new__
    return [
        new(
            Lease,
            (
                ip,
                (when := times[told])[0],
                when[1],
                (said := states[binding])[0],
                said[1],
                mac or None,
                uid or None,
                hostname or None,
                text(unescaped(vendor.encode())) if vendor else None,
                when[2],
                said[2],
                when[3],
            ),
        )
        for ip, (told, binding, mac, uid, vendor, hostname) in zip(ips, rows, strict=True)
    ]


_Times = tuple[datetime | None, datetime | None, bool, datetime | None]


class _TimesRead(dict[str, _Times]):
    """(starts, ends, never ends, last contact) by how they are written: a server gives many leases in one second.

    ValueError where one is no plain date.
    """

    def __missing__(self, written: str) -> _Times:
        said: dict[str, str] = {}
        for line in written.splitlines():
            word, _, value = line[2:-1].partition(" ")
            if value != "never" and not _PLAIN_DATE.fullmatch(value):
                raise ValueError("not a plain date")
            said[word] = value
        starts, ends, contact = (_moment(said.get(word)) for word in ("starts", "ends", "cltt"))
        if len(self) > 20_000:
            self.clear()
        self[written] = found = (
            starts,
            ends,
            "ends" in said and ends is None,
            starts if contact == starts else contact,
        )
        return found


def _moment(written: str | None) -> datetime | None:
    return None if written is None or written == "never" else plain_date(written[2:])


_States = tuple[str | None, str | None, str | None]


class _StatesRead(dict[str, _States]):
    """(state, next, rewind) by how they are written: a file has a dozen of such. ValueError where there is none."""

    def __missing__(self, written: str) -> _States:
        if not written:
            raise ValueError("not as dhcpd writes it")
        said: dict[str, str] = {}
        for line in f"state {written}".splitlines():
            said[line.split()[0]] = STATES.get(line.split()[-1].rstrip(";"), line.split()[-1].rstrip(";"))
        found = said["state"], said.get("next"), said.get("rewind")
        if len(self) < 1000:
            self[written] = found
        return found


_TIMES_READ = _TimesRead()
_STATES_READ = _StatesRead()
