"""The panel's icon, at the path where browsers look for it by themselves."""

from __future__ import annotations

from django.contrib.staticfiles import finders
from django.test import Client


def test_the_path_where_browsers_look_for_an_icon_leads_to_the_panels_own(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/config/icon.svg")
    assert finders.find("config/icon.svg")
