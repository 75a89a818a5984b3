"""`python -m tests.bench [NAME ...]`: run all benchmarks or those named; ends with 1 where a bar is missed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Each is a program of its own, since each brings a panel with data of its own.
BENCHMARKS = {
    "push": ("tests.bench.push", "--write"),
    "volume": ("tests.bench.pages", "--write"),
    "desk": ("tests.bench.desk", "--write"),
    "dhcp": ("tests.bench.dhcp", "--write"),
    "leases": ("tests.bench.leases",),
    "mail": ("tests.bench.mail",),
}


def main() -> int:
    wanted = sys.argv[1:] or sorted(BENCHMARKS)
    if unknown := [name for name in wanted if name not in BENCHMARKS]:
        print(f"There is no benchmark {unknown[0]}. There are: {', '.join(sorted(BENCHMARKS))}.")
        return 2
    codes = [subprocess.run([sys.executable, "-m", *BENCHMARKS[n]], cwd=ROOT, check=False).returncode for n in wanted]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
