"""`python -m tests.bench.mail`: mails from a real IMAP server to committed tickets, beside django-helpdesk.

The same mails, each with a file, from the same Dovecot; each way in a process of its own, in turns. Mails a second,
and mails a second of CPU time.
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
from contextlib import ExitStack
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PEER = ("django-helpdesk==2.6.1", "Django==5.2.19")
BAR = 3.0
FILE = "%PDF-1.4 " + "0123456789abcdef" * 1024


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
    from tickets.models import Attachment, Mailbox, Ticket
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
    return {"tickets": Ticket.objects.count(), "files": Attachment.objects.count(), **took}


def peer_python(place: Path) -> str:
    """The Python of an environment with django-helpdesk in it; CalledProcessError where it cannot be installed."""
    venv.create(place, with_pip=True)
    python = str(place / "bin/python")
    subprocess.run((python, "-m", "pip", "install", "--quiet", *PEER), check=True, stderr=subprocess.DEVNULL)
    return python


def one_run(way: str, python: str, mails: int, url: str) -> dict[str, float]:
    """Fill the server and let one way empty it."""
    from tests.tickets import dovecot

    with dovecot.running() as server, tempfile.TemporaryDirectory(prefix="rackdesk-bench-") as place:
        for number in range(mails):
            server.deliver(mail(number))
        if way == "django-helpdesk":
            script = str(ROOT / "tests/bench/mail_peer.py")
            argv = (python, "-P", script, place, str(server.ports["imap"]), dovecot.PASSWORD)
            environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        else:
            (Path(place) / "ca.pem").write_text(server.ca)
            argv = (sys.executable, "-m", "tests.bench.mail", "--panel", str(server.ports["imaps"]), f"{place}/ca.pem")
            environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "VAR_DIR": place}
            environment["DATABASE_URL"] = url or f"sqlite:///{place}/panel.sqlite3"
        done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{way}: {done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        if (found["tickets"], found["files"], server.count()) != (mails, mails, 0):
            raise SystemExit(f"{way} did not take in all of them: {found}, {server.count()} left")
        return found


def main() -> int:
    """0 where the bar holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mail")
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--panel", nargs=2, metavar=("PORT", "CA"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.panel:
        print(json.dumps(panel(int(given.panel[0]), Path(given.panel[1]).read_text())))
        return 0
    from config.start.postgres import NoPostgres, private_postgres

    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rackdesk-peer-")))
        try:
            python = peer_python(place)
        except subprocess.CalledProcessError:
            print("django-helpdesk could not be installed; without the peer there is nothing to compare with.")
            return 1
        ways = {"panel, SQLite": [], "django-helpdesk": []}
        for _ in range(given.runs):
            for way, runs in ways.items():
                runs.append(one_run(way, python, given.mails, ""))
        try:
            for _ in range(given.runs):
                with private_postgres() as url:
                    with psycopg.connect(url.replace("/rackdesk?", "/postgres?"), autocommit=True) as line:
                        line.execute("CREATE DATABASE rackdesk")
                    runs = ways.setdefault("panel, PostgreSQL", [])
                    runs.append(one_run("panel, PostgreSQL", python, given.mails, url))
        except NoPostgres as error:
            print(f"PostgreSQL left out: {error}")
    return told(ways, given.mails)


def told(ways: dict[str, list[dict[str, float]]], mails: int) -> int:
    """Print the table; 0 where the panel on SQLite is BAR times as fast by the clock."""
    print("| way | mails a second | mails a second of CPU time |\n|---|---|---|")
    rates = {}
    for way, runs in ways.items():
        rates[way] = [mails / statistics.median(run[what] for run in runs) for what in ("seconds", "cpu")]
        print(f"| {way} | {rates[way][0]:.1f} | {rates[way][1]:.1f} |")
    ours, theirs = rates["panel, SQLite"], rates["django-helpdesk"]
    holds = ours[0] / theirs[0] >= BAR
    print(f"* {'holds' if holds else '**missed**'}: {ours[0] / theirs[0]:.1f} times the rate (the bar is {BAR:g})")
    print(f"* by CPU time alone: {ours[1] / theirs[1]:.2f} times")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
