"""Words with %{variables} and a flat table of texts in, the text out. Nothing is looked up inside anything.

`%{ticket.number}` is replaced by the text of that name; `%%{` stands for `%{` itself. What is filled in is never read
again, so a customer who writes %{note} gets just that. A line in which every variable is empty is left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain

from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

MOST_KEPT = 256
Line = tuple[str, ...]
"""Text and names of variables in turns; it begins and ends with text."""
_PLACE = re.compile(r"%%\{|%\{([^{}\r\n]{0,100})(\}?)")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_LINK = re.compile(r"(https?://[^\s<>\"']{1,2000}[^\s<>\"'.,;:!?)\]}])")


def check(text: str, known: Collection[str]) -> None:
    """Raise RenderError with the line and the name for a variable that is not in `known` or is not written right."""
    for number, line in enumerate(text.split("\n"), 1):
        for match in _PLACE.finditer(line):
            if match[1] is not None:
                _check_one(match, number, known)


def names(text: str) -> frozenset[str]:
    """The variables that `text` asks for, written right or not."""
    return frozenset(name for line in _read(text) for name in line[1::2])


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with its variables replaced. What is not in `values` is empty: a mail goes out with what there is."""
    return "\n".join(_lines(_read(text), lambda name: values.get(name, "")))


def filled_html(text: str, values: Mapping[str, str], rich: Mapping[str, str]) -> str:
    """The same as HTML: `text` and `values` are escaped, `rich` are values that are HTML already (and sanitised).

    An empty line parts paragraphs, addresses of pages become links.
    """

    def valued(name: str) -> str:
        return rich.get(name) or as_html(values.get(name, ""))

    lines = "\n".join(_lines(_read_as_html(text), valued))
    blocks = (block.strip("\n") for block in re.split(r"\n[ \t]*\n", lines))
    return "\n".join(_block(block) for block in blocks if block.strip())


def as_html(text: str) -> str:
    """Plain text as HTML: escaped, links made, line breaks kept."""
    pieces = _LINK.split(text.replace("\r\n", "\n"))  # text, link, text, link, …, text
    said = (html.escape(piece) if number % 2 == 0 else _link(piece) for number, piece in enumerate(pieces))
    return "".join(said).replace("\n", "<br>\n")


def _block(block: str) -> str:
    """A paragraph; a block that starts with an element of its own (an answer's HTML) is not put into one."""
    said = block.replace("<br>\n", "\n")
    if re.match(r"<(?:div|p|ul|ol|table|blockquote|pre|h[1-6])\b", said, re.IGNORECASE):
        return f"<div>{block}</div>"
    return "<p>" + said.replace("\n", "<br>\n") + "</p>"


def _link(where: str) -> str:
    safe = html.escape(where)
    return f'<a href="{safe}">{safe}</a>'


@lru_cache(maxsize=MOST_KEPT)
def _read(text: str) -> tuple[Line, ...]:
    """The lines of `text`. The same few texts are filled in for every mail, so they are read once."""
    return tuple(map(_line, text.replace("\r\n", "\n").split("\n")))


@lru_cache(maxsize=MOST_KEPT)
def _read_as_html(text: str) -> tuple[Line, ...]:
    """The same with what stands between the variables as HTML."""
    halves = (tuple(as_html(piece) if not at % 2 else piece for at, piece in enumerate(line)) for line in _read(text))
    return tuple(halves)


def _line(line: str) -> Line:
    pieces, at = [""], 0
    for match in _PLACE.finditer(line):
        pieces[-1] += line[at : match.start()]
        at = match.end()
        if match[1] is None:
            pieces[-1] += "%{"
        else:
            pieces += [match[1].strip(), ""]
    pieces[-1] += line[at:]
    return tuple(pieces)


def _lines(read: Iterable[Line], valued: Callable[[str], str]) -> Iterator[str]:
    for line in read:
        if len(line) == 1:
            yield line[0]
            continue
        found = [valued(name) for name in line[1::2]]
        if any(value.strip() for value in found):
            yield "".join(chain.from_iterable(zip(line[::2], (*found, ""), strict=True)))


def _check_one(match: re.Match[str], line: int, known: Collection[str]) -> None:
    name = match[1].strip()
    if not match[2]:
        raise RenderError(
            words(
                gettext_noop(
                    "Line %(line)s: “%%{” is not closed. Write %%%%{ for the signs themselves. Nothing was saved."
                ),
                line=line,
            )
        )
    if name in known:
        return
    close = get_close_matches(name, list(known), n=1)
    if close and _NAME.fullmatch(name):
        raise RenderError(
            words(
                gettext_noop(
                    "Line %(line)s: there is no variable “%(name)s” in this mail. Do you mean “%(close)s”? "
                    "Nothing was saved."
                ),
                line=line,
                name=name,
                close=close[0],
            )
        )
    raise RenderError(
        words(
            gettext_noop("Line %(line)s: there is no variable “%(name)s” in this mail. Nothing was saved."),
            line=line,
            name=name[:60],
        )
    )
