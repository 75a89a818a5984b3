"""One host of the lab: commands, files and faults in, what the host says out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import disk, faults, processes
from tests.lab.errors import LabError
from tests.lab.network import Line

_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The shell stays outside the host's process namespace and waits for the one command inside. nsenter's own waiting
# stops together with the command when a shutdown stops everything, and then the shutdown waits for both.
# `env` in front of the command: without it a builtin such as kill would run in the shell, that is outside, where
# process numbers mean other processes and -1 means the whole machine.
_THROUGH_SHELL = ("--no-fork", "env", "-i", _PATH, "HOME=/root", "LANG=C.UTF-8", "sh", "-c", 'env "$@"; exit $?', "run")
# --root: where the lab itself runs in a chroot, the mount namespace's own / is still the machine's.
_ENTER = ("--mount", "--root", "--wd", "--uts", "--ipc", "--net", "--pid")
_OWN = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
ANSWER_SECONDS = 200.0


@dataclass(frozen=True)
class Answer:
    """How a command on a host ended: its exit status and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True)
class LabHost:
    """A whole Debian 12 with systemd at `address`. Log in as root, operator (free sudo) or clerk (sudo by password)."""

    name: str
    address: str
    port: int = 22
    number: int = field(default=1, repr=False)
    directory: Path = field(default=Path(), repr=False)
    line: Line = field(kw_only=True, repr=False)
    image: Path = field(kw_only=True, repr=False)
    identity: disk.Identity = field(kw_only=True, repr=False)

    # -- looking at it, past sshd and the network ----------------------------------------------------------------
    def run(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60) -> Answer:
        """Run `argv` as root inside the host, not through its network or sshd.

        Raises `LabError` where the host is off, or after `timeout` seconds.
        """
        leader = self._leader()
        enter = ["nsenter", f"--target={leader}", *_ENTER, *_THROUGH_SHELL]
        try:
            done = subprocess.run([*enter, *argv], input=stdin, capture_output=True, timeout=timeout, check=False)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{argv[0]} on {self.name} took more than {timeout:g} seconds.") from error
        return Answer(done.returncode, done.stdout, done.stderr)

    def check(self, argv: Sequence[str], *, stdin: bytes = b"", timeout: float = 60) -> bytes:
        """Like `run`, but returns stdout, and raises `LabError` where the exit status is not 0."""
        answer = self.run(argv, stdin=stdin, timeout=timeout)
        if answer.status != 0:
            said = answer.stderr.decode(errors="replace").strip()
            raise LabError(f"`{' '.join(argv)}` on {self.name} failed with {answer.status}: {said}")
        return answer.stdout

    def read(self, path: str) -> bytes:
        """The content of a file on the host."""
        return self.check(["cat", "--", path])

    def write(self, path: str, content: bytes, *, mode: int = 0o644) -> None:
        """Write a file on the host, as root, behind the panel's back."""
        self.check(["sh", "-c", 'cat >"$1"', "sh", path], stdin=content)
        self.check(["chmod", f"{mode:o}", "--", path])

    def exists(self, path: str) -> bool:
        """Whether something (a dangling symbolic link too) has this path on the host."""
        return self.run(["sh", "-c", '[ -e "$1" ] || [ -L "$1" ]', "sh", path]).status == 0

    # -- power -----------------------------------------------------------------------------------------------------
    @property
    def is_on(self) -> bool:
        """Whether the host's own systemd runs."""
        state = processes.running(self.directory)
        return state is not None and state.leader is not None

    @property
    def _is_dark(self) -> bool:
        """Whether nothing at all of the host runs: between `is_on` and this it boots or shuts down."""
        return processes.running(self.directory) is None

    def power_off(self) -> None:
        """Cut the power: nothing on the host gets a chance to write or to say good-bye. Its disk stays as it is."""
        state = processes.running(self.directory)
        if state is not None:
            processes.stop(state.supervisor)
            processes.wait_until(lambda: not processes.alive(state.supervisor), f"{self.name} to lose its power", 60)
        self.line.unplug(self.number)
        processes.wait_until(
            lambda: disk.is_let_go(self.directory / "disk.img"), f"the disk of {self.name} to be let go", 20
        )

    def power_on(self, *, wait: bool = True) -> None:
        """Start the host with the disk it has, unless it is on; waits until sshd answers unless `wait` is false."""
        processes.wait_until(lambda: self.is_on or self._is_dark, f"{self.name} to be either on or off", 60)
        if self._is_dark:
            self.line.unplug(self.number)
            start([self])
        if wait:
            self.wait_for_ssh()

    def reset(self, *, wait: bool = True) -> None:
        """Make it new: as on its first day, with the same name, address and host key. Takes about a second."""
        self.power_off()
        faults.mend_line(self)
        disk.format_disk(self.directory, self.image, self.identity)
        self.power_on(wait=wait)

    def wait_for_ssh(self, seconds: float = ANSWER_SECONDS) -> None:
        """Wait until sshd on the host says its banner; raises `LabError` with the host's last words after `seconds`."""
        try:
            processes.wait_until(self.answers, f"sshd on {self.name} ({self.address})", seconds)
        except LabError as error:
            raise LabError(f"{error} Its last words: {self.last_words()}") from error

    def answers(self) -> bool:
        """Whether sshd on the host says its banner within half a second."""
        try:
            with socket.create_connection((self.address, self.port), timeout=0.5) as line:
                return line.recv(4) == b"SSH-"
        except OSError:
            return False

    def last_words(self) -> str:
        """The end of what the host wrote on its console."""
        log = self.directory / "log"
        return " / ".join(log.read_text(errors="replace").splitlines()[-3:]) if log.exists() else "none"

    # -- who it is -------------------------------------------------------------------------------------------------
    @property
    def host_key(self) -> str:
        """The host's public key as in known_hosts: "ssh-ed25519 AAAA…"."""
        return " ".join((self.directory / "host_key.pub").read_text().split()[:2])

    def new_host_key(self) -> None:
        """Give the host another key, as a reinstalled (or a wrong) machine at the same address would have."""
        disk.new_host_key(self.directory)
        self.write("/etc/ssh/ssh_host_ed25519_key", (self.directory / "host_key").read_bytes(), mode=0o600)
        self.write("/etc/ssh/ssh_host_ed25519_key.pub", (self.directory / "host_key.pub").read_bytes())
        self.check(["systemctl", "restart", "ssh"])
        self.wait_for_ssh()

    # -- faults ----------------------------------------------------------------------------------------------------
    def fault(self, kind: str, **options: str | float) -> None:
        """Break the host in the way `kind` names; `faults.KINDS` lists them with their options."""
        faults.inflict(self, kind, options)

    def heal(self) -> None:
        """Undo every fault; nothing happens to a host that has none."""
        faults.heal(self)

    def kill(self, process: str) -> int:
        """`kill -9` every process on the host with exactly this name; returns how many there were."""
        return self.signal(signal.SIGKILL, process)

    def signal(self, number: signal.Signals, process: str | None = None) -> int:
        """Send a signal to the host's processes of this name, or to all but its systemd; returns to how many."""
        return processes.signal_inside(self._leader(), number, process)

    def processes(self) -> list[int]:
        """The ids, on this machine, of everything the host runs but its systemd."""
        return list(processes.inside(self._leader()))

    def _leader(self) -> int:
        state = processes.running(self.directory)
        if state is None or state.leader is None:
            raise LabError(f"The host {self.name} is off; power_on() starts it.")
        return state.leader


def start(hosts: Sequence[LabHost]) -> None:
    """Switch the hosts on, all at once; returns when they boot, before they answer."""
    if not hosts:
        return
    waiting = {host.directory: _spawn(host) for host in hosts}
    started: dict[Path, int] = {}

    def all_there() -> bool:
        started.update(processes.supervisors())
        return waiting.keys() <= started.keys()

    try:
        processes.wait_until(all_there, "the hosts' namespaces", 120)
        for host in hosts:
            host.line.plug({host.number: started[host.directory]})
        for go in waiting.values():
            os.write(go, b"\n")
    finally:
        for go in waiting.values():
            os.close(go)


def _spawn(host: LabHost) -> int:
    """Start `host.sh` in namespaces of its own; returns the descriptor it waits on for the cable to be plugged.

    `setsid --fork` hands it to init, so that the host outlives this process until somebody stops it.
    """
    waits, go = os.pipe()
    bits = host.line.network.prefixlen
    place = [host.image, host.directory, f"rackdesk-lab/{host.line.prefix}-{host.name}", host.name]
    argv = ["setsid", "--fork", "unshare", *_OWN, "sh", processes.SCRIPT, *place]
    try:
        with (host.directory / "log").open("wb") as log:
            subprocess.run(
                [*argv, f"{host.address}/{bits}", host.line.gateway], stdin=waits, stdout=log, stderr=log, check=True
            )
    finally:
        os.close(waits)
    return go


def ssh_argv(host: LabHost, key: Path, user: str) -> list[str]:
    """The OpenSSH command that logs in to the host as `user` with the lab's key, past your own known_hosts."""
    quiet = ["-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR"]
    return ["ssh", *quiet, "-o", "IdentitiesOnly=yes", "-i", str(key), "-p", str(host.port), f"{user}@{host.address}"]
