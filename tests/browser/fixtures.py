"""Chromium against a running panel: `browser_as(user)` gives a visitor, whose pages must load clean and from here only.

The browser is Debian's own. Every message of the console and every request that leaves the panel fails the test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

PATIENCE_MS = 60_000  # how long a page may take on a busy machine
expect.set_options(timeout=PATIENCE_MS)
WIDTHS = {1400: 900, 360: 740}
THEMES = ("light", "dark")
LANGUAGES = ("en", "ko")
PICTURES = Path(__file__).resolve().parents[2] / "var" / "pictures"
FLAGS = (
    "--no-sandbox",  # root has no other way; the browser sees pages of this panel only
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


@dataclass
class Visitor:
    """Somebody at a browser window."""

    context: BrowserContext
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)

    def visit(self, path: str) -> Response:
        """Open a path of the panel and wait until it has loaded."""
        answer = self.page.goto(self.origin + path, wait_until="load")
        assert answer is not None
        return answer

    def speak(self, language: str) -> None:
        """Choose the language as the panel's switch does."""
        self.context.add_cookies(
            [{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.origin, "sameSite": "Lax"}]
        )

    def look(self, *, width: int = 1400, theme: str = "light") -> None:
        """Take a window of this width, in the system's light or dark theme."""
        self.page.set_viewport_size({"width": width, "height": WIDTHS.get(width, 900)})
        self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def pictures(
        self, path: str, name: str, directory: Path = PICTURES, languages: tuple[str, ...] = LANGUAGES
    ) -> list[Path]:
        """Pictures of a page at every width, theme and language, as NAME-1400-dark-ko.png; no window may scroll
        sideways."""
        directory.mkdir(parents=True, exist_ok=True)
        made = []
        for language in languages:
            self.speak(language)
            for width in WIDTHS:
                for theme in THEMES:
                    self.look(width=width, theme=theme)
                    assert self.visit(path).status == 200
                    made.append(directory / f"{name}-{width}-{theme}-{language}.png")
                    self.page.screenshot(path=made[-1], full_page=True, animations="disabled")
                    assert not self.scrolls_sideways(), f"{path} scrolls sideways at {width} px in {language}"
        return made

    def note_message(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def note_request(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"http", "https"} and not request.url.startswith(self.origin):
            self.complaints.append(f"asked for {request.url}, which is not the panel")

    def note_failure(self, request: Request) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:  # aborted: the page was left, which is no fault
            self.complaints.append(f"{request.url} failed: {request.failure}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("needs chromium (Debian package chromium)")
    # Playwright's loop lives in the test's thread, which Django would take for an async context.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def browser_as(chromium: Browser, live_server: object) -> Iterator[Callable[..., Visitor]]:
    """Open a window for a user (None: nobody is logged in). At the end no window may have had a complaint."""
    visitors: list[Visitor] = []

    def open_window(user: object | None = None, *, javascript: bool = True) -> Visitor:
        context = chromium.new_context(java_script_enabled=javascript, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, context.new_page(), str(live_server))
        visitors.append(visitor)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": visitor.origin}])
        visitor.page.on("console", visitor.note_message)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(f"script: {error}"))
        visitor.page.on("request", visitor.note_request)
        visitor.page.on("requestfailed", visitor.note_failure)
        visitor.look()
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
