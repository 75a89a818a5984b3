"""Mails that are taken in together: as if each were alone, with fewer questions to the database."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hosts.services.audit import PANEL
from tests.tickets import rows
from tests.tickets.mail_rows import House, make_house
from tickets.choices import IncomingState, OutgoingState
from tickets.facts.verbs import NewEntry, NewTicket
from tickets.models import Contact, Department, DeskSettings, Event, IncomingMail, OutgoingMail, Sequence, Ticket
from tickets.models.read_once import once, one_reading
from tickets.services import incoming, intake, keep, later
from tickets.services.tickets import open_ticket, open_tickets, take_numbers
from tickets.tasks.intake import take_in_waiting

pytestmark = pytest.mark.django_db
SECONDS = 60


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture
def house() -> House:
    return make_house()


def kept(number: int, *, sender: str = "ann@customer.example", id_: str = "", more: str = "") -> IncomingMail:
    text = (
        f"From: {sender}\nTo: support@desk.example\nSubject: Request {number}\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n"
        f"Message-ID: <{id_ or f'{number}@customer.example'}>\n{more}\nIt is broken, {number}.\n"
    )
    return keep.keep_mail(None, "", [text.encode()])[0]


def states() -> list[str]:
    return list(IncomingMail.objects.order_by("pk").values_list("state", flat=True))


def questions(count: int, first: int) -> int:
    for number in range(first, first + count):
        kept(number)
    with CaptureQueriesContext(connection) as asked:
        take_in_waiting()
    return len(asked)


def test_twenty_mails_take_hardly_more_questions_than_five(house: House) -> None:
    questions(1, 0)
    few = questions(5, 200)
    # SQLite takes only so many values with a statement, so that there are a few more of them.
    assert questions(20, 100) <= few + 8
    assert (Ticket.objects.filter(subject__startswith="Request").count(), set(states())) == (26, {"taken"})


def test_each_has_its_own_entry_number_event_and_acknowledgement(house: House) -> None:
    DeskSettings.objects.update(automatic_mails_per_hour=100)
    for number in range(5):
        kept(number)
    take_in_waiting()
    for row in IncomingMail.objects.select_related("ticket", "entry"):
        number = row.subject.removeprefix("Request ")
        assert row.ticket.subject == row.subject
        assert (row.entry.ticket_id, row.entry.text) == (row.ticket_id, f"It is broken, {number}.\n")
        assert row.ticket.events.get().kind == "created"
        assert OutgoingMail.objects.filter(ticket=row.ticket, kind="ticket.autoresp", entry=row.entry).count() == 1
    assert len(set(Ticket.objects.values_list("number", flat=True))) == Ticket.objects.count()


def test_one_that_breaks_the_panel_keeps_no_other_from_its_ticket(house: House, monkeypatch) -> None:
    whole = intake.departments_named

    def broken(facts, boxes, ticket):
        if facts.subject == "Request 2":
            raise ZeroDivisionError("in the last step")
        return whole(facts, boxes, ticket)

    for number in range(4):
        kept(number)
    monkeypatch.setattr(intake, "departments_named", broken)
    take_in_waiting()
    assert states() == ["taken", "taken", "quarantined", "taken"]
    assert sorted(Ticket.objects.filter(subject__startswith="Request").values_list("subject", flat=True)) == [
        "Request 0",
        "Request 1",
        "Request 3",
    ]


def test_a_copy_and_an_answer_in_the_same_batch_find_the_first_mail(house: House) -> None:
    kept(1, id_="one@customer.example")
    kept(1, id_="one@customer.example", more="X-Copy: yes\n")
    kept(2, more="In-Reply-To: <one@customer.example>\n")
    take_in_waiting()
    assert states() == [IncomingState.TAKEN, IncomingState.IGNORED, IncomingState.TAKEN]
    first, _, answer = IncomingMail.objects.order_by("pk")
    assert answer.ticket_id == first.ticket_id


def test_the_limit_of_open_tickets_counts_those_of_the_same_batch(house: House) -> None:
    DeskSettings.objects.update(max_open_per_contact=2)
    for number in range(4):
        kept(number, sender="new@customer.example")
    take_in_waiting()
    assert sorted(states()) == ["rejected", "rejected", "taken", "taken"]


def test_no_address_gets_more_automatic_mails_than_the_cap_within_a_batch(house: House) -> None:
    DeskSettings.objects.update(automatic_mails_per_hour=2)
    for number in range(6):
        kept(number)
    take_in_waiting()
    mine = OutgoingMail.objects.filter(to_email="ann@customer.example")
    assert mine.filter(state=OutgoingState.WAITING).count() == 2
    assert mine.filter(state=OutgoingState.HELD).count() == 4


def test_what_was_tried_before_is_taken_alone(house: House) -> None:
    first, *_ = (kept(number) for number in range(3))
    IncomingMail.objects.filter(pk=first.pk).update(tries=1)
    taken = [[mail.pk for mail in incoming.claim_some(claim=uuid.uuid4())] for _ in range(2)]
    assert taken == [[first.pk], [first.pk + 1, first.pk + 2]]


def test_the_next_mail_meets_the_desk_as_it_is_then(house: House) -> None:
    kept(1)
    take_in_waiting()
    other = Department.objects.create(name="Other")
    DeskSettings.objects.update(department=other)
    kept(2)
    take_in_waiting()
    assert Ticket.objects.get(subject="Request 2").department == other


def test_a_question_is_asked_once_within_a_reading_and_anew_after_it() -> None:
    answers = iter(range(10))
    with one_reading():
        with one_reading():
            first = once("what", lambda: next(answers))
        assert once("what", lambda: next(answers)) == first
    assert once("what", lambda: next(answers)) != first


def test_rows_of_a_part_that_failed_are_not_written_with_the_rest() -> None:
    ticket = rows.ticket()
    before = Event.objects.count()

    def event(name: str) -> Event:
        return Event(ticket=ticket, kind="edited", actor_name=name)

    @later.written_at_the_end()
    def fails() -> None:
        later.put(event("gone"))
        raise ZeroDivisionError

    with later.written_at_the_end():
        later.put(event("kept"))
        with pytest.raises(ZeroDivisionError):
            fails()
        later.put(event("kept as well"))
        assert Event.objects.count() == before
    assert sorted(Event.objects.filter(kind="edited").values_list("actor_name", flat=True)) == ["kept", "kept as well"]


def test_several_tickets_are_opened_or_none(house: House) -> None:
    before = Ticket.objects.count()
    new = NewTicket("one", NewEntry(text="text"), email="ann@customer.example")
    with pytest.raises(Contact.DoesNotExist):
        open_tickets([new, NewTicket("two", NewEntry(text="text"), contact_id=-1)], by=PANEL)
    assert Ticket.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_is_not_written_yet_holds_up_no_other() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    contact, done = rows.contact().pk, []
    new = NewTicket("one", NewEntry(text="text"), contact_id=contact)

    def other() -> None:
        done.append(open_ticket(NewTicket("two", NewEntry(text="text"), contact_id=contact), by=PANEL).number)
        connection.close()

    with one_reading():
        take_numbers([new])
        with transaction.atomic():
            first = open_tickets([new], by=PANEL)[0].ticket.number
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(SECONDS)
            assert done
    assert done != [first]
    assert Sequence.objects.get().next_value > int(max(first, *done))
