"""A lab: a directory and a number of hosts in, running Debian hosts at addresses of their own out."""

from __future__ import annotations

import atexit
import fcntl
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import disk, hosts, processes
from tests.lab.errors import LabError
from tests.lab.hosts import LabHost
from tests.lab.image import image as built_image
from tests.lab.machine import call, make_room, missing
from tests.lab.network import MOST_HOSTS, Line, claim

_PREFIX = re.compile(r"[a-z][a-z0-9]{0,7}")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass
class _Plan:
    """What `lab.json` remembers between starts: the range that was given, and who has which number."""

    prefix: str
    network: str | None
    names: list[str]


class Lab:
    """Whole hosts in `root`, started from `image` (built where it is not given).

    As a context manager it stops everything at the end, also where this process is killed. Without, the hosts outlive
    this process until somebody calls `down()`. Disks and keys stay in `root`, and a second `up` finds them.
    """

    def __init__(
        self,
        root: Path,
        image: Path | None = None,
        *,
        prefix: str = "lab",
        network: str | None = None,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """`prefix` (up to eight letters) keeps labs apart; `network` is a private /24, a free one if None."""
        if _PREFIX.fullmatch(prefix) is None:
            raise LabError(f"A lab's prefix is one to eight small letters and digits, not {prefix!r}.")
        self.root = root.resolve()
        self.prefix = prefix
        self._say = say
        self._given_image = image
        self._wanted = IPv4Network(network) if network else None
        self._leash: subprocess.Popen[bytes] | None = None

    # -- life ------------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        """Tie the lab to this process: it goes down at the end of the block, and also where the process is killed."""
        self._make_root()
        again = [sys.executable, "-m", "tests.lab", "--root", str(self.root), "--prefix", self.prefix, "down"]
        # The shell reads "done" at an orderly end, and nothing where this process died before it could say so.
        script = 'read -r said; [ "$said" = done ] || exec "$@"'
        self._leash = subprocess.Popen(
            ["sh", "-c", script, "leash", *again],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        atexit.register(self.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.close()

    def close(self) -> None:
        """`down()`, and let go of the leash that would have done it for a killed process."""
        if self._leash is None:
            return
        leash, self._leash = self._leash, None
        atexit.unregister(self.close)
        self.down()
        leash.communicate(b"done\n")

    def up(self, wanted: int | Sequence[str] = 1, *, wait: bool = True) -> list[LabHost]:
        """Start `wanted` hosts (how many, or their names) and return them once sshd answers on each.

        What runs already goes on running. Raises `LabError` where the machine cannot, or the range is taken.
        """
        if reason := missing():
            raise LabError(reason)
        self._make_root()
        with self._locked():
            names = self._names(wanted)
            image = self.image
            plan = self._plan()
            plan.names += [name for name in names if name not in plan.names]
            if len(plan.names) > MOST_HOSTS:
                raise LabError(f"A lab has at most {MOST_HOSTS} hosts; this one would have {len(plan.names)}.")
            make_room(len(names), self._say)
            line = self._line(plan)
            self._save(plan)
            chosen = [self._host(plan, name, line, image) for name in names]
            off = [host for host in chosen if processes.running(host.directory) is None]
            for host in off:
                self._furnish(host)
            hosts.start(off)
        if wait:
            for host in chosen:
                host.wait_for_ssh(hosts.ANSWER_SECONDS + 3 * len(chosen))
        return chosen

    def down(self) -> None:
        """Stop everything of this lab, also what a killed earlier run left; may be called at any time and again."""
        if not self.root.is_dir():
            return
        with self._locked():
            mine = {d: pid for d, pid in processes.supervisors().items() if d.parent == self.root / "hosts"}
            for pid in mine.values():
                processes.stop(pid)
            for pid in mine.values():
                processes.wait_until(lambda pid=pid: not processes.alive(pid), "the hosts to stop", 120)
            for directory in mine:
                image = directory / "disk.img"
                processes.wait_until(lambda i=image: disk.is_let_go(i), "the hosts' disks to be let go", 120)
            plan = self._plan()
            if plan.network is not None:
                Line(self.prefix, IPv4Network(plan.network)).take_away()
            _remove_groups(self.prefix)

    # -- what there is ---------------------------------------------------------------------------------------------
    def hosts(self) -> list[LabHost]:
        """Every host this lab has ever had, in order, running or not; [] before the first `up`."""
        plan = self._plan()
        if plan.network is None:
            return []
        line, image = Line(self.prefix, IPv4Network(plan.network)), self.image
        return [self._host(plan, name, line, image) for name in plan.names]

    def host(self, name: str) -> LabHost:
        """The host of this name; raises `LabError` with the names there are."""
        for host in self.hosts():
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts()) or "none yet"
        raise LabError(f"There is no host {name} in this lab. Its hosts: {known}.")

    @property
    def key_path(self) -> Path:
        """The private key (ed25519, no passphrase, 0600) that every host lets in as root, operator and clerk."""
        return self.root / "id_ed25519"

    @property
    def clerk_password(self) -> str:
        """The password of `clerk`, for log-in and for sudo; another one in every lab."""
        return (self.root / "clerk.password").read_text().strip()

    # -- inside ----------------------------------------------------------------------------------------------------
    def _make_root(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / "hosts").mkdir(exist_ok=True)

    def _names(self, wanted: int | Sequence[str]) -> list[str]:
        if isinstance(wanted, int):
            known = self._plan().names[:wanted]
            return known + [f"{self.prefix}{n:02d}" for n in range(len(known) + 1, wanted + 1)]
        for name in wanted:
            if _NAME.fullmatch(name) is None:
                raise LabError(f"{name!r} cannot be a host name: small letters, digits and hyphens only.")
        return list(dict.fromkeys(wanted))

    @property
    def image(self) -> Path:
        """The image the hosts start from; built at the first call where the cache does not have it."""
        if self._given_image is None:
            self._given_image = built_image(self._say)
        return self._given_image

    def _line(self, plan: _Plan) -> Line:
        """The lab's line: the one in use, or a newly laid one in the range that was asked for or was had before."""
        in_use = any(directory.parent == self.root / "hosts" for directory in processes.supervisors())
        if in_use and plan.network is not None:
            return Line(self.prefix, IPv4Network(plan.network))
        before = IPv4Network(plan.network) if plan.network else None
        line = claim(self.prefix, self.root, self._wanted or before)
        plan.network = str(line.network)
        return line

    def _host(self, plan: _Plan, name: str, line: Line, image: Path) -> LabHost:
        number = plan.names.index(name) + 1
        key, crypted = self._secrets(image)
        return LabHost(
            name=name,
            address=line.address(number),
            number=number,
            directory=self.root / "hosts" / name,
            line=line,
            image=image,
            identity=disk.Identity(name, line.address(number), key, crypted),
        )

    def _secrets(self, image: Path) -> tuple[str, str]:
        """The lab's public key and the clerk's password as crypt(5) has it; made at the first call."""
        password, crypted = self.root / "clerk.password", self.root / "clerk.crypt"
        if not self.key_path.exists():
            call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{self.prefix} lab", "-f", self.key_path])
        if not crypted.exists():
            password.touch(mode=0o600)
            password.write_text(f"{secrets.token_urlsafe(9)}\n")
            crypted.touch(mode=0o600)
            # openssl(1) is in the image whatever the machine has; the password goes through stdin, not argv.
            crypted.write_bytes(
                call(["chroot", image, "openssl", "passwd", "-6", "-stdin"], stdin=password.read_bytes())
            )
        return self.key_path.with_suffix(".pub").read_text().strip(), crypted.read_text().strip()

    def _furnish(self, host: LabHost) -> None:
        """Give the host its directory, key and disk where it has none yet, or one made from another image."""
        host.directory.mkdir(exist_ok=True)
        made_from = host.directory / "image"
        if not (host.directory / "host_key.pub").exists():
            disk.new_host_key(host.directory)
        if made_from.exists() and made_from.read_text() == str(host.image):
            return
        if made_from.exists():
            self._say(f"The lab image has changed: {host.name} starts anew with the host key it had.")
        disk.format_disk(host.directory, host.image, host.identity)
        made_from.write_text(str(host.image))

    def _plan(self) -> _Plan:
        path = self.root / "lab.json"
        if not path.exists():
            return _Plan(self.prefix, None, [])
        plan = _Plan(**json.loads(path.read_text()))
        if plan.prefix != self.prefix:
            raise LabError(f"The lab in {self.root} has the prefix {plan.prefix}, not {self.prefix}.")
        return plan

    def _save(self, plan: _Plan) -> None:
        new = self.root / "lab.json.new"
        new.write_text(json.dumps(asdict(plan), indent=1))
        new.rename(self.root / "lab.json")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _remove_groups(prefix: str) -> None:
    """Remove the control groups that the lab's hosts left, the innermost first; those in use stay."""
    for tree in ("", "systemd", "unified", "memory"):
        for group in (Path("/sys/fs/cgroup") / tree / "rackdesk-lab").glob(f"{prefix}-*"):
            for inner in sorted([group, *group.rglob("*/")], reverse=True):
                try:
                    inner.rmdir()
                except OSError:  # busy for a moment longer: an empty group costs nothing and is used again
                    continue
