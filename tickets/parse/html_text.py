"""HTML of a mail to the text that a reader sees. Linear in its length whatever is in it; not a sanitiser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9:]{0,30})")
_LONGEST_TAG = 20_000
_TAG = re.compile(r"<(?:[^<>\"'=]++|=\s*+\"[^\"<]*+\"|=\s*+'[^'<]*+'|[=\"'])*+>")
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_LINES = re.compile(r"[ \t]*\n[ \t]*")
_MANY_LINES = re.compile(r"\n{3,}")
_DOUBLE = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol"})
_BLOCKS = _DOUBLE | {"div", "br", "hr", "li", "dl", "dt", "dd", "tr", "pre", "section", "article", "center"}
_HIDDEN = ("script", "style", "head", "title", "template")


def html_text(source: str) -> str:
    """The visible text: a line for each block, entities resolved, quotations marked with ">"."""
    out: list[str] = []
    quoted, preformatted = 0, False
    for kind, piece in tokens(source):
        if kind == "text":
            out.append(html.unescape(piece) if preformatted else _SPACE.sub(" ", html.unescape(piece)))
            continue
        name, closing = tag_name(piece), piece.startswith("</")
        if name == "pre":
            preformatted = not closing
        if name == "blockquote":
            quoted = max(0, quoted + (-1 if closing else 1))
            out.append(f"\n\x01{min(quoted, 20)}\x02")
        elif name in _DOUBLE:
            out.append("\n\n" if closing else "\n")
        elif name in _BLOCKS:
            out.append("\n")
        elif name in {"td", "th"} and closing:
            out.append(" ")
    return _laid_out("".join(out))


def tokens(source: str) -> Iterator[tuple[str, str]]:
    """("text" or "tag", piece) in order; comments, declarations and what is never shown are left out."""
    seeker = _Seeker(source)
    at = 0
    while at < len(source):
        start = source.find("<", at)
        if start < 0:
            yield "text", source[at:]
            return
        if start > at:
            yield "text", source[at:start]
        if source.startswith("<!--", start):
            at = seeker.after("-->", start + 4)
            continue
        if source[start + 1 : start + 2] in {"!", "?"}:
            at = seeker.after(">", start)
            continue
        if _NAME.match(source, start) is None:
            yield "text", "<"
            at = start + 1
            continue
        at = seeker.after_tag(start)
        tag = source[start:at]
        yield "tag", tag
        if tag_name(tag) in _HIDDEN and not tag.startswith("</") and not tag.endswith("/>"):
            at = seeker.after_element(tag_name(tag), at)


def tag_name(tag: str) -> str:
    """The name of a tag in lower case, without the slash."""
    match = _NAME.match(tag)
    return match.group(1).lower() if match else ""


class _Seeker:
    """Looks for ends; what is not there once is not looked for again, which keeps broken HTML linear."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.missing: set[str] = set()

    def after(self, end: str, at: int) -> int:
        """The place after the next `end`; for an end that never comes, the place after one sign."""
        found = -1 if end in self.missing else self.source.find(end, at)
        if found < 0:
            self.missing.add(end)
            return at + 1 if end == "-->" else len(self.source)
        return found + len(end)

    def after_tag(self, start: int) -> int:
        """The place after a tag. A > within the quotes of an attribute does not end it, if the quotes are closed."""
        whole = _TAG.match(self.source, start, start + _LONGEST_TAG)
        return whole.end() if whole else self.after(">", start)

    def after_element(self, name: str, at: int) -> int:
        """The place of the closing tag of a hidden element; an element that is never closed hides nothing."""
        if name in self.missing:
            return at
        found = re.compile(f"</{name}", re.IGNORECASE).search(self.source, at)
        if found is None:
            self.missing.add(name)
            return at
        return found.start()


def _laid_out(text: str) -> str:
    """Spaces and blank lines folded; \\x01n\\x02 starts lines quoted n deep."""
    level, out = 0, []
    for piece in re.split(r"(\x01\d+\x02)", _LINES.sub("\n", text)):
        if piece.startswith("\x01") and piece.endswith("\x02"):
            level = int(piece[1:-1])
            continue
        folded = _MANY_LINES.sub("\n\n", piece)
        if level:
            folded = "\n".join(f"{'>' * level} {line}".rstrip() for line in folded.strip("\n").split("\n"))
        out.append(f"{folded}\n" if level else folded)
    return _MANY_LINES.sub("\n\n", "".join(out).replace("\x01", "").replace("\x02", "")).strip()
