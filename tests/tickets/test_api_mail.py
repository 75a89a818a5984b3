"""Mailboxes, kept mails, the outbox and the words of mails over the API; no secret comes out of any of them."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.models import AuditEntry
from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import IncomingState, MailKind, OutgoingState
from tickets.models import IncomingMail, Mailbox, MailTemplate, OutgoingMail
from tickets.services import files
from tickets.services.house import desk

pytestmark = pytest.mark.django_db
BOX = {
    "name": "Help desk",
    "address": "ticket@desk.example",
    "host": "mail.desk.example",
    "username": "ticket",
    "password": "swordfish",
    "smtp_host": "mail.desk.example",
}


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def root() -> Program:
    desk()
    return Program(make.admin())


def kept(**fields: Any) -> IncomingMail:
    file = files.keep("x.eml", "message/rfc822", [b"From: a@b.example\r\n\r\nhello"])
    given = {"subject": "Lost", "state": IncomingState.QUARANTINED, **fields}
    return IncomingMail.objects.create(raw_id=file.sha256, **given)


def held(ticket: Any = None, **fields: Any) -> OutgoingMail:
    given = {"kind": MailKind.TICKET_REPLY, "state": OutgoingState.FAILED, "text": "secret words", **fields}
    return OutgoingMail.objects.create(ticket=ticket, to_email="kim@example.com", subject="Re", **given)


def test_a_mailbox_is_set_up_and_no_password_comes_out(root: Program) -> None:
    made = root.post("/mailboxes/", BOX)
    assert made.status_code == 201, made.json()
    assert (made.json()["has_secret"], made.json()["has_smtp_secret"], made.json()["state"]) == (True, True, "new")
    path = f"/mailboxes/{made.json()['id']}/"
    row = Mailbox.objects.get()
    assert row.facts().password == "swordfish"
    assert root.patch(path, {"poll_seconds": 30, "password": ""}).status_code == 200
    assert Mailbox.objects.get().facts().password == "swordfish"
    root.patch(path, {"password": "herring"})
    assert Mailbox.objects.get().facts().password == "herring"
    told = (root.get(path).content + root.get("/mailboxes/").content + root.get("/audit/").content).decode()
    assert "swordfish" not in told
    assert "herring" not in told
    assert root.delete(path).status_code == 204


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"password": ""}, "password"),
        ({"host": ""}, "host"),
        ({"ca_certificate": "nonsense"}, "ca_certificate"),
        ({"login": "oauth2", "token_url": "http://open.example"}, "token_url"),
        ({"move_to": "INBOX"}, "move_to"),
        ({"poll_seconds": 1}, "poll_seconds"),
        ({"address": "nobody"}, "address"),
    ],
    ids=["no password", "no server", "no certificate", "an open token server", "its own folder", "too often", "nobody"],
)
def test_a_mailbox_that_cannot_work_is_refused(sent: dict[str, Any], field: str, root: Program) -> None:
    answer = root.post("/mailboxes/", {**BOX, **sent})
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Mailbox.objects.exists()


def test_the_same_address_is_one_mailbox(root: Program) -> None:
    root.post("/mailboxes/", BOX)
    assert root.post("/mailboxes/", {**BOX, "address": "TICKET@desk.example"}).status_code == 400


def test_a_connection_test_is_asked_for_and_told(root: Program) -> None:
    path = f"/mailboxes/{root.post('/mailboxes/', BOX).json()['id']}/"
    asked = root.post(f"{path}test/")
    assert asked.status_code == 202
    assert asked.json()["test_asked_at"] is not None
    steps = [{"name": ["Log in", {}], "ok": False, "why": ["No such user.", {}]}]
    Mailbox.objects.update(test_steps=steps, test_done_at=Mailbox.objects.get().test_asked_at)
    assert root.get(path).json()["test_steps"] == [{"name": "Log in", "ok": False, "why": "No such user."}]


def test_a_quarantined_mail_is_read_run_again_and_discarded(root: Program) -> None:
    first, second = kept(trouble="Traceback"), kept()
    listed = root.get("/incoming-mails/", state="quarantined").json()["results"]
    assert [row["id"] for row in listed] == [second.pk, first.pk]
    assert root.get(f"/incoming-mails/{first.pk}/").json()["trouble"] == "Traceback"
    raw = root.get(f"/incoming-mails/{first.pk}/raw/")
    assert b"".join(raw.streaming_content).endswith(b"hello")
    assert (raw["Content-Type"], raw["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert root.post(f"/incoming-mails/{first.pk}/again/").json()["state"] == "kept"
    assert root.post(f"/incoming-mails/{first.pk}/again/").status_code == 409
    assert root.post(f"/incoming-mails/{second.pk}/discard/").json()["state"] == "ignored"


def test_a_mail_that_failed_is_sent_again(root: Program) -> None:
    mail = held()
    [row] = root.get("/outgoing-mails/", state="failed", kind="ticket.reply").json()["results"]
    assert "text" not in row
    assert root.get(f"/outgoing-mails/{mail.pk}/").json()["text"] == "secret words"
    assert root.post(f"/outgoing-mails/{mail.pk}/again/").json()["state"] == "waiting"
    OutgoingMail.objects.update(state=OutgoingState.SENT)
    assert root.post(f"/outgoing-mails/{mail.pk}/again/").status_code == 409


def test_mails_of_tickets_that_one_does_not_see_are_not_there() -> None:
    agent, far = rows.agent(), rows.ticket(department_id=rows.department().pk)
    for right in ("incomingmail", "outgoingmail"):
        for verb in ("view", "change"):
            agent.user.user_permissions.add(make.Permission.objects.get(codename=f"{verb}_{right}"))
    theirs, out = kept(ticket=far), held(far)
    mine = Program(agent.user)
    for path in (f"/incoming-mails/{theirs.pk}/", f"/outgoing-mails/{out.pk}/"):
        assert mine.get(path).status_code == 404
        assert mine.post(f"{path}again/").status_code == 404
    assert mine.get(f"/incoming-mails/{theirs.pk}/raw/").status_code == 404
    assert far.pk not in [row["ticket"] for row in mine.get("/outgoing-mails/").json()["results"]]


@pytest.mark.parametrize("path", ["mailboxes", "incoming-mails", "outgoing-mails", "mail-templates", "template-sets"])
def test_an_agent_without_the_permission_sees_none_of_it(path: str) -> None:
    assert Program(rows.agent().user).get(f"/{path}/").status_code == 403


def test_own_words_are_kept_where_every_variable_in_them_exists(root: Program) -> None:
    words = root.post("/template-sets/", {"name": "Formal"}).json()["id"]
    sent = {"templates": words, "kind": "ticket.reply", "language": "en", "subject": "Re", "body": "%{response}"}
    made = root.post("/mail-templates/", sent)
    assert made.status_code == 201, made.json()
    path = f"/mail-templates/{made.json()['id']}/"
    refused = root.patch(path, {"body": "%{ticket.colour}"})
    assert (refused.status_code, refused.json()["code"]) == (400, "render_error")
    assert root.patch(path, {"kind": "ticket.alert"}).json()["field"] == "kind"
    assert root.post("/mail-templates/", sent).status_code == 400
    assert root.patch(path, {"body": "Dear %{recipient.name}"}).json()["body"] == "Dear %{recipient.name}"
    assert MailTemplate.objects.get().body == "Dear %{recipient.name}"


def test_every_kind_of_mail_is_told_with_its_words_and_variables(root: Program) -> None:
    kinds = {row["kind"]: row for row in root.get("/mail-templates/kinds/").json()}
    assert set(kinds) == set(MailKind.values)
    assert set(kinds["ticket.reply"]["words"]) == {"en", "ko"}
    assert kinds["ticket.reply"]["variables"]["ticket.number"] == "ticket number"
    assert "note" not in kinds["ticket.reply"]["variables"]


def test_words_are_seen_as_a_mail_with_made_up_values_or_for_a_ticket(root: Program) -> None:
    ticket = rows.ticket("Fan is loud")
    sent = {"kind": "ticket.reply", "language": "en", "subject": "About %{ticket.subject}", "body": "%{ticket.number}"}
    assert (
        root.post("/mail-templates/preview/", {**sent, "ticket": ticket.pk})
        .json()["subject"]
        .startswith("About Fan is loud")
    )
    assert "100041" in root.post("/mail-templates/preview/", sent).json()["text"]
    built_in = root.post("/mail-templates/preview/", {"kind": "ticket.reply", "language": "ko", "ticket": ticket.pk})
    assert ticket.number in built_in.json()["subject"] + built_in.json()["text"]
    assert root.post("/mail-templates/preview/", {**sent, "body": "%{x"}).status_code == 400
    half = {"kind": "ticket.reply", "language": "en", "body": "x"}
    assert root.post("/mail-templates/preview/", half).json()["field"] == "subject"
    assert OutgoingMail.objects.filter(kind="ticket.reply").count() == 0


def test_words_are_sent_to_oneself_as_a_test(root: Program) -> None:
    root.post("/mailboxes/", BOX)
    sent = {"kind": "ticket.reply", "language": "en", "subject": "Hello", "body": "World"}
    answer = root.post("/mail-templates/test/", sent)
    assert (answer.status_code, answer.json()["to_email"]) == (201, root.person.email)
    assert root.post("/mail-templates/test/", {**sent, "to_email": "kim@example.com"}).status_code == 201
    assert AuditEntry.objects.filter(action="test-mail").count() == 2
    reader = Program(make.user(permissions=["tickets.view_mailtemplate"]))
    assert reader.post("/mail-templates/test/", sent).status_code == 403
    assert reader.post("/mail-templates/preview/", sent).status_code == 200
