"""Values in, words of dhcpd.conf out, or RenderError: nothing that is a value can end a statement or begin another."""

from __future__ import annotations

import re

from dhcp.facts.options import OptionKind
from dhcp.facts.server import INFINITE, OptionValue, Parameter, Settings
from hosts.errors import RenderError
from hosts.facts.words import gettext_noop, words

_NAME = re.compile(r"[A-Za-z_0-9][A-Za-z0-9_.:-]*")
_WRITTEN = re.compile(r"(?:[^\"{};#\n]|\"(?:[^\"\\\n]|\\[^\n])*\")*")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_HEX = re.compile(r"[0-9a-fA-F]{1,2}(?::[0-9a-fA-F]{1,2})*|\"(?:[^\"\\\n]|\\[^\n])*\"")
_MARKS = re.compile(r"#[^\n]*|\"(?:[^\"\\]|\\.)*\"|[{}\"]", re.DOTALL)
NOT_A_WORD = gettext_noop("%(name)s cannot hold %(value)s: dhcpd would read it in another way.")
UNBALANCED = gettext_noop("The text kept as it is has a brace or a quote that nothing closes: %(value)s")


def checked(pattern: re.Pattern[str], name: str, value: str) -> str:
    """`value`, if all of it fits."""
    if not pattern.fullmatch(value):
        raise RenderError(words(NOT_A_WORD, name=name, value=value))
    return value


def name(value: str, field: str) -> str:
    """A name without spaces, or in quotes where it has letters that need them."""
    return value if _NAME.fullmatch(value) and not value[0].isdigit() else text(value, field)


def bare(value: str, field: str) -> str:
    """A name that can only stand without quotes."""
    return checked(_NAME, field, value)


def address(value: str, field: str) -> str:
    """An address, a network or the name of a host."""
    return checked(_ADDRESS, field, value)


def text(value: str, field: str) -> str:
    """In quotes; control letters in octal."""
    if "\0" in value:
        raise RenderError(words(NOT_A_WORD, name=field, value=value.replace("\0", "\\0")))
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter >= " " else f"\\{ord(letter):03o}" for letter in escaped) + '"'


def written(value: str, field: str) -> str:
    """What a person wrote in dhcpd's own words: one statement, and no more."""
    return checked(_WRITTEN, field, value.strip())


def identifier(value: str, field: str) -> str:
    """Hex with colons, or a text in quotes."""
    return checked(_HEX, field, value)


def statement(head: str, rest: str) -> str:
    """One statement; some have nothing behind their name."""
    return f"{head} {rest}".rstrip(" ") + ";"


def raw_lines(value: str) -> list[str]:
    """The lines of a raw text whose braces and quotes are closed within it."""
    depth = 0
    for found in _MARKS.finditer(value):
        mark = found.group()
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth < 0 or mark == '"':
            break
    else:
        if depth == 0:
            lines = value.replace("\r\n", "\n").removesuffix("\n").split("\n")  # nothing else ends a comment
            return lines if value else []
    raise RenderError(words(UNBALANCED, value=value[:200]))


def seconds(value: int) -> str:
    """A lease time; the word infinite for INFINITE."""
    return "infinite" if value == INFINITE else str(value)


def option(value: OptionValue, kind: OptionKind | None) -> str:
    """`option NAME VALUES;`. An option of unknown type can only have an expression."""
    head = f"option {bare(value.name, 'option')}"
    if value.expression or kind is None:
        return statement(head, written(value.expression, value.name))
    if not kind.array and kind.fields != ("fqdns",) and len(value.values) != len(kind.fields):
        raise RenderError(words(NOT_A_WORD, name=value.name, value=", ".join(value.values)))
    if kind.array and (not value.values or len(value.values) % len(kind.fields)):
        raise RenderError(words(NOT_A_WORD, name=value.name, value=", ".join(value.values)))
    if kind.fields == ("fqdns",):
        return f"{head} {', '.join(text(each, value.name) for each in value.values)};"
    size = len(kind.fields)
    fields = [_field(each, kind.fields[number % size], value.name) for number, each in enumerate(value.values)]
    groups = [" ".join(fields[start : start + size]) for start in range(0, len(fields), size)]
    return statement(head, ", ".join(groups))


_FIELDS = {
    "ip": _ADDRESS,
    "ip6": re.compile(r"[0-9A-Fa-f.:]+"),
    "flag": re.compile(r"true|false"),
    "hex": _HEX,
    "empty": re.compile(""),
}
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,9}")


def _field(value: str, kind: str, field: str) -> str:
    if kind in ("text", "fqdn"):
        return text(value, field)
    return checked(_FIELDS.get(kind, _NUMBER), field, value)


def parameter(value: Parameter) -> str:
    """One statement as it was written."""
    return statement(bare(value.name, "parameter"), written(value.value, value.name))


def times_and_boot(settings: Settings) -> list[str]:
    """Lease times, and what a machine boots from."""
    times, boot = settings.times, settings.boot
    said = [("default", times.default), ("max", times.maximum), ("min", times.minimum)]
    lines = [f"{word}-lease-time {seconds(value)};" for word, value in said if value is not None]
    lines += [f"next-server {address(boot.next_server, 'next-server')};"] if boot.next_server else []
    lines += [f"server-name {text(boot.server_name, 'server-name')};"] if boot.server_name else []
    lines += [f"filename {text(boot.filename, 'filename')};"] if boot.filename else []
    return lines
