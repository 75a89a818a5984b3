"""Searches, a subnet's page and readings of leases with a million leases; `--write` keeps it in docs/benchmarks.md.

PostgreSQL is a private one with Debian's settings, filled by COPY; SQLite has as many. Everything is deleted
afterwards. What is measured is the service calls of pages, with all of their queries and rows, and not their HTML.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from config.start.postgres import NoPostgres, private_postgres
from tests.bench.environment import own_data
from tests.bench.figures import machine

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- dhcp: made by `python -m tests.bench dhcp` -->", "<!-- end of dhcp -->"
SEARCH_MS, PAGE_MS = 200.0, 300.0
SHARE_OF_FIRST = 0.05
ROUNDS = 20
Measured = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dhcp", description=__doc__)
    parser.add_argument("--leases", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=100_000, help="in the lease file that is read")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=("postgres", "sqlite"), help="one of the two databases")
    parser.add_argument("--filled", metavar="VAR_DIR", help="a SQLite that was filled before")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    asked = parser.parse_args()
    found: dict[str, Measured] = {}
    if asked.only != "sqlite":
        try:
            with private_postgres() as address:
                url = address.replace("/rackdesk?", "/postgres?")
                found["PostgreSQL"] = _run(asked, url)
        except NoPostgres as error:
            print(f"PostgreSQL is left out: {error}")
    if asked.only != "postgres":
        found["SQLite"] = _run(asked, "")
    lines = _told(found, asked)
    print("\n".join(lines))
    if asked.write:
        _write(lines)
    return 1 if any(_missed(each) for each in found.values()) else 0


def _run(asked: argparse.Namespace, database: str) -> Measured:
    """Fill and measure one database in a process of its own."""
    with own_data():
        environment = dict(os.environ)
        leases = asked.leases
        if database:
            environment["DATABASE_URL"] = database
        elif asked.filled:
            environment["VAR_DIR"], leases = asked.filled, 0
        argv = (sys.executable, "-m", "tests.bench.one_dhcp", *map(str, (leases, asked.rounds, asked.records)))
        done = subprocess.run(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: Measured = json.loads(done.stdout.splitlines()[-1])
    return measured | {"load": os.getloadavg()[0]}


def _missed(found: Measured) -> list[str]:
    """What is over its bar, by its name; the page's first row is the one that has a bar."""
    slow = [row["name"] for row in found["searches"] if row["p95"] > SEARCH_MS]
    slow += [row["name"] for row in found["pages"][:1] if row["p95"] > PAGE_MS]
    return slow + (["new records"] if found["sync"]["new"] > SHARE_OF_FIRST * found["sync"]["first"] else [])


def _told(found: dict[str, Measured], asked: argparse.Namespace) -> list[str]:
    loads = [each["load"] for each in found.values()]
    words = (
        f"{asked.leases:,} leases at one server in /16 networks, with as many holdings; one process on {machine()}. "
        f"Milliseconds of {asked.rounds} rounds each; the bars are a p95 of {SEARCH_MS:.0f} for a search and of "
        f"{PAGE_MS:.0f} for a subnet. The load was {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} cores; all "
        "but the last column leave out the time in which other programs held them, as Linux counts it."
    )
    lines = [
        words,
        "",
        "| what | database | queries | best | p50 | p95 | p50 by the clock |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in ("pages", "searches"):
        for database, each in found.items():
            slowest = sorted(each[kind], key=lambda row: -row["p95"]) if kind == "searches" else each[kind]
            lines += [_row(row, database) for row in slowest[: 8 if kind == "searches" else None]]
    lines += ["", "The searches are the eight slowest of each database.", ""]
    lines += [_sync(database, each["sync"], asked.records) for database, each in found.items()]
    missed = {name: _missed(each) for name, each in found.items()}
    lines += ["", *(f"* {'**missed**: ' + ', '.join(m) if m else 'holds: all bars'} on {d}" for d, m in missed.items())]
    return lines


def _row(row: dict[str, Any], database: str) -> str:
    times = f"{row['best']:.0f} | {row['p50']:.0f} | {row['p95']:.0f} | {row['clock']:.0f}"
    return f"| {row['name']} | {database} | {row['queries']} | {times} |"


def _sync(database: str, said: dict[str, float], records: int) -> str:
    return (
        f"* {database}: a file of {records:,} records ({said['bytes'] / 1e6:.0f} MB) read for the first time, parsed and "
        f"written with its history: {said['first']:.1f} s ({records / said['first']:,.0f} records a second); 1 % more "
        f"records: {said['new']:.2f} s ({100 * said['new'] / said['first']:.1f} %); the same file rewritten by the "
        f"server, with nothing new in it: {said['again']:.1f} s."
    )


def _write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    block = "\n".join([BEGIN, *lines, END])
    if BEGIN in text:
        before, rest = text.split(BEGIN, 1)
        text = before + block + rest.split(END, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n## A million leases\n\n{block}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
