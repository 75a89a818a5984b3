"""A set-up machine in, the running panel out: queue, web server, workers and beat, until Ctrl-C ends all of them."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from config.env import BadSetting, env_int, env_path, env_str, load_env_file
from config.start.set_up import ROOT, say, search_path
from config.start.supervisor import CannotStart, Service, Supervisor

PYTHON = sys.executable
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
IMAGE_SECONDS = 900  # a first start of the demo builds the image of its hosts
AS_ROOT_IS_MEANT = "ignore:You're running the worker with superuser privileges"  # the lab needs root


@contextmanager
def only_one(var: Path, url: str) -> Iterator[None]:
    """Hold the lock of a data directory; CannotStart says who holds it already."""
    try:
        var.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (var / "run.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(f"{var} cannot be written ({error.strerror}), and the panel keeps its data there.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(f"The panel already runs here: {lock.read().strip()}. Stop that one first.") from None
        lock.truncate(0)
        lock.write(f"{url}, process {os.getpid()}")
        lock.flush()
        yield
        lock.truncate(0)


def take_port(address: str, port: int) -> socket.socket:
    """The listening socket, taken before anything starts and handed down, so that nobody can be faster later."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise CannotStart(
            f"Port {port} of {address} cannot be used: {reason}. Take another one: make run PORT={port + 1}"
        ) from None
    listener.listen(1024)
    return listener


@contextmanager
def redis_socket(var: Path) -> Iterator[Path]:
    """Where the private Redis listens: in the data directory, or in a short path where that one is too long."""
    wanted = var / "redis.sock"
    if len(os.fsencode(wanted)) <= LONGEST_SOCKET_PATH:
        yield wanted
        return
    with tempfile.TemporaryDirectory(prefix="rackdesk-") as short:
        yield Path(short) / "redis.sock"


def redis_service(path: Path, var: Path) -> Service:
    """A Redis of our own, on a unix socket, without a file: rows are the queue, it only carries wake-up calls."""
    program = shutil.which("redis-server", path=search_path())
    if program is None:
        raise CannotStart("redis-server is missing. As root: apt-get install redis-server, or set REDIS_URL.")

    def answers() -> bool:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        return False

    where = ("--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(var))
    keep = ("--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", str(var / "log/redis.log"))
    return Service("redis", (program, *where, *keep), is_ready=answers, stops_last=True)


def web_service(listener: socket.socket, url_port: int) -> Service:
    """gunicorn on the socket that is held already."""

    def answers() -> bool:
        connection = HTTPConnection(listener.getsockname()[0], url_port, timeout=2)
        try:
            connection.request("GET", "/panel/login/", headers={"Host": "localhost"})
            connection.getresponse()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        return True

    handle = listener.fileno()
    shape = ("--worker-class", "gthread", "--graceful-timeout", "4", "--no-control-socket", "--log-level", "warning")
    workers = str(env_int("WEB_WORKERS", 2, low=1, high=64))
    threads = str(env_int("WEB_THREADS", 16, low=1, high=256))
    size = ("--workers", workers, "--threads", threads)
    argv = (PYTHON, "-m", "gunicorn", "config.wsgi:application", "--bind", f"fd://{handle}", *shape, *size)
    # Its workers end by themselves when their parent is gone, so a polite signal reaches all of them.
    return Service("web", argv, keep_open=(handle,), is_ready=answers, orphan_signal="TERM")


def worker_service(name: str, queues: str, threads: int) -> Service:
    """A Celery worker whose threads take from `queues`."""
    pool = ("--pool", "threads", "--concurrency", str(threads), "--queues", queues, "--hostname", f"{name}@%h")
    calm = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    env = {"PYTHONWARNINGS": AS_ROOT_IS_MEANT}
    return Service(name, (PYTHON, "-m", "celery", "-q", "-A", "config", "worker", *pool, *calm), env)


def beat_service(var: Path) -> Service:
    """Celery beat, which wakes the sweeps."""
    files = ("--schedule", str(var / "celerybeat-schedule"), "--pidfile", "")
    argv = (PYTHON, "-m", "celery", "-q", "-A", "config", "beat", "--loglevel", "WARNING", *files)
    return Service("beat", argv)


def desk_service(var: Path) -> Service:
    """The demo's help desk with its mail servers. It ends with code 0 and a word where there are none."""
    seeded = var / "desk.ready"
    seeded.unlink(missing_ok=True)
    argv = (PYTHON, "-m", "tests.lab.desk", "--ready", str(seeded))
    return Service("mail", argv, is_ready=seeded.exists, ready_seconds=120, orphan_signal="TERM", once=True)


def lab_service(var: Path) -> Service:
    """The demo's hosts and its story. It ends with code 0 and a word where the machine cannot run a lab."""
    seeded = var / "lab.ready"
    seeded.unlink(missing_ok=True)
    argv = (PYTHON, "-m", "tests.lab.demo", "--ready", str(seeded))
    return Service(
        "lab",
        argv,
        is_ready=seeded.exists,
        ready_seconds=IMAGE_SECONDS,
        orphan_signal="TERM",
        stop_seconds=30,
        once=True,
    )


def start(*, demo: bool) -> None:
    """Run the panel until a signal ends it."""
    load_env_file(env_path("ENV_FILE", ROOT / ".env"))
    var = env_path("VAR_DIR", ROOT / "var") / ("demo" if demo else "")
    os.environ["VAR_DIR"] = str(var)
    address, port = env_str("BIND", "127.0.0.1"), env_int("PORT", 8000, low=1, high=65535)
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}/"
    with only_one(var, url), take_port(address, port) as listener, redis_socket(var) as queue:
        services = []
        if not env_str("REDIS_URL", ""):
            os.environ["REDIS_URL"] = f"redis+socket://{queue}"
            services.append(redis_service(queue, var))
        password_file = var / "keys/first-password"
        _prepare(var, ("--keep", str(password_file)) if demo else ())
        services += [
            web_service(listener, port),
            worker_service("push", "push", env_int("PUSH_THREADS", 50, low=1, high=500)),
            worker_service("desk", "default,mail", env_int("DESK_THREADS", 8, low=1, high=100)),
            beat_service(var),
            *([desk_service(var), lab_service(var)] if demo else []),
        ]
        say(f"  Starting {', '.join(service.name for service in services)} ...")
        Supervisor(ROOT).run(services, lambda: _welcome(url, password_file if demo else None))
    say("rackdesk: stopped; the data is kept, the next start goes on from here")


def _prepare(var: Path, first_admin: Sequence[str]) -> None:
    (var / "log").mkdir(exist_ok=True)
    var.chmod(stat.S_IRWXU)
    done = subprocess.run((PYTHON, "-m", "config.start.prepare", *first_admin), cwd=ROOT, check=False)
    if done.returncode:
        raise CannotStart("The panel's data could not be made ready; the reason stands above.")


def _welcome(url: str, password_file: Path | None) -> None:
    say(f"\nRackdesk is ready: {url}")
    if password_file and password_file.exists():
        say(f"  admin@rackdesk.localhost, password {password_file.read_text(encoding='utf-8').strip()}")
    say("  Ctrl-C stops everything.\n")


def main(arguments: Sequence[str]) -> int:
    """`run` or `run demo`; 0 after a stop that was asked for, 1 with one line after anything else."""
    try:
        start(demo="demo" in arguments)
    except (BadSetting, CannotStart) as error:
        say(f"rackdesk: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nrackdesk: stopped before the start was complete")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
