"""A lease file of dhcpd in, the last word on each address out.

`LeaseBook` takes bytes in pieces (a file of any size, or only what is new since the last reading); what it keeps is one
record for each address, as bytes, which become `Lease` when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv6Address
from itertools import islice

from dhcp.facts.lease import Damage, Lease, PeerState
from dhcp.facts.quoted import unescaped
from dhcp.parse.lease_batch import BATCH, leases_of
from dhcp.parse.lease_scan import LeaseScan, Record
from dhcp.parse.lease_words import lease
from dhcp.parse.peer_states import peer_state

_LEASE = re.compile(rb"lease\s+([0-9]+(?:\.[0-9]+){3})\s*\{(.*)\}\s*", re.IGNORECASE | re.DOTALL)
_ASSOCIATION = re.compile(rb"ia-(na|ta|pd)\s+(\"(?:[^\"\\]|\\.)*\"|[0-9a-fA-F:]+)\s*\{(.*)\}\s*", re.I | re.DOTALL)
_INNER = re.compile(rb"(iaaddr|iaprefix)\s+([0-9a-fA-F:.]+)(?:/([0-9]+))?\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", re.I)
_IAID_BYTES = 4
_PIECE = 1 << 17


class LeaseBook:
    """`read` pieces of a file in their order, `finish` at its end, then iterate over the leases."""

    def __init__(self, offset: int = 0) -> None:
        self._scan = LeaseScan(offset)
        self._last: dict[bytes, tuple[bytes, bytes] | bytes] = {}
        self._peers: dict[str, PeerState] = {}
        self.records = 0

    @property
    def offset(self) -> int:
        """Bytes of the file that are done with; a later reading continues there."""
        return self._scan.offset

    @property
    def peers(self) -> list[PeerState]:
        """The last word on each failover pair."""
        return list(self._peers.values())

    @property
    def damage(self) -> list[Damage]:
        """The places that could not be read, the first thousand of them."""
        return self._scan.damage

    def read(self, data: bytes) -> None:
        """Take the next bytes of the file."""
        for start in range(0, len(data), _PIECE):
            found, rest = self._scan.plain(data[start : start + _PIECE])
            self._last.update(found)
            self.records += len(found)
            self._take(self._scan.feed(rest))

    def finish(self) -> None:
        """Say that the file ends here."""
        self._take(self._scan.close())

    def _take(self, records: Iterable[Record]) -> None:
        last, count = self._last, 0
        for ip, body in records:
            if ip is not None:
                last[ip] = body
                count += 1
            else:
                count += self._other(body)
        self.records += count

    def _other(self, statement: bytes) -> int:
        """A lease in other spacing, addresses of IPv6, or a failover state; nothing else that stands there is kept."""
        if found := _LEASE.fullmatch(statement):
            octets = [int(part) for part in found[1].split(b".")]
            self._last[b".".join(b"%d" % octet for octet in octets)] = found[2]
            return 1
        if peer := peer_state(statement):
            self._peers[peer.name] = peer
            return 0
        count = 0
        if found := _ASSOCIATION.fullmatch(statement):
            for inner in _INNER.finditer(found[3]):
                self._last[_address6(inner)] = (found[2], found[3][: inner.start()] + inner[4])
                count += 1
        return count

    def __len__(self) -> int:
        return len(self._last)

    def __iter__(self) -> Iterator[Lease]:
        items = iter(self._last.items())
        while batch := list(islice(items, BATCH)):
            plain = [(ip, body) for ip, body in batch if isinstance(body, bytes)]
            if len(plain) == len(batch):
                yield from leases_of(plain)
            else:
                yield from (_one(ip, body) for ip, body in batch)


def _one(ip: bytes, body: tuple[bytes, bytes] | bytes) -> Lease:
    return lease(ip.decode(), body) if isinstance(body, bytes) else _lease6(ip.decode(), *body)


def _address6(inner: re.Match[bytes]) -> bytes:
    written = inner[2].decode()
    try:
        address = str(IPv6Address(written))
    except AddressValueError:
        address = written
    return (f"{address}/{int(inner[3])}" if inner[3] else address).encode()


def _lease6(ip: str, key: bytes, body: bytes) -> Lease:
    read = lease(ip, body)
    if key.startswith(b'"'):
        raw = unescaped(key[1:-1])
    else:
        raw = bytes(int(part, 16) & 255 for part in key.split(b":") if part)
    return Lease(
        ip,
        starts_at=read.starts_at or read.last_contact_at,
        ends_at=read.ends_at,
        state=read.state,
        uid=raw[_IAID_BYTES:].hex(":") or None,
        never_ends=read.never_ends,
        last_contact_at=read.last_contact_at,
    )


def leases(data: bytes) -> list[Lease]:
    """The last word on each address of a whole file, in the order in which addresses first appear."""
    book = LeaseBook()
    book.read(data)
    book.finish()
    return list(book)
