"""manage.py take_in_mail: what a mail server's pipe gives is kept before the exit code says so."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError

from tests.tickets.mail_rows import make_house
from tickets.models import IncomingMail
from tickets.parse import mail as parsing
from tickets.tasks.intake import take_in_waiting

MAIL = b"From: ann@customer.example\nTo: support@desk.example\nSubject: Printer\nMessage-ID: <1@x>\n\nIt is broken.\n"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


class _Input:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.fixture
def pipe(monkeypatch):
    """Run the command on these bytes; its exit code."""

    def run(data: bytes, *arguments: str) -> int:
        monkeypatch.setattr(sys, "stdin", _Input(data))
        try:
            call_command("take_in_mail", *arguments, stderr=io.StringIO())
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run


def test_a_mail_is_kept_and_becomes_a_ticket(pipe) -> None:
    house = make_house()
    assert pipe(MAIL) == os.EX_OK
    assert IncomingMail.objects.get().raw.read() == MAIL
    take_in_waiting()
    assert IncomingMail.objects.get().ticket.mailbox == house.mailbox


def test_a_mail_that_the_server_gives_again_is_one_entry(pipe) -> None:
    make_house()
    assert [pipe(MAIL), pipe(b"Received: by mx2\n" + MAIL)] == [0, 0]
    take_in_waiting()
    assert sorted(IncomingMail.objects.values_list("state", flat=True)) == ["ignored", "taken"]


def test_the_mailbox_can_be_named(pipe) -> None:
    house = make_house()
    assert pipe(MAIL, "--mailbox", "Support@Desk.example") == 0
    assert IncomingMail.objects.get().mailbox == house.mailbox


@pytest.mark.parametrize(
    ("data", "arguments", "code"),
    [
        (b"", (), os.EX_NOINPUT),
        (b"\x00\x01 no header at all", (), os.EX_DATAERR),
        (MAIL, ("--mailbox", "nobody@desk.example"), os.EX_UNAVAILABLE),
    ],
    ids=["nothing came", "not a mail", "no such mailbox"],
)
def test_what_cannot_be_taken_is_returned_and_nothing_is_kept(pipe, tmp_path: Path, data, arguments, code) -> None:
    assert pipe(data, *arguments) == code
    assert not IncomingMail.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_too_large_is_returned(pipe, monkeypatch) -> None:
    monkeypatch.setattr("tickets.management.commands.take_in_mail.SIZE_LIMIT", 50)
    assert parsing.SIZE_LIMIT > 50
    assert pipe(MAIL) == os.EX_DATAERR


def test_a_full_disk_lets_the_mail_server_try_again(pipe, tmp_path) -> None:
    (tmp_path / "files").write_text("in the way")
    assert pipe(MAIL) == os.EX_TEMPFAIL


def test_a_database_that_is_away_lets_the_mail_server_try_again(pipe, monkeypatch) -> None:
    def away(*args, **fields):
        raise OperationalError("no database")

    monkeypatch.setattr(IncomingMail.objects, "create", away)
    assert pipe(MAIL) == os.EX_TEMPFAIL


def test_the_exit_code_is_that_of_the_process(tmp_path) -> None:
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"}
    argv = (sys.executable, "manage.py", "take_in_mail")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(argv, input=MAIL, cwd=root, env=environment, capture_output=True, check=False)
    assert (done.returncode, b"Traceback" in done.stderr) == (os.EX_TEMPFAIL, False), done.stderr
