"""Fetchers and workers killed at random points, and ten fetchers at once: every mail is one entry. Short rounds of
`python -m tests.soak.mail_rounds`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tickets import dovecot

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.mailserver,
    pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing() or "Dovecot is there"),
]


def rounds(*arguments: str) -> list[dict[str, object]]:
    argv = (sys.executable, "-m", "tests.soak.mail_rounds", *arguments, "--patience-seconds", "400")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found, done.stderr
    return found


def test_killed_at_random_points_nothing_is_lost_and_nothing_twice() -> None:
    for found in rounds("--mails", "200", "--rounds", "1", "--kills", "20", "--kill-seconds", "0.1"):
        assert (found["entries"], found["wrong"]) == (200, {}), found
        assert found["kills"] >= 1, found  # how many there is time for depends on the machine


def test_ten_fetchers_who_think_each_other_dead_fetch_every_mail_once() -> None:
    for found in rounds("--mails", "40", "--rounds", "0", "--crowd"):
        assert (found["fetchers"], found["entries"], found["wrong"]) == (10, 40, {}), found
