"""Two network namespaces on one wire, a server's and a client's, with a real dhcpd or Kea; all of it ends with the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.dhcp.fakes import LocalShell, busybox_tools
from tests.dhcp.real_servers import DHCPD, KEA4, KEA6, SBIN

DHCLIENT = shutil.which("dhclient", path=SBIN)
HOOK = next(Path("/usr/lib").glob("*/kea/hooks/libdhcp_lease_cmds.so"), None)
MAC = "02:00:00:00:01:10"
OMAPI_SECRET = "c2VjcmV0c2VjcmV0c2VjcmV0"
SECONDS = 60


def missing() -> str:
    """What such a wire needs and this machine does not have, as a sentence; empty where all is there."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip", path=SBIN) is None:
        return "ip is missing (Debian package iproute2)"
    probe = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    return "network namespaces are forbidden here" if probe.returncode else ""


def until(holds: Callable[[], object], what: str) -> None:
    """Poll; AssertionError when a minute is over."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
        threading.Event().wait(0.05)


class Wire:
    """The server has 192.0.2.1/24 on eth0, the client's eth0 has MAC and no address."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.server, self.client = f"rdw{os.getpid()}s", f"rdw{os.getpid()}c"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.tools = busybox_tools(place / "tools") or place
        for name in ("ip", "sudo"):  # busybox has an ip of its own, which knows no JSON
            with contextlib.suppress(FileNotFoundError):
                (self.tools / name).unlink()

    def __enter__(self) -> Wire:
        for name in (self.server, self.client):
            self.do("ip", "netns", "add", name)
            self.do("ip", "-n", name, "link", "set", "lo", "up")
        ends = ("eth0", "netns", self.server, "type", "veth", "peer", "name", "eth0", "netns", self.client)
        self.do("ip", "link", "add", *ends)
        self.do("ip", "-n", self.client, "link", "set", "eth0", "address", MAC, "up")
        self.do("ip", "-n", self.server, "addr", "add", "192.0.2.1/24", "dev", "eth0")
        self.do("ip", "-n", self.server, "link", "set", "eth0", "up")
        for name in (self.server, self.client):
            until(
                lambda name=name: " UP " in self.do("ip", "-n", name, "-br", "link", "show", "eth0"), "the wire is up"
            )
        return self

    def __exit__(self, *_exc: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=SECONDS)
        for name in (self.server, self.client):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def do(self, *argv: str) -> str:
        done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done
        return done.stdout

    def shell(self, where: str) -> LocalShell:
        """A way into one of the two: its network, this machine's files. `ping` is busybox's where there is no other."""
        return LocalShell(None if shutil.which("ping") else self.tools, ("ip", "netns", "exec", where))

    def start(self, where: str, *argv: str | Path, log: str, **env: str) -> Path:
        path = self.place / log
        with path.open("wb") as out:
            self.processes.append(
                subprocess.Popen(
                    ["ip", "netns", "exec", where, *map(str, argv)],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=out,
                    env={**os.environ, **env},
                )
            )
        return path

    def dhcpd(self, conf: str) -> None:
        """With the lease file `dhcpd.leases` in the test's directory."""
        (self.place / "dhcpd.conf").write_text(conf)
        (self.place / "dhcpd.leases").touch()
        files = ("-cf", self.place / "dhcpd.conf", "-lf", self.place / "dhcpd.leases", "-pf", self.place / "dhcpd.pid")
        log = self.start(self.server, DHCPD or "", "-4", "-d", "-f", *files, "eth0", log="dhcpd.log")
        until(lambda: b"Server starting service" in log.read_bytes(), "dhcpd serves")

    def kea(self, conf: str, version: int = 4) -> Path:
        """Its log."""
        (self.place / "kea.json").write_text(conf)
        place = str(self.place)
        argv = ((KEA4 if version == 4 else KEA6) or "", "-c", self.place / "kea.json")
        log = self.start(self.server, *argv, log="kea.log", KEA_PIDFILE_DIR=place, KEA_LOCKFILE_DIR=place)
        until(lambda: f"DHCP{version}_STARTED".encode() in log.read_bytes(), "Kea serves")
        return log

    def six(self) -> None:
        """The server has 2001:db8:1::1/64, too, and both ends may use their addresses on the link."""
        self.do("ip", "-n", self.server, "addr", "add", "2001:db8:1::1/64", "dev", "eth0", "nodad")
        for name in (self.server, self.client):
            until(lambda name=name: self._is_ready(name), "the address on the link is sure")

    def _is_ready(self, name: str) -> bool:
        shown = self.do("ip", "-n", name, "-6", "addr", "show", "dev", "eth0", "scope", "link")
        return "fe80::" in shown and "tentative" not in shown

    def dhcpd6(self, conf: str) -> Path:
        """The log; its lease file is `dhcpd6.leases` in the test's directory."""
        (self.place / "dhcpd6.conf").write_text(conf)
        (self.place / "dhcpd6.leases").touch()
        files = ("-cf", self.place / "dhcpd6.conf", "-lf", self.place / "dhcpd6.leases", "-pf", self.place / "6.pid")
        log = self.start(self.server, DHCPD or "", "-6", "-d", "-f", *files, "eth0", log="dhcpd6.log")
        until(lambda: b"Server starting service" in log.read_bytes(), "dhcpd -6 serves")
        return log

    def ask6(self) -> None:
        """A real dhclient -6 is bound, and its lease stays."""
        log = self.place / f"dhclient{len(self.processes)}.log"
        files = ("-lf", f"{log}.leases", "-pf", f"{log}.pid", "-D", "LL")
        self.start(
            self.client, DHCLIENT or "", "-6", "-1", "-d", "-v", "-sf", "/bin/true", *files, "eth0", log=log.name
        )
        until(lambda: b"PRC: Bound to lease" in log.read_bytes(), "the client is bound")
        self.processes[-1].kill()

    def ask(self) -> str:
        """The address that the client got from a real dhclient, which touches nothing else; its lease stays."""
        log = self.place / f"dhclient{len(self.processes)}.log"
        files = ("-lf", f"{log}.leases", "-pf", f"{log}.pid")
        self.start(
            self.client, DHCLIENT or "", "-4", "-1", "-d", "-v", "-sf", "/bin/true", *files, "eth0", log=log.name
        )
        until(lambda: b"bound to " in log.read_bytes(), "the client is bound")
        self.processes[-1].kill()  # asked to end nicely it would give the lease back
        return log.read_text().partition("bound to ")[2].split()[0]


@contextlib.contextmanager
def wire(place: Path) -> Iterator[Wire]:
    with Wire(place) as made:
        yield made
