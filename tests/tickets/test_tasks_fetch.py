"""The fetch task against a real Dovecot: kept first, away after, health in words, a mail that breaks the session."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from hosts.models.sealed import Sealed
from tests.tickets import dovecot
from tests.tickets.dovecot import Dovecot
from tickets.choices import AfterFetch, MailboxState, MailLogin, MailProtocol, Security
from tickets.errors import MailServerLost
from tickets.models import Entry, IncomingMail, Mailbox
from tickets.outside.imap import ImapBox
from tickets.services import keep, mailboxes
from tickets.services.house import desk
from tickets.tasks import fetch, sweeps_in
from tickets.tasks.fetch import fetch_mailbox
from tickets.tasks.intake import take_in_waiting

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.mailserver,
    pytest.mark.skipif(bool(dovecot.missing()), reason=dovecot.missing() or "Dovecot is there"),
]
IMAP, POP3 = MailProtocol.IMAP, MailProtocol.POP3
BOTH = pytest.mark.parametrize("protocol", [IMAP, POP3])


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot.running() as made:
        yield made


@pytest.fixture(autouse=True)
def _empty(server: Dovecot, settings, tmp_path) -> None:
    server.empty()
    settings.VAR_DIR = tmp_path


def box(server: Dovecot, protocol: MailProtocol = IMAP, **fields) -> Mailbox:
    desk()
    facts = server.server(protocol=protocol)
    return Mailbox.objects.create(
        **{
            "name": "Help",
            "address": "ticket@desk.example",
            "protocol": protocol,
            "host": "localhost",
            "port": facts.port,
            "username": "ticket",
            "secret": Sealed.of(json.dumps({"password": dovecot.PASSWORD})),
            "ca_certificate": facts.ca_certificate,
            "after_fetch": AfterFetch.DELETE,
            "poll_seconds": 60,
            **fields,
        }
    )


def mail(number: int) -> bytes:
    head = b"From: a%d@b.example\nSubject: mail %d\nMessage-ID: <%d@b.example>\n" % (number, number, number)
    return head + b"Date: Mon, 23 Nov 2026 10:00:00 +0000\n\ntext\n"


def ids() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("message_id", flat=True))


@BOTH
def test_mail_is_fetched_read_and_gone_from_the_server(server: Dovecot, protocol: MailProtocol) -> None:
    for number in range(3):
        server.deliver(mail(number))
    row = box(server, protocol)
    sweeps_in.sweep_mailboxes()
    fetch_mailbox(row.pk)
    assert server.count() == 0
    assert list(IncomingMail.objects.values_list("state", "is_off_server").distinct()) == [("kept", True)]
    take_in_waiting()
    assert ids() == ["0@b.example", "1@b.example", "2@b.example"]
    row.refresh_from_db()
    assert (row.state, row.failures, row.claim, row.worked_at is not None) == (MailboxState.WELL, 0, None, True)


@BOTH
def test_mail_that_stays_on_the_server_is_fetched_once(server: Dovecot, protocol: MailProtocol) -> None:
    row = box(server, protocol, after_fetch=AfterFetch.MARK)
    for number in range(3):
        server.deliver(mail(number))
        fetch_mailbox(row.pk)
    assert (server.count(), IncomingMail.objects.count()) == (3, 3)
    assert not IncomingMail.objects.filter(is_off_server=False).exists()


@BOTH
def test_what_an_earlier_worker_kept_but_did_not_put_away_is_put_away(server: Dovecot, protocol: MailProtocol) -> None:
    server.deliver(mail(1))
    row = box(server, protocol)
    with fetch.opened(row.facts()) as there:
        found = there.mails_after(0, 0)[0]
        keep.keep_mail(row, found.remote_id, there.pieces(found))
    fetch_mailbox(row.pk)
    assert (server.count(), IncomingMail.objects.count()) == (0, 1)
    assert IncomingMail.objects.get().is_off_server


def test_nothing_leaves_the_server_where_it_cannot_be_kept(server: Dovecot, tmp_path) -> None:
    server.deliver(mail(1))
    row = box(server)
    (tmp_path / "files").write_text("in the way")
    fetch_mailbox(row.pk)
    row.refresh_from_db()
    assert server.count() == 1
    assert (row.state, "could not be written to disk" in row.state_why) == (MailboxState.FAILING, True)
    (tmp_path / "files").unlink()
    fetch_mailbox(row.pk)
    assert (server.count(), IncomingMail.objects.count()) == (0, 1)


def test_a_mail_that_breaks_every_session_holds_up_nobody_else(server: Dovecot, monkeypatch) -> None:
    for number in range(4):
        server.deliver(mail(number))
    row, whole, several = box(server), ImapBox.pieces, ImapBox.small_ones

    def checked(piece: bytes) -> bytes:
        if b"mail 1" in piece:
            raise MailServerLost("the session broke")
        return piece

    def breaks(self, mail):
        return map(checked, whole(self, mail))

    def breaks_over_several(self, mails):
        return {one: checked(raw) for one, raw in several(self, mails).items()}

    with monkeypatch.context() as patch:
        patch.setattr(ImapBox, "pieces", breaks)
        patch.setattr(ImapBox, "small_ones", breaks_over_several)
        fetch_mailbox(row.pk)
    row.refresh_from_db()
    assert (row.state, "1 mails could not be fetched" in row.state_why) == (MailboxState.FAILING, True)
    assert (server.count(), IncomingMail.objects.count()) == (1, 3)
    fetch_mailbox(row.pk)
    row.refresh_from_db()
    assert (row.state, server.count(), IncomingMail.objects.count()) == (MailboxState.WELL, 0, 4)


@BOTH
def test_a_folder_that_was_made_anew_is_read_from_its_beginning(server: Dovecot, protocol: MailProtocol) -> None:
    row = box(server, protocol, after_fetch=AfterFetch.MARK)
    server.deliver(mail(1))
    fetch_mailbox(row.pk)
    take_in_waiting()
    server.empty()
    for number in (1, 2):
        server.deliver(mail(number))
    fetch_mailbox(row.pk)
    take_in_waiting()
    assert ids() == ["1@b.example", "2@b.example"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"secret": Sealed.of('{"password": "wrong"}')}, "does not accept the login"),
        ({"port": 1}, "cannot be reached"),
        ({"ca_certificate": ""}, "is not trusted"),
        ({"folder": "Nowhere"}, "cannot be opened"),
    ],
    ids=["a wrong password", "nobody listens", "an unknown authority", "no such folder"],
)
def test_what_is_wrong_with_a_mailbox_is_written_on_it(server: Dovecot, fields, why: str) -> None:
    row = box(server, **fields)
    fetch_mailbox(row.pk)
    row.refresh_from_db()
    assert (row.state, row.failures, row.claim) == (MailboxState.FAILING, 1, None)
    assert why in row.state_why


@pytest.mark.parametrize(("fields", "is_good"), [({}, True), ({"port": 1}, False)], ids=["it works", "it does not"])
def test_a_connection_test_is_made_by_a_worker(server: Dovecot, fields, is_good: bool) -> None:
    row = box(server, **fields)
    fetch.test_mailbox(row.pk)
    row.refresh_from_db()
    assert row.test_done_at is not None
    assert all(step["ok"] for step in row.test_steps) is is_good


def test_oauth2_without_a_good_grant_is_told_and_asks_nobody_in_the_clear(server: Dovecot) -> None:
    grant = {"token_url": "http://login.example/token", "client_id": "panel", "refresh_token": "secret"}
    row = box(server, login=MailLogin.OAUTH2, secret=Sealed.of(json.dumps(grant)))
    fetch_mailbox(row.pk)
    fetch.test_mailbox(row.pk)
    row.refresh_from_db()
    assert "https" in row.state_why
    assert row.test_steps[0]["ok"] is False


def test_a_mailbox_without_encryption_works_on_this_machine_only(server: Dovecot) -> None:
    server.deliver(mail(1))
    row = box(server, security=Security.NONE, port=server.ports["imap"])
    fetch_mailbox(row.pk)
    row.refresh_from_db()
    assert row.state == MailboxState.WELL


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_arrives_while_a_worker_waits_on_the_line_is_fetched_at_once(server: Dovecot, monkeypatch) -> None:
    monkeypatch.setattr(fetch, "IDLE_SECONDS", 2.0)
    row = box(server, uses_idle=True)
    server.deliver(mail(1))
    bell = threading.Timer(0.7, server.deliver, [mail(2)])
    bell.start()
    fetch_mailbox(row.pk)
    bell.join()
    row.refresh_from_db()
    assert IncomingMail.objects.count() == 2
    assert row.next_poll_at <= timezone.now()


@pytest.mark.django_db(transaction=True)
@BOTH
def test_ten_fetchers_at_once_fetch_every_mail_once(server: Dovecot, protocol: MailProtocol, monkeypatch) -> None:
    monkeypatch.setattr(mailboxes, "SILENT_AFTER", timedelta(0))
    for number in range(20):
        server.deliver(mail(number))
    row = box(server, protocol)

    def work() -> None:
        fetch_mailbox(row.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fetch_mailbox(row.pk)
    assert (server.count(), IncomingMail.objects.count()) == (0, 20)
