"""`check` or `test` in, what is wrong with the code out: lint, types, contracts, migrations, then the tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from config.start.postgres import NoPostgres, private_postgres
from config.start.set_up import ROOT, say, search_path

PYTHON = sys.executable
SLOW = "lab or browser or sshd or mailserver or slow"
NEEDS_PARTS = "lab or browser or sshd"
CLOSING_LINE = re.compile(r".*\b(passed|failed|errors?|skipped|deselected|no tests ran)\b.* in [0-9.]+s")
WORKERS = ("-n", "2", "--dist", "loadgroup")
# Tests with real parts wait most of their time, so more of them than processors go on at once.
MORE_WORKERS = ("-n", "4")
# Chromium gives up what it is loading when an interface of this machine comes or goes (net::ERR_NETWORK_CHANGED), as
# those of the lab's hosts do: its tests run when no others do.
ONE_WORKER = ("-n", "1")

CODE_CHECKS: dict[str, tuple[str, ...]] = {  # the longest first
    "types": (PYTHON, "-m", "mypy", "."),
    "ruff": (PYTHON, "-m", "ruff", "check", "--quiet", "."),
    "format": (PYTHON, "-m", "ruff", "format", "--quiet", "--check", "."),
    "contracts": (str(Path(PYTHON).parent / "lint-imports"),),
    "migrations": (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"),
    "system": (PYTHON, "manage.py", "check"),
}


@dataclass
class Findings:
    """What went wrong so far, and pytest's own closing lines."""

    failed: list[str] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)


def environment(**more: str) -> Mapping[str, str]:
    """The environment of every step: this machine's, with the settings of the tests."""
    return {
        **os.environ,
        "PATH": search_path(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONUNBUFFERED": "1",
        **more,
    }


def check_code(findings: Findings) -> None:
    """Run every check that needs no running code, two at a time, quietly unless it finds something."""
    with ThreadPoolExecutor(2) as side_by_side:
        answers = side_by_side.map(_checked, CODE_CHECKS.values())
        for name, (done, seconds) in zip(CODE_CHECKS, answers, strict=True):
            say(f"  {name}: {'wrong' if done.returncode else 'fine'} ({seconds:.1f} s)")
            if done.returncode:
                findings.failed.append(name)
                say(done.stdout + done.stderr)


def _checked(argv: tuple[str, ...]) -> tuple[subprocess.CompletedProcess[str], float]:
    began = time.monotonic()
    done = subprocess.run(argv, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    return done, time.monotonic() - began


def run_tests(
    findings: Findings, title: str, arguments: Sequence[str], env: Mapping[str, str], *, at_once: bool = True
) -> None:
    """Run pytest with its own output (line by line, or all of it at the end), and keep its closing line."""
    say(f"  tests, {title}")
    argv = (PYTHON, "-m", "pytest", *WORKERS, *arguments)
    with subprocess.Popen(
        argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        closing, kept = "pytest ended without a closing line", ""
        for line in process.stdout or ():
            if at_once:
                say(line, end="")
            else:
                kept += line
            closing = line.rstrip() if CLOSING_LINE.match(line) else closing
    say(kept, end="")
    findings.closing.append(f"{title}: {closing}")
    if process.returncode:
        findings.failed.append(f"tests, {title}")


def tests_of(changed: Iterable[str]) -> list[str]:
    """The test files named after the rooms of these files: tests/hosts/test_parse_*.py of hosts/parse/lspci.py."""
    found: set[Path] = set()
    for path in map(PurePosixPath, changed):
        if path.name.startswith("test_"):
            found.add(ROOT / path)
        elif len(path.parts) > 1:
            tests, room = ROOT / "tests" / path.parts[0], PurePosixPath(path.parts[1]).stem
            found |= {*tests.glob(f"test_{room}.py"), *tests.glob(f"test_{room}_*.py")}
    return sorted(str(path.relative_to(ROOT)) for path in found if path.exists())


def changed_files() -> list[str]:
    """What differs from the last commit, new files too, as git says it; nothing outside of a checkout."""
    asked = ("git", "status", "--porcelain", "--no-renames", "--untracked-files=all", "-z")
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [line[3:] for line in told.split("\0") if line]


def check(findings: Findings) -> None:
    """What a developer runs every few minutes: of the tests with a database only those of what is being changed."""
    check_code(findings)
    title = "those without a database, and those of what is changed"
    files = ("--database-tests-of", *tests_of(changed_files()))
    run_tests(findings, title, ("-q", "-m", f"not ({SLOW})", *files), environment())


def test(findings: Findings) -> None:
    """Everything."""
    check_code(findings)
    run_tests(findings, "all but the browser's on SQLite", (*MORE_WORKERS, "-m", "not browser"), environment())
    with ThreadPoolExecutor(1) as beside:  # one waits for pages most of the time, the other hardly ever
        only_browser = ("-q", *ONE_WORKER, "-m", "browser")
        browsers = beside.submit(
            run_tests, findings, "the browser's on SQLite", only_browser, environment(), at_once=False
        )
        run_on_postgresql(findings)
        browsers.result()


def run_on_postgresql(findings: Findings) -> None:
    """The tests with a database and no real parts again, on a PostgreSQL of their own."""
    try:
        with private_postgres() as url:
            only_database = ("-q", "-m", f"django_db and not ({NEEDS_PARTS})")
            run_tests(findings, "database on PostgreSQL", only_database, environment(DATABASE_URL=url))
    except NoPostgres as reason:
        findings.closing.append(f"database on PostgreSQL: skipped, {reason}")


def main(arguments: Sequence[str]) -> int:
    """`verify check` or `verify test`; 0 when nothing is wrong."""
    began, findings = time.monotonic(), Findings()
    try:
        {"check": check, "test": test}[arguments[0]](findings)
    except KeyboardInterrupt:
        say("\nrackdesk: stopped")
        return 130
    say("\n".join(["", *findings.closing]))
    verdict = f"wrong: {', '.join(findings.failed)}" if findings.failed else "all is well"
    say(f"make {arguments[0]}: {verdict} ({time.monotonic() - began:.0f} s)")
    return 1 if findings.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
