"""`python -m tests.soak [MINUTES]`: mail under kills and any bytes as mail once; then the tests of faults and load,
round after round in another order each, until one fails or the time is over. Prints each round and how to repeat it."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHOSEN = "lab or sshd or mailserver"
MAIL_ROUNDS = os.environ.get("SOAK_MAIL_ROUNDS", "20")
ANY_BYTES = ("tests/tickets/test_parse_anything.py", "tests/tickets/test_services_intake.py")
WAY_OUT = "tests/tickets/test_tasks_send.py"


def files() -> list[str]:
    """Every test file that a round may hold."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))


def mail() -> int:
    """A thousand mails in each round over IMAP and POP3, with kills; 5 000 examples of bytes that may be no
    mail, and ten thousand mails of a robot that are answered no more often than is allowed."""
    rounds = (sys.executable, "-m", "tests.soak.mail_rounds", "--rounds", MAIL_ROUNDS, "--crowd")
    environment = {**os.environ, "MAIL_EXAMPLES": "5000", "MAIL_CUT_EVERY": "3", "ROBOT_MAILS": "10000"}
    examples = (sys.executable, "-m", "pytest", "-q", "-x", *ANY_BYTES, WAY_OUT)
    code = subprocess.run(rounds, cwd=ROOT, check=False).returncode
    return code or subprocess.run(examples, cwd=ROOT, env=environment, check=False).returncode


def one_round(seed: int) -> int:
    """Run the chosen tests with their files in the order of `seed`; returns pytest's exit code."""
    order = files()
    random.Random(seed).shuffle(order)
    argv = (sys.executable, "-m", "pytest", "-q", "-x", "-m", CHOSEN, "--hypothesis-seed", str(seed), *order)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(argv, cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """0 when no round failed, else pytest's exit code of the one that did."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("minutes", nargs="?", type=float, default=float(os.environ.get("SOAK_MINUTES", "30")))
    parser.add_argument("--seed", type=int, help="one round only: the one with this seed")
    given = parser.parse_args()
    if given.seed is not None:
        return one_round(given.seed)
    print(f"soak: mail, {MAIL_ROUNDS} rounds", flush=True)
    if code := mail():
        return code
    deadline, rounds = time.monotonic() + given.minutes * 60, 0
    while rounds == 0 or time.monotonic() < deadline:
        rounds += 1
        seed = random.SystemRandom().randrange(2**32)
        print(f"soak: round {rounds}, seed {seed}", flush=True)
        if code := one_round(seed):
            print(f"soak: round {rounds} failed; again: python -m tests.soak --seed {seed}", flush=True)
            return code
    print(f"soak: {rounds} rounds in {given.minutes:g} minutes, all passed", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
