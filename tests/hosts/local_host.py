"""A host without a network: a mount and process namespace of its own on this machine, reached by nsenter.

Two kinds: `debian` is this machine's dash and coreutils, `busybox` a root with nothing but Debian's busybox.
What lies under /var/lib/rackdesk and /mnt outlives a `power_cut`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from hosts.outside.shell import Counts, Finished

BUSYBOX = Path("/usr/bin/busybox")
KINDS = ("debian", "busybox")
PR_SET_PDEATHSIG = 1

# The first process takes in orphans as an init does; with it every process of the host ends.
INIT = "echo up; while :; do sleep 3600 & wait $!; done"
MOUNTS = {
    "debian": "mount -t tmpfs tmpfs /run && ",
    "busybox": "mount --bind /proc {root}/proc && mount --bind /dev {root}/dev && ",
}


def missing(kind: str) -> str:
    """What a test with such a host lacks here, as a sentence; empty where nothing."""
    if os.geteuid() != 0:
        return "it needs root for namespaces"
    if kind == "busybox" and not BUSYBOX.exists():
        return "it needs Debian's busybox"
    probe = subprocess.run(["unshare", "-m", "-p", "-f", "true"], check=False, capture_output=True)
    return "" if probe.returncode == 0 else "the kernel gives no namespaces here"


class LocalHost:
    """A host that may be cut from power and comes back; a Shell at once."""

    def __init__(self, place: Path, kind: str) -> None:
        self.kind = kind
        self.counts = Counts()
        self.place = place
        self._root = place / "root"
        for name in ("state", "files"):
            (place / name).mkdir(parents=True)
        (place / "state").chmod(0o700)
        if kind == "busybox":
            self._furnish()
        self.power_on()

    def power_on(self) -> None:
        root = str(self._root) if self.kind == "busybox" else ""
        (Path("/") if not root else self._root).joinpath("var/lib/rackdesk").mkdir(parents=True, exist_ok=True)
        script = (
            f"mount --bind {self.place}/state {root}/var/lib/rackdesk && "
            f"mount --bind {self.place}/files {root}/mnt && "
            + MOUNTS[self.kind].format(root=root)
            + (f'exec chroot {root} /bin/sh -c "$0"' if root else 'exec sh -c "$0"')
        )
        self._init = subprocess.Popen(
            ["unshare", "-m", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", script, INIT],
            stdout=subprocess.PIPE,
            preexec_fn=_die_with_parent,
        )
        assert self._init.stdout is not None
        assert self._init.stdout.readline() == b"up\n"
        children = Path(f"/proc/{self._init.pid}/task/{self._init.pid}/children").read_text()
        self._pid = int(children.split()[0])

    def power_cut(self) -> None:
        """Every process ends at once; what was written stays."""
        os.kill(self._pid, signal.SIGKILL)
        self._init.wait()
        assert self._init.stdout is not None
        self._init.stdout.close()

    def path(self, name: str) -> Path:
        """A file of the host, seen from here."""
        return Path(f"/proc/{self._pid}/root") / name.lstrip("/")

    def do(self, *argv: str, check: bool = True) -> str:
        """A program on the host for the test's own sake."""
        done = subprocess.run([*self._enter(), *argv], check=False, capture_output=True, text=True)
        assert not check or done.returncode == 0, done
        return done.stdout

    def run(
        self, command: str, *, stdin: bytes = b"", timeout_seconds: float = 60, output_limit: int = 1 << 26
    ) -> Finished:
        done = subprocess.run(
            self._argv(command), input=stdin, capture_output=True, timeout=timeout_seconds, check=False
        )
        self.counts.execs += 1
        return Finished(done.returncode, done.stdout, done.stderr)

    def stream(self, command: str, *, stdin: bytes | Iterable[bytes] = b"", idle_seconds: float = 60) -> LocalStream:
        self.counts.execs += 1
        return LocalStream(self._argv(command), [stdin] if isinstance(stdin, bytes) else stdin)

    def _argv(self, command: str) -> list[str]:
        return [*self._enter(), "/bin/sh", "-c", command]

    def _enter(self) -> list[str]:
        return ["nsenter", "-t", str(self._pid), "-m", "-p", "--root", "--wd"]

    def _furnish(self) -> None:
        for name in ("bin", "etc", "proc", "dev", "tmp", "mnt", "var/lib/rackdesk", "root", "usr/bin"):
            (self._root / name).mkdir(parents=True)
        shutil.copy(BUSYBOX, self._root / "bin/busybox")
        libraries = subprocess.run(["ldd", BUSYBOX], check=False, capture_output=True, text=True).stdout
        for library in (word for word in libraries.split() if word.startswith("/")):
            copy = self._root / library.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, copy)
        subprocess.run(["chroot", str(self._root), "/bin/busybox", "--install", "-s", "/bin"], check=True)
        (self._root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/:/bin/sh\n")
        (self._root / "etc/group").write_text("root:x:0:\ndaemon:x:1:\n")


class LocalStream:
    """A command under way; its input is written by a thread of its own, as a line would carry it."""

    def __init__(self, argv: list[str], stdin: Iterable[bytes]) -> None:
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self._stderr = b""
        self._feeder = threading.Thread(target=self._feed, args=(stdin,), daemon=True)
        self._feeder.start()

    @property
    def exit_code(self) -> int:
        if self._process.returncode is None:
            raise RuntimeError("the command still runs")
        return self._process.returncode

    @property
    def stderr(self) -> bytes:
        return self._stderr

    def __iter__(self) -> Iterator[bytes]:
        assert self._process.stdout is not None
        while piece := self._process.stdout.read(65536):
            yield piece
        self._end()

    def cut(self) -> None:
        """The line breaks: nobody reads or writes any more."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def close(self) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        if not self._process.stderr.closed:
            self._process.stdout.close()
            self._process.wait()
            self._stderr = self._process.stderr.read()
            self._process.stderr.close()
        self._feeder.join()

    def _feed(self, stdin: Iterable[bytes]) -> None:
        assert self._process.stdin is not None
        try:
            for piece in stdin:
                self._process.stdin.write(piece)
            self._process.stdin.close()
        except BrokenPipeError:
            return


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
