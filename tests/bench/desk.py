"""How long the desk takes with a million tickets and five million entries; `--write` keeps it in docs/benchmarks.md.

PostgreSQL is a private one with Debian's settings, filled by COPY; SQLite has a tenth of the tickets. Server time of a
request by Django's test client, which is everything but the network. Everything is deleted afterwards; until then it
takes 10 GB for a million tickets.
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
BEGIN, END = "<!-- desk: made by `python -m tests.bench desk` -->", "<!-- end of desk -->"
BARS_MS = {"queue": 150.0, "counts": 200.0, "ticket": 150.0, "search": 500.0}
NAMES = {
    "queue": "pages of queues",
    "counts": "counts of all queues",
    "ticket": "pages of tickets",
    "search": "searches",
}
SERIES, ROUNDS = 3, 20
SHOWN = 4
Rows = list[dict[str, Any]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.desk", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, help="five times as many as tickets where nothing is said")
    parser.add_argument("--sqlite-tickets", type=int, help="a tenth of the others; 0 for none")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"visits in each of the {SERIES} series")
    parser.add_argument("--filled", metavar="URL", help="a PostgreSQL that was filled before, instead of a private one")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/benchmarks.md")
    asked = parser.parse_args()
    asked.entries = asked.tickets * 5 if asked.entries is None else asked.entries
    asked.sqlite_tickets = asked.tickets // 10 if asked.sqlite_tickets is None else asked.sqlite_tickets
    found = {}
    try:
        found[f"PostgreSQL, {asked.tickets:,} tickets"] = _on_postgres(asked)
    except NoPostgres as error:
        print(f"PostgreSQL is left out: {error}")
    small = asked.sqlite_tickets
    if small:
        found[f"SQLite, {small:,} tickets"] = _run(small, small * 5, asked.rounds)
    lines = _told(found, asked)
    print("\n".join(lines))
    if asked.write:
        _write(lines)
    return 1 if any(row["alone"] > BARS_MS[row["kind"]] for rows in found.values() for row in rows) else 0


def _on_postgres(asked: argparse.Namespace) -> Rows:
    if asked.filled:
        return _run(0, 0, asked.rounds, asked.filled)
    with private_postgres() as address:
        # The private server has no database of ours yet; the one that every new server has will do.
        return _run(asked.tickets, asked.entries, asked.rounds, address.replace("/rackdesk?", "/postgres?"))


def _run(tickets: int, entries: int, rounds: int, database: str = "") -> Rows:
    """Fill one database, giving way to other programs, and measure it; each in a process of its own."""
    with own_data():
        environment = os.environ | ({"DATABASE_URL": database} if database else {})
        if tickets:
            seconds = _step(("nice", "-n", "10"), "fill", (tickets, entries), environment)["seconds"]
            print(f"{tickets:,} tickets with {entries:,} entries were made in {seconds / 60:.1f} minutes.", flush=True)
        rows: Rows = _step((), "measure", (SERIES, rounds), environment)
    return rows


def _step(before: tuple[str, ...], name: str, numbers: tuple[int, int], environment: dict[str, str]) -> Any:
    argv = (*before, sys.executable, "-m", "tests.bench.one_desk", name, *map(str, numbers))
    done = subprocess.run(argv, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _told(found: dict[str, Rows], asked: argparse.Namespace) -> list[str]:
    loads = [row["load"] for rows in found.values() for row in rows]
    words = (
        f"{asked.tickets:,} tickets with {asked.entries:,} entries on PostgreSQL, {asked.sqlite_tickets:,} with five times"
        f" as many on SQLite; one process on {machine()}. Server time in milliseconds: {SERIES} series of {asked.rounds}"
        f" visits of each page, the median of the series. The load was {min(loads):.1f} to"
        f" {max(loads):.1f} on {os.cpu_count()} cores. “Alone” leaves out what Linux counted as waiting for a core."
    )
    head = "| what | database | pages | bar | p50 of the typical | p95 of the typical | alone"
    lines = [
        words,
        "",
        f"{head} | p95 of the slowest | alone | within the bar, alone |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for database, rows in found.items():
        lines += [_kind(kind, database, [row for row in rows if row["kind"] == kind]) for kind in BARS_MS]
    lines += ["", "The slowest of each kind:", "", "| page | who | database | queries | best | p50 | p95 | p95 alone |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for database, rows in found.items():
        for kind in BARS_MS:
            mine = sorted((row for row in rows if row["kind"] == kind), key=lambda row: -row["alone"])
            lines += [_row(row, database) for row in mine[:SHOWN]]
    return [*lines, "", *(_verdict(database, rows) for database, rows in found.items())]


def _kind(kind: str, database: str, rows: Rows) -> str:
    typical = sorted(rows, key=lambda row: row["p95"])[len(rows) // 2]
    usual = f"{typical['p50']:.0f} | {typical['p95']:.0f} | {median(row['alone'] for row in rows):.0f}"
    slowest = f"{max(row['p95'] for row in rows):.0f} | {max(row['alone'] for row in rows):.0f}"
    within = f"{_within(rows, 'p95')}, {_within(rows, 'alone')}"
    return f"| {NAMES[kind]} | {database} | {len(rows)} | {BARS_MS[kind]:.0f} | {usual} | {slowest} | {within} |"


def _verdict(database: str, rows: Rows) -> str:
    missed = [row for row in rows if row["alone"] > BARS_MS[row["kind"]]]
    by_clock = len(rows) - _within(rows, "p95")
    if not missed:
        return (
            f"* holds: all {len(rows)} on {database}, without waiting for a core ({by_clock} over the bar by the clock)"
        )
    worst = max(missed, key=lambda row: row["alone"] / BARS_MS[row["kind"]])
    return (
        f"* **missed**: {len(missed)} of {len(rows)} on {database}, without waiting for a core ({by_clock} by the clock);"
        f" farthest by “{worst['name']}” ({worst['who']}): {worst['alone']:.0f} ms"
    )


def _within(rows: Rows, figure: str) -> int:
    return sum(row[figure] <= BARS_MS[row["kind"]] for row in rows)


def _row(row: dict[str, Any], database: str) -> str:
    times = f"{row['best']:.0f} | {row['p50']:.0f} | {row['p95']:.0f} | {row['alone']:.0f}"
    return f"| {NAMES[row['kind']]}: {row['name']} | {row['who']} | {database} | {row['queries']} | {times} |"


def _write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
    block = "\n".join([BEGIN, *lines, END])
    if BEGIN in text:
        before, rest = text.split(BEGIN, 1)
        text = before + block + rest.split(END, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n## The desk\n\n{block}\n"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
