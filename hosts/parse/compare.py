"""What `render.compare.line` printed in, the files as they lie on the host out."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from hosts.choices import FileKind
from hosts.errors import CommandFailed
from hosts.facts.change import Compared, Recovered, SeenFile
from hosts.facts.words import gettext_noop, words
from hosts.parse.transaction import outcome

BEGIN = b"rackdesk compare"


def compared(output: bytes, with_content: Sequence[str], sums_only: Sequence[str]) -> Compared:
    """The files in the order in which they were asked for, those with content first.

    Raises CommandFailed where the output does not hold together: files came and went, or cannot be read.
    """
    lines = iter(output.split(b"\n"))
    try:
        if BEGIN not in lines:  # what a login shell prints first is passed over
            raise ValueError(output)
        recovered = tuple(_recovered(lines))
        fetched = _with_content(lines, with_content)
        summed = _with_sums(lines, sums_only)
        if next(lines) != b"done":
            raise ValueError(output)
    except (StopIteration, ValueError, IndexError) as error:
        what = gettext_noop("The files could not be read on the host, or were changed in the meantime. %(said)s")
        tail = output[-200:].decode("utf-8", "replace").removesuffix("done\n").strip()
        raise CommandFailed(words(what, said=tail), exit_code=0, output=tail) from error
    return Compared((*fetched, *summed), recovered)


def _recovered(lines: Iterator[bytes]) -> Iterator[Recovered]:
    while (line := next(lines, b"")) != b"ready":
        key, change, result = line.split(b" ", 2)
        if key != b"recovered":
            raise ValueError(line)
        yield Recovered(change.decode("ascii"), outcome(result, 0))


def _kinds(lines: Iterator[bytes], paths: Sequence[str]) -> list[SeenFile]:
    return [_kind(next(lines), path) for path in paths]


def _kind(line: bytes, path: str) -> SeenFile:
    key, kind, target = line.split(b" ")
    if key != b"kind":
        raise ValueError(line)
    return SeenFile(path, FileKind(kind.decode("ascii")), target=_text(b64decode(target).removesuffix(b"\n")))


def _with_content(lines: Iterator[bytes], paths: Sequence[str]) -> list[SeenFile]:
    files = _kinds(lines, paths)
    for place, file in enumerate(files):
        if file.kind == FileKind.FILE:
            files[place] = _content(lines, _access(next(lines), file))
    return files


def _with_sums(lines: Iterator[bytes], paths: Sequence[str]) -> list[SeenFile]:
    files = _kinds(lines, paths)
    regular = [place for place, file in enumerate(files) if file.kind == FileKind.FILE]
    for place in regular:
        files[place] = _access(next(lines), files[place])
    for place in regular:
        files[place] = replace(files[place], sha256=_sum(next(lines)))
    return files


def _access(line: bytes, file: SeenFile) -> SeenFile:
    """`file MODE UID GID SIZE USER:GROUP`; an owner without a name goes by its number."""
    key, mode, uid, gid, size, names = line.split(b" ", 5)
    user, _, group = names.partition(b":")
    if key != b"file":
        raise ValueError(line)
    return replace(
        file,
        mode=int(mode, 8),
        size=int(size),
        owner=_text(uid if user == b"UNKNOWN" else user),
        group=_text(gid if group == b"UNKNOWN" else group),
    )


def _content(lines: Iterator[bytes], file: SeenFile) -> SeenFile:
    encoded = []
    while (line := next(lines)) != b".":
        if line.startswith(b"sum "):
            return replace(file, sha256=_sum(line))
        encoded.append(line)
    content = _decoded(b"".join(encoded))
    return replace(file, sha256=sha256(content).hexdigest(), size=len(content), content=content)


def _decoded(encoded: bytes) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError(encoded[-80:]) from error


def _sum(line: bytes) -> str:
    digest = line.removeprefix(b"sum ").decode("ascii")
    if not line.startswith(b"sum ") or len(digest) != 64:
        raise ValueError(line)
    return digest


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
