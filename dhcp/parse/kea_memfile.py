"""A lease file of Kea (memfile, CSV) in, the last word on each address out.

Source: Kea's administrator reference, "Memfile"; columns are found by the header, since versions differ. `expire` is
the end; a lease whose end lies 4294967295 s after its beginning never ends; a lifetime of 0 deletes the lease.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime

from dhcp.choices import LeaseState
from dhcp.facts.lease import Damage, Lease
from hosts.facts.words import gettext_noop, words

_INFINITE = 2**32 - 1
_STATES = {
    "0": LeaseState.ACTIVE,
    "1": LeaseState.ABANDONED,
    "2": LeaseState.EXPIRED,
    "3": LeaseState.RELEASED,
    "4": LeaseState.ACTIVE,
}
_LAST = datetime(9999, 1, 1, tzinfo=UTC)
BAD_LINE = gettext_noop("A line is no lease: its columns do not fit the header.")


HEADER = "address,"
"""What the line of the names of the columns begins with."""
BAD_ROW = (KeyError, TypeError, ValueError, OverflowError, OSError)


def kea_memfile(text: Iterable[str]) -> tuple[list[Lease], list[Damage]]:
    """`text` line by line; `Damage.offset` is the line (from 1), its length 1."""
    found: dict[str, Lease] = {}
    damage: list[Damage] = []
    columns: list[str] = []
    for number, line in enumerate(text, 1):
        values = columns_of(line.rstrip("\r\n"))
        if not values:
            continue
        if not columns or line.startswith(HEADER):
            columns = values
            continue
        try:
            lease, deleted = lease_of_row(dict(zip(columns, values, strict=False)))
        except BAD_ROW:
            damage.append(Damage(number, 1, words(BAD_LINE)))
            continue
        if deleted:
            found.pop(lease.ip, None)
        else:
            found[lease.ip] = lease
    return list(found.values()), damage


def columns_of(line: str) -> list[str]:
    """The values of a line; Kea quotes nothing, a comma within a value is written as &#x2c."""
    return next(csv.reader([line.replace("\0", "")], quoting=csv.QUOTE_NONE), [])


def lease_of_row(row: dict[str, str]) -> tuple[Lease, bool]:
    """A line by its columns, and whether it deletes the lease; BAD_ROW where it is none."""
    lifetime, expire = int(row["valid_lifetime"]), int(row["expire"])
    never = lifetime == _INFINITE
    length = row.get("prefix_len") or "128"
    lease = Lease(
        ip=row["address"] if length == "128" else f"{row['address']}/{int(length)}",
        starts_at=_time(expire - lifetime),
        ends_at=None if never else _time(expire),
        state=_STATES[row.get("state") or "0"],
        mac=(row.get("hwaddr") or "").lower() or None,
        uid=(row.get("client_id") or row.get("duid") or "").lower() or None,
        hostname=(row.get("hostname") or "").replace("&#x2c", ",").rstrip(".") or None,
        never_ends=never,
        last_contact_at=_time(expire - lifetime),
    )
    if not lease.ip:
        raise ValueError("no address")
    return lease, lifetime == 0


def _time(seconds: int) -> datetime:
    return min(datetime.fromtimestamp(seconds, UTC), _LAST)
