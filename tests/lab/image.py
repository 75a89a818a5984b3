"""The image that every lab host starts from: a recipe in, a cached directory with a Debian 12 tree out."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab import processes
from tests.lab.errors import LabError
from tests.lab.machine import call, missing

SUITE = "bookworm"
PACKAGES: dict[str, tuple[str, ...]] = {
    "system": ("systemd", "systemd-sysv", "dbus", "kmod", "procps", "util-linux", "iproute2", "iputils-ping"),
    "people": ("openssh-server", "sudo", "less", "ca-certificates", "openssl", "busybox"),
    "faults": ("libfaketime",),
    "DHCP": ("isc-dhcp-server", "isc-dhcp-relay", "isc-dhcp-client", "kea-dhcp4-server"),
    "DHCP clients": ("network-manager", "polkitd"),
    "web": ("nginx-light",),
}
"""What a host has inside, by what it is for. Roles' packages too; `furnish.sh` keeps their services off."""

FURNISH = Path(__file__).with_name("furnish.sh")
_BUILD_SECONDS = 900
_END_SECONDS = 15
_KEEP_SECONDS = 14 * 86400


def cache_directory() -> Path:
    """Where images are kept: RACKDESK_LAB_CACHE, or root's /var/cache/rackdesk/lab, or the user's XDG cache."""
    if chosen := os.environ.get("RACKDESK_LAB_CACHE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/rackdesk/lab")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rackdesk" / "lab"


def recipe_key() -> str:
    """Twelve hex digits that change when the packages or `furnish.sh` change, and so ask for a new image."""
    recipe = repr((SUITE, sorted(PACKAGES.items()))).encode() + FURNISH.read_bytes()
    return hashlib.sha256(recipe).hexdigest()[:12]


def image(say: Callable[[str], None] = lambda _line: None) -> Path:
    """The image's directory; built first where the cache does not have it (20 seconds, told line by line to `say`).

    Two builds at once wait for each other. Raises `LabError` where the machine cannot build it.
    """
    cache = cache_directory()
    tree = cache / recipe_key() / "tree"
    if tree.is_dir():
        os.utime(tree.parent)  # used today
        return tree
    if reason := missing():
        raise LabError(reason)
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "lock", say):
        if not tree.is_dir():
            _build(tree, say)
            _forget_old(cache)
    return tree


@contextmanager
def _locked(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another build of the lab image to end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(tree: Path, say: Callable[[str], None]) -> None:
    """Build next to the final place and rename, so that a half-built image is never taken for one."""
    began = time.monotonic()
    building = tree.parent.with_name(f"{tree.parent.name}.building")
    shutil.rmtree(building, ignore_errors=True)  # what a killed build left
    building.mkdir()
    say(f"Building the lab image in {building}: a Debian 12 with {len(_packages())} packages and what they need.")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            _mmdebstrap(building / "tree", Path(scratch), say)
        tree.parent.mkdir(exist_ok=True)
        (building / "tree").rename(tree)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    say(f"The lab image is ready after {time.monotonic() - began:.0f} s.")


def _forget_old(cache: Path) -> None:
    """Remove images of older recipes that no lab started from lately; a lab that still wants one builds it again."""
    in_use = {image for pid in processes.supervisors().values() for image in processes.command_line(pid)[2:3]}
    for old in cache.iterdir():
        idle_seconds = time.time() - old.stat().st_mtime
        if old.is_dir() and str(old / "tree") not in in_use and idle_seconds > _KEEP_SECONDS:
            shutil.rmtree(old)


def _mmdebstrap(target: Path, scratch: Path, say: Callable[[str], None]) -> None:
    options, sources = scratch / "apt.conf", scratch / "sources.list"
    options.write_text(_apt_options())
    argv = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(_packages())}"]
    argv += [f"--aptopt={options}", f"--customize-hook={FURNISH}", SUITE, str(target)]
    if lines := machine_sources():
        sources.write_text("".join(f"{line}\n" for line in lines))
        argv.append(str(sources))
    log = scratch / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + _BUILD_SECONDS
        told = 0
        try:
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.5)
                told = _tell_steps(log, told, say)
        finally:  # also where this process is asked to end: a build that went on would be in the way of the next one
            _end(process)
        if process.returncode != 0:
            last = "; ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
            raise LabError(f"The lab image could not be built, nothing was kept: {last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()  # at this it takes its mounts away
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tell_steps(log: Path, told: int, say: Callable[[str], None]) -> int:
    """Pass on mmdebstrap's own step lines ("I: installing packages...") beyond the first `told` of them."""
    steps = [line[3:] for line in log.read_text(errors="replace").splitlines() if line.startswith("I: ")]
    for step in steps[told:]:
        say(f"  {step}")
    return len(steps)


def _packages() -> list[str]:
    return [package for group in PACKAGES.values() for package in group]


def _apt_options() -> str:
    """The machine's own way to its mirror (proxies, timeouts, date checks), as apt.conf lines."""
    wanted = re.compile(r"Acquire::(https?|ftp|Check-|Retries|ForceIPv)")
    dump = call(["apt-config", "dump"]).decode()
    lines = [line for line in dump.splitlines() if wanted.match(line) and not line.endswith(' "";')]
    return "".join(f"{line}\n" for line in [*lines, 'Acquire::Languages "none";'])


def machine_sources(root: Path = Path("/etc/apt")) -> list[str]:
    """The machine's own Debian 12 sources as one-line entries; [] where it has none and mmdebstrap's default serves."""
    entries: list[str] = []
    listed = [root / "sources.list", *sorted((root / "sources.list.d").glob("*.list"))]
    for path in listed:
        if path.is_file():
            entries += _one_line_entries(path.read_text())
    for path in sorted((root / "sources.list.d").glob("*.sources")):
        entries += _stanza_entries(path.read_text())
    return list(dict.fromkeys(entries))


def _one_line_entries(text: str) -> Iterator[str]:
    """Entries as in sources.list(5), "One-Line-Style Format"."""
    for line in text.splitlines():
        if found := re.match(r"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)", line.strip()):
            options, uri, suite, components = found.groups()
            yield from _entries([uri], [suite], components.split(), _signed_by(options or ""))


def _signed_by(options: str) -> str:
    found = re.search(r"signed-by=(\S+)", options)
    return found.group(1) if found else ""


def _stanza_entries(text: str) -> Iterator[str]:
    """Entries as in sources.list(5), "deb822-Style Format"; a key inside the stanza itself is not carried over."""
    for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n?", "", text)):
        fields = {k.lower(): v.split() for k, v in re.findall(r"(?m)^([\w-]+):[ \t]*(.*)$", stanza)}
        if "deb" not in fields.get("types", []) or fields.get("enabled") == ["no"]:
            continue
        signed_by = "".join(fields.get("signed-by", [])[:1])
        yield from _entries(fields.get("uris", []), fields.get("suites", []), fields.get("components", []), signed_by)


def _entries(uris: Iterable[str], suites: Iterable[str], components: list[str], signed_by: str) -> Iterator[str]:
    """Only Debian's own three suites and their main component: nothing else of the machine belongs into the image."""
    for uri in uris:
        for suite in suites:
            if suite in {SUITE, f"{SUITE}-updates", f"{SUITE}-security"} and "main" in components:
                option = f"[signed-by={signed_by}] " if signed_by.startswith("/") else ""
                yield f"deb {option}{uri} {suite} main"
