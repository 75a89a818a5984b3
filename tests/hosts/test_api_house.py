"""Credentials and lists of hosts over the API, and how errors look."""

from __future__ import annotations

import pytest

from hosts.choices import HostState
from hosts.models import AuditEntry, Change, Host
from tests import make
from tests.hosts.api import ROOT, Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine():
    """An operator of one organization."""
    return Program(make.operator(organizations=[make.organization("Mine")]))


def test_a_generated_key_shows_its_public_line_and_never_its_secret():
    program = Program()
    made = program.post("/credentials/", {"name": "fleet", "generate": True})
    assert made.status_code == 201, made.json()
    assert made.json()["public_key"].startswith("ssh-ed25519 ")
    assert made.json()["kind"] == "private_key"
    answers = made.content + program.get("/credentials/").content + program.get("/audit/").content
    assert b"PRIVATE KEY" not in answers


def test_a_password_goes_in_and_does_not_come_out():
    program = Program()
    made = program.post("/credentials/", {"name": "old", "password": "hush-hush"})
    replaced = program.patch(f"/credentials/{made.json()['id']}/", {"password": "hush-again"})
    assert (made.json()["kind"], replaced.status_code) == ("password", 200)
    answers = made.content + replaced.content + program.get("/credentials/").content + program.get("/audit/").content
    assert b"hush" not in answers
    entry = AuditEntry.objects.filter(object_type="credential").latest("id")
    assert entry.details == {"secret": ["", "changed"]}


@pytest.mark.parametrize(
    "sent",
    [{}, {"private_key": "no key"}, {"password": "a", "generate": True}],
    ids=["no secret", "not a key", "two secrets"],
)
def test_a_credential_without_a_usable_secret_is_refused(sent):
    assert Program().post("/credentials/", {"name": "x", **sent}).status_code == 400


def test_a_credential_in_use_is_kept():
    host = make.host()
    answer = Program().delete(f"/credentials/{host.credential_id}/")
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


# -- import


def test_a_list_is_looked_at_and_then_imported_as_a_whole():
    program = Program()
    text = "name,address,roles\nxen01,192.0.2.11,xen\nweb01,192.0.2.12,web\n"
    trial = program.post("/hosts/import/", {"format": "csv", "text": text, "is_trial": True})
    assert [host["name"] for host in trial.json()["found"]] == ["xen01", "web01"]
    assert not Host.objects.exists()
    done = program.post("/hosts/import/", {"format": "csv", "text": text})
    assert (done.status_code, len(done.json()["hosts"])) == (201, 2)
    assert set(Host.objects.values_list("state", flat=True)) == {HostState.NEW}


def test_one_bad_line_imports_nothing_and_is_named():
    make.host("web01")
    text = "name,address\nxen01,192.0.2.11\nweb01,192.0.2.12\n"
    answer = Program().post("/hosts/import/", {"format": "csv", "text": text})
    assert answer.status_code == 400
    assert "web01" in answer.json()["detail"]
    assert Host.objects.count() == 1


def test_an_error_of_any_kind_has_words_and_a_code():
    program = Program()
    for answer in (
        program.get("/nowhere/1/"),
        program.get("/hosts/999999/"),
        program.post("/hosts/", []),
        program.client.post(f"{ROOT}/hosts/", "{", content_type="application/json"),
        program.client.post(f"{ROOT}/hosts/", "x", content_type="text/plain"),
        program.put("/me/", {}),
    ):
        assert 400 <= answer.status_code < 500
        if answer.headers["Content-Type"] == "application/json":
            assert answer.json()["detail"]
            assert answer.json()["code"]


def test_nobody_of_another_organization_finds_a_change_by_its_idempotency_key(mine):
    own = make.host(organization=mine.person.organizations.get())
    sent = {"hosts": [own.pk], "command": "true"}
    assert mine.post("/changes/command/", sent, once="k").status_code == 201
    Host.objects.update(organization=make.organization())
    assert mine.post("/changes/command/", sent, once="k").status_code in (400, 403)
    assert Change.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(r'{"name": "a\ud800b"}', id="half a letter"),
        pytest.param(r'{"name": "x", "notes": {"a\u0000": 1}}', id="a NUL in a name"),
        pytest.param('{"name": ' + "[" * 100_000, id="nested too deeply"),
        pytest.param('{"name": ' + "9" * 5_000 + "}", id="a number too long to read"),
    ],
)
def test_json_that_no_database_can_keep_is_refused_in_words(sent):
    program = Program()
    answer = program.client.post(f"{ROOT}/tags/", sent, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_whole_letters_may_be_written_by_their_numbers():
    made = Program().client.post(f"{ROOT}/tags/", r'{"name": "\ud83d\ude00"}', content_type="application/json")
    assert made.json()["name"] == "\U0001f600"
