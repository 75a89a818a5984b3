"""A bad line in user space: two interfaces in, every frame from one put out at the other, late or never.

    python badline.py IFACE IFACE [--delay-ms=N] [--kbit=N] [--loss=0..1] [--seed=N]

The kernel's netem would do the same, but many kernels come without it; this needs nothing but root. Frames travel with
their virtio header (packet(7), PACKET_VNET_HDR), so that segments and checksums left to the "hardware" stay intact.
Prints "ready" when it forwards, and ends when an interface goes away.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import select
import socket
import time
from dataclasses import dataclass, field

_SOL_PACKET = 263
_PACKET_VNET_HDR = 15
_PACKET_IGNORE_OUTGOING = 23
_PACKET_ADD_MEMBERSHIP = 1
_PACKET_MR_PROMISC = 1
_ETH_P_ALL = 3
_LONGEST = 10 + 65535 + 14
_QUEUE_BYTES = 4 * 1024 * 1024


@dataclass
class Bad:
    """How bad the line is, both ways: delay one way, rate (0 = no limit), share of frames lost."""

    delay_seconds: float
    bytes_per_second: float
    loss: float
    chance: random.Random


@dataclass
class Direction:
    """Frames on their way from one interface to the other, ordered by when they arrive there."""

    out: socket.socket
    bad: Bad
    waiting: list[tuple[float, int, bytes]] = field(default_factory=list)
    waiting_bytes: int = 0
    busy_until: float = 0.0
    count: itertools.count[int] = field(default_factory=itertools.count)

    def take(self, frame: bytes, now: float) -> None:
        """Lose the frame, or set when it arrives."""
        if self.bad.chance.random() < self.bad.loss or self.waiting_bytes > _QUEUE_BYTES:
            return
        if self.bad.bytes_per_second:
            self.busy_until = max(self.busy_until, now) + len(frame) / self.bad.bytes_per_second
        arrives = max(self.busy_until, now) + self.bad.delay_seconds
        heapq.heappush(self.waiting, (arrives, next(self.count), frame))
        self.waiting_bytes += len(frame)

    def deliver(self, now: float) -> None:
        """Put out what has arrived by `now`."""
        while self.waiting and self.waiting[0][0] <= now:
            _arrives, _number, frame = heapq.heappop(self.waiting)
            self.waiting_bytes -= len(frame)
            try:
                self.out.send(frame)
            except BlockingIOError:  # the other side's queue is full: what a switch does is to drop
                continue


def opened(interface: str) -> socket.socket:
    """A raw socket on `interface` that hears every frame but its own."""
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
    raw.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
    raw.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    raw.bind((interface, 0))
    request = socket.if_nametoindex(interface).to_bytes(4, "little") + _PACKET_MR_PROMISC.to_bytes(2, "little")
    raw.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, request + bytes(10))
    raw.setblocking(False)
    return raw


def forward(one: socket.socket, other: socket.socket, bad: Bad) -> None:
    """Forward for ever; returns when an interface is gone."""
    ways = {one: Direction(other, bad), other: Direction(one, bad)}
    while True:
        heads = [way.waiting[0][0] for way in ways.values() if way.waiting]
        timeout = max(0.0, min(heads) - time.monotonic()) if heads else None
        ready, _, _ = select.select(list(ways), [], [], timeout)
        now = time.monotonic()
        try:
            for end in ready:
                ways[end].take(end.recv(_LONGEST), now)
            for way in ways.values():
                way.deliver(now)
        except OSError:  # ENETDOWN, ENXIO: the host went off and its cable with it
            return


def main() -> None:
    """Read the arguments and forward."""
    parser = argparse.ArgumentParser()
    parser.add_argument("interfaces", nargs=2)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--kbit", type=float, default=0.0)
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--seed", type=float, default=1.0)
    given = parser.parse_args()
    one, other = (opened(interface) for interface in given.interfaces)
    print("ready", flush=True)
    chance = random.Random(given.seed)
    forward(one, other, Bad(given.delay_ms / 1000, given.kbit * 125, given.loss, chance))


if __name__ == "__main__":
    main()
