"""A log on a host and the mark of the last reading in, DHCP's new lines out. One exec, which only reads."""

from __future__ import annotations

from typing import Protocol

from dhcp.errors import UnreadableLog
from dhcp.facts.reading import LogMark, LogNews, LogPlace
from dhcp.parse.log_news import NothingRead, of_file, of_journal
from dhcp.render.on_host.reading import journal_news, log_file_news
from hosts.facts.words import gettext_noop, words
from hosts.outside.shell import MEBIBYTE, Shell

MOST_LINES = 5000
"""Entries of the journal in one reading; about a kilobyte each on the line."""
MOST_BYTES = 16 * MEBIBYTE
"""Of a file in one reading; only the lines that may be DHCP's are sent."""
FIRST_BYTES = 4 * MEBIBYTE
FIRST_SECONDS = 24 * 3600
"""How far back the first reading goes, in a file and in the journal."""
SECONDS = 120

_REFUSED = {
    "missing": gettext_noop(
        "There is no log at %(path)s on the host. Enter the file that its DHCP programs write to, or leave the path "
        "empty to read the journal."
    ),
    "denied": gettext_noop(
        "The panel's login may not read the log of the host (%(path)s). Log in there as root, or turn on sudo for it."
    ),
    "other": gettext_noop("%(path)s on the host is no file. Enter the file that its DHCP programs write to."),
    "nojournal": gettext_noop(
        "The host has no journal (no journalctl). Enter the file that its DHCP programs write to, such as "
        "/var/log/syslog."
    ),
    "": gettext_noop("The log of the host (%(path)s) could not be read; it is read again the next time. %(said)s"),
}


class LogReader(Protocol):
    """`read_log`, or a fake of it."""

    def __call__(self, shell: Shell, place: LogPlace, mark: LogMark | None = None, *, source: str = "") -> LogNews: ...


def read_log(
    shell: Shell,
    place: LogPlace,
    mark: LogMark | None = None,
    *,
    source: str = "",
    most_lines: int = MOST_LINES,
    most_bytes: int = MOST_BYTES,
) -> LogNews:
    """`source` is what its lines are told to be of.

    UnreadableLog where nothing can be read, and the errors of `Shell`.
    """
    if place.path:
        request = log_file_news(place.path, mark, most_bytes, FIRST_BYTES)
    else:
        request = journal_news(place, mark, most_lines, FIRST_SECONDS)
    done = shell.run(request.line, stdin=request.stdin, timeout_seconds=SECONDS)
    try:
        if place.path:
            return of_file(done.stdout, source)
        return of_journal(done.stdout, source, mark, most_lines)
    except NothingRead as refused:
        said = refused.said or done.stderr.decode("utf-8", "replace").strip()
        path = place.path or "journalctl"
        raise UnreadableLog(words(_REFUSED[refused.why], path=path, said=said[-300:])) from refused
