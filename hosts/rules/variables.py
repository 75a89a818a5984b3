"""A managed file's text and a host's values in, the text for that host out. Nothing in it is ever executed.

`{{ host.name }}` is replaced by the value of that name; `{{ "{{" }}` and `{{ "}}" }}` stand for the braces themselves,
and everything from `{{ raw }}` to `{{ endraw }}` stays as it is. Content without `{{` is given back byte for byte,
whatever its encoding; around the variables every byte stays as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from hosts.errors import RenderError
from hosts.facts.words import Words, gettext_noop, words

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_PLACE = re.compile(rb"\{\{[ \t]*(.*?)[ \t]*\}\}", re.DOTALL)
_END_RAW = re.compile(rb"\{\{[ \t]*endraw[ \t]*\}\}")
_LITERALS = {b'"{{"': b"{{", b"'{{'": b"{{", b'"}}"': b"}}", b"'}}'": b"}}"}
_PLACE_OF_LITERAL = re.compile(rb"\{\{[ \t]*((?:\"(?:\{\{|\}\})\")|(?:'(?:\{\{|\}\})'))[ \t]*\}\}")


def filled(content: bytes, values: Mapping[str, str]) -> bytes:
    """`content` with each variable replaced by its UTF-8 text from `values` ({"host.name": "xen01"}).

    Raises RenderError with the line and the name where a variable is not in `values`, is no name, or is not closed.
    """
    if b"{{" not in content:
        return content
    return b"".join(_pieces(content, values))


def names(content: bytes) -> tuple[str, ...]:
    """The variables that `content` asks for, each once, in order. Raises RenderError as `filled` does."""
    asked: dict[str, None] = {}

    class Asked(dict[str, str]):
        def __missing__(self, name: str) -> str:
            asked[name] = None
            return ""

    for _ in _pieces(content, Asked()):
        pass
    return tuple(asked)


def _pieces(content: bytes, values: Mapping[str, str]) -> Iterator[bytes]:
    at = 0
    while (start := content.find(b"{{", at)) >= 0:
        yield content[at:start]
        literal = _PLACE_OF_LITERAL.match(content, start)
        place = literal or _PLACE.match(content, start)
        if place is None:
            raise RenderError(
                words(
                    gettext_noop(
                        'Line %(line)s: “{{” is not closed. Write {{ "{{" }} for the braces themselves. '
                        "Nothing was written."
                    ),
                    line=_line(content, start),
                )
            )
        if place[1] == b"raw":
            end = _END_RAW.search(content, place.end())
            if end is None:
                raise RenderError(
                    words(gettext_noop("Line %(line)s: “{{ raw }}” has no “{{ endraw }}”."), line=_line(content, start))
                )
            yield content[place.end() : end.start()]
            at = end.end()
        else:
            yield _LITERALS[place[1]] if literal else _value(content, start, place[1], values)
            at = place.end()
    yield content[at:]


def _value(content: bytes, start: int, word: bytes, values: Mapping[str, str]) -> bytes:
    name = word.decode("utf-8", "replace")
    if not re.fullmatch(_NAME, name):
        shown = name[:60].replace("\n", " ")
        raise RenderError(
            words(
                gettext_noop(
                    "Line %(line)s: “%(shown)s” is no variable; only names such as host.name stand between "
                    '{{ and }}. Write {{ "{{" }} for the braces themselves. Nothing was written.'
                ),
                line=_line(content, start),
                shown=shown,
            )
        )
    try:
        return values[name].encode()
    except KeyError:
        near = get_close_matches(name, list(values), n=1)
        hint = words(gettext_noop(" Did you mean “%(near)s”?"), near=near[0]) if near else Words("")
        raise RenderError(
            words(
                gettext_noop(
                    "Line %(line)s: the variable “%(name)s” is not known for this host.%(hint)s Nothing was written."
                ),
                line=_line(content, start),
                name=name,
                hint=hint,
            )
        ) from None


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1
