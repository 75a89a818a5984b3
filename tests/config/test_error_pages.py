"""Pages for what cannot be answered: they say what happened, what was kept and what to do, and an id to search for."""

from __future__ import annotations

import logging
import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from config import error_pages
from tests import make
from tests.hosts.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
NOWHERE = "/panel/hosts/999999/"


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("disk of Kim is gone")


urlpatterns = [path("api/breaks/", breaks), path("breaks/", breaks), path("", include("config.urls"))]
handler404 = error_pages.not_found
handler500 = error_pages.broken


def test_a_page_that_is_not_there_is_said_in_the_shell_with_ways_on() -> None:
    answer = logged_in(make.admin("kim@example.test")).get(NOWHERE)
    said = text_of(answer)
    assert answer.status_code == 404
    assert "There is nothing at this address" in said
    assert NOWHERE in said
    assert "kim@example.test" in said
    assert 'href="/panel/hosts/"' in answer.content.decode()


def test_a_stranger_learns_nothing_but_where_the_login_is(client: Client) -> None:
    answer = client.get("/panel/nothing-like-this/")
    assert answer.status_code == 404
    assert "Log in" in text_of(answer)
    assert "nav" not in answer.content.decode()


def test_a_missing_right_says_that_nothing_was_changed() -> None:
    answer = logged_in(make.user(permissions=["hosts.view_host"])).get("/panel/changes/")
    assert answer.status_code == 403
    assert "nothing was changed" in text_of(answer)


def test_a_form_with_an_old_token_says_that_nothing_was_saved() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.admin())
    answer = client.post("/panel/hosts/new/", {"name": "xen01"})
    assert answer.status_code == 403
    assert "This form is no longer good" in text_of(answer)


@pytest.mark.urls(__name__)
def test_an_error_of_the_panel_has_an_id_that_the_log_has_too(caplog: pytest.LogCaptureFixture) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make.admin())
    with caplog.at_level(logging.ERROR, logger="config.error_pages"):
        answer = client.get("/breaks/?password=secret")
    assert answer.status_code == 500
    found = re.search(r"<code>([0-9a-f]{8})</code>", answer.content.decode())
    assert found
    assert answer["Error-Id"] == found[1]
    line = next(record for record in caplog.records if record.name == "config.error_pages")
    assert found[1] in line.getMessage()
    assert "secret" not in line.getMessage()
    assert line.exc_info
    assert "disk of Kim is gone" in str(line.exc_info[1])
    assert "disk of Kim is gone" not in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("method", "offered"), [("get", True), ("post", False)], ids=["a page", "a form"])
def test_only_a_page_is_offered_again(method: str, *, offered: bool) -> None:
    answer = Client(raise_request_exception=False).generic(method.upper(), "/breaks/?q=1")
    assert ("/breaks/?q=1" in answer.content.decode()) is offered


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("where", "status", "code"), [("breaks", 500, "error"), ("nowhere", 404, "not_found")])
def test_programs_get_the_same_as_json(where: str, status: int, code: str) -> None:
    answer = Client(raise_request_exception=False).get(f"/api/{where}/")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_piece_of_a_page_is_answered_in_one_line_for_the_browser(client: Client, language: str) -> None:
    answer = client.get("/panel/nothing/", headers={"HX-Request": "true", "Accept-Language": language})
    assert answer.status_code == 404
    assert "<" not in answer.content.decode()
