"""The panel itself, as it runs: a database, a queue and a worker of its own; work goes in, seconds come out.

Import this only after `django.setup()`; `push.py` does that with a data directory of the run's own.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.management import call_command

from config.celery import app
from config.start.run import redis_service, worker_service
from config.start.supervisor import Service
from hosts.choices import ChangeState, CredentialKind, HostState, RolloutState, Source, Via
from hosts.facts.change import Bundle, Command, WantedFile
from hosts.facts.machine import PinnedKey
from hosts.facts.proposal import Proposal
from hosts.models import Credential, Host, Organization, Rollout, User
from hosts.services import credentials, enrol, fleet, rollouts
from hosts.services.audit import Actor
from hosts.tasks import compare_change
from hosts.tasks.ways import pool
from tests.bench.work import PATH, SECONDS, Work
from tests.lab import LabHost

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120.0
DESK_THREADS = 8  # as `make run` has it


class Panel:
    """As a context manager: queue and worker run inside, and are stopped at the end."""

    def __init__(self, lab: Sequence[LabHost], key: str, *, threads: int) -> None:
        self._lab = lab
        self._key = key
        self._threads = threads
        self._stack = ExitStack()
        self._workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with self._stack:
            call_command("migrate", verbosity=0)
            self._start_queue()
            self._fill()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # -- its parts -------------------------------------------------------------------------------------------------
    def _start_queue(self) -> None:
        socket = Path(settings.REDIS_URL.removeprefix("redis+socket://"))
        (settings.VAR_DIR / "log").mkdir()
        queue = redis_service(socket, settings.VAR_DIR)
        self._stack.callback(_stopped, _started(queue))
        _wait(lambda: queue.is_ready is None or queue.is_ready(), "redis")

    def new_workers(self) -> None:
        """The workers of a panel as it is started, which have spoken to no host yet."""
        for worker in self._workers:
            _stopped(worker)
        self._workers = [
            _started(worker_service("push", "push", self._threads)),
            _started(worker_service("desk", "default,mail", DESK_THREADS)),
        ]
        for worker in self._workers:
            self._stack.callback(_stopped, worker)
        _wait(lambda: len(app.control.ping(timeout=0.5)) == len(self._workers), "the workers")

    def _fill(self) -> None:
        person = User.objects.create_user("bench@rackdesk.localhost", is_staff=True, is_superuser=True)
        self._actor = Actor(person, Via.COMMAND)
        credential = credentials.save_credential(
            Credential(name="lab", kind=CredentialKind.PRIVATE_KEY), by=self._actor, key_text=self._key
        )
        organization = Organization.objects.create(name="Bench")
        for machine in self._lab:
            host = Host(
                name=machine.name,
                address=machine.address,
                username="root",
                use_sudo=False,
                credential=credential,
                organization=organization,
            )
            fleet.save_host(host, by=self._actor, roles=())
            enrol.record_offered_keys(host, [PinnedKey(*machine.host_key.split())])
            enrol.accept_keys(host, by=self._actor)
        assert Host.objects.filter(state=HostState.REACHABLE).count() == len(self._lab)

    # -- its work --------------------------------------------------------------------------------------------------
    def prepare(self, work: Work) -> Rollout:
        """Plan, compare and approve it for every host: what happens before the button is pressed."""
        bundle = Bundle(
            files=(WantedFile(PATH, work.content),),
            check=(Command(tuple(work.check("{staged}").split()), SECONDS),),
            activate=(Command(tuple(work.activate.split()), SECONDS),),
            verify=(Command(tuple(work.verify.split()), SECONDS),),
        )
        rollout = rollouts.plan_for_hosts(
            Host.objects.order_by("pk"),
            lambda _host: Proposal("Bench", bundle),
            by=self._actor,
            source=Source.MANAGED_FILE,
            manner=rollouts.Manner(canary_count=0, batch_size=len(self._lab)),
        )
        assert isinstance(rollout, Rollout)
        for pk in rollout.changes.values_list("pk", flat=True):
            compare_change(pk)
        pool.close()
        rollouts.approve_rollout(rollout, by=self._actor)
        return rollout

    def push(self, rollout: Rollout) -> float:
        """From the press of the button to the last outcome in the database."""
        began = time.perf_counter()
        rollouts.start_rollout(rollout, by=self._actor)
        app.send_task("hosts.step_rollout", [rollout.pk])
        _wait(lambda: not rollout.changes.filter(finished_at=None).exists(), "the changes", pause=0.01)
        seconds = time.perf_counter() - began
        for change in rollout.changes.exclude(state=ChangeState.APPLIED):
            raise AssertionError(f"{change.host}: {change.state}: {change.outcome_why}")
        _wait(lambda: Rollout.objects.get(pk=rollout.pk).state == RolloutState.DONE, "the rollout")
        return seconds

    def round_trips(self, rollout: Rollout) -> list[dict[str, int]]:
        """What the connections of its changes counted."""
        return list(rollout.changes.values_list("round_trips", flat=True))


def _started(service: Service) -> subprocess.Popen[bytes]:
    return subprocess.Popen(service.argv, cwd=ROOT, env={**os.environ, **dict(service.env)}, stdin=subprocess.DEVNULL)


def _stopped(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(holds: Callable[[], object], what: str, *, pause: float = 0.05) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {PATIENCE_SECONDS:g} s")
        time.sleep(pause)
