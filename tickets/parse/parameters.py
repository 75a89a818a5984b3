"""Content-Type and Content-Disposition to a value and its parameters (RFC 2045, 2231 and what senders do instead)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from tickets.parse.charsets import decoded, without_controls
from tickets.parse.encoded_words import decoded_value
from tickets.parse.headers import unfolded_value

_VALUE = rb"(\"(?:[^\"\\]|\\.)*(?:\"|\Z)|[^;]*)"
_PARAMETER = re.compile(rb";\s*([^\s=;\"]{1,60})\s*=\s*" + _VALUE, re.DOTALL)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})(\*?)")
_TYPE = re.compile(rb"[\s\"']*([A-Za-z0-9!#$&^_.+-]+)\s*/\s*([A-Za-z0-9!#$&^_.+-]*)")
# What mails cannot be read without, wherever senders left out the semicolon or wrote a colon for the equals sign.
_LOOSE = re.compile(
    rb"(?:^|[\s;,])(boundary|charset|filename|name)\s*[=:]\s*(\"[^\"]*\"|'[^']*'|[^\s;\"]+)", re.IGNORECASE
)
_ONE_WORD = frozenset({"charset", "boundary", "format", "delsp", "type"})


@dataclass(frozen=True, slots=True)
class Parameterised:
    """`value` in lower case without spaces; `parameters` by name in lower case, decoded."""

    value: str
    parameters: dict[str, str] = field(default_factory=dict)


def parameterised(value: bytes) -> Parameterised:
    """A raw header value; the first of parameters with the same name counts."""
    line = unfolded_value(value)[:16384]
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, bytes]] = {}
    extended: set[str] = set()
    for match in _PARAMETER.finditer(line):
        name, raw = match.group(1).decode("latin-1").lower(), _unquoted(match.group(2))
        numbered = _CONTINUED.fullmatch(name)
        if numbered:
            base, number, star = numbered.group(1), int(numbered.group(2)), numbered.group(3)
            pieces.setdefault(base, {}).setdefault(number, _percent(raw, first=number == 0) if star else raw)
            extended |= {base} if star else set()
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {}).setdefault(0, _percent(raw, first=True))
            extended.add(name[:-1])
        else:
            plain.setdefault(name, _plain(name, match.group(2)))
    for base, numbered_pieces in pieces.items():
        joined = b"".join(numbered_pieces[number] for number in sorted(numbered_pieces))
        plain[base] = _extended(joined) if base in extended else decoded_value(joined)
    return Parameterised(_head(line), dict(reversed(_loose(line))) | plain)


def _loose(line: bytes) -> list[tuple[str, str]]:
    """The parameters that matter most, also where they are not written as they must be; never from within quotes."""
    outside = _PARAMETER.sub(lambda match: b";" if match.group(2)[:1] == b'"' else match.group(), line)
    found = [(match.group(1).decode("ascii").lower(), match.group(2).strip(b"'")) for match in _LOOSE.finditer(outside)]
    return [(name, decoded_value(_unquoted(value))) for name, value in found]


def _head(line: bytes) -> str:
    """The value before all parameters: a type and its subtype, or the one word of a disposition."""
    named = _TYPE.match(line)
    if named:
        return b"/".join(named.groups()).decode("ascii").lower()
    first = re.split(rb"[;,]", line, maxsplit=1)[0]
    word = decoded_value(first) if b"=?" in first else first.decode("latin-1")
    return "" if "=" in word else re.sub(r"[\s\"']", "", word.partition("(")[0]).lower()


def _plain(name: str, raw: bytes) -> str:
    """A value as it stands; of those that are one word, without the comment or the next field behind it."""
    raw = raw.strip()
    if name in _ONE_WORD and not raw.startswith(b'"') and b"=?" not in raw:
        raw = (raw.split(maxsplit=1) or [b""])[0]
    return decoded_value(_unquoted(raw))


def _unquoted(raw: bytes) -> bytes:
    raw = raw.strip()
    if not raw.startswith(b'"'):
        return raw
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith(b'"') else raw[1:]
    # "C:\new\file.txt" is a path of old Windows programs, not a quoted-pair.
    return re.sub(rb"\\([\"\\])", rb"\1", inner)


def _percent(raw: bytes, *, first: bool) -> bytes:
    """The bytes of an extended value; the charset of its first piece stays in front, apart by a NUL."""
    if first and raw.count(b"'") >= 2:
        charset, _, text = raw.split(b"'", 2)
        return charset + b"\0" + unquote_to_bytes(text)
    return unquote_to_bytes(raw)


def _extended(joined: bytes) -> str:
    charset, found, data = joined.partition(b"\0")
    if not found:
        charset, data = b"utf-8", joined
    return without_controls(decoded(data, charset.decode("latin-1"))).strip()
