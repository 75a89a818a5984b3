"""A real sshd on loopback for a test: keys, users and settings go in, an address to speak to comes out.

It runs in its own mount namespace with its own /etc/passwd, /etc/shadow and /etc/sudoers, so that its users
and passwords exist for nobody else. Needs root and Debian's openssh-server; `missing()` says what is not there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from hosts.facts.machine import HostFacts, Login, PinnedKey

LOOPBACK = "127.0.0.1"
START_SECONDS = 60
INSIDE = "/mnt"  # where sshd and its users see the directory, which others than root may not reach from outside
PASSWORD = "correct horse battery staple"
PASSWORD_HASH = "$6$rackdesk$3ta4IfqWep7QTsB.ZoYQTIFtwIJ0gd0bY4qIz6S/ulHMdqHZPzn/Yg6DZeyytH1TLmbYvDyuradjebvwea7EQ0"


def missing() -> str:
    """What a real sshd needs and this machine does not have, as a sentence; empty where all is there."""
    if os.geteuid() != 0:
        return "a private sshd needs root"
    for program, package in (("/usr/sbin/sshd", "openssh-server"), ("unshare", "util-linux")):
        if shutil.which(program) is None:
            return f"{program} is missing (Debian package {package})"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        return "mount namespaces are forbidden here"
    return ""


type_of_key = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
}


@dataclass(frozen=True)
class KeyPair:
    """A key as OpenSSH writes it: the private text and the line for authorized_keys or known_hosts."""

    private: str = field(repr=False)
    public: str

    @classmethod
    def make(cls, kind: str) -> KeyPair:
        key = type_of_key[kind]()
        private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return cls(private.decode(), public.decode())

    @property
    def pinned(self) -> PinnedKey:
        key_type, blob = self.public.split()[:2]
        return PinnedKey(key_type, blob)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Sshd:
    """One sshd. `users`: root and clerk (uid 4242, PASSWORD, not in sudoers), operator (uid 4243, may sudo)."""

    def __init__(self, root: Path, *, host_keys: tuple[KeyPair, ...], lines: tuple[str, ...] = ()) -> None:
        self.root = root
        self.port = free_port()
        self.host_keys = host_keys
        self.client = KeyPair.make("ed25519")
        self.lines = lines
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sshd:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        Path("/run/sshd").mkdir(exist_ok=True)
        self._write_users()
        self._write_config()
        binds = " && ".join(
            f'mount --bind "$0/{name}" /etc/{name}'
            for name in ("passwd", "shadow", "group", "sudoers")
            if Path("/etc", name).exists()
        )
        script = f'{binds} && mount --bind "$0" {INSIDE} && exec /usr/sbin/sshd -D -e -f "$0/sshd_config"'
        with (self.root / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(self.root)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_listens()

    def _write_users(self) -> None:
        (self.root / "home").mkdir(exist_ok=True)
        home = f"{INSIDE}/home"
        users = (("root", 0), ("clerk", 4242), ("operator", 4243))
        system = ("sshd:x:101:65534::/run/sshd:/usr/sbin/nologin", "nobody:x:65534:65534::/:/usr/sbin/nologin")
        (self.root / "passwd").write_text(
            "".join(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n" for name, uid in users)
            + "".join(f"{line}\n" for line in system)
        )
        (self.root / "group").write_text("".join(f"{name}:x:{uid}:\n" for name, uid in users) + "nogroup:x:65534:\n")
        (self.root / "shadow").write_text(
            "".join(f"{name}:{PASSWORD_HASH}:20000:0:99999:7:::\n" for name, _ in users) + "sshd:!:20000::::::\n"
        )
        (self.root / "sudoers").write_text("Defaults env_reset\nroot ALL=(ALL) ALL\noperator ALL=(ALL) NOPASSWD: ALL\n")
        (self.root / "shadow").chmod(0o600)
        (self.root / "sudoers").chmod(0o440)
        (self.root / "authorized_keys").write_text(self.client.public + "\n")

    def _write_config(self) -> None:
        config = [
            *self.lines,  # first word wins in sshd_config
            f"ListenAddress {LOOPBACK}",
            f"Port {self.port}",
            "UsePAM no",
            "StrictModes no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "MaxStartups 200",
            "PidFile none",
            "UseDNS no",
            f"AuthorizedKeysFile {INSIDE}/authorized_keys",
        ]
        for number, key in enumerate(self.host_keys):
            path = self.root / f"host_key_{number}"
            path.write_text(key.private)
            path.chmod(0o600)
            config.append(f"HostKey {path}")
        (self.root / "sshd_config").write_text("\n".join(config) + "\n")

    def _wait_until_it_listens(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), timeout=10):
                return
            threading.Event().wait(0.02)
        self.stop()
        raise AssertionError(f"sshd did not start: {self.log()}")

    def stop(self) -> None:
        """End it and every session of it."""
        if self._process is None:
            return
        self.kill_sessions()
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)
        self._process = None

    def kill_sessions(self, how: int = signal.SIGKILL) -> int:
        """Send a signal to every process that serves a connection; how many there were.

        The commands that were started there live on, as they do when a line is cut.
        """
        assert self._process is not None
        return self._signal_servers(self._process.pid, how)

    def _signal_servers(self, parent: int, how: int) -> int:
        number = 0
        for child in children(parent):
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/comm").read_text().startswith("sshd"):
                    number += 1 + self._signal_servers(child, how)
                    os.kill(child, how)
        return number

    @property
    def sessions(self) -> int:
        """How many processes serve connections now."""
        return self._signal_servers(self._process.pid, 0) if self._process else 0

    @property
    def logins(self) -> int:
        """How many times somebody logged in since it started."""
        return self.log().count("Accepted ")

    def log(self) -> str:
        return (self.root / "sshd.log").read_text(errors="replace")

    @property
    def pinned(self) -> tuple[PinnedKey, ...]:
        return tuple(key.pinned for key in self.host_keys)

    def facts(self, **changes: object) -> HostFacts:
        """This sshd as a host of the panel: root by key, all its keys pinned."""
        plain = HostFacts(
            id=self.port,
            name="loop",
            address=LOOPBACK,
            port=self.port,
            login=Login("root", private_key=self.client.private),
            keys=self.pinned,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]


def children(parent: int) -> list[int]:
    """The processes that `parent` started and that are still there."""
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return []


@contextlib.contextmanager
def listener(greeting: bytes, *, hangs: bool = False) -> Iterator[int]:
    """A port that accepts and sends `greeting`; then it closes, or `hangs`: the line stays open and is silent."""
    kept: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = server.accept()
                kept.append(line)
                line.sendall(greeting)
                if not hangs:
                    line.close()

    with socket.create_server((LOOPBACK, 0)) as server:
        worker = threading.Thread(target=serve, daemon=True)
        worker.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            worker.join(timeout=START_SECONDS)
            for line in kept:
                line.close()


@contextlib.contextmanager
def full_listener() -> Iterator[int]:
    """A port whose queue is full, so that the kernel drops further connections as a firewall would."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((LOOPBACK, 0))
        server.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        yield int(server.getsockname()[1])


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Poll until `holds()` is true; AssertionError when `seconds` are over."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {holds.__name__}"
        threading.Event().wait(0.02)
