"""Paths in; the command that reads them on a host, and its input, out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from hosts.render.transaction.tokens import raw, token


@cache
def program() -> bytes:
    """What the host runs, without its comments."""
    lines = Path(__file__).with_name("compare.sh").read_text().splitlines()
    return "".join(f"{line}\n" for line in lines if line and not line.lstrip().startswith("#")).encode()


def line() -> str:
    """The command: it takes its program from the first bytes of stdin, so that nothing lies on the host."""
    ground = (
        "umask 077; PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; LC_ALL=C; export PATH LC_ALL"
    )
    return f"sh -c '{ground}; eval \"$(dd bs=1 count={len(program())} 2>/dev/null)\"'"


def stdin(with_content: Iterable[str], sums_only: Iterable[str], *, most_bytes: int) -> bytes:
    """The program and the paths. Of a file larger than `most_bytes` the host tells the sum only."""
    lists = ["".join(f"{token(raw(path))}\n" for path in paths) for paths in (with_content, sums_only)]
    return program() + f"{most_bytes}\n{lists[0]}\n{lists[1]}\n".encode()
