"""`python -m tests.soak [MINUTES]`: the tests of faults and load, round after round in another order each, until one
fails or the time is over. Prints each round and how to repeat it."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHOSEN = "lab or sshd"


def files() -> list[str]:
    """Every test file that a round may hold."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))


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
