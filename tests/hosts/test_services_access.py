"""Tokens, roles and the first administrator."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from hosts.models import ApiToken, AuditEntry
from hosts.services import access
from tests import make

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_key_only():
    token, key = make.token()
    assert access.token_of(key) == token
    assert access.token_of(key[:-1]) is None
    assert access.token_of(token.digest) is None
    assert access.token_of("") is None


def test_the_use_of_a_token_is_written_once_a_minute_at_most(django_assert_num_queries):
    _, key = make.token()
    access.token_of(key)
    with django_assert_num_queries(1):
        access.token_of(key)


def test_revoking_twice_keeps_the_first_time():
    token, _ = make.token()
    access.revoke_token(token, by=make.actor())
    first = ApiToken.objects.get().revoked_at
    access.revoke_token(ApiToken.objects.get(), by=make.actor())
    assert ApiToken.objects.get().revoked_at == first


def test_a_token_is_issued_on_the_command_line_and_its_key_printed_once(capsys):
    make.operator("kim@example.test")
    call_command("issue_token", "kim@example.test", "backup", "--scope", "read", "--scope", "plan", "--days", "30")
    key = capsys.readouterr().out.split()[-1]
    token = access.token_of(key)
    assert (token.name, token.scopes, token.user.email) == ("backup", ["plan", "read"], "kim@example.test")
    assert token.expires_at is not None
    assert AuditEntry.objects.get(action="issue").via == "command"


def test_the_first_administrator_is_made_once():
    user, password = access.create_first_admin()
    assert user.check_password(password)
    assert user.must_change_password
    assert access.create_first_admin() is None


def test_roles_that_people_changed_are_left_alone():
    access.ensure_roles()
    assert access.ensure_roles() == []
