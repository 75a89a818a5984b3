"""Text of format=flowed (RFC 3676) to text with the lines that its writer saw."""

from __future__ import annotations


def unflowed(text: str, *, delsp: bool) -> str:
    """`text` with its soft line breaks taken out. `delsp`: the space before a soft break was added by the sender.

    Quoted lines keep one ">" for each level and flow only within their level; the signature line "-- " never flows.
    """
    out: list[str] = []
    paragraph: list[str] = []
    level = 0
    for line in text.split("\n"):
        quotes, content = _quotes(line)
        soft = content.endswith(" ") and content != "-- "
        if paragraph and (quotes != level or content == "-- "):
            out.append(_line(paragraph, level))
            paragraph = []
        level = quotes
        paragraph.append(content[:-1] if soft and delsp else content)
        if not soft:
            out.append(_line(paragraph, level))
            paragraph = []
    if paragraph:
        out.append(_line(paragraph, level))
    return "\n".join(out)


def _quotes(line: str) -> tuple[int, str]:
    """(how deeply quoted, the content without quote marks and without the space that stuffs it)."""
    content = line.lstrip(">")
    level = len(line) - len(content)
    return level, content.removeprefix(" ")


def _line(paragraph: list[str], level: int) -> str:
    content = "".join(paragraph)
    return f"{'>' * level} {content}" if level else content
