"""`python -m tests.soak.mail_rounds`: fetchers and workers killed at random points while mail is taken in.

Each round: a real Dovecot holds so many mails, several processes fetch and read them, and one after the other is ended
by SIGKILL and started anew. At the end every mail must be one entry, with its file, its acknowledgement and its raw
bytes, and be away from the server. Prints a JSON line per round; ends with 1 where a round is wrong.
The database is an SQLite of its own, or the one of DATABASE_URL where `--keep-database` says so.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.tickets.dovecot import Dovecot

PR_SET_PDEATHSIG = 1
READERS = 2
CROWD = 10
FILE = b"%PDF-1.4 " + b"0123456789abcdef" * 128


@dataclass(frozen=True)
class Plan:
    """What one round does. `kill_seconds` is the mean time between two kills."""

    mails: int
    protocol: str
    seed: int
    kills: int
    kill_seconds: float
    patience_seconds: float
    fetchers: int = 2


def prepare(var: Path, *, keep_database: bool) -> None:
    """Settings of this program's own, a migrated database, and claims that end soon after their worker."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "VAR_DIR": str(var)}
    if not keep_database:
        os.environ["DATABASE_URL"] = f"sqlite:///{var / 'rounds.sqlite3'}"
    django.setup()
    from datetime import timedelta

    from django.core.management import call_command

    from tickets.services import incoming, mailboxes

    logging.getLogger("kombu").setLevel(logging.ERROR)  # there is no queue here, and none is needed
    call_command("migrate", verbosity=0)
    mailboxes.SILENT_AFTER = timedelta(seconds=0.5)
    incoming.SILENT_AFTER = timedelta(seconds=1)
    incoming.LAST_TRY = 1000  # here it is not the mail that ends its workers


class Round:
    """One round over an empty desk."""

    def __init__(self, plan: Plan, server: Dovecot) -> None:
        self.plan, self.server = plan, server
        self.random = random.Random(plan.seed)
        self.kills = 0
        self._children: dict[int, Callable[[], object]] = {}

    def run(self) -> dict[str, object]:
        """What was found at the end, with "wrong" naming what should not be."""
        from django.db import connections

        self.server.empty()
        ids = [self._deliver(number) for number in range(self.plan.mails)]
        mailbox = self._desk()
        began = time.monotonic()
        connections.close_all()
        try:
            for work in (*(lambda: _fetch(mailbox),) * self.plan.fetchers, *(_read,) * READERS):
                self._start(work)
            self._kill_until_done(began)
        finally:
            for pid in list(self._children):
                self._end(pid)
        return self._found(ids, mailbox) | {"seconds": round(time.monotonic() - began, 1)}

    def _deliver(self, number: int) -> str:
        id_ = f"{self.plan.seed}.{number}@customer.example"
        head = (
            f"From: Person {number % 25} <person{number % 25}@customer.example>\nTo: ticket@desk.example\n"
            f"Subject: Request {number}\nMessage-ID: <{id_}>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
        )
        if number % 7 == 3:
            head += f"In-Reply-To: <{self.plan.seed}.{number - 1}@customer.example>\n"
        body = f"It is broken {number}.\n".encode()
        if number % 3 == 0:
            body = (
                b"--b\nContent-Type: text/plain\n\n" + body + b"--b\nContent-Type: application/pdf\n"
                b'Content-Disposition: attachment; filename="a.pdf"\n\n' + FILE + b"%d\n--b--\n" % number
            )
            head += "Content-Type: multipart/mixed; boundary=b\n"
        self.server.deliver(head.encode() + b"\n" + body)
        return id_

    def _desk(self) -> int:
        from django.core.management import call_command
        from django.db import connection

        from hosts.models.sealed import Sealed
        from tests.tickets import dovecot
        from tickets.models import DeskSettings, Mailbox
        from tickets.services.house import desk
        from tickets.services.search_index import CONTACTS, TICKETS

        call_command("flush", verbosity=0, interactive=False)
        with connection.cursor() as cursor:  # tables without a model, which flush does not know
            for table in (TICKETS, CONTACTS):
                cursor.execute(f"DELETE FROM {table}")  # noqa: S608  (names of our own)
        desk()
        DeskSettings.objects.update(automatic_mails_per_hour=1_000_000)
        pop3 = self.plan.protocol == "pop3"
        facts = self.server.server()
        made = Mailbox.objects.create(
            name="Help",
            address="ticket@desk.example",
            protocol=self.plan.protocol,
            host="localhost",
            port=self.server.ports["pop3s" if pop3 else "imaps"],
            username="ticket",
            secret=Sealed.of(json.dumps({"password": dovecot.PASSWORD})),
            ca_certificate=facts.ca_certificate,
            after_fetch="delete" if pop3 else "move",
            move_to="" if pop3 else "Fetched",
            poll_seconds=5,
        )
        return made.pk

    def _start(self, work: Callable[[], object]) -> None:
        from django.db import connections

        connections.close_all()
        pid = os.fork()
        if pid == 0:
            _work_for_ever(work)
        self._children[pid] = work

    def _end(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        del self._children[pid]

    def _kill_until_done(self, began: float) -> None:
        next_kill = began + self.random.expovariate(1 / self.plan.kill_seconds)
        while time.monotonic() - began < self.plan.patience_seconds:
            time.sleep(min(0.05, max(0.0, next_kill - time.monotonic())) or 0.001)
            self._raise_the_dead()
            if time.monotonic() >= next_kill and self.kills < self.plan.kills:
                next_kill = time.monotonic() + self.random.expovariate(1 / self.plan.kill_seconds)
                victim = self.random.choice(list(self._children))
                work = self._children[victim]
                self._end(victim)
                self.kills += 1
                self._start(work)
            elif self._is_done():
                return

    def _raise_the_dead(self) -> None:
        """A worker that ended by an error of its own (a database that was locked for too long) is started anew."""
        for pid, work in list(self._children.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._children[pid]
                self._start(work)

    def _is_done(self) -> bool:
        from tickets.models import IncomingMail

        states = list(IncomingMail.objects.values_list("state", "is_off_server"))
        ended = sum(1 for state, off in states if off and state not in ("kept", "running"))
        return ended >= self.plan.mails and self.server.count() == 0

    def _found(self, ids: Sequence[str], mailbox: int) -> dict[str, object]:
        from collections import Counter

        from tickets.models import Attachment, Entry, IncomingMail, Mailbox, OutgoingMail, Ticket

        entries = Counter(Entry.objects.values_list("message_id", flat=True))
        states = Counter(IncomingMail.objects.values_list("state", flat=True))
        acknowledged = Counter(OutgoingMail.objects.filter(kind="ticket.autoresp").values_list("ticket", flat=True))
        files = sum(1 for number in range(len(ids)) if number % 3 == 0)
        raws = IncomingMail.objects.select_related("raw")
        wrong = {
            "lost": sum(1 for one in ids if one not in entries),
            "twice": sum(count - 1 for count in entries.values()),
            "states": {name: count for name, count in states.items() if name != "taken"},
            "files": Attachment.objects.count() - files,
            "acknowledged": len(acknowledged) - Ticket.objects.count() + sum(acknowledged.values()) - len(acknowledged),
            "tickets without a message": Ticket.objects.filter(entries=None).count(),
            "without raw bytes": sum(1 for one in raws if one.raw.path.stat().st_size != one.raw.size),
            "left on the server": self.server.count(),
            "in no folder": 0
            if self.plan.protocol == "pop3"
            else len(ids) - len(set(self.server.mails(folder="Fetched"))),
        }
        return {
            "protocol": self.plan.protocol,
            "mails": len(ids),
            "seed": self.plan.seed,
            "kills": self.kills,
            "fetchers": self.plan.fetchers,
            "entries": sum(entries.values()),
            "wrong": {name: value for name, value in wrong.items() if value},
            "mailbox": str(Mailbox.objects.get(pk=mailbox).state_why),
        }


def _work_for_ever(work: Callable[[], object]) -> None:
    """A child's life: an error of its own ends it, as it would end a worker, and never comes back to the parent."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        while True:
            work()
            time.sleep(0.02)
    finally:
        traceback.print_exc()
        os._exit(1)


def _fetch(mailbox: int) -> None:
    from django.db import OperationalError

    from tickets.tasks.fetch import fetch_mailbox

    try:
        fetch_mailbox(mailbox)
    except OperationalError as error:
        print(f"fetcher: {error}", file=sys.stderr, flush=True)


def _read() -> None:
    from tickets.tasks.intake import take_in_waiting

    take_in_waiting()


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every round was right."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.mail_rounds", description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--protocol", choices=["imap", "pop3"], action="append", help="both, unless one is named")
    parser.add_argument("--kills", type=int, default=200, help="at most so many in a round")
    parser.add_argument("--kill-seconds", type=float, default=0.4, help="mean time between two kills")
    parser.add_argument("--patience-seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument(
        "--crowd", action="store_true", help="then a round of ten fetchers, each of whom thinks the others dead"
    )
    parser.add_argument("--keep-database", action="store_true", help="use DATABASE_URL; everything in it is removed")
    given = parser.parse_args(arguments)
    failed = False
    with tempfile.TemporaryDirectory(prefix="rackdesk-mail-") as place:
        var = Path(place) / "var"
        var.mkdir()
        prepare(var, keep_database=given.keep_database)
        from tests.tickets import dovecot

        with dovecot.running() as server:
            for plan in _plans(given):
                with _believing_others_dead(wanted=plan.fetchers == CROWD):
                    found = Round(plan, server).run()
                print(json.dumps(found), flush=True)
                failed = failed or bool(found["wrong"])
    return 1 if failed else 0


def _plans(given: argparse.Namespace) -> Iterator[Plan]:
    protocols = given.protocol or ["imap", "pop3"]
    for number in range(given.rounds):
        for protocol in protocols:
            yield Plan(
                given.mails, protocol, given.seed + number, given.kills, given.kill_seconds, given.patience_seconds
            )
    for protocol in protocols if given.crowd else ():
        yield Plan(given.mails, protocol, given.seed, 0, 1, given.patience_seconds, CROWD)


@contextmanager
def _believing_others_dead(*, wanted: bool) -> Iterator[None]:
    from datetime import timedelta

    from tickets.services import mailboxes

    before = mailboxes.SILENT_AFTER
    mailboxes.SILENT_AFTER = timedelta(seconds=0.02) if wanted else before
    yield
    mailboxes.SILENT_AFTER = before


if __name__ == "__main__":
    sys.exit(main())
