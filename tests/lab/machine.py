"""The machine under the lab: argv in, output out; what is missing for a lab, as one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.lab.errors import LabError

PACKAGES = ("systemd-container", "mmdebstrap", "iproute2", "util-linux", "mount", "e2fsprogs", "openssh-client")
"""Debian packages that the machine needs; what the hosts have inside is in `tests.lab.image`."""

_COMMANDS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "losetup": "mount",
    "mke2fs": "e2fsprogs",
    "ssh-keygen": "openssh-client",
    "ssh": "openssh-client",
}

_INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
_INOTIFY_PER_HOST = 6
_INOTIFY_SPARE = 32


def call(argv: Sequence[str | Path], *, stdin: bytes = b"", timeout: float = 120) -> bytes:
    """Run `argv` on the machine and return its stdout.

    Raises `LabError` with the command and its stderr where it fails or takes over `timeout` seconds.
    """
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{argv[0]} was stopped: it took more than {timeout:g} seconds.") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().replace("\n", "; ") or "it said nothing"
        raise LabError(f"`{' '.join(map(str, argv))}` failed with {done.returncode}: {said}")
    return done.stdout


def missing() -> str:
    """One sentence saying what this machine lacks for a lab, or "" where nothing is missing."""
    if os.geteuid() != 0:
        return "The lab needs root: it makes network namespaces and mounts."
    lacking = sorted({package for command, package in _COMMANDS.items() if shutil.which(command) is None})
    if lacking:
        return f"The lab needs Debian packages: apt-get install {' '.join(lacking)}."
    return _forbidden()


def make_room(hosts: int, say: Callable[[str], None]) -> None:
    """Raise the kernel's limit of inotify instances where `hosts` more hosts would not fit below it.

    Every host's systemd, D-Bus and logind take a few, and all of them count as root's. The limit stays raised until the
    machine starts again: lowering it would pull the rug from under another lab.
    """
    wanted = _inotify_instances() + hosts * _INOTIFY_PER_HOST + _INOTIFY_SPARE
    if int(_INOTIFY_LIMIT.read_text()) >= wanted:
        return
    try:
        _INOTIFY_LIMIT.write_text(str(wanted + _INOTIFY_SPARE))
    except OSError as error:
        raise LabError(
            f"{hosts} hosts need fs.inotify.max_user_instances={wanted}, and this machine does not let it be raised"
            f" ({error.strerror}); nothing was started. Raise it outside the container, or start fewer hosts."
        ) from error
    say(f"Raised fs.inotify.max_user_instances to {wanted + _INOTIFY_SPARE} for {hosts} hosts.")


def _inotify_instances() -> int:
    """How many there are on this machine now, whoever has them."""
    count = 0
    for process in Path("/proc").glob("[0-9]*/fd"):
        try:
            count += sum(str(descriptor.readlink()) == "anon_inode:inotify" for descriptor in process.iterdir())
        except OSError:  # it ended, or closed something, while we looked
            continue
    return count


def _forbidden() -> str:
    """What the kernel or the container around us does not allow, as a sentence; "" where all is allowed."""
    if not Path("/dev/loop-control").exists():
        return "The lab needs loop devices, and this machine has no /dev/loop-control."
    probe = (
        "mount --make-rprivate / && mount -t tmpfs none /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m"
        " && mount -t overlay -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w none /mnt/m"
        " && ip link add probe type bridge && ip link add probe0 type veth peer name probe1"
    )
    try:
        call(["unshare", "--mount", "--net", "sh", "-c", probe], timeout=60)
    except LabError as error:
        return f"The lab needs mounts, overlayfs and network namespaces, and this machine refuses them: {error}"
    return ""
