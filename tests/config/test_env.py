"""Settings from the environment: what is taken, what is refused, and in which words."""

from __future__ import annotations

import ast
import os
import re
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config import env

ROOT = Path(__file__).resolve().parents[2]
SECRET = "correct-horse-battery"


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_words_of_consent_are_true(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("DEBUG", word)
    assert env.env_bool("DEBUG", default=False) is True


@pytest.mark.parametrize("word", ["0", "False", "no", "OFF"])
def test_words_of_refusal_are_false(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("DEBUG", word)
    assert env.env_bool("DEBUG", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_variable_means_its_default(monkeypatch: pytest.MonkeyPatch, default: bool) -> None:
    monkeypatch.setenv("DEBUG", " ")
    assert env.env_bool("DEBUG", default=default) is default


def test_a_word_that_is_neither_is_refused_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "maybe")
    with pytest.raises(env.BadSetting, match="DEBUG is 'maybe'"):
        env.env_bool("DEBUG", default=False)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        pytest.param("many", "PORT is 'many'.*whole number", id="not a number"),
        pytest.param("0", "at least 1", id="too small"),
        pytest.param("65536", "at most 65535", id="too large"),
        pytest.param("80.5", "whole number", id="a fraction"),
    ],
)
def test_a_number_that_cannot_be_used_is_refused(monkeypatch: pytest.MonkeyPatch, value: str, words: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(env.BadSetting, match=words):
        env.env_int("PORT", 8000, low=1, high=65535)


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("65535", 65535), ("", 8000)])
def test_a_number_within_its_bounds_is_taken(monkeypatch: pytest.MonkeyPatch, value: str, number: int) -> None:
    monkeypatch.setenv("PORT", value)
    assert env.env_int("PORT", 8000, low=1, high=65535) == number


def test_a_list_is_separated_by_commas_and_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,\n c.example,,")
    assert env.env_list("ALLOWED_HOSTS") == ["a.example", "b.example", "c.example"]


def test_a_word_outside_its_choices_is_refused_with_the_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(env.BadSetting, match="one of: INFO, WARNING"):
        env.env_choice("LOG_LEVEL", "INFO", ("INFO", "WARNING"))


def test_a_variable_without_a_default_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MISSING", raising=False)
    with pytest.raises(env.BadSetting, match="MISSING is not set"):
        env.env_str("MISSING")


def test_a_secret_comes_from_the_file_that_its_variable_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    assert env.env_secret("SECRET_KEY") == SECRET


def test_a_secret_given_twice_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(env.BadSetting, match="Both SECRET_KEY and SECRET_KEY_FILE") as refusal:
        env.env_secret("SECRET_KEY")
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "cannot be read", id="no such file"),
        pytest.param(b"", "is empty", id="an empty file"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="a binary file"),
    ],
)
def test_a_secret_file_that_gives_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(env.BadSetting, match=words):
        env.env_secret("SECRET_KEY")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        pytest.param(
            "postgresql://rack:p%40ss%2Fword@db.example:5433/panel?sslmode=require",
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "panel",
                "USER": "rack",
                "PASSWORD": "p@ss/word",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
            id="a server with a password that needs quoting",
        ),
        pytest.param(
            "postgres://rack@/panel?host=/run/postgresql",
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "panel",
                "USER": "rack",
                "PASSWORD": "",
                "HOST": "/run/postgresql",
                "PORT": "",
                "OPTIONS": {},
            },
            id="a unix socket",
        ),
        pytest.param(
            "sqlite:////var/lib/panel.db",
            {"ENGINE": "django.db.backends.sqlite3", "NAME": "/var/lib/panel.db"},
            id="a file",
        ),
        pytest.param(
            "sqlite:///:memory:",
            {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"},
            id="memory",
        ),
    ],
)
def test_a_database_url_becomes_an_entry_of_django(
    monkeypatch: pytest.MonkeyPatch, url: str, wanted: dict[str, object]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert env.env_database("DATABASE_URL", url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"mysql://rack:{SECRET}@db/panel", id="another kind of database"),
        pytest.param(f"postgresql://rack:{SECRET}@db/", id="no name of a database"),
        pytest.param(f"postgresql://rack:{SECRET}@db:port/panel", id="a port that is no number"),
    ],
)
def test_a_database_url_that_cannot_be_used_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.BadSetting, match="DATABASE_URL") as refusal:
        env.env_database("DATABASE_URL", "sqlite:///x")
    assert SECRET not in str(refusal.value)


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "sealing"
    first = env.kept_secret(file, env.new_sealing_key)
    assert env.kept_secret(file, env.new_sealing_key) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["sealing"]


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    together, read = threading.Barrier(8), []

    def start() -> None:
        together.wait()
        read.append(env.kept_secret(tmp_path / "keys" / "signing", env.new_signing_key))

    starters = [threading.Thread(target=start) for _ in range(8)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(read) == 8
    assert len(set(read)) == 1


def test_an_emptied_key_file_stops_the_start_instead_of_making_another_key(tmp_path: Path) -> None:
    (tmp_path / "sealing").touch()
    with pytest.raises(env.BadSetting, match=r"is empty.*Put the old key back"):
        env.kept_secret(tmp_path / "sealing", env.new_sealing_key)


def test_a_new_sealing_key_seals_and_opens() -> None:
    cipher = Fernet(env.new_sealing_key())
    assert cipher.decrypt(cipher.encrypt(b"plain")) == b"plain"


def test_the_env_file_adds_what_the_environment_leaves_open(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\n\nPORT=9000\nBIND='0.0.0.0'\nNAME=\"two words\"\nURL=a=b\n")
    environ = {"PORT": "8001"}
    env.load_env_file(tmp_path / ".env", environ)
    assert environ == {"PORT": "8001", "BIND": "0.0.0.0", "NAME": "two words", "URL": "a=b"}  # noqa: S104


def test_no_env_file_is_no_error(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    env.load_env_file(tmp_path / ".env", environ)
    assert environ == {}


@pytest.mark.parametrize("line", ["PORT 9000", "export PORT=9000", "=9000", "MY-PORT=1"])
def test_a_line_of_the_env_file_that_says_nothing_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"A=1\n{line}\n")
    with pytest.raises(env.BadSetting, match="line 2: write NAME=value"):
        env.load_env_file(tmp_path / ".env", {})


def _variables_read_in(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    names = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id.startswith("env_")]
    return {call.args[0].value for call in names if isinstance(call.args[0], ast.Constant)}


def test_the_example_explains_exactly_the_variables_that_are_read() -> None:
    sources = [path for path in (ROOT / "config").rglob("*.py") if path.name != "env.py"]
    read = set().union(*map(_variables_read_in, sources))
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    named = [match[1] for line in lines if (match := re.match(r"#?([A-Z_]+)=", line))]
    assert sorted(named) == sorted(read | {"SECRET_KEY_FILE", "SECRET_KEYS_FILE", "DATABASE_URL_FILE"})
    for number, line in enumerate(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert lines[number - 1].startswith(("# ", "#")), f"nothing explains {line}"


def test_no_other_module_of_the_settings_reads_the_environment_itself() -> None:
    asks = re.compile(r"os\.(environ\.get|getenv)\(|os\.environ\[[^]]+\](?! =)")
    allowed = {"env.py", "set_up.py"}  # set_up.py runs before anything else of the project can
    guilty = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "config").rglob("*.py")
        if path.name not in allowed and asks.search(path.read_text())
    ]
    assert guilty == []


def test_the_tests_do_not_see_a_developers_env_file() -> None:
    assert os.environ["ENV_FILE"] == os.devnull
