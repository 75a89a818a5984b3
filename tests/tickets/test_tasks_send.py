"""From the outbox to a real SMTP server: everything once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from hosts.models.sealed import Sealed
from hosts.services.audit import PANEL
from tests.tickets.mail_rows import House, make_house, message, response
from tests.tickets.smtp_server import PASSWORD, USER, Running, smtp_server
from tickets.choices import EventKind, MailKind, MailLogin, MailProtocol, OutgoingState, Security
from tickets.models import Mailbox, OutgoingMail
from tickets.services import outbox
from tickets.services.mail_out import tell
from tickets.tasks.fetch import test_mailbox as try_mailbox
from tickets.tasks.send import send_due_mail, send_mail, sweep_outbox

ROOT = Path(__file__).resolve().parents[2]
ROBOT_MAILS = int(os.environ.get("ROBOT_MAILS", "200"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with smtp_server(tmp_path, security=Security.STARTTLS, login=MailLogin.PASSWORD) as running:
        yield running


def house_at(server: Running) -> House:
    return make_house(**mailbox_at(server))


def mailbox_at(server: Running) -> dict:
    return {
        "smtp_host": "localhost",
        "smtp_port": server.port,
        "smtp_security": server.options.get("security", Security.NONE),
        "smtp_login": server.options.get("login", MailLogin.NONE),
        "smtp_username": USER,
        "smtp_secret": Sealed.of(json.dumps({"password": PASSWORD})),
        "ca_certificate": server.authority,
    }


def answer(house: House) -> OutgoingMail:
    entry = response(house.ticket, house.agent)
    return tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by)[0]


def let_time_pass(**how_long: float) -> None:
    """What waits until later is due now."""
    ago = timezone.now() - timedelta(**how_long)
    OutgoingMail.objects.filter(state=OutgoingState.WAITING).update(next_try_at=ago)


@pytest.mark.django_db
def test_an_answer_goes_out_and_is_recorded(server: Running) -> None:
    mail = answer(house_at(server))
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.SENT
    assert mail.sent_at is not None
    (taken,) = server.keeper.taken
    assert (taken.sender, taken.to, taken.message_id) == (
        "support@desk.example",
        "lee@customer.example",
        mail.message_id,
    )


@pytest.mark.django_db
def test_a_mail_is_sent_once_however_often_it_is_asked_for(server: Running) -> None:
    mail = answer(house_at(server))
    for _ in range(3):
        send_mail(mail.pk)
        sweep_outbox()
    assert len(server.keeper.taken) == 1


@pytest.mark.django_db
def test_what_was_to_be_sent_while_the_server_was_down_is_sent_once(server: Running) -> None:
    house = house_at(server)
    server.stop()
    mails = [answer(house) for _ in range(30)]
    for _ in range(4):
        send_due_mail()
        assert set(OutgoingMail.objects.values_list("state", flat=True)) == {OutgoingState.WAITING}
        let_time_pass(minutes=5)
    assert "cannot be reached" in OutgoingMail.objects.first().why
    server.start()
    send_due_mail()
    assert server.keeper.copies == {mail.message_id: 1 for mail in mails}
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {OutgoingState.SENT}


@pytest.mark.django_db
def test_a_retry_is_the_same_mail_byte_for_byte(server: Running) -> None:
    house = house_at(server)
    server.keeper.breaks_after = 1
    mail = answer(house)
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.WAITING
    let_time_pass(minutes=5)
    send_due_mail()
    first, second = server.keeper.taken
    assert first.content == second.content


@pytest.mark.django_db
def test_a_full_mailbox_is_tried_again_later(server: Running) -> None:
    house = house_at(server)
    server.keeper.answers["lee@customer.example"] = "452 4.2.2 Mailbox full"
    mail = answer(house)
    send_due_mail()
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == (OutgoingState.WAITING, 1)
    assert "Mailbox full" in mail.why
    assert mail.next_try_at > timezone.now() + timedelta(seconds=30)
    server.keeper.answers.clear()
    let_time_pass(minutes=5)
    send_due_mail()
    assert len(server.keeper.taken) == 1


@pytest.mark.django_db
def test_an_address_that_does_not_exist_fails_and_is_left_alone(server: Running) -> None:
    house = house_at(server)
    server.keeper.answers["lee@customer.example"] = "550 5.1.1 No such user"
    mail = answer(house)
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.FAILED
    assert house.customer.addresses.get().failed_at is not None
    assert house.ticket.events.get().kind == EventKind.BOUNCED
    entry = response(house.ticket, house.agent)
    assert tell(MailKind.TICKET_REPLY, house.ticket, entry=entry, by=house.by) == []


@pytest.mark.django_db
def test_after_three_days_a_mail_has_failed(server: Running) -> None:
    mail = answer(house_at(server))
    server.stop()
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=3, minutes=1))
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.FAILED
    assert "Tried for three days" in mail.why


@pytest.mark.django_db
def test_another_mailboxs_server_is_tried_where_this_one_is_down(server: Running, tmp_path: Path) -> None:
    house = house_at(server)
    server.stop()
    (tmp_path / "second").mkdir()
    with smtp_server(tmp_path / "second") as second:
        house.mailbox.fallback = Mailbox.objects.create(
            name="Spare", address="spare@desk.example", **mailbox_at(second)
        )
        house.mailbox.save()
        mail = answer(house)
        send_due_mail()
        mail.refresh_from_db()
        assert mail.state == OutgoingState.SENT
        assert [one.sender for one in second.keeper.taken] == ["support@desk.example"]


@pytest.mark.django_db
def test_without_a_mailbox_a_mail_waits_for_one(server: Running) -> None:
    house = house_at(server)
    Mailbox.objects.update(is_active=False)
    house.desk.refresh_from_db()
    mail = answer(house)
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.WAITING
    assert "No mailbox has an SMTP server" in mail.why
    Mailbox.objects.update(is_active=True)
    let_time_pass(minutes=5)
    send_due_mail()
    assert [one.sender for one in server.keeper.taken] == ["support@desk.example"]


@pytest.mark.django_db
def test_an_address_that_no_server_takes_fails_in_words(server: Running) -> None:
    mail = answer(house_at(server))
    OutgoingMail.objects.update(to_email="이지우@customer.example")
    send_due_mail()
    mail.refresh_from_db()
    assert mail.state == OutgoingState.FAILED
    assert "no address that a mail server would take" in mail.why


@pytest.mark.django_db
def test_a_mail_whose_worker_is_gone_is_taken_up_again_after_a_while(server: Running) -> None:
    mail = answer(house_at(server))
    assert outbox.claim_mail(mail.pk, claim=uuid.uuid4()) is not None
    sweep_outbox()
    send_due_mail()
    assert server.keeper.taken == []
    OutgoingMail.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=16))
    outbox.take_back_silent(timezone.now())
    send_due_mail()
    assert len(server.keeper.taken) == 1


@pytest.mark.django_db
def test_a_worker_that_was_thought_gone_records_nothing(server: Running) -> None:
    mail = answer(house_at(server))
    late = outbox.claim_mail(mail.pk, claim=uuid.uuid4())
    outbox.take_back_silent(timezone.now() + timedelta(hours=1))
    assert not outbox.touch_mail(late)
    outbox.record_sent(late)
    mail.refresh_from_db()
    assert mail.state == OutgoingState.WAITING


@pytest.mark.django_db
def test_an_hour_is_not_stretched_by_a_server_that_was_down(server: Running) -> None:
    house = house_at(server)
    for hour in range(3):
        for _ in range(5):
            tell(MailKind.TICKET_AUTORESPONSE, house.ticket, entry=message(house.ticket), by=PANEL)
        OutgoingMail.objects.filter(state=OutgoingState.WAITING).update(
            created_at=timezone.now() - timedelta(hours=3 - hour)
        )
    assert OutgoingMail.objects.filter(state=OutgoingState.WAITING).count() == 15
    send_due_mail()
    assert len(server.keeper.taken) == 5
    OutgoingMail.objects.filter(state=OutgoingState.SENT).update(sent_at=timezone.now() - timedelta(hours=2))
    let_time_pass(minutes=5)
    send_due_mail()
    assert len(server.keeper.taken) == 10


@pytest.mark.django_db
def test_a_robot_that_answers_everything_gets_no_more_than_the_cap(server: Running) -> None:
    house = house_at(server)
    house.support.answers_messages = True
    house.support.save()
    house.ticket.refresh_from_db()
    for number in range(ROBOT_MAILS):
        entry = message(house.ticket, "I am out of office and say so to everybody.")
        tell(MailKind.MESSAGE_AUTORESPONSE, house.ticket, entry=entry, by=PANEL)
        if number % 50 == 0:
            send_due_mail()
    let_time_pass(minutes=5)
    send_due_mail()
    assert len(server.keeper.taken) == 5
    assert OutgoingMail.objects.count() == 25


@pytest.mark.django_db
def test_a_connection_test_says_whether_mail_can_be_sent(server: Running) -> None:
    mailbox = house_at(server).mailbox
    Mailbox.objects.update(protocol=MailProtocol.NONE)
    try_mailbox(mailbox.pk)
    mailbox.refresh_from_db()
    assert [step["ok"] for step in mailbox.test_steps] == [True]
    server.stop()
    try_mailbox(mailbox.pk)
    mailbox.refresh_from_db()
    assert [step["ok"] for step in mailbox.test_steps] == [False]
    assert server.keeper.taken == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_killed_sender_loses_nothing_and_repeats_no_more_than_what_was_in_its_hands(server: Running) -> None:
    house = house_at(server)
    mails = [answer(house) for _ in range(60)]
    kills, deadline = 0, time.monotonic() + 900
    while OutgoingMail.objects.exclude(state=OutgoingState.SENT).exists():
        assert time.monotonic() < deadline, "the mails were not all sent in time"
        before = len(server.keeper.taken)
        sender = subprocess.Popen((sys.executable, "-m", "tests.tickets.sender"), cwd=ROOT, env=_environment())
        stop_at = before + random.randint(1, 25)
        while sender.poll() is None and len(server.keeper.taken) < stop_at and time.monotonic() < deadline:
            time.sleep(random.random() / 200)
        if sender.poll() is None:
            sender.send_signal(signal.SIGKILL)
            kills += 1
        assert sender.wait(timeout=200) in (0, -signal.SIGKILL)
        OutgoingMail.objects.filter(state=OutgoingState.SENDING).update(
            heartbeat_at=timezone.now() - timedelta(hours=1)
        )
        outbox.take_back_silent(timezone.now())
    copies = server.keeper.copies
    assert set(copies) == {mail.message_id for mail in mails}
    assert kills >= 2
    assert sum(copies.values()) - len(copies) <= kills


def _environment() -> dict[str, str]:
    """Where another process finds this test's database."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{at['NAME']}"
    else:
        host = at["HOST"] if not str(at["HOST"]).startswith("/") else ""
        query = f"?host={at['HOST']}" if not host else ""
        url = f"postgresql://{at['USER']}:{at['PASSWORD']}@{host}:{at['PORT'] or 5432}/{at['NAME']}{query}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
