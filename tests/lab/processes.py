"""The hosts' processes, found in /proc (no pid file goes stale): a host's directory in, process ids out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError

SCRIPT = Path(__file__).with_name("host.sh")


@dataclass(frozen=True)
class Running:
    """One running host: its `host.sh`, and its own systemd (None until it has started)."""

    supervisor: int
    leader: int | None


def supervisors() -> dict[Path, int]:
    """Every running `host.sh` on this machine: {host's directory: process id}."""
    found: dict[Path, int] = {}
    for pid in everyone():
        argv = command_line(pid)
        is_script = argv[:1] == ["sh"] and len(argv) > 3 and Path(argv[1]).name == SCRIPT.name
        # Between fork and exec each command of the script looks like the script, but only the script is process 1.
        if is_script and _is_first(pid) and _same_root(pid):
            found[Path(argv[3])] = pid
    return found


def everyone() -> Iterator[int]:
    """The ids of every process on this machine."""
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def running(directory: Path) -> Running | None:
    """What runs the host of `directory` now, or None where it is off."""
    supervisor = supervisors().get(directory)
    if supervisor is None:
        return None
    systemds = [
        child
        for nspawn in children(supervisor)
        if _name(nspawn) == "systemd-nspawn"
        for child in children(nspawn)
        if _name(child) == "systemd"
    ]
    return Running(supervisor, systemds[0] if systemds else None)


def children(pid: int) -> list[int]:
    """The process's own children; [] where it is gone."""
    return [int(child) for child in _proc(pid, f"task/{pid}/children").split()]


def command_line(pid: int) -> list[str]:
    """The process's argv; [] where it is gone or a kernel thread."""
    return [os.fsdecode(part) for part in _proc(pid, "cmdline").split(b"\0")[:-1]]


def kill(pid: int) -> None:
    """SIGKILL the process; nothing happens where it is gone. A host's supervisor takes all the host runs along."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def stop(supervisor: int) -> None:
    """SIGKILL a host: its script, and with it all the host runs, and the unshare(1) that waits for the script."""
    wrapper = _parent(supervisor)
    kill(supervisor)
    if command_line(wrapper)[:1] == ["unshare"]:
        kill(wrapper)


def inside(leader: int) -> dict[int, str]:
    """What runs in the process namespace of a host's systemd, that one left out: {id on this machine: name}.

    Signals go to these ids one by one. `kill -1`, or an id as the host counts it, would mean this machine's own
    processes if it were ever sent from outside the host. Raises `LabError` where `leader` is not in a host.
    """
    space = _space(leader)
    if space == "" or space == _space(os.getpid()):
        raise LabError(f"Process {leader} does not run inside a lab host; no signal was sent.")
    return {pid: _name(pid) for pid in everyone() if pid != leader and _space(pid) == space}


def signal_inside(leader: int, number: signal.Signals, name: str | None = None) -> int:
    """Send a signal to every process of a host but its systemd, or to those called `name`; returns to how many."""
    count = 0
    for pid, called in inside(leader).items():
        if name in (None, called):
            try:
                os.kill(pid, number)
                count += 1
            except ProcessLookupError:  # it ended by itself in between
                continue
    return count


def alive(pid: int) -> bool:
    """Whether the process exists and is more than an exit status waiting to be read."""
    return state(pid) not in {"", "Z", "X"}


def state(pid: int) -> str:
    """The process's state at this moment, one letter of proc_pid_stat(5), T for stopped; "" where it is gone."""
    fields = _proc(pid, "stat").rpartition(b")")[2].split()
    return fields[0].decode() if fields else ""


def wait_until(true: Callable[[], bool], what: str, seconds: float) -> None:
    """Poll until `true()`; raises `LabError` naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.005
    while not true():
        if time.monotonic() > deadline:
            raise LabError(f"Waited {seconds:g} seconds in vain for {what}.")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def _same_root(pid: int) -> bool:
    """Whether the process sees the same / as we do: a lab in a chroot may have the very same paths."""
    try:
        return Path(f"/proc/{pid}/root").samefile("/")
    except OSError:  # gone
        return False


def _name(pid: int) -> str:
    return _proc(pid, "comm").decode(errors="replace").strip()


def _space(pid: int) -> str:
    """The process namespace that `pid` is in, as /proc names it; "" where it is gone."""
    try:
        return str(Path(f"/proc/{pid}/ns/pid").readlink())
    except OSError:
        return ""


def _parent(pid: int) -> int:
    fields = _proc(pid, "stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _is_first(pid: int) -> bool:
    """Whether the process is number 1 in its own process namespace (NSpid in proc_pid_status(5))."""
    for line in _proc(pid, "status").splitlines():
        if line.startswith(b"NSpid:"):
            return line.split()[-1] == b"1"
    return False


def _proc(pid: int, what: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{what}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""
