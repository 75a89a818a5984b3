"""A lease file as it comes from a host, in pieces, with the mark of the last reading in; what is new out."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from dhcp.choices import LeaseState
from dhcp.facts.lease import Damage, Lease, LeaseMark, LeaseNews, PeerState
from dhcp.facts.reading import WINDOW, LeaseReading
from dhcp.parse.kea_memfile import BAD_LINE, BAD_ROW, HEADER, columns_of, lease_of_row
from dhcp.parse.leases import LeaseBook
from dhcp.parse.marks import digest
from dhcp.parse.told_files import Line
from hosts.facts.words import words

_MOST_DAMAGE = 1000
_LONGEST_LINE = 1 << 16


class _Book(Protocol):
    """Takes bytes of a file from an offset on; `offset` is where the first statement begins that is not read yet."""

    @property
    def offset(self) -> int: ...

    @property
    def damage(self) -> list[Damage]: ...

    @property
    def peers(self) -> list[PeerState]: ...

    def read(self, data: bytes) -> None: ...

    def finish(self) -> None: ...

    def __iter__(self) -> Iterator[Lease]: ...


class KeaBook:
    """The last word on each address of Kea's CSV. `Damage.offset` is in bytes, as in dhcpd's files."""

    def __init__(self, offset: int = 0, head: str = "") -> None:
        self.offset = offset
        self.damage: list[Damage] = []
        self.peers: list[PeerState] = []
        self.records = 0
        self._rest = b""
        self._columns = columns_of(head) if head else []
        self._last: dict[str, Lease] = {}

    def new_file(self) -> None:
        """What comes next is the beginning of another file; what was read stays, the later word counts."""
        self.offset, self._rest, self._columns = 0, b"", []

    def read(self, data: bytes) -> None:
        """Take the next bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
            self.offset += len(line) + 1
        if len(self._rest) > _LONGEST_LINE:
            self._lost(len(self._rest))
            self.offset += len(self._rest)
            self._rest = b""

    def finish(self) -> None:
        """A line without its end is left for the next time."""

    def _line(self, line: bytes) -> None:
        text = line.decode("utf-8", "backslashreplace").rstrip("\r")
        if not text:
            return
        if not self._columns or text.startswith(HEADER):  # files of before a clean-up are joined with their headers
            self._columns = columns_of(text)
            return
        try:
            lease, deleted = lease_of_row(dict(zip(self._columns, columns_of(text), strict=False)))
        except BAD_ROW:
            self._lost(len(line) + 1)
            return
        self.records += 1
        if deleted:
            times = lease.starts_at, lease.ends_at
            lease = Lease(lease.ip, *times, LeaseState.FREE, mac=lease.mac, uid=lease.uid, hostname=lease.hostname)
        self._last[lease.ip] = lease

    def _lost(self, length: int) -> None:
        if len(self.damage) < _MOST_DAMAGE:
            self.damage.append(Damage(self.offset, length, words(BAD_LINE)))

    def __iter__(self) -> Iterator[Lease]:
        return iter(self._last.values())


class LeasePieces:
    """`take` what `ToldFiles` yields; `reading` at the end, None where no file was told of.

    `refused` is why there is none ("missing", "denied", "other"), `too_large` the bytes of files that are too many.
    """

    def __init__(self, mark: LeaseMark | None, *, kea: bool) -> None:
        self.refused = ""
        self.too_large = 0
        self._mark, self._kea = mark, kea
        self._file: tuple[int, int, int, str] = (0, 0, 0, "0")
        self._head = ""
        self._book: _Book | None = None
        self._restarted = True
        self._end = 0
        self._before = 0
        self._recent = bytearray()
        self._recent_at = 0
        self._zeros = 0

    def take(self, told: Line | bytes) -> None:
        """ValueError where it is nothing that the program prints."""
        if isinstance(told, bytes):
            self._take_bytes(told)
            return
        match told:
            case ("refused", why):
                self.refused = why
            case ("large", total):
                self.too_large = int(total)
            case ("file", inode, size, mtime, born):
                self._file = int(inode), int(size), int(mtime), born
            case ("head", encoded):
                self._head = base64.b64decode(encoded).decode("utf-8", "backslashreplace").strip()
            case ("data", start, new, length):
                self._begin(int(start), int(new), int(length))
            case _:
                raise ValueError(told)

    def _begin(self, start: int, new: int, length: int) -> None:
        self._restarted = new == 0
        self._end = start + length
        self._before = new - start
        self._recent, self._recent_at, self._zeros = bytearray(), start, 0
        if not self._kea:
            self._book = LeaseBook(new)
        elif isinstance(self._book, KeaBook):
            self._book.new_file()
        else:
            self._book = KeaBook(new, self._head if new else "")

    def _take_bytes(self, data: bytes) -> None:
        """Zeros at the end are not the server's: the file became shorter, or a crash left them."""
        full = data.rstrip(b"\0")
        if full:
            data, self._zeros = b"\0" * self._zeros + data, 0
            full = data.rstrip(b"\0")
            self._read(full)
        self._zeros += len(data) - len(full)

    def _read(self, data: bytes) -> None:
        if self._book is None:
            raise ValueError("bytes of no file")
        self._recent += data
        known, self._before = min(self._before, len(data)), max(0, self._before - len(data))
        self._book.read(data[known:])
        stale = self._book.offset - WINDOW - self._recent_at
        if stale > 0:
            del self._recent[:stale]
            self._recent_at += stale

    def reading(self) -> LeaseReading | None:
        """After the last piece."""
        book = self._book
        if book is None:
            return None
        size, mtime = self._file[1:3]
        more = self._end < size
        if not more:
            book.finish()
        mark = self._mark_at(book.offset)
        whole = self._restarted and not more
        leases = tuple(lease for lease in book if not (whole and self._kea and lease.state == LeaseState.FREE))
        news = LeaseNews(leases, mark, whole, tuple(book.damage), tuple(book.peers))
        return LeaseReading(news, self._restarted, more, size, datetime.fromtimestamp(mtime, UTC))

    def _mark_at(self, offset: int) -> LeaseMark:
        """The mark of before where nothing was new: then no bytes came to make another one of."""
        inode, _, _, born = self._file
        if not self._recent and self._mark is not None and not self._restarted:
            return self._mark
        start = max(0, offset - WINDOW)
        found = bytes(self._recent[start - self._recent_at : offset - self._recent_at])
        return LeaseMark(inode, offset, digest(start, found, born))
