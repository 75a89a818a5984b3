"""A PostgreSQL of our own: it answers at its URL, listens nowhere else, and is gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from config.start.postgres import NoPostgres, find_programs, private_postgres
from tests.config.processes import eventually

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        find_programs()
    except NoPostgres as reason:
        pytest.skip(f"needs PostgreSQL: {reason}")


def directory_of(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def test_it_answers_on_a_unix_socket_only_and_leaves_nothing_behind() -> None:
    with private_postgres() as url:
        home = directory_of(url)
        with psycopg.connect(f"host={home} user=rackdesk dbname=postgres") as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert home.stat().st_mode & 0o077 == 0
    assert not home.exists()


def test_it_ends_when_the_process_that_started_it_is_killed() -> None:
    code = (
        "import time; from config.start.postgres import private_postgres\n"
        "with private_postgres() as url: print(url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen((sys.executable, "-c", code), cwd=ROOT, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        home = directory_of(starter.stdout.readline())
        server = Path("/proc") / (home / "data/postmaster.pid").read_text().splitlines()[0]
        was_there = server.exists()
        starter.kill()
    assert was_there
    assert eventually(lambda: not server.exists(), 20)
    shutil.rmtree(home)
