"""Secrets: sealed, rotated, never said."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection

from hosts.choices import CredentialKind
from hosts.errors import BadInput
from hosts.models import AuditEntry, Credential, FileContent
from hosts.models.sealed import CannotUnseal, Sealed
from hosts.services import credentials
from hosts.services.audit import PANEL
from tests import make

pytestmark = pytest.mark.django_db


def test_a_secret_is_unreadable_in_the_database_and_in_words():
    credential = make.credential(password="hush-hush")
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM hosts_credential")
        stored = bytes(cursor.fetchone()[0])
    assert b"hush" not in stored
    assert "hush" not in repr(credential.secret) + str(credential.secret) + repr(credential.login("root"))
    assert credential.login("root").password == "hush-hush"


def test_a_plain_value_is_refused_by_the_column():
    with pytest.raises(TypeError):
        Credential.objects.create(name="x", secret=b"plain")


def test_a_key_is_rotated_without_a_pause(settings):
    credential = make.credential(password="hush-hush")
    content = make.content(b"file secret")
    old, new = settings.SECRET_KEYS[0], Fernet.generate_key().decode()
    settings.SECRET_KEYS = [new, old]
    assert Credential.objects.get().login("root").password == "hush-hush"
    call_command("rotate_keys")
    settings.SECRET_KEYS = [new]
    assert Credential.objects.get(pk=credential.pk).login("root").password == "hush-hush"
    assert FileContent.objects.get(pk=content.pk).read() == b"file secret"
    assert AuditEntry.objects.get(action="rotate keys").details == {"values": 2}


def test_a_missing_key_says_what_to_do_and_rotates_nothing(settings):
    credential = make.credential()
    token = bytes(Credential.objects.get().secret.token)
    settings.SECRET_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CannotUnseal, match="SECRET_KEYS"):
        credential.login("root")
    with pytest.raises(CannotUnseal):
        credentials.rotate_keys(by=PANEL)
    assert bytes(Credential.objects.get().secret.token) == token


def test_a_broken_value_is_explained():
    with pytest.raises(CannotUnseal):
        Sealed(b"not a token").open()


def test_a_generated_key_opens_and_shows_its_line():
    made = credentials.generate_key(Credential(name="the fleet"), by=make.actor())
    assert made.public_key.endswith(" the-fleet@rackdesk")
    assert "OPENSSH PRIVATE KEY" in json.loads(made.secret.open())["private_key"]
    assert made.fingerprint.startswith("SHA256:")


def test_an_empty_secret_keeps_the_stored_one():
    credential = make.credential(password="hush-hush")
    credential.name = "renamed"
    credentials.save_credential(credential, by=make.actor())
    assert Credential.objects.get().login("root").password == "hush-hush"


def test_a_credential_of_another_kind_needs_another_secret():
    credential = make.credential()
    credential.kind = CredentialKind.PRIVATE_KEY
    with pytest.raises(BadInput):
        credentials.save_credential(credential, by=make.actor())
