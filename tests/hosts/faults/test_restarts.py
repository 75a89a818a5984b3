"""`make run` restarted, in part and as a whole, in the middle of an apply that was asked for over its own API."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from config.start.postgres import NoPostgres, private_postgres
from config.start.supervisor import Service
from hosts.choices import ChangeState
from hosts.facts.change import Command
from hosts.models import Change
from tests import make
from tests.config.processes import carrying
from tests.hosts.changes import NEW, until
from tests.hosts.faults.panel import (
    ACTIVATE,
    CONF,
    COUNT,
    VERIFY,
    WAIT,
    Processes,
    assert_ran_once,
    database,
    enrolled,
    has_ended_on,
    needs,
    python,
)
from tests.lab.hosts import LabHost
from tests.lab.lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.story]
FORM = {
    "title": "Serve the new state",
    "files": [{"path": CONF, "text": NEW.decode()}],
}


class Stack:
    """`make run` on a free port over data of its own, and somebody with a token who asks it for things."""

    def __init__(self, place: Path, url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.mark = f"VAR_DIR={place / 'data'}"
        self._log = place / "make-run.log"
        own = {"VAR_DIR": str(place / "data"), "DATABASE_URL": url, "PORT": str(self.port), "ENV_FILE": os.devnull}
        self.processes = Processes(place, own)
        self.process: subprocess.Popen[bytes] | None = None
        _, self._key = make.token()

    def start(self) -> None:
        """Return when the panel says that it is ready."""
        self._log.touch()
        begins = self._log.stat().st_size
        process = self.process = self.processes.start(
            Service("make-run", python("-m", "config.start.run")), orphan_signal="TERM"
        )
        until(lambda: process.poll() is not None or b"is ready" in self._log.read_bytes()[begins:], seconds=200)
        assert process.poll() is None, self.processes.said()

    def stop(self) -> None:
        """Ctrl-C."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=120) == 0
        until(lambda: carrying(self.mark) == {})

    def close(self) -> None:
        """Whatever is left of it ends, however the test went."""
        self.processes.stop()
        for process in carrying(self.mark):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def web(self) -> list[int]:
        """The process ids of its web server."""
        return [process for process, words in carrying(self.mark).items() if "gunicorn" in words]

    def ask(self, path: str, body: object = None) -> Any:
        """The answer of the API; POST where there is a body. While the web server starts it waits at the port."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  (the scheme stands above)
            return json.load(answer)

    def applying(self, machine: LabHost, pk: int, *, waits: str) -> Change:
        """A change that is on its way and held up in the phase `waits`."""
        phases = {"before": [COUNT], "activate": [ACTIVATE], "verify": [VERIFY]}
        phases[waits] = [WAIT, *phases[waits]]
        commands = {name: _sent(phase) for name, phase in phases.items()}
        planned = self.ask("changes/bundle/", {**FORM, "hosts": [pk], **commands})["change"]["id"]
        row = Change.objects.get(pk=planned)
        until(lambda: now(row).state == ChangeState.COMPARED, seconds=200)
        self.ask(f"changes/{row.pk}/approve/", {})
        self.ask(f"changes/{row.pk}/apply/", {})
        until(lambda: machine.exists("/run/in"), seconds=200)
        return now(row)

    def state(self, row: Change) -> str:
        """The state of a change as the API tells it."""
        return str(self.ask(f"changes/{row.pk}/")["state"]["value"])


def now(row: Change) -> Change:
    """The row as it is by now."""
    row.refresh_from_db()
    return row


def _sent(commands: Sequence[Command]) -> list[dict[str, object]]:
    return [{"argv": list(command.argv), "timeout_seconds": command.timeout_seconds} for command in commands]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL where this machine has one, since the other tests of the panel's processes use SQLite."""
    if lack := needs():
        pytest.skip(lack)
    try:
        with private_postgres() as server:
            yield server.replace("/rackdesk?", "/postgres?")
    except NoPostgres:
        yield f"sqlite:///{tmp_path_factory.mktemp('database') / 'panel.sqlite3'}"


@pytest.fixture(scope="module")
def stack(django_db_blocker: Any, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with django_db_blocker.unblock(), database(url):
        one = Stack(tmp_path_factory.mktemp("stack"), url)
        try:
            one.start()
            yield one
        finally:
            one.close()


def test_the_web_server_is_killed_during_an_apply(stack: Stack, lab: Lab, lab_host: LabHost) -> None:
    host = enrolled(lab_host, make.credential(private_key=lab.key_path.read_text()))
    row = stack.applying(lab_host, host.pk, waits="activate")
    claim, killed = row.claim, stack.web()
    for process in killed:
        os.kill(process, signal.SIGKILL)
    assert killed
    until(lambda: not set(killed) & set(stack.web()))
    lab_host.write("/run/go", b"")
    assert stack.state(row) in (ChangeState.APPLYING, ChangeState.APPLIED)  # answered by the next web server
    until(lambda: now(row).has_ended)
    assert stack.state(row) == ChangeState.APPLIED
    assert row.claim == claim  # its worker never noticed
    assert lab_host.read("/run/service") == NEW
    assert_ran_once(lab_host, row)


def test_the_whole_panel_is_restarted_during_an_apply(stack: Stack, lab: Lab, lab_host: LabHost) -> None:
    host = enrolled(lab_host, make.credential(private_key=lab.key_path.read_text()))
    row = stack.applying(lab_host, host.pk, waits="verify")
    stack.stop()
    lab_host.write("/run/go", b"")
    until(lambda: has_ended_on(lab_host, row))
    assert now(row).heartbeat_at is None  # let go, so that nobody has to wait for its silence
    claim = row.claim
    stack.start()
    until(lambda: now(row).has_ended, seconds=200)
    assert stack.state(row) == ChangeState.APPLIED
    assert row.claim != claim
    assert lab_host.read("/run/service") == NEW
    assert_ran_once(lab_host, row)
