"""A link that loses what was said about checksums: two interfaces in, the frames of one put out at the other as they lie.

    python dhcp_checksums.py FROM TO

A sender leaves the UDP checksum to the "hardware". On a veth the kernel says so along with the frame; a Xen vif with
checksum offload hands the bare frame on, and a client that reads raw frames finds a wrong checksum and drops it. Frames
from TO to FROM stay whole. Prints "ready" when it forwards, and ends when an interface goes away.
"""

from __future__ import annotations

import select
import sys

from tests.lab.badline import opened

_HEADER = 10  # struct virtio_net_hdr: what the kernel says about a frame
_LONGEST = _HEADER + 65535 + 14


def forward(source: str, target: str) -> None:
    """Forward both ways for ever; returns when an interface is gone."""
    bare, whole = opened(source), opened(target)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([bare, whole], [], [])
        try:
            if bare in ready:
                frame = bare.recv(_LONGEST)
                whole.send(bytes(_HEADER) + frame[_HEADER:])
            if whole in ready:
                bare.send(whole.recv(_LONGEST))
        except OSError:  # ENETDOWN, ENXIO
            return


if __name__ == "__main__":
    forward(sys.argv[1], sys.argv[2])
