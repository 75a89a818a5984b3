"""The statements of one block in; its settings out, and the statements that are none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dhcp.facts.config import Statement, lines_of
from dhcp.facts.option_types import kind_by_name
from dhcp.facts.options import OptionKind, usual_name
from dhcp.facts.server import INFINITE, Boot, LeaseTimes, OptionValue, Parameter, Raw, Settings
from dhcp.parse.option_values import option_values
from dhcp.parse.parameters import PARAMETERS
from dhcp.parse.statement_words import bare, rest, word

_TIMES = {"default-lease-time": "default", "max-lease-time": "maximum", "min-lease-time": "minimum"}
_BOOT = {"next-server": "next_server", "filename": "filename", "server-name": "server_name"}
_WHEN_ARCHITECTURE = ("option", "pxe-system-type", "=")
Kinds = dict[str, OptionKind]


@dataclass(frozen=True, slots=True)
class Read:
    """`comments` are those that stood at the settings."""

    settings: Settings
    comments: tuple[str, ...]


def settings(statements: Iterable[Statement], custom: Kinds) -> Read:
    """Raw text has the last word where it is rendered: what stands after it and is set within it stays raw, too."""
    reader = _Settings(custom)
    for statement in statements:
        reader.take(statement)
    return reader.done()


class _Settings:
    def __init__(self, custom: Kinds) -> None:
        self._custom = custom
        self._times: dict[str, int] = {}
        self._boot: dict[str, str] = {}
        self._architectures: list[tuple[int, str]] = []
        self._options: list[OptionValue] = []
        self._parameters: list[Parameter] = []
        self._raw: list[list[Statement]] = []
        self._raw_words: set[str] = set()
        self._comments: list[str] = []

    def take(self, statement: Statement) -> None:
        """One statement of the block, in its order."""
        name = usual_name(word(statement, 1)) if statement.keyword == "option" else statement.keyword
        if statement.block is not None or name.lower() in self._raw_words or not self._plain(statement):
            self._keep(statement)
        else:
            self._comments += statement.comments
            self._comments += [statement.remark] if statement.remark else []

    def done(self) -> Read:
        """What was taken."""
        found = Settings(
            LeaseTimes(**self._times),
            Boot(**self._boot, by_architecture=tuple(self._architectures)),
            tuple(self._options),
            tuple(self._parameters),
            tuple(Raw("\n".join(lines_of(group))) for group in self._raw),
        )
        return Read(found, tuple(self._comments))

    def _plain(self, statement: Statement) -> bool:
        """Whether it is understood as something that is simply set."""
        keyword, written = statement.keyword, rest(statement, 1)
        if keyword == "option":
            return self._option(statement)
        if keyword in _TIMES and (seconds := lease_seconds(written)) is not None:
            self._times[_TIMES[keyword]] = seconds
        elif keyword in _BOOT and len(statement.words) == 2:
            self._boot[_BOOT[keyword]] = bare(written)
        elif keyword in PARAMETERS:
            self._parameters.append(Parameter(keyword, written))
        else:
            return False
        return True

    def _option(self, statement: Statement) -> bool:
        name, written = usual_name(word(statement, 1)), rest(statement, 2)
        kind = kind_by_name(name, self._custom)
        values = option_values(written, kind) if kind else None
        if values is None:
            self._options.append(OptionValue(name, expression=written))
        else:
            self._options.append(OptionValue(name, values))
        return True

    def _keep(self, statement: Statement) -> None:
        if not self._raw and (found := _architecture(statement, first=not self._architectures)):
            self._architectures.append(found)
            return
        goes_on = statement.keyword in ("elsif", "else") and self._raw
        if goes_on:
            self._raw[-1].append(statement)
        else:
            self._raw.append([statement])
        self._raw_words.update(_words_in(statement))


def _words_in(statement: Statement) -> set[str]:
    inner = (each for block in statement.block or () for each in _words_in(block))
    return {written.lower() for written in statement.words} | set(inner)


def _architecture(statement: Statement, *, first: bool) -> tuple[int, str] | None:
    """A branch of `if option pxe-system-type = 00:07 { filename "..."; } elsif ...`."""
    said, block = statement.words, statement.block or ()
    if statement.keyword != ("if" if first else "elsif") or len(said) != 5 or said[1:4] != _WHEN_ARCHITECTURE:
        return None
    if len(block) != 1 or block[0].keyword != "filename" or len(block[0].words) != 2:
        return None
    try:
        return int(said[4].replace(":", ""), 16), bare(block[0].words[1])
    except ValueError:
        return None


def lease_seconds(written: str) -> int | None:
    """As dhcpd reads it: infinite and -1 are INFINITE, 0x is hex, a leading zero octal, 32 bits are kept."""
    plain = written.strip().lower()
    if plain == "infinite":
        return INFINITE
    digits = plain.removeprefix("-")
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") and len(digits) > 1 else 10
    if not digits.replace("x", "", 1).isalnum() or len(digits) > 100:
        return None
    try:
        number = int(digits, base)
    except ValueError:
        return None
    return (-number if plain.startswith("-") else number) % 2**32
