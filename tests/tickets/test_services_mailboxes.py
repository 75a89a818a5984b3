"""Mailboxes: one fetcher at a time, failures in words, an alert at the second one, and what is kept of mails."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from hosts.errors import WrongState
from hosts.facts.words import plain, words
from hosts.models import AuditEntry
from hosts.models.sealed import Sealed
from hosts.services.audit import PANEL, Actor
from tests import make
from tickets.choices import AfterFetch, IncomingState, MailboxState, MailKind, MailLogin, MailProtocol
from tickets.errors import CannotKeep, MailServerLost
from tickets.facts.mailbox import Step
from tickets.models import IncomingMail, Mailbox, OutgoingMail, StoredFile
from tickets.services import incoming, keep, mailboxes
from tickets.services.house import desk

pytestmark = pytest.mark.django_db
WHY = words("The server does not answer.")


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


def box(**fields) -> Mailbox:
    return Mailbox.objects.create(**{"name": "Help", "address": "ticket@desk.example", "host": "localhost", **fields})


def claimed(row: Mailbox) -> tuple[Mailbox, uuid.UUID]:
    claim = uuid.uuid4()
    found = mailboxes.claim_mailbox(row.pk, claim=claim)
    assert found is not None
    return found, claim


def test_a_mailbox_is_fetched_from_by_one_worker_at_a_time() -> None:
    row = box()
    claimed(row)
    assert mailboxes.claim_mailbox(row.pk, claim=uuid.uuid4()) is None


def test_a_mailbox_whose_fetcher_fell_silent_is_taken_over_and_the_old_one_knows_it() -> None:
    row, old = claimed(box())
    Mailbox.objects.update(heartbeat_at=timezone.now() - mailboxes.SILENT_AFTER)
    claimed(row)
    assert mailboxes.touch_mailbox(row, claim=old) is False
    mailboxes.record_poll(row, claim=old)
    row.refresh_from_db()
    assert row.state == MailboxState.NEW


@pytest.mark.parametrize("fields", [{"is_active": False}, {"protocol": MailProtocol.NONE}], ids=["off", "sending only"])
def test_some_mailboxes_are_never_fetched_from(fields) -> None:
    row = box(**fields)
    assert mailboxes.due_mailboxes(timezone.now()) == []
    assert mailboxes.claim_mailbox(row.pk, claim=uuid.uuid4()) is None


def test_a_due_mailbox_is_named_once_for_each_turn() -> None:
    row, now = box(poll_seconds=60), timezone.now()
    assert mailboxes.due_mailboxes(now) == [row.pk]
    assert mailboxes.due_mailboxes(now) == []
    assert mailboxes.due_mailboxes(now + timedelta(seconds=61)) == [row.pk]


def test_the_second_failure_in_a_row_alerts_once_and_success_ends_it() -> None:
    admin, row = make.admin("boss@desk.example"), box()
    desk()
    for failures in (1, 2, 3):
        row, claim = claimed(row)
        mailboxes.record_failed_poll(row, claim=claim, why=WHY)
        row.refresh_from_db()
        assert (row.failures, row.state, row.state_why) == (failures, MailboxState.FAILING, str(WHY))
        told = OutgoingMail.objects.filter(kind=MailKind.MAILBOX_ALERT, to_email=admin.email).count()
        assert told == (failures >= 2)
    row, claim = claimed(row)
    mailboxes.record_poll(row, claim=claim)
    row.refresh_from_db()
    assert (row.failures, row.state, row.state_why, row.alerted_at) == (0, MailboxState.WELL, "", None)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["alert", "recover"]


def test_a_failing_mailbox_is_tried_less_often_but_never_given_up() -> None:
    row = box(poll_seconds=60)
    waits = []
    for _ in range(12):
        row, claim = claimed(row)
        mailboxes.record_failed_poll(row, claim=claim, why=WHY)
        row.refresh_from_db()
        waits.append(round((row.next_poll_at - timezone.now()).total_seconds()))
    assert waits[:5] == [60, 60, 120, 240, 480]
    assert set(waits[5:]) == {600}


def test_a_mail_is_kept_once_and_its_bytes_are_there() -> None:
    row = box()
    mail, is_new = keep.keep_mail(row, "1:1", [b"From: a@b.example\n", b"\ntext"])
    again, is_new_again = keep.keep_mail(row, "1:1", [b"From: a@b.example\n\ntext"])
    assert (is_new, is_new_again, again.pk) == (True, False, mail.pk)
    assert mail.raw.read() == b"From: a@b.example\n\ntext"


def test_an_id_that_a_server_gives_again_is_another_mail() -> None:
    row = box()
    first, _ = keep.keep_mail(row, "uidl", [b"one"])
    second, is_new = keep.keep_mail(row, "uidl", [b"two"])
    third, is_new_again = keep.keep_mail(row, "uidl", [b"two"])
    assert is_new
    assert not is_new_again
    assert len({first.pk, second.pk, third.pk}) == 2


def test_the_same_bytes_in_two_mailboxes_are_one_file() -> None:
    for address in ("ticket@desk.example", "second@desk.example"):
        keep.keep_mail(box(address=address), "1:1", [b"same"])
    assert (IncomingMail.objects.count(), StoredFile.objects.count()) == (2, 1)


def test_what_was_put_away_is_fetched_again_only_where_mail_stays_there() -> None:
    row = box()
    for number in (1, 2):
        keep.keep_mail(row, f"1:{number}", [b"%d" % number])
    assert keep.still_on_server(row) == ["1:1", "1:2"]
    keep.note_off_server(row, ["1:1"])
    assert keep.still_on_server(row) == ["1:2"]
    assert keep.kept_ids(row, ["1:1", "1:2", "1:3"], leaves=False) == {"1:2"}
    assert keep.kept_ids(row, ["1:1", "1:2", "1:3"], leaves=True) == {"1:1", "1:2"}


def test_a_session_that_breaks_in_the_middle_of_a_mail_keeps_nothing_of_it(tmp_path) -> None:
    def broken():
        yield b"From: a@b.example\n"
        raise MailServerLost("broken")

    with pytest.raises(MailServerLost):
        keep.keep_mail(box(), "1:1", broken())
    assert not IncomingMail.objects.exists()
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_a_full_disk_is_said_in_words(settings, tmp_path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(CannotKeep, match="stays on its server"):
        keep.keep_mail(box(), "1:1", [b"text"])


def test_facts_have_the_opened_secret_and_oauth_has_a_grant() -> None:
    secret = {"token_url": "https://login.example/token", "client_id": "panel", "refresh_token": "r1"}
    row = box(login=MailLogin.OAUTH2, secret=Sealed.of(json.dumps(secret)), after_fetch=AfterFetch.DELETE)
    facts = row.facts("token")
    assert (facts.password, facts.username, facts.grant.refresh_token) == ("token", "ticket@desk.example", "r1")
    mailboxes.keep_refresh_token(row, "r2")
    assert Mailbox.objects.get().facts().grant.refresh_token == "r2"


def test_a_connection_test_is_asked_for_and_told_in_words() -> None:
    row = mailboxes.ask_for_test(box(), by=Actor(make.admin()))
    assert mailboxes.tests_to_make(timezone.now()) == []
    assert mailboxes.tests_to_make(timezone.now() + mailboxes.LOST_AFTER) == [row.pk]
    mailboxes.record_test(row, [Step(words("Connect and log in"), ok=False, why=plain("no"))])
    row.refresh_from_db()
    assert row.test_done_at is not None
    assert row.test_steps == [{"name": ["Connect and log in", {}], "ok": False, "why": ["%(text)s", {"text": "no"}]}]


def mail(text: bytes = b"From: a@b.example\n\ntext", **fields) -> IncomingMail:
    row, _ = keep.keep_mail(None, "", [text])
    IncomingMail.objects.filter(pk=row.pk).update(**fields)
    return row


def test_mails_are_read_oldest_first_each_by_one_worker() -> None:
    rows = [mail(), mail()]
    taken = [incoming.claim_next(claim=uuid.uuid4()) for _ in range(3)]
    assert [one and one.pk for one in taken] == [rows[0].pk, rows[1].pk, None]


def test_a_mail_whose_worker_fell_silent_is_read_again_and_put_aside_when_that_happens_again_and_again() -> None:
    mail()
    for tries in range(1, incoming.LAST_TRY + 2):
        claim = uuid.uuid4()
        taken = incoming.claim_next(claim=claim)
        assert taken.tries == tries
        assert incoming.is_worn_out(taken) is (tries > incoming.LAST_TRY)
        IncomingMail.objects.update(heartbeat_at=timezone.now() - incoming.SILENT_AFTER)
    assert incoming.quarantine_mail(taken, claim=claim, why=incoming.WORN_OUT)
    assert "put aside" in IncomingMail.objects.get().why


def test_trouble_of_the_house_makes_a_mail_wait_and_does_not_count_against_it() -> None:
    mail()
    claim = uuid.uuid4()
    taken = incoming.claim_next(claim=claim)
    incoming.postpone_mail(taken, claim=claim, why=plain("database is locked"))
    row = IncomingMail.objects.get()
    assert (row.state, row.tries, row.claim) == (IncomingState.KEPT, 0, None)
    assert incoming.claim_next(claim=uuid.uuid4()) is None
    assert incoming.has_work(timezone.now() + timedelta(minutes=1))


def test_a_quarantined_mail_is_run_again_by_hand_and_only_then() -> None:
    row, by = mail(), Actor(make.admin())
    with pytest.raises(WrongState):
        incoming.run_again(row, by=by)
    claim = uuid.uuid4()
    incoming.quarantine_mail(
        incoming.claim_next(claim=claim), claim=claim, why=WHY, trace="Traceback", sender="a@b.example"
    )
    row.refresh_from_db()
    assert (row.state, row.trouble, row.sender, str(row.why)) == ("quarantined", "Traceback", "a@b.example", str(WHY))
    incoming.run_again(row, by=by)
    assert incoming.claim_next(claim=uuid.uuid4()).tries == 1


def test_a_quarantined_mail_can_be_discarded_and_its_bytes_stay() -> None:
    row, claim = mail(), uuid.uuid4()
    incoming.quarantine_mail(incoming.claim_next(claim=claim), claim=claim, why=WHY)
    incoming.discard_mail(row, by=PANEL)
    row.refresh_from_db()
    assert row.state == IncomingState.IGNORED
    assert row.raw.read()
