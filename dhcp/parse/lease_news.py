"""An open lease file and the mark of the last reading in, what is new since then and the next mark out.

dhcpd appends to its file and rewrites it about once an hour under the same name: then the inode is another. A file
that was rewritten in place is known by its length, or by the bytes before the mark, which are no longer the same.
"""

from __future__ import annotations

from typing import BinaryIO

from dhcp.facts.lease import LeaseMark, LeaseNews
from dhcp.facts.reading import WINDOW
from dhcp.parse.leases import LeaseBook
from dhcp.parse.marks import digest

PIECE = 1 << 17


def lease_news(stream: BinaryIO, inode: int, mark: LeaseMark | None = None) -> LeaseNews:
    """`stream` can seek. A record that is only half written is left for the next time, and told as damage now."""
    goes_on = mark is not None and mark.inode == inode and _tail(stream, mark.offset) == mark.tail
    start = mark.offset if mark is not None and goes_on else 0
    book = LeaseBook(start)
    stream.seek(start)
    while data := stream.read(PIECE):
        book.read(data)
    book.finish()
    after = LeaseMark(inode, book.offset, _tail(stream, book.offset))
    return LeaseNews(tuple(book), after, not goes_on, tuple(book.damage), tuple(book.peers))


def _tail(stream: BinaryIO, offset: int) -> str:
    start = max(0, offset - WINDOW)
    stream.seek(start)
    return digest(start, stream.read(offset - start))
