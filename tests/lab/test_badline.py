"""The bad line's own arithmetic: which frames arrive, and when."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator

import pytest

from tests.lab.badline import Bad, Direction


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a line that keeps frames apart."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    far.setblocking(False)
    with near, far:
        yield near, far


def arrived(far: socket.socket) -> list[bytes]:
    """Every frame that waits at the far end."""
    frames = []
    while True:
        try:
            frames.append(far.recv(100))
        except BlockingIOError:
            return frames


def test_a_late_frame_arrives_when_its_delay_is_over(ends: tuple[socket.socket, socket.socket]) -> None:
    way = Direction(ends[0], Bad(0.2, 0, 0, random.Random(1)))
    way.take(b"frame", now=10.0)
    way.deliver(now=10.19)
    assert arrived(ends[1]) == []
    way.deliver(now=10.21)
    assert arrived(ends[1]) == [b"frame"]


def test_a_narrow_line_sends_one_frame_after_the_other(ends: tuple[socket.socket, socket.socket]) -> None:
    way = Direction(ends[0], Bad(0, 100, 0, random.Random(1)))
    for letter in (b"a", b"b"):
        way.take(letter * 50, now=0.0)
    way.deliver(now=0.6)
    assert arrived(ends[1]) == [b"a" * 50]
    way.deliver(now=1.1)
    assert arrived(ends[1]) == [b"b" * 50]


def test_a_lossy_line_loses_about_its_share_and_the_same_frames_for_the_same_seed(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    lost = []
    for _round in range(2):
        way = Direction(ends[0], Bad(0, 0, 0.1, random.Random(7)))
        for number in range(1000):
            way.take(str(number).encode(), now=0.0)
        lost.append(set(range(1000)) - {int(frame) for _at, _count, frame in way.waiting})
    assert lost[0] == lost[1]
    assert 50 < len(lost[0]) < 150


def test_a_full_queue_drops_what_comes_last(ends: tuple[socket.socket, socket.socket]) -> None:
    way = Direction(ends[0], Bad(1, 0, 0, random.Random(1)))
    for _number in range(200):
        way.take(bytes(64 * 1024), now=0.0)
    assert 60 <= len(way.waiting) <= 66
