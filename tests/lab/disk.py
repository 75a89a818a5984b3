"""A host's disk: who the host is in, an ext4 file out that holds the upper half of its overlay."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machine import call

PEOPLE = ("root", "operator", "clerk")
DISK_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Identity:
    """What makes a host this host and not another one started from the same image."""

    name: str
    address: str
    authorized_key: str
    clerk_hash: str


def new_host_key(directory: Path) -> None:
    """Give the host of `directory` a new ed25519 host key pair, in place of the one it may have."""
    key = directory / "host_key"
    key.unlink(missing_ok=True)
    call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", directory.name, "-f", key])


def format_disk(directory: Path, image: Path, identity: Identity) -> None:
    """Make `directory`/disk.img anew: the host on its first day, with the host key that lies in `directory`."""
    for mount_point in ("disk", "root"):
        (directory / mount_point).mkdir(exist_ok=True)
    seed = directory / "seed"
    shutil.rmtree(seed, ignore_errors=True)
    _seed(seed / "upper", directory, image, identity)
    (seed / "work").mkdir(mode=0o755)
    disk = directory / "disk.img"
    disk.unlink(missing_ok=True)
    with disk.open("wb") as file:
        file.truncate(DISK_BYTES)
    # No journal: there is nothing to recover after a "power cut" that leaves the machine's page cache alone.
    options = ["-t", "ext4", "-O", "^has_journal", "-m", "0", "-E", "nodiscard,lazy_itable_init=1"]
    call(["mke2fs", "-q", *options, "-d", seed, disk])
    shutil.rmtree(seed)


def is_let_go(disk: Path) -> bool:
    """Whether no loop device holds `disk` any more: mounted before that, one file system would have two writers."""
    return call(["losetup", "--associated", disk]).strip() == b""


def _seed(upper: Path, directory: Path, image: Path, identity: Identity) -> None:
    _folder(upper, 0o755)
    _file(upper / "etc/hostname", f"{identity.name}\n")
    _file(upper / "etc/hosts", f"127.0.0.1 localhost\n{identity.address} {identity.name}\n")
    _file(upper / "etc/machine-id", f"{_machine_id(directory)}\n")
    _file(upper / "etc/shadow", _shadow(image, identity.clerk_hash), mode=0o640, owner=(0, 42))
    _file(upper / "etc/ssh/ssh_host_ed25519_key", (directory / "host_key").read_text(), mode=0o600)
    _file(upper / "etc/ssh/ssh_host_ed25519_key.pub", (directory / "host_key.pub").read_text())
    for person in PEOPLE:
        user, group, home = _account(image, person)
        place = upper / home.lstrip("/")
        _folder(place, 0o700, (user, group))
        _folder(place / ".ssh", 0o700, (user, group))
        _file(place / ".ssh/authorized_keys", f"{identity.authorized_key}\n", 0o600, (user, group))


def _folder(path: Path, mode: int, owner: tuple[int, int] = (0, 0)) -> None:
    if not path.parent.is_dir():
        _folder(path.parent, 0o755)
    path.mkdir(exist_ok=True)
    path.chmod(mode)
    os.chown(path, *owner)


def _file(path: Path, text: str, mode: int = 0o644, owner: tuple[int, int] = (0, 0)) -> None:
    if not path.parent.is_dir():
        _folder(path.parent, 0o755)
    path.touch(mode=0o600)
    path.write_text(text)
    path.chmod(mode)
    os.chown(path, *owner)


def _machine_id(directory: Path) -> str:
    """The same for a host at every start of the same lab on the same machine, and another one everywhere else."""
    return hashlib.sha256(f"{socket.gethostname()}:{directory}".encode()).hexdigest()[:32]


def _shadow(image: Path, clerk_hash: str) -> str:
    """The image's shadow(5) with the clerk's password in it; nobody else has one."""
    lines = (image / "etc/shadow").read_text().splitlines()
    changed = [_with_password(line, clerk_hash) if line.startswith("clerk:") else line for line in lines]
    return "\n".join(changed) + "\n"


def _with_password(line: str, crypted: str) -> str:
    name, _old, *rest = line.split(":")
    return ":".join([name, crypted, *rest])


def _account(image: Path, person: str) -> tuple[int, int, str]:
    """User id, group id and home of an account in the image's passwd(5)."""
    for line in (image / "etc/passwd").read_text().splitlines():
        name, _x, user, group, _gecos, home, _shell = line.split(":")
        if name == person:
            return int(user), int(group), home
    raise KeyError(person)
