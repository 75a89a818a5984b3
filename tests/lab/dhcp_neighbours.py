"""Machines that are not there: MAC addresses and names in, real leases from a real server for each of them out.

`python -m tests.lab.dhcp_neighbours eth1 00:16:3e:10:00:01=till01 …` in the network of a lab host: each asks once
(DISCOVER, OFFER, REQUEST, ACK; RFC 2131) with the broadcast flag, since none of them has an address to be answered at.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence

from tests.lab import processes
from tests.lab.hosts import LabHost
from tests.lab.machine import call

_COOKIE = b"\x63\x82\x53\x63"
_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
_SECONDS = 5.0
_ETH_P_IP = 0x0800


def ask_for(host: LabHost, interface: str, neighbours: Sequence[tuple[str, str]]) -> None:
    """Have each (MAC, host name) ask on the network of `host`; who is not answered tries again with the next call."""
    state = processes.running(host.directory)
    if state is not None:
        said = [f"{mac}={name}" for mac, name in neighbours]
        module = (sys.executable, "-m", __name__)
        call(["nsenter", f"--target={state.supervisor}", "--net", *module, interface, *said])


def main(arguments: Sequence[str]) -> int:
    """Exit status 0 always: an unanswered machine is none of the panel's faults."""
    interface, *neighbours = arguments
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP)) as heard,
    ):
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        heard.bind((interface, _ETH_P_IP))
        for each in neighbours:
            mac, _, name = each.partition("=")
            try:
                _lease(out, heard, bytes.fromhex(mac.replace(":", "")), name)
            except OSError as error:  # such as an interface that is down: nobody there has an address either
                print(f"{name}: {error}", file=sys.stderr)
    return 0


def _lease(out: socket.socket, heard: socket.socket, mac: bytes, name: str) -> None:
    xid = random.randbytes(4)
    out.sendto(_message(xid, mac, _DISCOVER, name), ("255.255.255.255", 67))
    offer = next(_answers(heard, xid, _OFFER), None)
    if offer is not None:
        address, server = offer
        wanted = b"\x32\x04" + address + b"\x36\x04" + server
        out.sendto(_message(xid, mac, _REQUEST, name, wanted), ("255.255.255.255", 67))
        next(_answers(heard, xid, _ACK), None)


def _message(xid: bytes, mac: bytes, kind: int, name: str, more: bytes = b"") -> bytes:
    head = struct.pack("!BBBB4sHH16s", 1, 1, 6, 0, xid, 0, 0x8000, bytes(16))
    label = name.encode()
    options = b"\x35\x01" + bytes([kind]) + more + b"\x0c" + bytes([len(label)]) + label + b"\x37\x03\x01\x03\x0c\xff"
    return (head + mac.ljust(16, b"\0") + bytes(192) + _COOKIE + options).ljust(300, b"\0")


def _answers(heard: socket.socket, xid: bytes, kind: int) -> Iterator[tuple[bytes, bytes]]:
    """(address, server) of answers of that kind, until some seconds are over."""
    deadline = time.monotonic() + _SECONDS
    while (left := deadline - time.monotonic()) > 0:
        heard.settimeout(left)
        try:
            packet = heard.recv(4096)
        except TimeoutError:
            return
        payload = packet[(packet[0] & 15) * 4 + 8 :]
        if packet[9] == socket.IPPROTO_UDP and payload[4:8] == xid and payload[:1] == b"\x02":
            options = dict(_options(payload[240:]))
            if options.get(53) == bytes([kind]):
                yield payload[16:20], options.get(54, bytes(4))


def _options(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 1 < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        size = data[at + 1]
        yield data[at], data[at + 2 : at + 2 + size]
        at += 2 + size


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
