"""A lease file on a host and the mark of the last reading in, what is new in it out. One exec, which only reads."""

from __future__ import annotations

from typing import Protocol

from dhcp.errors import UnreadableLeases
from dhcp.facts.lease import LeaseMark
from dhcp.facts.reading import LeaseFile, LeaseReading
from dhcp.parse.lease_pieces import LeasePieces
from dhcp.parse.told_files import ToldFiles
from dhcp.render.on_host.reading import lease_news
from hosts.facts.words import Words, gettext_noop, words
from hosts.outside.shell import Shell

MOST_BYTES = 2 * 1024**3
"""Of one reading. Only the last word on each address is kept in memory."""
IDLE_SECONDS = 60

_REFUSED = {
    "missing": gettext_noop(
        "There is no lease file at %(path)s on the host. Enter the path that the server uses (its lease-file-name or "
        "-lf, Kea's lease-database); Debian has dhcpd.leases in /var/lib/dhcp and kea-leases4.csv in /var/lib/kea."
    ),
    "denied": gettext_noop(
        "The panel's login may not read %(path)s on the host. Log in there as root, or turn on sudo for the host."
    ),
    "other": gettext_noop("%(path)s on the host is no file. Enter the path of the lease file that the server uses."),
}
_TOO_LARGE = gettext_noop(
    "Kea's lease files at %(path)s have %(bytes)s bytes together, more than is read at once. Let Kea clean them: set "
    "lfc-interval in its lease-database."
)
_BROKEN = gettext_noop("The lease file %(path)s could not be read to its end; it is read again the next time. %(said)s")


class LeaseReader(Protocol):
    """`read_news`, or a fake of it."""

    def __call__(self, shell: Shell, file: LeaseFile, mark: LeaseMark | None = None) -> LeaseReading: ...


def read_news(
    shell: Shell, file: LeaseFile, mark: LeaseMark | None = None, *, most_bytes: int = MOST_BYTES
) -> LeaseReading:
    """Of a file of more than `most_bytes` new bytes the reading has `more`, and the next one goes on from its mark.

    UnreadableLeases where there is nothing to be read, and the errors of `Shell`.
    """
    request = lease_news(file, mark, most_bytes)
    told, pieces = ToldFiles(), LeasePieces(mark, kea=file.kea)
    stream = shell.stream(request.line, stdin=request.stdin, idle_seconds=IDLE_SECONDS)
    try:
        for data in stream:
            for each in told.feed(data):
                pieces.take(each)
    except ValueError as error:
        raise UnreadableLeases(_broken(file, stream.stderr)) from error
    finally:
        stream.close()
    if pieces.refused in _REFUSED:
        raise UnreadableLeases(words(_REFUSED[pieces.refused], path=file.path))
    if pieces.too_large:
        raise UnreadableLeases(words(_TOO_LARGE, path=file.path, bytes=pieces.too_large))
    reading = pieces.reading() if told.done else None
    if reading is None:
        raise UnreadableLeases(_broken(file, stream.stderr))
    return reading


def _broken(file: LeaseFile, stderr: bytes) -> Words:
    return words(_BROKEN, path=file.path, said=stderr.decode("utf-8", "replace").strip()[-300:])
