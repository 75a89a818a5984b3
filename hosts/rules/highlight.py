"""A line of a configuration file in, its comments, words, strings and numbers marked out. Never raises on any text.

It knows families of syntax by the file's name, not languages: enough to read a diff by, cheap enough for each line.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass

COMMENT, WORD, STRING, NUMBER, PLAIN = "c", "k", "s", "n", ""
LONGEST = 2_000
PROSE = frozenset({"motd", "issue", "authorized_keys", "known_hosts", "readme", "license", "copyright"})
PROSE_ENDS = (".txt", ".md", ".pem", ".crt", ".key", ".csr", ".log")
SLASHES = ("dhcpd.conf", "named.conf", ".js", ".c", ".h", ".zone")
SEMICOLONS = (".ini", ".zone", "php.ini", "smb.conf", ".service", ".timer", ".mount", ".socket", ".network", ".netdev")
VALUE = r"""(?P<s>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
COUNT = r"(?P<n>(?<![\w.:/-])\d[\d.]*(?:/\d+|[smhdwKMGkB%]{1,2})?(?![\w:-]))"
FIRST = r"(?P<k>^\s*(?:export\s+)?[A-Za-z_][\w.-]*)(?=\s*[={:]|\s|;|$)|(?P<h>^\s*\[[^\]]*\])"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line. `kind`: c comment, k word, s string, n number, or empty; `is_marked` where it differs."""

    text: str
    kind: str = PLAIN
    is_marked: bool = False


def family(path: str) -> re.Pattern[str] | None:
    """The pattern for a file of this name; None where colour would only mislead."""
    name = posixpath.basename(path).lower()
    if name.partition(".")[0] in PROSE or name.endswith(PROSE_ENDS):
        return None
    marks = ["#"]
    if name.endswith(SLASHES):
        marks.append("//")
    if name.endswith(SEMICOLONS):
        marks.append(";")
    comment = "|".join(re.escape(mark) for mark in marks)
    return re.compile(rf"(?P<c>(?:^|(?<=\s))(?:{comment}).*$)|{VALUE}|{FIRST}|{COUNT}")


def spans(pieces: Iterable[tuple[str, bool]], pattern: re.Pattern[str] | None) -> list[Span]:
    """A line given as (text, is_marked) pieces, cut further at the bounds of its syntax. The text stays the same."""
    parts = list(pieces)
    line = "".join(text for text, _ in parts)
    if pattern is None or len(line) > LONGEST:
        return [Span(text, PLAIN, is_marked) for text, is_marked in parts if text]
    kinds = _kinds(line, pattern)
    cut: list[Span] = []
    start = 0
    for text, is_marked in parts:
        end = start + len(text)
        for low, high, kind in kinds:
            if low < end and high > start:
                cut.append(Span(line[max(low, start) : min(high, end)], kind, is_marked))
        start = end
    return cut


def _kinds(line: str, pattern: re.Pattern[str]) -> list[tuple[int, int, str]]:
    """(start, end, kind) without gaps over the whole line."""
    found: list[tuple[int, int, str]] = []
    at = 0
    for match in pattern.finditer(line):
        if match.end() == match.start():
            continue
        if match.start() > at:
            found.append((at, match.start(), PLAIN))
        kind = match.lastgroup or PLAIN
        found.append((match.start(), match.end(), WORD if kind == "h" else kind))
        at = match.end()
    if at < len(line):
        found.append((at, len(line), PLAIN))
    return found
