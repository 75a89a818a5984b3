"""Text in the syntax of dhcpd.conf in, its tokens out (common/conflex.c of ISC DHCP 4.4).

Comments run from # to the end of the line; texts stand in double quotes, a backslash keeps the next character; braces,
semicolons, commas, brackets and = stand for themselves. Everything else up to one of those is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r'(?P<newline>\n)|(?P<space>[^\S\n]+)|(?P<comment>#[^\n]*)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<open>")'
    r'|(?P<mark>[{};,()=])|(?P<word>[^\s"{};,()=#]+)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written, with its quotes; `gap` is true where space or a comment stands before it; `line` from 1.

    `comments` are (line, text) of those before it.
    """

    text: str
    line: int
    gap: bool = False
    comments: tuple[tuple[int, str], ...] = ()

    @property
    def lower(self) -> str:
        """For keywords, which are read in any case."""
        return self.text.lower()

    @property
    def value(self) -> str:
        """Without quotes and escapes of quotes."""
        if self.text.startswith('"'):
            return re.sub(r"\\(.)", r"\1", self.text[1:-1], flags=re.DOTALL)
        return self.text


def tokens(text: str) -> Iterator[Token]:
    """All tokens. A text in quotes without end is one token that runs to the end, still with its opening quote only.

    Comments go with the token after them; those at the end come with a last token whose text is empty.
    """
    line, gap = 1, False
    comments: list[tuple[int, str]] = []
    for found in _TOKEN.finditer(text):
        kind, written = found.lastgroup, found.group()
        if kind == "newline":
            line, gap = line + 1, True
        elif kind == "space":
            gap = True
        elif kind == "comment":
            comments.append((line, written.rstrip()))
            gap = True
        elif kind == "open":
            yield Token(text[found.start() :], line, gap, tuple(comments))
            return
        else:
            yield Token(written, line, gap, tuple(comments))
            line, gap, comments = line + written.count("\n"), False, []
    if comments:
        yield Token("", line, gap, tuple(comments))
