"""The whole panel as `make run` starts it, on a database of its own: queue, web server, workers and beat."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser

from config.start.run import beat_service, take_port, web_service, worker_service
from hosts.models import User
from tests.browser.fixtures import PATIENCE_MS, Visitor
from tests.hosts.changes import until
from tests.hosts.faults.panel import ROOT, Panel, database

PASSWORD = "Kimchi-and-tofu-42"


@contextmanager
def whole_panel(place: Path) -> Iterator[str]:
    """Where it answers. Inside, this process works on the same database; at the end nothing of it runs."""
    url = f"sqlite:///{place / 'panel.sqlite3'}"
    with database(url), Panel(place, url) as panel, take_port("127.0.0.1", 0) as listener:
        processes = panel.processes
        prepare = (sys.executable, "-m", "config.start.prepare")
        subprocess.run(prepare, cwd=ROOT, env=processes.environment, check=True, capture_output=True)
        web = web_service(listener, listener.getsockname()[1])
        for service in (web, worker_service("push", "push", 8), worker_service("desk", "default,mail", 4)):
            processes.start(service, orphan_signal=service.orphan_signal)
        processes.start(beat_service(place))
        assert web.is_ready is not None
        until(web.is_ready)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        except BaseException:
            print(processes.said())
            raise


@contextmanager
def logged_in(chromium: Browser, origin: str, user: User) -> Iterator[Visitor]:
    """A window of somebody who came in by the door."""
    # The hasher that the panel's own settings have: those of tests know only a quick one.
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt-of-a-test")
    user.save()
    context = chromium.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context, context.new_page(), origin)
    visitor.page.on("console", visitor.note_message)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
    visitor.page.on("request", visitor.note_request)
    visitor.look()
    visitor.visit("/panel/login/")
    visitor.page.fill("input[name=username]", user.email)
    visitor.page.fill("input[name=password]", PASSWORD)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    assert "/login/" not in visitor.page.url
    yield visitor
    context.close()
