"""The first door of the panel, seen through a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hosts.services.access import create_first_admin
from tests.browser.fixtures import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EMAIL, PASSWORD, NEW_PASSWORD = "first@rackdesk.localhost", "generated-by-the-start", "Kimchi-and-tofu-42"


def log_in(visitor: Visitor, password: str) -> None:
    visitor.visit("/panel/login/")
    visitor.page.fill("input[name=username]", EMAIL)
    visitor.page.fill("input[name=password]", password)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def test_the_first_admin_chooses_a_new_password_before_anything_else(browser_as: Callable[..., Visitor]) -> None:
    create_first_admin(EMAIL, password=PASSWORD)
    visitor = browser_as()
    log_in(visitor, PASSWORD)
    assert visitor.page.url == f"{visitor.origin}/panel/password/"
    visitor.visit("/panel/settings/")
    assert visitor.page.url == f"{visitor.origin}/panel/password/"
    visitor.page.fill("input[name=old_password]", PASSWORD)
    visitor.page.fill("input[name=new_password1]", NEW_PASSWORD)
    visitor.page.fill("input[name=new_password2]", NEW_PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"{visitor.origin}/panel/")


def test_the_login_page_fits_every_window(browser_as: Callable[..., Visitor]) -> None:
    assert len(browser_as().pictures("/panel/login/", "login")) == 8
