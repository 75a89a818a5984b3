"""The set-up: what it looks for, what it says to somebody who is not root, and that it cleans up behind itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config.start import set_up
from tests.lab.machine import PACKAGES as LAB_PACKAGES

TARGETS = ("run", "demo", "test", "check", "bench", "soak")
ALWAYS_THERE = {"util-linux"}  # Essential: yes


def package(probe: str, **more: str) -> set_up.Package:
    return set_up.Package(name="some-package", why="a test", probe=probe, targets=("run",), **more)


@pytest.mark.parametrize(
    ("probe", "there"),
    [
        pytest.param("sh", True, id="a command"),
        pytest.param("no-such-command-anywhere", False, id="a command that is missing"),
        pytest.param("/bin/s*", True, id="a path with a star"),
        pytest.param("/no/such/*/path", False, id="a path that is missing"),
        pytest.param("python:json", True, id="a module"),
        pytest.param("python:no_such_module", False, id="a module that is missing"),
    ],
)
def test_a_probe_finds_what_is_there(probe: str, there: bool) -> None:
    assert package(probe).is_there() is there


def test_a_command_of_the_system_is_found_with_the_path_of_an_ordinary_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert package("ldconfig").is_there()  # lies in /usr/sbin


@pytest.mark.parametrize("target", TARGETS)
def test_every_package_of_a_target_says_what_it_is_for(target: str) -> None:
    packages = set_up.packages_for(target)
    assert packages
    for one in packages:
        assert one.why
        assert set(one.targets) <= set(TARGETS)


def test_the_panel_alone_needs_no_browser_no_lab_and_no_compiler() -> None:
    names = {one.name for one in set_up.packages_for("run")}
    assert names == {"python3-venv", "gettext", "redis-server"}


def test_every_package_of_the_lab_is_in_the_list() -> None:
    for target in ("demo", "test", "bench", "soak"):
        names = {one.name for one in set_up.packages_for(target)}
        assert set(LAB_PACKAGES) - names - ALWAYS_THERE == set()


def test_a_shared_redis_makes_a_private_one_needless(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = package("no-such-command-anywhere", unless="REDIS_URL")
    monkeypatch.setattr(set_up, "packages_for", lambda target: [queue])
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert set_up.missing_packages("run") == [queue]
    monkeypatch.setenv("REDIS_URL", "redis://queue.example/0")
    assert set_up.missing_packages("run") == []


def test_the_line_for_an_ordinary_user_names_what_stays_out_and_the_command() -> None:
    missing = [package("x", without="the lab"), package("y", without="the lab")]
    assert set_up.what_is_missing(missing) == (
        "Missing: some-package some-package. Without: the lab. "
        "As root: apt-get install --no-install-recommends some-package some-package"
    )


def test_a_vital_package_that_cannot_be_installed_stops_with_that_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(set_up, "packages_for", lambda target: [package("no-such-command-anywhere")])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(set_up.StepFailed, match="As root: apt-get install"):
        set_up.provide_packages("run", tmp_path / "log")


def test_a_package_that_one_can_do_without_is_only_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    optional = package("no-such-command-anywhere", without="pages in Korean")
    monkeypatch.setattr(set_up, "packages_for", lambda target: [optional])
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    set_up.provide_packages("run", tmp_path / "log")
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, None, id="no rule before"),
        pytest.param("#!/bin/sh\nexit 0\n", "#!/bin/sh\nexit 0\n", id="a rule of the machine's owner"),
        pytest.param(f"#!/bin/sh\n{set_up.POLICY_MARK}\nexit 101\n", None, id="what a killed set-up left"),
    ],
)
def test_nothing_starts_while_packages_are_installed_and_the_old_rule_comes_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str | None, after: str | None
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(set_up, "POLICY", policy)
    if before:
        policy.write_text(before)
    with set_up.nothing_starts():
        assert "exit 101" in policy.read_text()
        assert policy.stat().st_mode & 0o111
    assert (policy.read_text() if policy.exists() else None) == after
    assert [path.name for path in tmp_path.iterdir()] == ([policy.name] if after else [])


def test_a_rule_kept_by_a_killed_set_up_comes_back_with_the_next_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(set_up, "POLICY", policy)
    policy.write_text(f"#!/bin/sh\n{set_up.POLICY_MARK}\nexit 101\n")
    (tmp_path / "policy-rc.d.before-rackdesk").write_text("#!/bin/sh\nexit 7\n")
    with set_up.nothing_starts():
        pass
    assert policy.read_text() == "#!/bin/sh\nexit 7\n"


def test_a_step_shows_its_seconds_and_keeps_its_output_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log" / "set-up.log"
    set_up.run_step("Counting", (sys.executable, "-c", "print('one two three')"), log)
    assert "Counting: done in 0." in capsys.readouterr().out
    assert "one two three" in log.read_text()


def test_a_step_that_fails_shows_the_end_of_its_own_output_and_where_the_rest_is(tmp_path: Path) -> None:
    log = tmp_path / "set-up.log"
    set_up.run_step("First", (sys.executable, "-c", "print('of the first')"), log)
    code = "[print('line', n) for n in range(100)]; raise SystemExit(4)"
    with pytest.raises(set_up.StepFailed) as failure:
        set_up.run_step("Second", (sys.executable, "-c", code), log)
    words = str(failure.value)
    assert words.startswith("Second did not work (code 4):")
    assert "line 99" in words
    assert "line 79" not in words
    assert "of the first" not in words
    assert str(log) in words


def test_a_translation_is_compiled_once_and_again_when_it_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not package("msgfmt").is_there():
        pytest.skip("needs msgfmt (Debian package gettext)")
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    source = tmp_path / "hosts/locale/ko/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\nmsgid "host"\nmsgstr "호스트"\n')
    compiled, log = source.with_suffix(".mo"), tmp_path / "log"
    set_up.provide_translations(log)
    first = compiled.stat().st_mtime_ns
    set_up.provide_translations(log)
    assert compiled.stat().st_mtime_ns == first
    later = (first + 2_000_000_000, first + 2_000_000_000)
    source.write_text(source.read_text().replace("호스트", "서버"))
    set_up.os.utime(source, ns=later)
    set_up.provide_translations(log)
    assert "서버".encode() in compiled.read_bytes()


def test_an_old_python_is_told_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(set_up, "OLDEST_PYTHON", (99, 0))
    assert set_up.main(["run"]) == 1
    assert capsys.readouterr().out.startswith("rackdesk: Python 3.11 or newer is needed; this is 3.")
