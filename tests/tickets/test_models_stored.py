"""Bytes on disk under their digest."""

from __future__ import annotations

import errno
import hashlib

import pytest

from tickets.models import stored


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


def everything() -> list:
    return [path for path in stored.vault().rglob("*") if path.is_file()]


def test_bytes_lie_under_their_digest_and_are_kept_once() -> None:
    wanted = hashlib.sha256(b"one two").hexdigest()
    assert stored.lay_down([b"one ", b"two"]) == (wanted, 7)
    assert stored.lay_down([b"one two"]) == (wanted, 7)
    assert everything() == [stored.place_of(wanted)]
    assert stored.StoredFile(sha256=wanted, size=7).read() == b"one two"


def test_a_disk_that_is_full_leaves_nothing_behind() -> None:
    def pieces():
        yield b"begun"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        stored.lay_down(pieces())
    assert everything() == []


def test_only_the_panel_may_read_them() -> None:
    digest, _ = stored.lay_down([b"secret"])
    assert stored.place_of(digest).stat().st_mode & 0o077 == 0
    assert stored.vault().stat().st_mode & 0o077 == 0
