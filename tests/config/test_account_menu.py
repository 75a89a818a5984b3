"""The menu at a person's name: what they set for themselves, and nothing that leads nowhere."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows

pytestmark = pytest.mark.django_db


def menu(page: str) -> str:
    """The part of a page from the theme's switch to the button that logs out."""
    return page[: page.index('id="logout-form"')][-6000:]


def test_an_agent_finds_preferences_and_password() -> None:
    shown = menu(text_of(logged_in(rows.agent().user).get(url("tickets:queue"))))
    assert url("tickets:me") in shown
    assert reverse("password-change") in shown
    assert "View site" not in shown


def test_somebody_who_is_no_agent_finds_the_password_alone() -> None:
    shown = menu(text_of(logged_in(make.operator()).get(url("dashboard"))))
    assert url("tickets:me") not in shown
    assert reverse("password-change") in shown
