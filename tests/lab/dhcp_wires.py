"""Networks beside the lab's own line: running hosts in, interfaces of theirs on private switches out.

The switches are bridges in a network namespace that nothing else of the machine is in, and that only a process of this
one keeps: it ends with us, however we end, and takes the switches and every cable to them along. So nothing has a name
on the machine that could be somebody else's, and nothing is left to be cleared.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import processes
from tests.lab.errors import LabError
from tests.lab.hosts import LabHost
from tests.lab.machine import call

_KEEPER = ("unshare", "--net", "sh", "-c", "echo ready; exec cat")
_FORGETS = "tests.lab.dhcp_checksums"
_PROJECT = Path(__file__).parents[2]
_LONGEST_NAME = 14  # IFNAMSIZ without its 0 and a letter more


@dataclass(frozen=True)
class Leg:
    """A host's interface on one of the switches. `mac` is the same at every start; `address` is "" where DHCP gives it."""

    host: LabHost
    interface: str
    switch: str
    mac: str
    address: str = ""

    @property
    def port(self) -> str:
        """What the switch calls its end of the cable."""
        return f"{self.host.name}-{self.interface}"


class Switches:
    """Switches of these names and the cables from them; gone at the end of the block or of this process."""

    def __init__(self, names: Sequence[str]) -> None:
        """Nothing is made before the `with`."""
        self._names = tuple(names)
        self._plugged: dict[Leg, int] = {}
        self._forwarders: dict[Leg, subprocess.Popen[bytes]] = {}
        self._keeper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Make the switches. Raises `LabError` where the machine refuses."""
        self._keeper = subprocess.Popen(_KEEPER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        if self._keeper.stdout is None or self._keeper.stdout.readline() != b"ready\n":
            self._end()
            raise LabError("This machine refuses a network namespace for the switches.")
        # Snooping would hold back multicast until a querier is heard, and there is none.
        self._inside(f"link add {name} up type bridge forward_delay 0 mcast_snooping 0" for name in self._names)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Pull every cable and let the switches go."""
        self._end()

    def plug(self, leg: Leg) -> bool:
        """Lay the leg's cable; returns whether it is new: there is none where the host is off, or has it already.

        A host that lost its power has lost its end of the cable with it, so call this again when it is back.
        """
        state = processes.running(leg.host.directory)
        # Before its systemd runs, the host's own line is still being set up.
        if state is None or state.leader is None or self._plugged.get(leg) == state.supervisor:
            return False
        if len(leg.port) > _LONGEST_NAME:
            raise LabError(f"{leg.port} is too long for the name of an interface.")
        self.unplug(leg)
        end = f"peer name {leg.interface} address {leg.mac} netns {state.supervisor}"
        self._inside([f"link add {leg.port} master {leg.switch} up type veth {end}"])
        self._plugged[leg] = state.supervisor
        return True

    def unplug(self, leg: Leg) -> None:
        """Take the cable away, if it is there."""
        self._plugged.pop(leg, None)
        if leg in self._forwarders:
            self.mend(leg)
        if self._has(leg.port):
            try:
                self._inside([f"link delete {leg.port}"])
            except LabError:
                if self._has(leg.port):  # else it went by itself, together with the host
                    raise

    def cut(self, leg: Leg) -> None:
        """Pull the cable out of the switch; both ends see the link go down."""
        self._inside([f"link set {leg.port} down"])

    def lose_checksums(self, leg: Leg) -> None:
        """Let what the host sends over this leg arrive with its UDP checksums unfinished (`dhcp_checksums.py`)."""
        self.mend(leg)
        stub, end = f"{leg.port}s", f"{leg.port}e"
        self._inside([f"link add {stub} master {leg.switch} up type veth peer name {end}", f"link set {end} up"])
        self._inside([f"link set {leg.port} nomaster"])
        # Not tied to the switches by itself: it would keep them where we are killed.
        argv = ["setpriv", "--pdeathsig=KILL", *self.space, sys.executable, "-m", _FORGETS, leg.port, end]
        forwarder = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=_PROJECT)
        self._forwarders[leg] = forwarder
        if forwarder.stdout is None or forwarder.stdout.readline() != b"ready\n":
            self.mend(leg)
            raise LabError(f"What {leg.port} sends could not be made to lose its checksums.")

    def mend(self, leg: Leg) -> None:
        """Undo `cut` and `lose_checksums`; nothing happens to a leg that is well."""
        forwarder = self._forwarders.pop(leg, None)
        if forwarder is not None:
            forwarder.kill()
            forwarder.communicate()
            self._inside([f"link delete {leg.port}s"])
        if self._has(leg.port):
            self._inside([f"link set {leg.port} master {leg.switch} up"])

    @property
    def space(self) -> tuple[str, ...]:
        """What makes a command run where the switches are: nsenter(1) and its options."""
        if self._keeper is None:
            raise LabError("The switches are there inside the `with` only.")
        return "nsenter", f"--target={self._keeper.pid}", "--net"

    def _inside(self, lines: Iterable[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        call([*self.space, "ip", "-batch", "-"], stdin=text.encode())

    def _has(self, port: str) -> bool:
        try:
            call([*self.space, "ip", "link", "show", "dev", port])
        except LabError:
            return False
        return True

    def _end(self) -> None:
        for forwarder in self._forwarders.values():
            forwarder.kill()
            forwarder.communicate()
        self._forwarders.clear()
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.communicate()  # it reads the end of its input, and ends
        self._plugged.clear()
