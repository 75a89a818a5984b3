"""What every test shares: the fixtures of the lab and of the browser, and which tests one worker runs after another."""

from __future__ import annotations

import pytest

pytest_plugins = ("tests.browser.fixtures", "tests.lab.fixtures")
# Tests with such a mark share what takes long to start, so one worker of pytest-xdist runs them all: those of the
# mark together, or file by file. xdist hands out the largest groups first and single tests last.
TOGETHER = ("browser", "lab")
BY_FILE = ("sshd", "mailserver", "story")
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_client", "admin_user"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database-tests-of FILE…`: of the database tests those of these files only, and all that need no database."""
    parser.addoption("--database-tests-of", nargs="*", metavar="FILE")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share what is dear form a group; tests that take a database fixture count as database tests."""
    for item in items:
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db)
    wanted = config.getoption("--database-tests-of")
    if wanted is not None:
        files = {config.rootpath / name for name in wanted}
        left_out = [item for item in items if item.get_closest_marker("django_db") and item.path not in files]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def group_of(item: pytest.Item) -> str:
    """The group that a test belongs to; "" for one that any worker may run."""
    marks = {mark.name for mark in item.iter_markers()}
    if marks & set(BY_FILE):
        return item.path.stem
    return next((name for name in TOGETHER if name in marks), "")
