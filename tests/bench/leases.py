"""`python -m tests.bench.leases`: our reading of lease files against the library isc-dhcp-leases, in one run.

100 000 records on 50 000 addresses, each reader in a process of its own; then a file of 30 MB of which 1 % is new.
Ends with 1 where a bar is missed: 8 times the library's rate, a quarter of its memory, 5 % of the first sync's time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from isc_dhcp_leases import IscDhcpLeases

from dhcp.parse.lease_news import lease_news
from dhcp.parse.leases import LeaseBook
from tests.bench.figures import machine

RECORDS = 100_000
ROUNDS = 5
RATE, MEMORY, SYNC = 8.0, 0.25, 0.05


def quoted(raw: bytes) -> str:
    """As dhcpd writes a client id: letters as they are, a backslash before quotes, anything else in octal."""
    letters = (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in raw)
    return "".join(f"\\{letter}" if letter in '"\\' else letter for letter in letters)


def record(number: int, turn: int) -> str:
    """Of the machine with this number, whose MAC is scattered, so that any letter stands in its client id."""
    mac = b"\0\x16\x3e" + (number * 7919 % (1 << 24)).to_bytes(3)
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    clock = f"{number // 60 % 60:02}:{number % 60:02}"
    return (
        f"lease {address} {{\n  starts 1 2026/11/23 0{turn}:{clock};\n  ends 1 2026/11/23 1{turn}:{clock};\n"
        f"  cltt 1 2026/11/23 0{turn}:{clock};\n  binding state active;\n  next binding state free;\n"
        f"  rewind binding state free;\n"
        f"  hardware ethernet {mac.hex(':')};\n"
        f'  uid "{quoted(bytes([1]) + mac)}";\n  client-hostname "host-{number}";\n}}\n'
    )


def read_with(reader: str, path: str) -> None:
    """One reading in this process: prints seconds of CPU time and the KiB of memory that it took."""
    before = memory_of_this_process("VmRSS")
    start = time.process_time()
    if reader == "ours":
        book = LeaseBook()
        with Path(path).open("rb") as stream:
            while data := stream.read(1 << 17):
                book.read(data)
        book.finish()
        kept = list(book)
    else:
        kept = IscDhcpLeases(path).get()
    seconds = time.process_time() - start
    assert kept
    print(seconds, memory_of_this_process("VmHWM") - before)


def memory_of_this_process(which: str) -> int:
    """KiB that are in use (VmRSS) or were at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which))


def measured(path: Path) -> dict[str, tuple[float, float]]:
    """Median CPU seconds and KiB of each reader, in turns, so that what else the machine does meets both."""
    runs: dict[str, list[list[float]]] = {"ours": [], "library": []}
    for _ in range(ROUNDS):
        for reader, found in runs.items():
            command = [sys.executable, "-m", "tests.bench.leases", reader, str(path)]
            out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
            found.append([float(part) for part in out.split()])
    return {reader: (median(r[0] for r in found), median(r[1] for r in found)) for reader, found in runs.items()}


def synced(path: Path) -> float:
    """The time of a sync with 1 % new as a part of the first sync's, in seconds of this process's CPU."""
    size = path.stat().st_size
    times = []
    with path.open("rb") as stream:
        start = time.process_time()
        mark = lease_news(stream, 1).mark
        times.append(time.process_time() - start)
    with path.open("ab") as stream:
        while stream.tell() < size * 1.01:
            stream.write(record(stream.tell() % 50_000, 3).encode())
    with path.open("rb") as stream:
        start = time.process_time()
        news = lease_news(stream, 1, mark)
        times.append(time.process_time() - start)
    assert not news.whole
    return times[1] / times[0]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dhcpd.leases"
        path.write_text("".join(record(number, turn) for turn in (1, 2) for number in range(RECORDS // 2)))
        (ours, memory), (theirs, their_memory) = measured(path).values()
        part = synced(path)
    print(machine())
    print(f"rate: ours {RECORDS / ours:,.0f}/s, isc-dhcp-leases {RECORDS / theirs:,.0f}/s: {theirs / ours:.1f} times")
    part_of_memory = memory / their_memory
    print(f"memory: {memory / 1024:.0f} MiB against {their_memory / 1024:.0f} MiB: {part_of_memory:.2f}")
    print(f"sync with 1 % new: {part:.1%} of the first")
    return 0 if theirs / ours >= RATE and part_of_memory <= MEMORY and part <= SYNC else 1


if __name__ == "__main__":
    sys.exit(read_with(*sys.argv[1:]) if len(sys.argv) > 1 else main())
