"""`make check` and `make test`: whose words are passed on, and what counts as wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.start import verify


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("===== 812 passed, 3 skipped in 120.41s (0:02:00) =====", id="in full"),
        pytest.param("44 passed in 3.59s", id="quiet"),
        pytest.param("\x1b[31m===== \x1b[31m\x1b[1m1 failed\x1b[0m, 2 passed in 1.20s =====", id="in colour"),
        pytest.param("2 errors in 0.11s", id="errors only"),
        pytest.param("no tests ran in 1.88s", id="nothing ran"),
    ],
)
def test_pytests_own_closing_line_is_recognised(line: str) -> None:
    assert verify.CLOSING_LINE.match(line)


def test_a_check_that_finds_something_is_named_with_its_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = {
        "good": (sys.executable, "-c", "print('nobody reads this')"),
        "bad": (sys.executable, "-c", "print('line 7 is wrong'); raise SystemExit(1)"),
    }
    monkeypatch.setattr(verify, "CODE_CHECKS", checks)
    findings = verify.Findings()
    verify.check_code(findings)
    said = capsys.readouterr().out
    assert findings.failed == ["bad"]
    assert "line 7 is wrong" in said
    assert "nobody reads this" not in said


def test_failing_tests_make_the_run_wrong_and_their_closing_line_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(verify, "WORKERS", ("-p", "no:cacheprovider", "-p", "no:django", "-c", "/dev/null"))
    monkeypatch.setattr(verify, "ROOT", tmp_path)
    (tmp_path / "test_two.py").write_text("def test_good(): pass\ndef test_bad(): assert 0\n")
    findings = verify.Findings()
    environment = {name: value for name, value in verify.environment().items() if not name.startswith("PYTEST")}
    verify.run_tests(findings, "two", ("-q", "test_two.py"), environment)
    assert findings.failed == ["tests, two"]
    assert findings.closing[0].startswith("two: 1 failed, 1 passed in ")


@pytest.mark.slow
def test_a_group_of_tests_stays_with_one_worker(tmp_path: Path) -> None:
    """pytest 9.2.0 with pytest-xdist 3.8.0 spreads it over all, without a word."""
    (tmp_path / "test_group.py").write_text(
        "import pytest\n"
        "@pytest.mark.xdist_group('dear')\n"
        "@pytest.mark.parametrize('number', range(12))\n"
        "def test_one(number): pass\n"
    )
    argv = (sys.executable, "-m", "pytest", "-v", *verify.WORKERS, "-p", "no:cacheprovider", "-p", "no:django")
    environment = {name: value for name, value in verify.environment().items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        (*argv, "-c", "/dev/null", "test_group.py"), cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    workers = re.findall(rb"\[(gw\d)\] .* PASSED", done.stdout)
    assert len(workers) == 12, done.stdout
    assert len(set(workers)) == 1


@pytest.mark.parametrize(
    ("changed", "wanted", "unwanted"),
    [
        ("hosts/parse/lspci.py", "tests/hosts/test_parse_report.py", "tests/hosts/test_services_audit.py"),
        ("hosts/permissions.py", "tests/hosts/test_permissions.py", "tests/dhcp/test_guards.py"),
        ("tests/dhcp/test_guards.py", "tests/dhcp/test_guards.py", "tests/dhcp/test_forms_options.py"),
    ],
    ids=["a file of a room", "a room of one file", "a test"],
)
def test_a_check_takes_the_tests_of_the_rooms_that_are_changed(changed: str, wanted: str, unwanted: str) -> None:
    found = verify.tests_of([changed, "hosts/gone.py", "README.md"])
    assert wanted in found
    assert unwanted not in found


@pytest.mark.slow
def test_without_a_change_no_test_with_a_database_is_left(tmp_path: Path) -> None:
    house = Path(verify.ROOT)
    (tmp_path / "conftest.py").write_text((house / "tests/conftest.py").read_text().replace("pytest_plugins", "unused"))
    (tmp_path / "test_three.py").write_text(
        "import pytest\n"
        "@pytest.mark.django_db\n"
        "def test_of_rows(): assert 0\n"
        "def test_of_a_fixture(db): assert 0\n"
        "def test_pure(): pass\n"
    )
    argv = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "test_three.py")
    environment = {name: value for name, value in verify.environment().items() if not name.startswith("PYTEST")}
    environment["PYTHONPATH"] = str(house)
    done = subprocess.run(
        (*argv, "--database-tests-of"), cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert b"1 passed, 2 deselected" in done.stdout, done.stdout
