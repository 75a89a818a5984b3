"""Faults: a host and the kind of a fault in, a host that is broken in that way out."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab import processes
from tests.lab.errors import LabError
from tests.lab.machine import call

if TYPE_CHECKING:
    from tests.lab.hosts import LabHost

Options = Mapping[str, str | float]
_BAD_LINE = Path(__file__).with_name("badline.py")


def inflict(host: LabHost, kind: str, options: Options) -> None:
    """Break `host`; raises `LabError` naming the kinds there are, or the options that the kind has."""
    if kind not in KINDS:
        raise LabError(f"There is no fault {kind!r}. There are: {', '.join(KINDS)}.")
    fault, defaults = KINDS[kind]
    if unknown := sorted(options.keys() - defaults.keys()):
        has = ", ".join(defaults) or "none"
        raise LabError(f"The fault {kind} has no option {', '.join(unknown)}. Its options: {has}.")
    fault(host, {**defaults, **options})


def heal(host: LabHost) -> None:
    """Undo every fault of `host`, whichever there are; afterwards sshd answers."""
    mend_line(host)
    if host.is_on:
        host.signal(signal.SIGCONT)
    if not host.is_on or _is_read_only(host):
        host.power_off()
        host.power_on(wait=False)
        processes.wait_until(lambda: host.is_on, f"{host.name} to start", 120)
    _ballast(host).unlink(missing_ok=True)
    if host.exists("/etc/ld.so.preload"):
        host.check(["rm", "-f", "/etc/ld.so.preload", "/etc/faketimerc"])
        host.check(["systemctl", "restart", "ssh"])
    if host.exists("/run/systemd/system/ssh.service"):
        host.check(["systemctl", "unmask", "--runtime", "ssh"])
        host.check(["systemctl", "start", "ssh"])
    host.wait_for_ssh()


# -- the line ------------------------------------------------------------------------------------------------------
def _cut(host: LabHost, _options: Options) -> None:
    """The cable is pulled: both ends see the link go down."""
    call(["ip", "link", "set", host.line.cable(host.number), "down"])


def _silent(host: LabHost, _options: Options) -> None:
    """Something on the way swallows every packet: links stay up, nothing answers, no RST and no ICMP comes back."""
    call(["ip", "link", "set", host.line.cable(host.number), "nomaster"])


def _bad_line(host: LabHost, options: Options) -> None:
    """Every frame passes through `badline.py`, which is late, narrow or forgetful."""
    mend_line(host)
    cable, stub, end = _bad_ends(host)
    call(["ip", "link", "add", stub, "type", "veth", "peer", "name", end])
    call(["ip", "link", "set", stub, "master", host.line.bridge, "up"])
    call(["ip", "link", "set", end, "up"])
    call(["ip", "link", "set", cable, "nomaster"])
    given = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    with (host.directory / "badline.log").open("wb") as log:
        subprocess.run(
            ["setsid", "--fork", sys.executable, str(_BAD_LINE), cable, end, *given],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=True,
        )
    # A first frame is not lost for want of a reader: the script says "ready" when both sockets are open.
    said = host.directory / "badline.log"
    processes.wait_until(lambda: said.read_text().startswith("ready"), f"the bad line of {host.name}", 60)


def _bad_ends(host: LabHost) -> tuple[str, str, str]:
    cable = host.line.cable(host.number)
    return cable, f"{host.line.bridge}-{host.number}s", f"{host.line.bridge}-{host.number}e"


def mend_line(host: LabHost) -> None:
    """Undo what the line faults did; nothing happens to a line that is well, or to a host that is off."""
    cable, _stub, end = _bad_ends(host)
    for pid in processes.everyone():
        argv = processes.command_line(pid)
        if len(argv) > 3 and Path(argv[1]).name == _BAD_LINE.name and argv[2] == cable:
            processes.kill(pid)
    for argv in (
        ["ip", "link", "delete", end],
        ["ip", "link", "set", cable, "master", host.line.bridge, "up"],
    ):
        subprocess.run(argv, capture_output=True, check=False)  # each may have nothing to do


# -- the disk ------------------------------------------------------------------------------------------------------
def _disk_full(host: LabHost, options: Options) -> None:
    """Fill the file system that / lies on, beside the host's own tree, so that nothing on the host itself changes."""
    spare = int(options["left_bytes"])
    ballast = _ballast(host)
    with ballast.open("wb") as file:
        size, step = 0, 64 * 1024 * 1024
        while step >= 4096:
            try:
                os.posix_fallocate(file.fileno(), size, step)
                size += step
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                step //= 2
        if spare:
            file.truncate(max(size - spare, 0))


def _ballast(host: LabHost) -> Path:
    state = processes.running(host.directory)
    if state is None:
        raise LabError(f"The host {host.name} is off; power_on() starts it.")
    return Path(f"/proc/{state.supervisor}/root{host.directory}/disk/ballast")


def _read_only(host: LabHost, _options: Options) -> None:
    """What ext4 does after an I/O error (errors=remount-ro): files that are open for writing included."""
    state = processes.running(host.directory)
    if state is None:
        raise LabError(f"The host {host.name} is off; power_on() starts it.")
    enter = ["nsenter", f"--target={state.supervisor}", "--mount", "--root"]
    call([*enter, "mount", "-o", "remount,errors=remount-ro,abort", host.directory / "disk"])
    if not _is_read_only(host):
        raise LabError(f"The file system of {host.name} did not become read-only.")


def _is_read_only(host: LabHost) -> bool:
    probe = host.run(["sh", "-c", ": >/etc/.probe && rm /etc/.probe"])
    return probe.status != 0 and b"Read-only" in probe.stderr


# -- processes and the clock ---------------------------------------------------------------------------------------
def _sshd_killed(host: LabHost, _options: Options) -> None:
    """Every sshd dies by SIGKILL, sessions included, and the port stays closed. Children of the sessions live on."""
    host.check(["systemctl", "stop", "ssh"])  # before the mask, which would also hide the unit's KillMode=process
    host.check(["systemctl", "mask", "--runtime", "ssh"])
    host.kill("sshd")


def _sshd_hung(host: LabHost, _options: Options) -> None:
    """sshd is stopped: the kernel accepts connections, nobody says a word. Running sessions stop too."""
    host.signal(signal.SIGSTOP, "sshd")


def _frozen(host: LabHost, _options: Options) -> None:
    """Every process of the host but its systemd stands still, in the middle of whatever it was doing."""

    def stands_still() -> bool:
        host.signal(signal.SIGSTOP)  # to all each time: systemd may have started another one meanwhile
        return not [pid for pid in host.processes() if processes.alive(pid) and processes.state(pid) != "T"]

    processes.wait_until(stands_still, f"{host.name} to stand still", 60)


def _power_off(host: LabHost, _options: Options) -> None:
    host.power_off()


def _wrong_clock(host: LabHost, options: Options) -> None:
    """Every program started from now on sees another time. The kernel has one wall clock for all hosts, so libfaketime
    is preloaded into each program of this one; time stamps that the kernel itself writes stay right."""
    host.write("/etc/faketimerc", f"{int(options['offset_seconds']):+d}s\n".encode())
    library = host.check(["sh", "-c", "echo /usr/lib/*/faketime/libfaketimeMT.so.1"])
    host.write("/etc/ld.so.preload", library)
    host.check(["systemctl", "restart", "ssh"])
    host.wait_for_ssh()


KINDS: dict[str, tuple[Callable[[LabHost, Options], None], dict[str, str | float]]] = {
    "cut": (_cut, {}),
    "silent": (_silent, {}),
    "slow": (_bad_line, {"delay_ms": 200.0, "kbit": 0.0}),
    "lossy": (_bad_line, {"loss": 0.1, "seed": 1.0}),
    "disk-full": (_disk_full, {"left_bytes": 0.0}),
    "read-only": (_read_only, {}),
    "sshd-killed": (_sshd_killed, {}),
    "sshd-hung": (_sshd_hung, {}),
    "frozen": (_frozen, {}),
    "power-off": (_power_off, {}),
    "wrong-clock": (_wrong_clock, {"offset_seconds": 86400.0}),
}
"""Every kind of fault with its options and their defaults."""
