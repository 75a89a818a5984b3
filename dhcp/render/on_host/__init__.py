"""Facts in; a program for a host out, as a command line and its input. Nothing of it lies on the host.

A program is POSIX sh, clean under dash and busybox ash. It is read from the first bytes of stdin; what follows there is
its request, so that neither input nor secrets are ever part of a command line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hosts.render.transaction.tokens import raw, token

_GROUND = "umask 077; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; LC_ALL=C; export PATH LC_ALL"


@dataclass(frozen=True, slots=True)
class Program:
    """One exec: the shell line, made from constants, and the bytes for its stdin."""

    line: str
    stdin: bytes = field(repr=False)


@cache
def _text(*names: str) -> bytes:
    """The files one after the other, without their comments and indents."""
    text = "".join(Path(__file__).with_name(f"{name}.sh").read_text() for name in names)
    lines = (line.strip() for line in text.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("#")).encode()


def program(names: tuple[str, ...], *requests: tuple[str | int, ...]) -> Program:
    """Of the scripts of these names, which get one line for each request: its words, and an empty line after them.

    A word may hold any bytes but NUL; the script takes it with `decode`.
    """
    text = _text("ground", *names)
    lines = "".join(" ".join(token(raw(str(word))) for word in words) + "\n" for words in requests)
    line = f"sh -c '{_GROUND}; eval \"$(dd bs=1 count={len(text)} 2>/dev/null)\"'"
    return Program(line, text + lines.encode() + b"\n")
