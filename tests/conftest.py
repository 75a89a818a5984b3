"""What every test shares: the fixtures of the lab and of the browser, and which tests must not run side by side."""

from __future__ import annotations

import pytest

pytest_plugins = ("tests.browser.fixtures", "tests.lab.fixtures")
ALONE = ("lab", "browser")
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_client", "admin_user"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Heavy tests form one queue of pytest-xdist; tests that take a database fixture count as database tests."""
    for item in items:
        if any(item.get_closest_marker(name) for name in ALONE):
            item.add_marker(pytest.mark.xdist_group("heavy"))
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db)
