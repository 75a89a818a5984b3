"""Nothing in, the URL of a private PostgreSQL out: own directory, unix socket only, gone when the block ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 30
# The data is thrown away after the tests, so nothing needs to survive a power cut.
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


class NoPostgres(Exception):  # noqa: N818  (its text is shown as the reason why tests are left out)
    """No private PostgreSQL can be started here; the text says why."""


def find_programs() -> Path:
    """The directory of initdb and postgres: Debian's newest, else the one in PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    found = debian[-1:] or [Path(path) for path in [shutil.which("initdb")] if path]
    if not found:
        raise NoPostgres("PostgreSQL is not installed (Debian package postgresql)")
    return found[0].parent


@contextmanager
def private_postgres(*, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL of our own and yield its DATABASE_URL. It refuses to run as root, so root lends it a user.

    `durable`: what is committed survives a power cut, as it would in real life; for measuring what that takes.
    """
    programs = find_programs()
    become = _other_user()
    home = Path(tempfile.mkdtemp(prefix="rackdesk-pg-", dir="/tmp"))  # short: it holds a unix socket
    if become:
        shutil.chown(home, "postgres", "postgres")
    try:
        _initialise(programs, home, become)
        process = _start(programs, home, become, () if durable else FAST)
        try:
            _wait(process, programs, home)
            yield f"postgresql://rackdesk@/rackdesk?host={home}"
        finally:
            process.send_signal(signal.SIGINT)  # "fast shutdown": open sessions are ended
            process.wait(timeout=START_SECONDS)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _other_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise NoPostgres("there is no user named postgres for it to run as") from None
    return (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")


def _initialise(programs: Path, home: Path, become: tuple[str, ...]) -> None:
    start = ("setpriv", *become, "--pdeathsig=KILL", str(programs / "initdb"))
    options = ("-U", "rackdesk", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    argv = (*start, "-D", str(home / "data"), *options)
    made = subprocess.run(argv, cwd=home, capture_output=True, text=True, check=False)
    if made.returncode:
        raise NoPostgres(f"initdb did not work: {made.stderr.strip()[-300:]}")


def _start(programs: Path, home: Path, become: tuple[str, ...], more: tuple[str, ...]) -> subprocess.Popen[bytes]:
    start = ("setpriv", *become, "--pdeathsig=INT", str(programs / "postgres"))
    options = ("-k", str(home), "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", *more)
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            (*start, "-D", str(home / "data"), *options),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], programs: Path, home: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    ask = (str(programs / "pg_isready"), "-q", "-h", str(home))
    while subprocess.run(ask, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            end = (home / "log").read_text(encoding="utf-8", errors="replace")[-300:]
            raise NoPostgres(f"PostgreSQL did not start: {end}")
        time.sleep(0.05)
