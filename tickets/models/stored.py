"""Bytes that are kept once, under their SHA-256: attachments and raw mails."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

PIECE_BYTES = 1 << 20
FEW = 4
SYNCED_AT_ONCE = 8


def vault() -> Path:
    """The folder of all stored files; `make run` keeps it beside the database."""
    return Path(settings.VAR_DIR) / "files"


class StoredFile(models.Model):
    """A file by its digest. The bytes are on disk before the row is, so a row never points at nothing.

    A crash between the two leaves bytes without a row, which a sweep removes (`services.files`).
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def path(self) -> Path:
        """Where the bytes lie: two folders of 256 each, so that none grows large."""
        return place_of(self.sha256)

    def open(self) -> IO[bytes]:
        """The bytes as a stream that the caller closes."""
        return self.path.open("rb")

    def read(self) -> bytes:
        """The bytes at once; only where they are known to be small or are needed whole."""
        return self.path.read_bytes()


def place_of(sha256: str) -> Path:
    """The path of a digest, whether there is a file or not."""
    return vault() / sha256[:2] / sha256[2:4] / sha256


def lay_down(pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write bytes to disk, synced and under their digest; (sha256, size). OSError where the disk is full.

    Two writers of the same bytes end with the same file. A kill leaves at most a temporary file, never half a digest.
    """
    return _laid_down([pieces])[0]


def lay_down_all(contents: Iterable[bytes]) -> list[tuple[str, int]]:
    """The same for several small ones, of which all or none are kept where it fails; the disk is waited for less."""
    return _laid_down([(content,) for content in contents])


def _laid_down(several: Sequence[Iterable[bytes]]) -> list[tuple[str, int]]:
    vault().mkdir(parents=True, exist_ok=True, mode=0o700)
    written: list[tuple[Path, str, int]] = []
    temporary: list[Path] = []
    try:
        for pieces in several:
            handle, name = tempfile.mkstemp(dir=vault(), prefix=".new-")
            temporary.append(Path(name))
            written.append((Path(name), *_written(handle, pieces)))
        with _syncing(len(several)) as sync:
            sync(temporary)
            sync(sorted({_put_in_place(path, sha256) for path, sha256, _ in written}))
    except BaseException:
        for path in temporary:
            path.unlink(missing_ok=True)
        raise
    return [(sha256, size) for _, sha256, size in written]


def _written(handle: int, pieces: Iterable[bytes]) -> tuple[str, int]:
    """The digest and the size of what was written to an open file, which is closed then."""
    digest, size = hashlib.sha256(), 0
    with os.fdopen(handle, "wb") as file:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
    return digest.hexdigest(), size


@contextmanager
def _syncing(count: int) -> Iterator[Callable[[Sequence[Path]], object]]:
    """What waits until files or folders are on disk. Several are waited for at once, since the disk takes one turn for
    all who wait, and with one after the other each of them has a turn of its own.
    """
    if count < FEW:
        yield _sync_each
        return
    with ThreadPoolExecutor(SYNCED_AT_ONCE) as threads:
        # a list, so that it is waited for, and an error of one of them is raised here
        yield lambda paths: list(threads.map(_sync_each, (paths[at::SYNCED_AT_ONCE] for at in range(SYNCED_AT_ONCE))))


def _sync_each(paths: Sequence[Path]) -> None:
    for path in paths:
        _sync_one(path)


def _put_in_place(temporary: Path, sha256: str) -> Path:
    place = place_of(sha256)
    try:
        temporary.replace(place)
    except FileNotFoundError:  # the first of its folder
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.replace(place)
    return place.parent


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
