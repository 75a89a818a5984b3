"""What the programs for logs print on a host in, DHCP's lines since the mark out, and how far was read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from dhcp.facts.logs import LogLine
from dhcp.facts.reading import LogMark, LogNews
from dhcp.parse.log_lines import log_lines
from dhcp.parse.told_files import BEGIN

_NO_CLOCK = datetime(1970, 1, 1, tzinfo=UTC)


class NothingRead(Exception):  # noqa: N818  (a refusal of the host, said in one word)
    """Why the program read nothing: "missing", "denied", "other", "nojournal", or "" where it did not come to its end.

    `said` is what a tool on the host complained of.
    """

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.said = said


def of_file(output: bytes, source: str) -> LogNews:
    """Of a log file. Raises NothingRead."""
    lines, told, _ = _told(output)
    clock, mark = told.get("clock", ["0", "+0000"]), told.get("mark")
    if mark is None:
        raise NothingRead("")
    inode, offset, tail, more = mark
    found = tuple(log_lines(lines, _now(*clock), source))
    return LogNews(found, LogMark("", int(inode), int(offset), tail), more == "1", "gap" in told)


def of_journal(output: bytes, source: str, mark: LogMark | None, most_lines: int) -> LogNews:
    """Of the journal. Where it has nothing new the mark stays. Raises NothingRead."""
    lines, told, said = _told(output)
    entries = [entry for entry in map(_entry, lines) if entry]
    code = told.get("code", [""])[0]
    if not entries and (code not in ("0", "141") or "limited" in told):
        raise NothingRead("denied" if "limited" in told or "permission" in said else "", said)
    cursor = str(entries[-1].get("__CURSOR", "")) if entries else ""
    after = LogMark(cursor) if cursor else mark or LogMark()
    return LogNews(tuple(_lines_of(entries, source)), after, len(lines) >= most_lines, "gap" in told)


def _told(output: bytes) -> tuple[list[str], dict[str, list[str]], str]:
    """The log's own lines, the program's words by the first of them, and what a tool complained of."""
    lines = iter(output.decode("utf-8", "backslashreplace").split("\n"))
    if BEGIN.decode() not in lines:
        raise NothingRead("")
    found: list[str] = []
    said: list[str] = []
    told: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("|"):
            found.append(line[1:])
        elif line.startswith("!"):
            said.append(line[1:])
        elif line:
            word, *values = line.split(" ")
            told[word] = values
    if "done" not in told:
        raise NothingRead("", " ".join(said))
    if "refused" in told:
        raise NothingRead(told["refused"][0])
    return found, told, " ".join(said)


def _now(seconds: str, zone: str) -> datetime:
    """The host's clock, in its own zone: log lines have neither year nor zone."""
    try:
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        offset = timedelta(minutes=-minutes if zone.startswith("-") else minutes)
        return datetime.fromtimestamp(int(seconds), timezone(offset))
    except (ValueError, OverflowError, OSError):
        return _NO_CLOCK


def _entry(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lines_of(entries: Iterable[dict[str, Any]], source: str) -> Iterator[LogLine]:
    """One line for each entry; its time is the journal's own, in microseconds."""
    times: list[datetime | None] = []
    texts: list[str] = []
    for entry in entries:
        at = _time(entry.get("__REALTIME_TIMESTAMP"))
        pid = f"[{entry['_PID']}]" if entry.get("_PID") else ""
        before = f"{entry.get('_HOSTNAME', '')} {entry.get('SYSLOG_IDENTIFIER', '')}{pid}: "
        stamp = at.isoformat(timespec="microseconds") if at else ""
        for text in _message(entry.get("MESSAGE")).split("\n"):
            times.append(at)
            texts.append(f"{stamp} {before}{text}")
    for line in log_lines(texts, None, source):
        yield replace(line, at=times[line.number - 1])


def _message(value: object) -> str:
    """The journal gives bytes that are no UTF-8 as a list of numbers, and null for what is too long."""
    if isinstance(value, list):
        numbers = [number for number in value if isinstance(number, int) and 0 <= number < 256]
        return bytes(numbers).decode("utf-8", "backslashreplace")
    if not isinstance(value, str):
        return ""
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")  # halves of letters are no text


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(str(value)))
    except (ValueError, OverflowError):
        return None
