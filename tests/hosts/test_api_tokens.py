"""Tokens over the API: those that open nothing, one's own, and what they hand on."""

from __future__ import annotations

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from hosts.models import ApiToken, AuditEntry
from tests import make
from tests.hosts.api import ROOT, Program

pytestmark = pytest.mark.django_db

LISTS = [
    "hosts", "facts", "organizations", "tags", "credentials", "managed-files", "files", "changes", "rollouts", "audit",
    "tokens",
]  # fmt: skip


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now()),
        lambda token: ApiToken.objects.filter(pk=token.pk).update(expires_at=make.ago(seconds=1)),
        lambda token: type(token.user).objects.filter(pk=token.user_id).update(is_active=False),
        lambda token: ApiToken.objects.filter(pk=token.pk).delete(),
    ],
    ids=["revoked", "expired", "of an inactive person", "deleted"],
)
def test_a_token_that_opens_nothing_any_more_is_401(spoil):
    program = Program()
    assert program.get("/me/").status_code == 200
    spoil(program.token)
    answer = program.get("/me/")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "authentication_failed"


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer rd_wrong", "Bearer a b", "Bearer rd_\xff"],
    ids=["empty", "wrong", "two", "bytes"],
)
def test_a_key_that_is_none_is_401(header):
    assert APIClient(HTTP_AUTHORIZATION=header).get(f"{ROOT}/me/").status_code == 401


@pytest.mark.parametrize("kind", LISTS)
def test_without_a_key_nothing_is_shown(kind):
    answer = APIClient().get(f"{ROOT}/{kind}/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("kind", [*LISTS, "me"])
def test_a_customer_has_no_business_here(kind):
    answer = Program(make.customer(is_superuser=False)).get(f"/{kind}/" if kind != "me" else "/me/")
    assert answer.status_code == 403


def test_a_session_needs_the_csrf_token_to_write():
    client = APIClient(enforce_csrf_checks=True)
    client.login(username=make.operator("kim@example.test").email, password=make.PASSWORD)
    assert client.get(f"{ROOT}/me/").json()["scopes"] is None
    assert client.post(f"{ROOT}/tags/", {"name": "x"}).status_code == 403


def test_me_says_who_asks_and_what_the_token_may():
    person = make.operator("kim@example.test", role="Viewer")
    shown = Program(person, ("read",)).get("/me/").json()
    assert (shown["email"], shown["scopes"]) == ("kim@example.test", ["read"])
    assert "hosts.view_host" in shown["permissions"]
    assert "hosts.plan_change" not in shown["permissions"]


def test_a_token_is_issued_shown_once_and_revoked():
    program = Program()
    issued = program.post("/tokens/", {"name": "backup", "scopes": ["read"]})
    assert issued.status_code == 201, issued.json()
    key = issued.json()["key"]
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {key}").get(f"{ROOT}/hosts/").status_code == 200
    listed = program.get("/tokens/")
    assert key not in listed.content.decode()
    assert {row["name"] for row in listed.json()["results"]} == {"script", "backup"}
    assert not ApiToken.objects.filter(digest__contains=key).exists()
    assert key not in str(list(AuditEntry.objects.values()))
    assert program.post(f"/tokens/{issued.json()['id']}/revoke/").json()["revoked_at"]
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {key}").get(f"{ROOT}/hosts/").status_code == 401


def test_a_token_hands_on_no_more_than_it_has():
    person = make.operator()
    soon = timezone.now() + timezone.timedelta(hours=1)
    program = Program(person, ("read", "plan"))
    ApiToken.objects.filter(pk=program.token.pk).update(expires_at=soon)
    wider = program.post("/tokens/", {"name": "x", "scopes": ["read", "apply"]})
    assert (wider.status_code, wider.json()["code"]) == (403, "not_allowed")
    child = program.post("/tokens/", {"name": "x", "scopes": ["read"]})
    assert ApiToken.objects.get(pk=child.json()["id"]).expires_at == soon


@pytest.mark.parametrize("scopes", [[], ["king"], "read"], ids=["none", "unknown", "no list"])
def test_a_token_with_senseless_scopes_is_refused(scopes):
    answer = Program().post("/tokens/", {"name": "x", "scopes": scopes})
    assert (answer.status_code, answer.json()["field"]) == (400, "scopes")


def test_the_use_of_a_token_is_noted():
    program = Program()
    program.get("/me/")
    program.token.refresh_from_db()
    assert program.token.last_used_at is not None
