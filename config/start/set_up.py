"""A target of the Makefile in, a machine that can run it out: Debian packages, .venv, translations, progress lines.

Runs as a plain file on a bare Debian 12, so it needs the standard library only and imports nothing of the project.
What is there already costs nothing: a second start only looks.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
CLEAR_LINE = "\r\x1b[K"
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_MARK = "# rackdesk set-up: nothing starts while packages are installed"
STILL_SECONDS = 20
TAIL_LINES = 20
OLDEST_PYTHON = (3, 11)


class StepFailed(Exception):  # noqa: N818  (its text is what the person at the terminal reads)
    """A step of the set-up did not work. The text says which, and what to do or the end of what it printed."""


@dataclass(frozen=True)
class Package:
    """One Debian package of packages.toml."""

    name: str
    why: str
    probe: str
    targets: tuple[str, ...]
    without: str = ""
    unless: str = ""
    service: str = ""

    def is_there(self) -> bool:
        """Whether what the package is for can be found, whoever installed it."""
        kind, _, module = self.probe.partition(":")
        if kind == "python":
            return importlib.util.find_spec(module) is not None
        if self.probe.startswith("/"):
            return found(self.probe)
        return shutil.which(self.probe, path=search_path()) is not None


def search_path() -> str:
    """PATH and the directories of system commands, which an ordinary user's PATH leaves out."""
    return f"{os.environ.get('PATH', os.defpath)}:{SBIN}"


def found(pattern: str) -> bool:
    """Whether something lies at an absolute path in which * stands for anything."""
    return any(Path("/").glob(pattern.removeprefix("/")))


def say(text: str = "", *, end: str = "\n") -> None:
    """Print for the person at the terminal, at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def run_step(title: str, argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
    """Run one command in the checkout, with its seconds shown. Output goes to `log`; StepFailed has its end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"\n== {title}: {' '.join(argv)}\n".encode())
        output.flush()
        begin = output.tell()
        process = subprocess.Popen(
            argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _watch(title, process, log)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode:
        tail = "\n".join(f"    {line}" for line in _text(log, begin).splitlines()[-TAIL_LINES:])
        raise StepFailed(f"{title} did not work (code {process.returncode}):\n{tail}\nAll of it: {log}")


def _watch(title: str, process: subprocess.Popen[bytes], log: Path) -> None:
    lively, began, told = sys.stdout.isatty(), time.monotonic(), 0.0
    say(f"  {title} ...", end="" if lively else "\n")
    while process.poll() is None:
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            seconds = time.monotonic() - began
            if lively:
                last = _text(log, max(0, log.stat().st_size - 400)).strip().rpartition("\n")[2]
                say(CLEAR_LINE + f"  {title} ... {seconds:.0f} s  {last}"[:100], end="")
            elif seconds - told >= STILL_SECONDS:
                told = seconds
                say(f"  {title} ... {seconds:.0f} s so far")
    word = "failed after" if process.returncode else "done in"
    say(CLEAR_LINE * lively + f"  {title}: {word} {time.monotonic() - began:.1f} s")


def _text(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        return file.read().decode(errors="replace")


# Debian packages


def packages_for(target: str) -> list[Package]:
    """The packages that a target needs, in the order of packages.toml."""
    table = tomllib.loads((ROOT / "config/start/packages.toml").read_text(encoding="utf-8"))
    known = [Package(name=name, **entry | {"targets": tuple(entry["targets"])}) for name, entry in table.items()]
    return [package for package in known if target in package.targets]


def missing_packages(target: str) -> list[Package]:
    """Those of them that are not there and that no setting makes needless."""
    return [p for p in packages_for(target) if not (p.unless and os.environ.get(p.unless)) and not p.is_there()]


def what_is_missing(missing: Sequence[Package]) -> str:
    """One line for a person who must ask root: what stays out, and the command that mends it."""
    names = " ".join(package.name for package in missing)
    out = ", ".join(dict.fromkeys(package.without for package in missing if package.without))
    left = f" Without: {out}." if out else ""
    return f"Missing: {names}.{left} As root: apt-get install --no-install-recommends {names}"


def provide_packages(target: str, log: Path) -> None:
    """Install what is missing as root; as anyone else say what is missing, and stop only where it is vital."""
    missing = missing_packages(target)
    if missing and os.geteuid() == 0 and shutil.which("apt-get", path=search_path()):
        _install(missing, log)
    elif missing:
        line = what_is_missing(missing)
        if not all(package.without for package in missing):
            raise StepFailed(line)
        say(f"  {line}")


def _install(missing: Sequence[Package], log: Path) -> None:
    names = [package.name for package in missing]
    env = {**os.environ, "PATH": search_path(), "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    update = ("apt-get", "-q", "update")
    install = ("apt-get", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", "install", *names)
    title = f"Debian packages ({', '.join(names)})"
    listed = found("/var/lib/apt/lists/*_Packages*")
    if not listed:
        run_step("Lists of Debian packages", update, log, env)
    with nothing_starts():
        try:
            run_step(title, install, log, env)
        except StepFailed:
            if not listed:
                raise
            run_step("Lists of Debian packages, which are old", update, log, env)
            run_step(title, install, log, env)
    units = [package.service for package in missing if package.service]
    if units and shutil.which("systemctl", path=search_path()):
        # The panel starts its own copies; what was installed for it must not come up at the next boot.
        subprocess.run(("systemctl", "--quiet", "disable", *units), env=env, check=False, capture_output=True)  # noqa: S607


@contextmanager
def nothing_starts() -> Iterator[None]:
    """Keep Debian's packages from starting their services; whatever rule was there before is put back."""
    kept = POLICY.with_name("policy-rc.d.before-rackdesk")
    ours = POLICY.is_file() and POLICY_MARK in POLICY.read_text(encoding="utf-8", errors="replace")
    if POLICY.is_file() and not ours:  # `ours` is what a set-up that was killed left behind
        POLICY.rename(kept)
    POLICY.write_text(f"#!/bin/sh\n{POLICY_MARK}\nexit 101\n", encoding="utf-8")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)
        if kept.is_file():
            kept.rename(POLICY)


# Python packages and translations


def provide_venv(target: str, log: Path) -> None:
    """Make .venv with exactly the pinned packages. A stamp of their list makes the next start free."""
    python = ROOT / ".venv/bin/python"
    works = python.exists() and subprocess.run((python, "-c", ""), check=False).returncode == 0
    steps = [ROOT / name for name in ("requirements.txt", "tests/lab/requirements.txt", "tests/requirements.txt")]
    least = {"run": 1, "demo": 2}.get(target, len(steps))
    # What more is there than a target needs does no harm; so the longest list that is there already will do.
    there = [count for count in range(len(steps), least, -1) if works and _stamp(steps[:count]).exists()]
    lists = steps[: there[0] if there else least]
    stamp = _stamp(lists)
    if works and stamp.exists():
        return
    if not works:
        run_step("Virtual environment", (sys.executable, "-m", "venv", "--clear", str(ROOT / ".venv")), log)
    pip = (str(python), "-m", "pip", "--no-input", "--disable-pip-version-check", "install")
    quiet = ("--prefer-binary", "--progress-bar", "off", "--root-user-action", "ignore")
    run_step("Python packages", (*pip, *quiet, "-r", str(lists[-1])), log)
    for old in stamp.parent.glob("rackdesk-*.stamp"):
        old.unlink()
    stamp.touch()


def _stamp(lists: Sequence[Path]) -> Path:
    """The file that says: .venv holds what these lists ask for. Its name changes with them and with Python."""
    content = b"\0".join([sys.version.encode(), *(path.read_bytes() for path in lists)])
    return ROOT / f".venv/rackdesk-{hashlib.sha256(content).hexdigest()[:16]}.stamp"


def provide_translations(log: Path) -> None:
    """Compile every translation that is newer than its compiled form."""
    msgfmt = shutil.which("msgfmt", path=search_path())
    for source in sorted(ROOT.glob("*/locale/*/LC_MESSAGES/django.po")):
        compiled = source.with_suffix(".mo")
        if msgfmt and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime):
            title = f"Translation {source.parts[-3]} of {source.parts[-5]}"
            run_step(title, (msgfmt, "--check-format", "-o", str(compiled), str(source)), log)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One set-up at a time in a checkout; the second waits and says so."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Another set-up is at work here; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def set_up(target: str) -> None:
    """Everything that `make TARGET` needs on this machine."""
    if sys.version_info < OLDEST_PYTHON:
        raise StepFailed(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try PYTHON=python3.11.")
    log = ROOT / "var/log/set-up.log"
    try:
        with alone(ROOT / "var/set-up.lock"):
            provide_packages(target, log)
            provide_venv(target, log)
            provide_translations(log)
    except PermissionError as error:
        raise StepFailed(f"{error.filename} cannot be written. Make it yours: chown -R $USER {ROOT}") from error


def main(arguments: Sequence[str]) -> int:
    """`set_up.py TARGET`; 0 when the target can run, 1 with one line when not."""
    try:
        set_up(arguments[0])
    except StepFailed as error:
        say(f"rackdesk: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nrackdesk: stopped; the next start goes on from here")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
