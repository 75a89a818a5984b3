"""`python -m tests.bench.mail`: mails from a real IMAP server to committed tickets, beside django-helpdesk.

The same mails, each with a file, from the same Dovecot over TLS; each way in a process of its own, in turns, on SQLite
and on a PostgreSQL, with the settings of real life (what is committed is synced). Mails a second, and mails a second
of the process's CPU time. `--write` keeps the figures in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import psycopg

from config.start.postgres import NoPostgres, private_postgres
from tests.bench.figures import machine

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- mail: made by `python -m tests.bench.mail --write` -->", "<!-- end of mail -->"
PEER = ("django-helpdesk==2.6.1", "Django==5.2.19", "psycopg[binary]==3.3.9")
BAR = 3.0
FILE = "%PDF-1.4 " + "0123456789abcdef" * 1024
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "ENV_FILE": os.devnull,
    "REDIS_URL": "memory://",  # no worker is to be woken: everything happens in one process
    "LOG_LEVEL": "ERROR",
}
Runs = dict[str, list[dict[str, float]]]


def mail(number: int) -> bytes:
    """A request of one of fifty people with a file of 16 KB."""
    return (
        f"From: Person {number % 50} <person{number % 50}@customer.example>\nTo: ticket@desk.example\n"
        f"Subject: Request {number}\nMessage-ID: <{number}@customer.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        f"The server {number} does not boot.\n\nKind regards\n--b\nContent-Type: application/pdf\n"
        f'Content-Disposition: attachment; filename="log.pdf"\n\n{FILE}{number}\n--b--\n'
    ).encode()


def panel(port: int, ca: str) -> dict[str, float]:
    """Fetch and take in everything with the panel's own tasks, one after the other in this process."""
    import django

    django.setup()
    import logging

    from django.core.management import call_command

    from hosts.models.sealed import Sealed
    from tests.tickets.dovecot import PASSWORD
    from tickets.models import Attachment, IncomingMail, Mailbox, Ticket
    from tickets.services.house import desk
    from tickets.tasks.fetch import fetch_mailbox
    from tickets.tasks.intake import take_in_waiting

    logging.getLogger("kombu").setLevel(logging.ERROR)
    call_command("migrate", verbosity=0)
    desk()
    secret = Sealed.of(json.dumps({"password": PASSWORD}))
    at = {"host": "localhost", "port": port, "username": "ticket", "secret": secret, "ca_certificate": ca}
    box = Mailbox.objects.create(name="Help", address="ticket@desk.example", after_fetch="delete", **at)
    began, cpu = time.perf_counter(), time.process_time()
    fetch_mailbox(box.pk)
    take_in_waiting()
    took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
    for row in IncomingMail.objects.exclude(state="taken")[:3]:
        print(f"{row.state}: {row.why} {row.trouble}", file=sys.stderr)
    return {"tickets": Ticket.objects.count(), "files": Attachment.objects.count(), **took}


def peer_python(place: Path) -> str:
    """The Python of an environment with django-helpdesk in it; CalledProcessError where it cannot be installed."""
    venv.create(place, with_pip=True)
    python = str(place / "bin/python")
    subprocess.run((python, "-m", "pip", "install", "--quiet", *PEER), check=True, stderr=subprocess.DEVNULL)
    return python


def one_run(way: str, python: str, mails: int, socket: str) -> dict[str, float]:
    """Fill the server and let one way empty it; `socket` is the folder of PostgreSQL's, "" for SQLite."""
    from tests.tickets import dovecot

    with dovecot.running() as server, tempfile.TemporaryDirectory(prefix="rackdesk-bench-") as place:
        for number in range(mails):
            server.deliver(mail(number))
        if way == "django-helpdesk":
            script = str(ROOT / "tests/bench/mail_peer.py")
            argv = (
                python,
                "-P",
                script,
                place,
                str(server.ports["imap"]),
                dovecot.PASSWORD,
                *([socket] if socket else []),
            )
            environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        else:
            (Path(place) / "ca.pem").write_text(server.ca)
            argv = (sys.executable, "-m", "tests.bench.mail", "--panel", str(server.ports["imaps"]), f"{place}/ca.pem")
            environment = {
                **os.environ,
                **SETTINGS,
                "VAR_DIR": place,
                "DATABASE_URL": f"sqlite:///{place}/panel.sqlite3",
            }
            if socket:
                environment["DATABASE_URL"] = f"postgresql://rackdesk@/panel?host={socket}"
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{way}: {done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        if (found["tickets"], found["files"], server.count()) != (mails, mails, 0):
            raise SystemExit(f"{way} did not take in all: {found}, {server.count()} left; {done.stderr[-2000:]}")
        return found


def main() -> int:
    """0 where the bar holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mail")
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    parser.add_argument("--peer", metavar="PYTHON", help="one that has the peer; without it, an environment is made")
    parser.add_argument("--panel", nargs=2, metavar=("PORT", "CA"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.panel:
        print(json.dumps(panel(int(given.panel[0]), Path(given.panel[1]).read_text())))
        return 0
    os.environ |= SETTINGS  # the mail server's facts are read with them, and nothing else
    with tempfile.TemporaryDirectory(prefix="rackdesk-peer-") as place:
        try:
            python = given.peer or peer_python(Path(place))
        except subprocess.CalledProcessError:
            print("django-helpdesk could not be installed; without the peer there is nothing to compare with.")
            return 1
        found = {"SQLite": rounds(python, given.mails, given.runs, lambda: nullcontext(""))}
        try:
            found["PostgreSQL"] = rounds(python, given.mails, given.runs, both_databases)
        except NoPostgres as error:
            print(f"PostgreSQL left out: {error}")
    lines, holds = told(found, given.mails, given.runs)
    print("\n".join(lines))
    if given.write:
        head, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{rest.partition(END)[2]}")
    return 0 if holds else 1


def rounds(python: str, mails: int, runs: int, database: Callable[[], AbstractContextManager[str]]) -> Runs:
    """What each way took in each round; they take turns, so that both meet the same other work on the machine."""
    found: Runs = {"panel": [], "django-helpdesk": []}
    for _ in range(runs):
        for way, took in found.items():
            with database() as socket:
                took.append(one_run(way, python, mails, socket))
    return found


@contextmanager
def both_databases() -> Iterator[str]:
    """A new PostgreSQL that syncs what is committed, with an empty database for either way."""
    with private_postgres(durable=True) as url:
        with psycopg.connect(url.replace("/rackdesk?", "/postgres?"), autocommit=True) as line:
            line.execute("CREATE DATABASE panel")
            line.execute("CREATE DATABASE helpdesk")
        yield url.rpartition("=")[2]


def told(found: Mapping[str, Runs], mails: int, runs: int) -> tuple[list[str], bool]:
    """The lines of the page, and whether the panel is BAR times as fast as the peer, by the clock and by CPU time."""
    lines = [
        f"{mails} mails a run, {runs} runs in turns, medians (in brackets the slowest and the fastest); {machine()}.",
        "",
        "| database | way | mails a second | mails a second of CPU time |",
        "|---|---|---|---|",
    ]
    verdicts, all_hold = [], True
    for database, ways in found.items():
        for way, took in ways.items():
            lines.append(f"| {database} | {way} | {_rate(took, 'seconds', mails)} | {_rate(took, 'cpu', mails)} |")
        for what, name in (("seconds", "by the clock"), ("cpu", "by CPU time")):
            ours, theirs = (statistics.median(run[what] for run in took) for took in ways.values())
            holds = theirs / ours >= BAR
            all_hold = all_hold and holds
            said = "holds" if holds else "**missed**"
            verdicts.append(f"* {said}: {theirs / ours:.1f} times the rate on {database} {name} (the bar is {BAR:g})")
    return [*lines, "", *verdicts], all_hold


def _rate(took: Sequence[Mapping[str, float]], what: str, mails: int) -> str:
    rates = sorted(mails / run[what] for run in took)
    return f"{statistics.median(rates):.1f} ({rates[0]:.1f}-{rates[-1]:.1f})"


if __name__ == "__main__":
    sys.exit(main())
