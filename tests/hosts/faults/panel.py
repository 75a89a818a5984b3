"""The panel's own processes beside lab hosts: a queue and workers as `make run` starts them, and what became of a change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from signal import SIGCONT, SIGKILL
from types import TracebackType
from typing import Any, Self

from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from kombu import Connection

from config.celery import app
from config.env import env_database
from config.start.run import redis_service, worker_service
from config.start.set_up import search_path
from config.start.supervisor import Service
from hosts.choices import ChangeState, Source
from hosts.facts.change import Bundle
from hosts.facts.machine import PinnedKey
from hosts.facts.proposal import Proposal
from hosts.models import Change, Credential, Host
from hosts.parse.transaction import TransactionReader
from hosts.rules.protocol import Progress
from hosts.services import changes, enrol
from hosts.services.audit import Actor
from hosts.services.changes.claim import SILENT_AFTER
from tests import make
from tests.hosts.changes import OLD, sh, until
from tests.lab.hosts import LabHost
from tests.lab.machine import missing

ROOT = Path(__file__).resolve().parents[3]
CONF = "/etc/service.conf"
CHANGES = "/var/lib/rackdesk/changes"
# A stand-in for a service: it holds whatever its file held when it was last activated. WAIT stops the change there.
COUNT = sh("echo ran >>/run/count")
WAIT = sh(": >/run/in; until test -e /run/go; do sleep 0.1; done", seconds=600)
ACTIVATE = sh("cp /etc/service.conf /run/service")
VERIFY = sh("cmp /etc/service.conf /run/service")
# What would point a process of the panel to another one's data.
FOREIGN = ("VAR_DIR", "DATABASE_URL", "REDIS_URL", "PORT", "BIND", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")


class Processes:
    """What a test started. None of it outlives the block, nor this process should that be killed."""

    def __init__(self, place: Path, environment: Mapping[str, str]) -> None:
        self.place = place
        self.environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", **environment}
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, service: Service, *, orphan_signal: str = "KILL") -> subprocess.Popen[bytes]:
        """Start a service in a process group of its own; what it prints goes to NAME.log."""
        with (self.place / f"{service.name}.log").open("ab") as log:
            process = subprocess.Popen(
                ("setpriv", f"--pdeathsig={orphan_signal}", *service.argv),
                cwd=ROOT,
                env={**self.environment, **service.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=service.keep_open,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def said(self) -> str:
        """Everything that they printed."""
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')}" for log in sorted(self.place.glob("*.log")))

    def stop(self) -> None:
        """kill -9 for every one with its process group; those that stand still included."""
        for process in reversed(self._running):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGCONT)
                os.killpg(process.pid, SIGKILL)
            process.wait(60)


class Panel:
    """Queue and workers over a database; as a context manager it leaves no process behind."""

    def __init__(self, place: Path, url: str) -> None:
        self.place = place
        self._url = url
        self._queues: set[str] = set()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack:
            (self.place / "log").mkdir()
            socket = self.place / "redis.sock"
            queue = f"redis+socket://{socket}"
            self.processes = Processes(
                self.place,
                {"VAR_DIR": str(self.place), "DATABASE_URL": self._url, "REDIS_URL": queue, "ENV_FILE": os.devnull},
            )
            self._stack.callback(self.processes.stop)
            redis = redis_service(socket, self.place)
            self.processes.start(redis)
            assert redis.is_ready is not None
            until(redis.is_ready)
            self._queue = self._stack.enter_context(Connection(queue))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def worker(self, name: str, queues: str = "push,default", threads: int = 12) -> subprocess.Popen[bytes]:
        """A worker; messages wait in the queue until it is up."""
        self._queues.update(queues.split(","))
        return self.processes.start(worker_service(name, queues, threads))

    # -- messages --------------------------------------------------------------------------------------------------
    def wake(self, task: str, *arguments: int, queue: str | None = None) -> None:
        """Send the message that the front door or beat sends."""
        where = {"queue": queue} if queue else {}
        app.send_task(f"hosts.{task}", arguments, connection=self._queue, **where)

    def redeliver(self) -> int:
        """What the broker does with messages that nobody acknowledged within its hour: now. Returns how many."""
        count = len(self._unacknowledged())
        with self._queue.channel() as channel:
            channel.qos.visibility_timeout = 0
            channel.qos.restore_visible(num=None, interval=1)
        return count

    def lose(self, change: Change) -> None:
        """The broker forgets the message of this change."""
        [tag] = [tag for tag, arguments in self._unacknowledged().items() if arguments == [change.pk]]
        with self._queue.channel() as channel:
            channel.client.hdel(channel.unacked_key, tag)
            channel.client.zrem(channel.unacked_index_key, tag)

    def is_worked_off(self, *, but: int) -> bool:
        """Whether every message was taken and answered, except `but` that are being worked on."""
        with self._queue.channel() as channel:
            waiting = sum(channel.client.llen(name) for name in self._queues)
        return waiting == 0 and len(self._unacknowledged()) == but

    def _unacknowledged(self) -> dict[bytes, list[int]]:
        with self._queue.channel() as channel:
            kept = channel.client.hgetall(channel.unacked_key)
        return {tag: json.loads(b64decode(json.loads(entry)[0]["body"]))[0] for tag, entry in kept.items()}


def needs() -> str:
    """What this machine lacks, in one sentence; "" where nothing is missing."""
    lack = missing()
    if not lack and shutil.which("redis-server", path=search_path()) is None:
        lack = "needs redis-server (Debian package redis-server)"
    return lack


@contextmanager
def database(url: str) -> Iterator[None]:
    """This process works on a database of its own inside, with all tables and no row; workers are given the URL."""
    entry = env_database("DATABASE_URL_OF_A_TEST", url)
    if entry["ENGINE"].endswith("sqlite3"):
        wal = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"}
        entry |= {"ENGINE": "config.sqlite3", "OPTIONS": wal}
    outside, connections.settings["default"] = connections.settings["default"], _complete(entry)
    kept, connections["default"] = connections["default"], connections.create_connection("default")
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        connections.settings["default"], connections["default"] = outside, kept


def _complete(entry: dict[str, Any]) -> dict[str, Any]:
    return dict(connections.configure_settings({"default": entry})["default"])


def python(*arguments: str) -> tuple[str, ...]:
    """The command line of the panel's own Python."""
    return (sys.executable, *arguments)


# -- rows ----------------------------------------------------------------------------------------------------------
def enrolled(machine: LabHost, credential: Credential) -> Host:
    """The row of a lab host whose service is in its old state and whose key a person accepted."""
    machine.write(CONF, OLD)
    machine.write("/run/service", OLD)
    later = timezone.now() + timedelta(hours=1)  # nothing but changes goes to it meanwhile
    host = make.host(
        machine.name,
        key=False,
        address=machine.address,
        port=machine.port,
        username="root",
        use_sudo=False,
        credential=credential,
        next_facts_at=later,
        next_drift_at=later,
    )
    enrol.record_offered_keys(host, [PinnedKey(*machine.host_key.split())])
    enrol.accept_keys(host, by=make.actor())
    return Host.objects.get(pk=host.pk)


def planned(host: Host, bundle: Bundle, by: Actor) -> Change:
    """A change with this bundle."""
    return changes.plan_change(host, Proposal("Serve the new state", bundle), by=by, source=Source.COMMAND)


def queued(rows: list[Change], by: Actor) -> None:
    """Approve and queue them once a worker has compared them."""
    mine = Change.objects.filter(pk__in=[row.pk for row in rows])
    until(lambda: not mine.filter(state=ChangeState.PLANNED, tries=0).exists(), seconds=200)
    for row in mine:
        assert row.state == ChangeState.COMPARED, row.outcome_why
        changes.queue_change(changes.approve_change(row, by=by), by=by)


def is_silent(row: Change) -> bool:
    """Whether nobody has looked after it for so long that another worker may."""
    return Change.objects.to_find(timezone.now() - SILENT_AFTER).filter(pk=row.pk).exists()


# -- what became of it -----------------------------------------------------------------------------------------------
def has_ended_on(machine: LabHost, row: Change) -> bool:
    """Whether the host itself has brought it to its end."""
    return machine.exists(f"{CHANGES}/{row.uuid}/end")


def assert_ran_once(machine: LabHost, row: Change) -> None:
    """One transaction on the host, and the panel tells of it exactly what the host wrote down, once."""
    row.refresh_from_db()
    here = f"{CHANGES}/{row.uuid}"
    assert machine.check(["ls", CHANGES]).decode().split() == [str(row.uuid)]
    journal = [line.split()[0] for line in machine.read(f"{here}/journal").decode().splitlines()]
    assert (journal.count("begun"), journal.count("end")) == (1, 1), journal
    assert machine.read("/run/count") == b"ran\n"
    said = machine.read(f"{here}/log")
    reader, progress = TransactionReader(str(row.uuid)), Progress()
    steps, lines = progress.take(
        reader.feed(f"\n@{row.uuid} log 0\n".encode() + said + f"\n@{row.uuid} end\n".encode())
    )
    kept = list(row.log_lines.order_by("number").values_list("number", "text"))
    assert kept == [(line.number, line.text) for line in lines]
    told = dict(row.steps.values_list("name", "state"))
    assert {step.name: str(step.state) for step in steps}.items() <= told.items()
    assert "running" not in told.values()
    assert row.finished_at is not None
    assert len(str(row.outcome_why)) > 20
