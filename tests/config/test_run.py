"""`make run` for real: what it starts, what it refuses, what is left when it ends, and what the next start finds."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.start import run
from config.start.set_up import search_path
from config.start.supervisor import CannotStart
from tests.config.processes import carrying, eventually

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
SETTINGS = ("SECRET_KEY", "SECRET_KEYS", "REDIS_URL", "DATABASE_URL", "ALLOWED_HOSTS", "LOG_LEVEL")


class Panel:
    """A whole panel on a free port, its data in a directory of its own, its output in a file."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def mark(self) -> str:
        return f"VAR_DIR={self.var}"

    def start(self, **more: str) -> None:
        env = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        env |= {"VAR_DIR": str(self.var), "PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "config.settings", **more}
        self.var.parent.mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                (sys.executable, "-m", "config.start.run"),
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.var.parent / "output"

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def is_ready(self) -> bool:
        return eventually(lambda: "Rackdesk is ready" in self.output(), START_SECONDS)

    def end(self, number: signal.Signals = signal.SIGINT, seconds: float = 90) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=seconds)

    def login_page(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/panel/login/", timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    if shutil.which("redis-server", path=search_path()) is None:
        pytest.skip("needs redis-server (Debian package redis-server)")
    one = Panel(tmp_path / "data")
    yield one
    if one.process and one.process.poll() is None:
        one.process.kill()
        one.process.wait()
    for process in carrying(one.mark):
        os.kill(process, signal.SIGKILL)


def test_the_panel_starts_serves_stops_and_finds_its_data_again(panel: Panel) -> None:
    panel.start()
    assert panel.is_ready(), panel.output()
    assert panel.login_page() == 200
    queue = (panel.var / "redis.sock").stat().st_mode
    assert stat.S_ISSOCK(queue)
    assert stat.S_IMODE(queue) == 0o700  # for its owner only
    password = re.search(r"Password:\s+(\S+)", panel.output())
    assert password
    assert "shown only now" in panel.output()
    assert panel.end() == 0
    assert eventually(lambda: carrying(panel.mark) == {})
    assert panel.output().endswith("the data is kept, the next start goes on from here\n")
    keys = {path.name: path.read_bytes() for path in (panel.var / "keys").iterdir()}
    assert keys.keys() == {"signing", "sealing"}
    assert {stat.S_IMODE((panel.var / "keys" / name).stat().st_mode) for name in keys} == {0o600}
    assert stat.S_IMODE(panel.var.stat().st_mode) == 0o700
    for file in panel.var.rglob("*"):
        assert not file.is_file() or password[1].encode() not in file.read_bytes(), f"{file} holds the password"

    panel.start()
    assert panel.is_ready(), panel.output()
    assert "Password" not in panel.output()
    assert {path.name: path.read_bytes() for path in (panel.var / "keys").iterdir()} == keys
    assert panel.end(signal.SIGTERM) == 0
    assert eventually(lambda: carrying(panel.mark) == {})


def test_no_process_is_left_when_the_supervisor_is_killed_and_a_new_one_starts_at_once(panel: Panel) -> None:
    panel.start()
    assert panel.is_ready(), panel.output()
    assert len(carrying(panel.mark)) >= 6
    panel.end(signal.SIGKILL)
    assert eventually(lambda: carrying(panel.mark) == {}), carrying(panel.mark)
    panel.start()
    assert panel.is_ready(), panel.output()
    assert panel.end() == 0


def test_a_second_panel_on_the_same_data_is_refused_in_one_line(panel: Panel, tmp_path: Path) -> None:
    with run.only_one(panel.var, "http://127.0.0.1:8000/"):
        panel.start()
        assert panel.process is not None
        assert panel.process.wait(timeout=120) == 1
    assert panel.output() == (
        f"rackdesk: The panel already runs here: http://127.0.0.1:8000/, process {os.getpid()}. Stop that one first.\n"
    )


def test_a_taken_port_is_refused_in_one_line(panel: Panel) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", panel.port))
        other.listen()
        panel.start()
        assert panel.process is not None
        assert panel.process.wait(timeout=120) == 1
    wanted = f"Port {panel.port} of 127.0.0.1 cannot be used: Address already in use. Take another one: make run PORT="
    assert panel.output().startswith(f"rackdesk: {wanted}")
    assert panel.output().count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        pytest.param("PORT", "eighty", "PORT is 'eighty'", id="a port that is no number"),
        pytest.param("DEBUG", "perhaps", "DEBUG is 'perhaps'", id="a switch that is neither on nor off"),
        pytest.param("DATABASE_URL", "mysql://x/y", "DATABASE_URL must start with", id="an unknown database"),
        pytest.param("VAR_DIR", "/proc/rackdesk", "/proc/rackdesk cannot be written", id="a directory of the kernel"),
        pytest.param(
            "DATABASE_URL",
            "postgresql://rack@/rack?host=/no/such/directory",
            "The database does not work",
            id="a database that does not answer",
        ),
    ],
)
def test_a_setting_that_cannot_work_stops_the_start_in_words(
    panel: Panel, variable: str, value: str, words: str
) -> None:
    panel.start(**{variable: value})
    assert panel.process is not None
    assert panel.process.wait(timeout=120) == 1
    assert words in panel.output()
    assert "Traceback" not in panel.output()


def test_a_path_that_is_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    with run.redis_socket(deep) as place:
        assert len(os.fsencode(place)) <= run.LONGEST_SOCKET_PATH
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert not place.parent.exists()


def test_a_machine_without_redis_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "search_path", lambda: str(tmp_path))
    with pytest.raises(CannotStart, match=r"redis-server is missing\. As root: apt-get install redis-server"):
        run.redis_service(tmp_path / "redis.sock", tmp_path)
