"""The OpenAPI description: complete, without a warning, and true about errors and tokens."""

from __future__ import annotations

import io

import pytest
import yaml
from django.core.management import call_command
from django.urls import get_resolver

from tests import make


@pytest.fixture(scope="module")
def schema():
    """The description as a tool would fetch it."""
    out = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    return yaml.safe_load(out.getvalue())


def operations(schema):
    return [(path, method, what) for path, methods in schema["paths"].items() for method, what in methods.items()]


def test_it_is_made_without_a_warning_and_names_every_operation_once(schema):
    ids = [what["operationId"] for _, _, what in operations(schema)]
    assert len(ids) == len(set(ids)) > 70


def test_every_path_of_the_api_is_in_it(schema):
    def paths(patterns, prefix=""):
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if hasattr(entry, "url_patterns"):
                yield from paths(entry.url_patterns, route)
            else:
                yield route

    known = [route for route in paths(get_resolver().url_patterns) if route.startswith("api/v1/")]
    assert len(schema["paths"]) == len(known)


def test_every_operation_says_what_it_does_and_to_which_part_it_belongs(schema):
    for path, method, what in operations(schema):
        assert what.get("description"), (path, method)
        assert what["tags"] != ["api"], (path, method)


def test_every_operation_wants_a_token_or_a_session_and_shows_its_errors(schema):
    for path, method, what in operations(schema):
        assert {"token": []} in what["security"], (path, method)
        assert {"401", "403", "404", "429"} <= set(what["responses"]), (path, method)


def test_no_answer_holds_a_secret(schema):
    for name, shape in schema["components"]["schemas"].items():
        if name.endswith("Request"):
            continue
        for field, what in shape.get("properties", {}).items():
            if field in ("password", "passphrase", "private_key"):
                assert what.get("writeOnly"), (name, field)


def test_the_main_flow_has_examples(schema):
    for path in ("/api/v1/changes/bundle/", "/api/v1/changes/command/", "/api/v1/managed-files/", "/api/v1/hosts/"):
        body = schema["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert body["examples"], path


@pytest.mark.django_db
def test_the_page_and_the_description_are_for_people_who_logged_in(client):
    assert client.get("/api/schema/").status_code in (401, 403)
    client.force_login(make.operator())
    assert client.get("/api/schema/").status_code == 200
    assert client.get("/api/").status_code == 200
