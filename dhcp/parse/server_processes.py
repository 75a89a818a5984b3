"""Sections of a host's report in, the DHCP processes that run there out: what they were started with and listen on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_SOCKET = re.compile(r"socket:\[(\d+)\]")
_PACKET_COLUMNS = 9


@dataclass(slots=True)
class Process:
    """One that runs: `files` are the targets of its descriptors."""

    pid: int
    name: str = ""
    argv: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def option(self, *names: str) -> str:
        """The word after the first of these options; "" where none was given."""
        pairs = zip(self.argv, self.argv[1:], strict=False)
        return next((value for word, value in pairs if word in names), "")

    @property
    def sockets(self) -> set[str]:
        """Their inodes."""
        return {found[1] for each in self.files if (found := _SOCKET.fullmatch(each))}

    @property
    def lease_file(self) -> str:
        """The lease file it has open."""
        named = (each for each in self.files if "lease" in each.rpartition("/")[2] and each.startswith("/"))
        return next((each for each in named if not each.endswith((".pid", ".lock", " (deleted)"))), "")


def processes(text: str) -> list[Process]:
    """Of the lines "pid N", "name X", "arg X" and "fd X"."""
    found: list[Process] = []
    for line in text.splitlines():
        word, _, value = line.partition(" ")
        if word == "pid" and value.isdecimal():
            found.append(Process(int(value)))
        elif found and word == "name":
            found[-1].name = value
        elif found and word == "arg":
            found[-1].argv.append(value)
        elif found and word == "fd":
            found[-1].files.append(value)
    return found


def listening(
    process: Process, sockets: Iterable[str], names: Mapping[int, str], homes: Mapping[str, str]
) -> tuple[str, ...]:
    """Interfaces on which the process has a raw socket, or a UDP socket of DHCP's port bound to an address there.

    `sockets` are lines of /proc/net/packet behind "packet " and of /proc/net/udp behind "udp "; `names` interfaces by
    index, `homes` interfaces by address.
    """
    own = process.sockets
    found: dict[str, None] = {}
    for line in sockets:
        kind, *parts = line.split()
        if kind == "packet" and len(parts) == _PACKET_COLUMNS and parts[-1] in own:
            found.setdefault(names.get(int(parts[4]) if parts[4].isdecimal() else -1, ""))
        elif kind == "udp" and len(parts) > _PACKET_COLUMNS and parts[9] in own:
            found.setdefault(homes.get(_address(parts[1].partition(":")[0]), ""))
    return tuple(sorted(name for name in found if name))


def _address(written: str) -> str:
    """Of the kernel's hex in the byte order of nearly all machines: 0100007F is 127.0.0.1. IPv6 is not looked for."""
    if not re.fullmatch(r"[0-9A-Fa-f]{8}", written):
        return ""
    return ".".join(str(each) for each in reversed(bytes.fromhex(written)))
