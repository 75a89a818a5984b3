"""How long the pages take in a panel that has been used for years, on SQLite and on PostgreSQL; `--write` keeps it.

Server time of a request by Django's test client, which is everything but the network: middleware, session,
permissions, queries, template. The bar is 150 ms for the median of each page.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from config.start.postgres import NoPostgres, private_postgres
from tests.bench.environment import own_data
from tests.bench.figures import machine

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- pages: made by `python -m tests.bench volume` -->", "<!-- end of pages -->"
BAR_MS = 150.0
HOSTS, CHANGES, LINES = 2_000, 20_000, 1_000_000
ROUNDS = 15


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    asked = parser.parse_args()
    numbers = (str(asked.hosts), str(asked.changes), str(asked.lines), str(ROUNDS))
    found = {"SQLite": _run(numbers, "")}
    try:
        with private_postgres() as address:
            # The private server has no database of ours yet; the one that every new server has will do.
            found["PostgreSQL"] = _run(numbers, address.replace("/rackdesk?", "/postgres?"))
    except NoPostgres as error:
        print(f"PostgreSQL is left out: {error}")
    lines = _told(found, asked)
    print("\n".join(lines))
    if asked.write:
        _write(lines)
    return 0 if all(row["median"] <= BAR_MS for rows in found.values() for row in rows) else 1


def _run(numbers: tuple[str, ...], database: str) -> list[dict[str, Any]]:
    """Fill and measure one database in a process of its own."""
    with own_data():
        environment = os.environ | ({"DATABASE_URL": database} if database else {})
        argv = (sys.executable, "-m", "tests.bench.one_panel", *numbers)
        done = subprocess.run(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def _told(found: dict[str, list[dict[str, Any]]], asked: argparse.Namespace) -> list[str]:
    head = (
        f"{asked.hosts:,} hosts, {asked.changes:,} changes, {asked.lines:,} log lines; one process on {machine()}. "
        f"Server time of {ROUNDS} visits each, in milliseconds; the bar is a median of {BAR_MS:.0f}."
    )
    table = ["| page | database | queries | min | median | max |", "|---|---|---|---|---|---|"]
    for database, rows in found.items():
        for row in rows:
            times = f"{row['min']:.0f} | {row['median']:.0f} | {row['max']:.0f}"
            table.append(f"| {row['page']} | {database} | {row['queries']} | {times} |")
    worst = max(row["median"] for rows in found.values() for row in rows)
    held = "holds" if worst <= BAR_MS else "**missed**"
    return [head, "", *table, "", f"* {held}: the slowest page takes {worst:.0f} ms"]


def summary(page: str, queries: int, milliseconds: list[float]) -> dict[str, Any]:
    """One row of the table."""
    return {
        "page": page,
        "queries": queries,
        "min": min(milliseconds),
        "median": median(milliseconds),
        "max": max(milliseconds),
    }


def _write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    block = "\n".join([BEGIN, *lines, END])
    if BEGIN in text:
        before, rest = text.split(BEGIN, 1)
        text = before + block + rest.split(END, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n## Pages\n\n{block}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
