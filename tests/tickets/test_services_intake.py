"""Mails to tickets: who joins what, once however often it comes, and what nobody can read."""

from __future__ import annotations

import os
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hosts.models import AuditEntry
from tests.tickets.mail_files import MAILS
from tests.tickets.mail_rows import House, make_agent, make_contact, make_house
from tickets.choices import EntryKind, EventKind, IncomingState, MailKind, OutgoingState, TicketState
from tickets.facts.threading import SignedTag
from tickets.models import (
    Attachment,
    Collaborator,
    ContactAddress,
    Department,
    DeskSettings,
    Entry,
    IncomingMail,
    Mailbox,
    OutgoingMail,
    Referral,
    StoredFile,
    Ticket,
)
from tickets.render.message_id import message_id
from tickets.services import incoming, keep, people, state
from tickets.services.house import first_status
from tickets.services.mail_keys import mail_keys
from tickets.tasks import intake as tasks

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("MAIL_EXAMPLES", "60"))


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def house() -> House:
    return make_house()


def mail(
    *, sender: str = "Ann <ann@customer.example>", more: str = "", body: str = "It is broken.\n", id_: str = ""
) -> bytes:
    id_ = id_ or f"{uuid.uuid4().hex}@customer.example"
    head = (
        f"From: {sender}\nTo: support@desk.example\nMessage-ID: <{id_}>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n{more}"
    )
    subject = "" if "Subject:" in more else "Subject: Printer\n"
    return f"{head}{subject}\n{body}".encode()


def take(raw: bytes, mailbox: Mailbox | None = None) -> IncomingMail:
    """Keep a mail and take it in as a worker does."""
    row, _ = keep.keep_mail(mailbox, "", [raw])
    claim = uuid.uuid4()
    taken = incoming.claim_next(claim=claim)
    assert taken.pk == row.pk
    tasks.take_in(taken, claim)
    row.refresh_from_db()
    return row


def signed(entry: Entry, recipient: str) -> str:
    return f"In-Reply-To: <{message_id(SignedTag(entry.pk, recipient), mail_keys(), 'desk.example')}>\n"


def opened() -> tuple[Ticket, Entry]:
    """Ann's ticket and its first message."""
    row = take(mail())
    return row.ticket, row.entry


def owner_of(ticket: Ticket) -> str:
    return f"c{ticket.contact_id}"


def test_a_mail_becomes_a_ticket_of_its_sender(house: House) -> None:
    row = take(mail(more="Cc: Bob <bob@customer.example>, support@desk.example, kim@desk.example\n"), house.mailbox)
    ticket = row.ticket
    assert (row.state, row.sender, row.subject) == (IncomingState.TAKEN, "ann@customer.example", "Printer")
    assert (ticket.subject, ticket.contact.email, ticket.contact.name) == ("Printer", "ann@customer.example", "Ann")
    assert (ticket.mailbox, ticket.source) == (house.mailbox, "mail")
    assert [one.contact.email for one in ticket.collaborators.all()] == ["bob@customer.example"]
    assert row.entry.text == "It is broken.\n"
    assert OutgoingMail.objects.filter(kind=MailKind.TICKET_AUTORESPONSE, to_email="ann@customer.example").count() == 1


def test_a_piped_mail_finds_its_mailbox_by_its_address(house: House) -> None:
    assert take(mail()).ticket.mailbox == house.mailbox


def test_the_answer_of_the_owner_joins_his_ticket_and_opens_it_again(house: House) -> None:
    ticket, entry = opened()
    state.set_status(ticket, first_status(TicketState.RESOLVED), by=house.by)
    row = take(mail(more=signed(entry, owner_of(ticket)), body="Still broken.\n"))
    ticket.refresh_from_db()
    assert (row.ticket, row.entry.kind, ticket.state) == (ticket, EntryKind.MESSAGE, TicketState.OPEN)
    assert Ticket.objects.count() == 2


def test_an_out_of_office_reply_joins_and_opens_nothing(house: House) -> None:
    ticket, entry = opened()
    state.set_status(ticket, first_status(TicketState.RESOLVED), by=house.by)
    told = OutgoingMail.objects.filter(to_email="ann@customer.example").count()
    row = take(mail(more=signed(entry, owner_of(ticket)) + "Auto-Submitted: auto-replied\n"))
    ticket.refresh_from_db()
    assert (row.ticket, row.entry.is_automatic, ticket.state) == (ticket, True, TicketState.RESOLVED)
    assert OutgoingMail.objects.filter(to_email="ann@customer.example").count() == told


def test_an_answer_to_a_ticket_that_is_closed_for_good_opens_one_that_follows_it(house: House) -> None:
    ticket, entry = opened()
    closed = first_status(TicketState.CLOSED)
    closed.can_reopen = False
    closed.save()
    state.set_status(ticket, closed, by=house.by)
    row = take(mail(more=signed(entry, owner_of(ticket))))
    assert row.ticket != ticket
    assert row.ticket.follows == ticket


def test_a_stranger_who_knows_a_number_joins_nothing(house: House) -> None:
    ticket, _ = opened()
    row = take(mail(sender="eve@elsewhere.example", more=f"Subject: Re: Printer [#{ticket.number}]\n"))
    assert row.ticket != ticket
    own = take(mail(more=f"Subject: Re: Printer [#{ticket.number}]\n"))
    assert own.ticket == ticket


def test_a_stranger_with_a_signed_mail_joins_and_is_shown_as_one(house: House) -> None:
    ticket, entry = opened()
    more = signed(entry, owner_of(ticket)) + "Cc: mallory@elsewhere.example\n"
    row = take(mail(sender="eve@elsewhere.example", more=more))
    assert (row.ticket, row.entry.is_stranger, row.entry.author_email) == (ticket, True, "eve@elsewhere.example")
    assert list(ticket.collaborators.values_list("is_active", flat=True)) == [False]


def test_an_agent_who_proves_it_answers_the_customer(house: House) -> None:
    ticket, entry = opened()
    row = take(mail(sender="kim@desk.example", more=signed(entry, f"a{house.agent.pk}"), body="Try again.\n"))
    assert (row.ticket, row.entry.kind, row.entry.agent) == (ticket, EntryKind.RESPONSE, house.agent)
    sent = OutgoingMail.objects.get(kind=MailKind.TICKET_REPLY)
    assert (sent.to_email, "Try again." in sent.text) == ("ann@customer.example", True)


def test_an_agent_who_does_not_prove_it_leaves_a_note(house: House) -> None:
    ticket, entry = opened()
    for more in (signed(entry, owner_of(ticket)), f"Subject: Re: [#{ticket.number}]\n"):
        row = take(mail(sender="kim@desk.example", more=more))
        assert (row.ticket, row.entry.kind) == (ticket, EntryKind.NOTE)
    assert not OutgoingMail.objects.filter(kind=MailKind.TICKET_REPLY).exists()


def test_an_agent_without_the_right_to_reply_leaves_a_note(house: House) -> None:
    ticket, entry = opened()
    other = make_agent("lim@desk.example", "Lim", department=Department.objects.create(name="Elsewhere"))
    row = take(mail(sender="lim@desk.example", more=signed(entry, f"a{other.pk}")))
    assert (row.ticket, row.entry.kind) == (ticket, EntryKind.NOTE)


def bounce(original: str, recipient: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: support@desk.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNot delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{original}>\n\n--b--\n"
    ).encode()


def test_a_bounce_is_a_note_at_what_bounced_and_marks_the_address_and_the_mail(house: House) -> None:
    ticket, entry = opened()
    take(mail(sender="kim@desk.example", more=signed(entry, f"a{house.agent.pk}")))
    sent = OutgoingMail.objects.get(kind=MailKind.TICKET_REPLY)
    OutgoingMail.objects.filter(pk=sent.pk).update(state=OutgoingState.SENT)
    row = take(bounce(sent.message_id, "ann@customer.example"))
    sent.refresh_from_db()
    assert (row.ticket, row.entry.kind, row.entry.contact, row.entry.reply_to_id) == (
        ticket,
        "note",
        None,
        sent.entry_id,
    )
    assert sent.state == OutgoingState.BOUNCED
    assert ContactAddress.objects.get(email="ann@customer.example").failed_at is not None
    event = ticket.events.get(kind=EventKind.BOUNCED)
    assert (event.data["email"], event.data["mail"]) == ("ann@customer.example", sent.pk)
    assert AuditEntry.objects.filter(action="ticket bounced").count() == 1
    assert AuditEntry.objects.filter(action="mark-failed").count() == 1


def test_a_delay_marks_nothing(house: House) -> None:
    ticket, entry = opened()
    own = message_id(SignedTag(entry.pk, owner_of(ticket)), mail_keys(), "desk.example")
    row = take(bounce(own, "ann@customer.example", status="4.4.1", action="delayed"))
    assert row.ticket == ticket
    assert ContactAddress.objects.get(email="ann@customer.example").failed_at is None


def test_a_bounce_silences_nobody_but_whom_the_returned_mail_was_sent_to(house: House) -> None:
    ticket, entry = opened()
    make_contact("victim@other.example")
    own = message_id(SignedTag(entry.pk, owner_of(ticket)), mail_keys(), "desk.example")
    take(bounce(own, "victim@other.example"))
    assert ContactAddress.objects.get(email="victim@other.example").failed_at is None
    assert take(bounce("made-up@desk.example", "ann@customer.example")).state == IncomingState.IGNORED


def test_a_mail_of_ours_that_comes_back_is_ignored(house: House) -> None:
    _, entry = opened()
    own = message_id(SignedTag(entry.pk, "c1"), mail_keys(), "desk.example")
    assert take(mail(id_=own)).state == IncomingState.IGNORED


def test_a_banned_sender_is_rejected_and_can_be_let_in_later(house: House) -> None:
    row_ban = people.ban("@customer.example", by=house.by)
    row = take(mail())
    assert (row.state, row.ticket) == (IncomingState.REJECTED, None)
    people.unban(row_ban, by=house.by)
    incoming.run_again(row, by=house.by)
    claim = uuid.uuid4()
    tasks.take_in(incoming.claim_next(claim=claim), claim)
    row.refresh_from_db()
    assert row.state == IncomingState.TAKEN


def test_who_has_too_many_open_tickets_is_told_so_once_an_hour_at_most(house: House) -> None:
    DeskSettings.objects.update(max_open_per_contact=1)
    opened()
    rows = [take(mail()) for _ in range(10)]
    assert {row.state for row in rows} == {IncomingState.REJECTED}
    assert Ticket.objects.filter(contact__name="Ann").count() == 1
    told = OutgoingMail.objects.filter(kind=MailKind.TICKET_OVERLIMIT, state=OutgoingState.WAITING).count()
    assert 1 <= told <= DeskSettings.objects.get().automatic_mails_per_hour


def test_unknown_senders_are_rejected_where_the_desk_says_so(house: House) -> None:
    DeskSettings.objects.update(accepts_strangers=False)
    assert take(mail()).state == IncomingState.REJECTED
    assert take(mail(sender="lee@customer.example")).state == IncomingState.TAKEN


def test_the_same_mail_by_two_ways_is_one_entry_and_the_other_department_sees_it(house: House) -> None:
    sales = Department.objects.create(name="Sales")
    second = Mailbox.objects.create(name="Sales", address="sales@desk.example", department=sales)
    house.mailbox.department = house.support
    house.mailbox.save()
    raw = mail(id_="one@customer.example", more="Cc: sales@desk.example\n")
    first = take(b"Received: by mx1\n" + raw, house.mailbox)
    copy = take(b"Received: by mx2\nDelivered-To: sales@desk.example\n" + raw, second)
    assert (first.state, copy.state) == (IncomingState.TAKEN, IncomingState.IGNORED)
    assert first.entry.message_id == "one@customer.example"
    assert Entry.objects.count() == 1
    assert list(Referral.objects.values_list("ticket", "department")) == [(first.ticket_id, sales.pk)]


def test_a_program_that_always_writes_the_same_message_id_loses_nothing(house: House) -> None:
    raw = mail(id_="fixed@scanner.example")
    assert take(raw).state == IncomingState.TAKEN
    assert take(raw.replace(b"10:00:00", b"10:05:00")).state == IncomingState.TAKEN
    assert take(raw).state == IncomingState.IGNORED


def test_files_and_pictures_are_kept_with_the_entry(house: House) -> None:
    row = take((MAILS / "alternative_with_inline_picture.eml").read_bytes())
    (picture,) = Attachment.objects.filter(entry=row.entry)
    assert (picture.name, picture.is_inline, picture.content_id) == ("shot.png", True, "pic@x")
    assert picture.file.read()
    assert 'src="cid:pic@x"' in row.entry.html


def test_what_could_act_in_a_browser_is_taken_out_when_it_is_stored(house: House) -> None:
    html = '<p onclick="x()">hi</p><script>alert(1)</script><a href="javascript:x">y</a><iframe src="//e"></iframe>'
    raw = mail(body=html).replace(b"Subject:", b"MIME-Version: 1.0\nContent-Type: text/html\nSubject:")
    stored = take(raw).entry.html
    assert "hi" in stored
    assert not any(word in stored for word in ("script", "onclick", "iframe", "alert"))


def test_what_is_no_mail_is_put_aside_with_the_reason_and_holds_nothing_up(house: House) -> None:
    row = take(b"\x00\xff not a mail")
    assert (row.state, row.ticket) == (IncomingState.QUARANTINED, None)
    assert "not a mail" in row.why
    assert take(mail()).state == IncomingState.TAKEN


def test_a_mail_that_breaks_the_panel_is_put_aside_with_the_trace_and_leaves_no_half_ticket(
    house: House, monkeypatch
) -> None:
    def broken(*args, **fields):
        raise ZeroDivisionError("in the last step")

    before = (Ticket.objects.count(), Entry.objects.count(), OutgoingMail.objects.count())
    with monkeypatch.context() as patch:
        patch.setattr("tickets.services.intake.departments_named", broken)
        row = take(mail())
    assert row.state == IncomingState.QUARANTINED
    assert "in the last step" in row.trouble
    assert (row.sender, row.subject) == ("ann@customer.example", "Printer")
    assert (Ticket.objects.count(), Entry.objects.count(), OutgoingMail.objects.count()) == before
    incoming.run_again(row, by=house.by)
    claim = uuid.uuid4()
    tasks.take_in(incoming.claim_next(claim=claim), claim)
    row.refresh_from_db()
    assert row.state == IncomingState.TAKEN


def test_bytes_that_are_gone_from_disk_are_said_to_be(house: House) -> None:
    row, _ = keep.keep_mail(None, "", [mail()])
    row.raw.path.unlink()
    claim = uuid.uuid4()
    tasks.take_in(incoming.claim_next(claim=claim), claim)
    row.refresh_from_db()
    assert row.state == IncomingState.QUARANTINED


def test_a_worker_that_comes_back_late_changes_nothing(house: House) -> None:
    row, _ = keep.keep_mail(None, "", [mail()])
    late, early = uuid.uuid4(), uuid.uuid4()
    first = incoming.claim_next(claim=late)
    IncomingMail.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    second = incoming.claim_next(claim=early)
    tasks.take_in(second, early)
    tasks.take_in(first, late)
    row.refresh_from_db()
    assert row.state == IncomingState.TAKEN
    assert Entry.objects.count() == 1


def test_a_robot_that_answers_everything_is_written_to_no_more_than_the_cap(house: House) -> None:
    ticket, _ = opened()
    for number in range(40):
        more = f"Subject: Re: [#{ticket.number}]\n"
        take(mail(sender="Robot <robot@loop.example>", more=more, body=f"Thank you for your mail no. {number}\n"))
    cap = DeskSettings.objects.get().automatic_mails_per_hour
    waiting = OutgoingMail.objects.filter(to_email="robot@loop.example", state=OutgoingState.WAITING)
    assert waiting.count() <= cap


ANY = st.lists(
    st.sampled_from([b"From: a@b.example\n", b"To: x@y.example\n", b"Subject: s\n", b"\n", b"Content-Type: text/html\n",
                     b"In-Reply-To: <rd.1.c1.00>\n", b"\x00", b"\xff\xfe", b"<script>", b"begin 644 a\n", b"\x1b$B"])
    | st.binary(max_size=20),
    max_size=25,
).map(b"".join)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(ANY)
def test_any_bytes_become_a_ticket_or_a_row_with_the_reason(house: House, raw: bytes) -> None:
    row = take(raw)
    assert row.state in {state.value for state in IncomingState} - {"kept", "running"}
    assert (row.state == IncomingState.TAKEN) == (row.entry_id is not None)
    assert row.state == IncomingState.TAKEN or row.why
    assert not row.trouble
    assert StoredFile.objects.get(pk=row.raw_id).read() == raw


@pytest.mark.django_db(transaction=True)
def test_ten_workers_with_copies_of_the_same_mail_make_one_entry(settings, tmp_path) -> None:
    house = make_house()
    for _ in range(10):
        keep.keep_mail(house.mailbox, "", [mail(id_="one@customer.example")])
    for number in range(10):
        keep.keep_mail(house.mailbox, "", [mail(sender=f"new{number % 2}@customer.example")])

    def work() -> None:
        tasks.take_in_waiting()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    states = list(IncomingMail.objects.values_list("state", flat=True))
    assert (states.count("taken"), states.count("ignored")) == (11, 9), states
    assert Entry.objects.count() == 11
    assert Collaborator.objects.count() == 0
