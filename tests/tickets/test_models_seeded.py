"""Names that the desk begins with: in the reader's language until somebody gives another, and in nobody's when kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from hosts.models import AuditEntry
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.choices import EventKind, TicketState
from tickets.models import Department, Priority, Role, Sequence, Sla, Status
from tickets.models.seeded import SEEDED, seeded, seeded_words
from tickets.services import assign, edits, order, state, work
from tickets.services.book import SAID, WORD_OF
from tickets.services.house import desk, first_status
from tickets.templatetags.happened import words_of_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin in English, and leave no other language behind."""
    with translation.override("en"):
        yield


def test_everything_that_the_desk_begins_with_can_be_said_in_another_language() -> None:
    desk()
    kinds = (Status, Priority, Role, Department, Sla, Sequence)
    names = {name for kind in kinds for name in kind.objects.values_list("name", flat=True)}
    assert names <= SEEDED


def test_a_name_is_said_in_the_language_of_the_reader_until_it_is_another_one() -> None:
    desk()
    status = Status.objects.get(name="Open")
    with translation.override("ko"):
        assert str(status) == "열림"
        status.name = "Opened by Kim"
        assert str(status) == "Opened by Kim"
    assert seeded("Resolved") == "Resolved"


def test_a_name_that_people_typed_is_never_taken_for_a_sentence() -> None:
    assert seeded_words("100% done").said_by(lambda text: text) == "100% done"
    with translation.override("ko"):
        assert seeded("Delete") == "Delete"


def test_a_korean_page_shows_korean_names_and_keeps_english_ones() -> None:
    me, ticket = rows.agent(), rows.ticket()
    client = logged_in(me.user)
    client.cookies["django_language"] = "ko"
    page = text_of(client.get(ticket.get_absolute_url()))
    assert "열림" in page
    assert 'data-state="open">Open' not in page
    resolved = first_status(TicketState.RESOLVED)
    client.post(url("tickets:do", ticket.number, "status"), {"status": resolved.pk})
    assert ticket.events.get(kind=EventKind.RESOLVED).data["status"] == "Resolved"
    assert "해결됨" in text_of(client.get(ticket.get_absolute_url()))


def test_what_is_written_down_is_in_nobodys_language() -> None:
    me, ticket = rows.agent(), rows.ticket()
    by = rows.by(me)
    with translation.override("ko"):
        edits.edit_ticket(ticket, {"priority": Priority.objects.get(name="High"), "sla": None}, by=by)
        assign.refer(ticket, department=rows.department("Network"), by=by)
        task = work.add_task(ticket, "Order", by=by)
        work.edit_task(task, {"department": Department.objects.get(name="Network")}, by=by)
        order.save_status(Status.objects.get(name="Open"), by=make.actor())
    changes = ticket.events.get(kind=EventKind.EDITED).data["changes"]
    assert changes == {"priority": ["Normal", "High"], "sla": ["Default", ""]}
    assert ticket.events.filter(kind=EventKind.TASK).latest("pk").data["changes"] == {
        "department": ["Support", "Network"]
    }
    assert AuditEntry.objects.filter(object_type="status").latest("pk").object_name == "Open"


def test_an_event_is_told_in_words_and_not_by_its_columns() -> None:
    me, ticket = rows.agent("Mina Park"), rows.ticket()
    edits.edit_ticket(ticket, {"subject": "New <b>", "due_at": None, "source": "phone"}, by=rows.by(me))
    state.mark_answered(ticket, is_answered=True, by=rows.by(me))
    told = [str(words_of_event(event)) for event in ticket.events.filter(kind=EventKind.EDITED).order_by("pk")]
    assert "subject: The disk is full → New &lt;b&gt;" in told[0]
    assert "came by: Opened by an agent → Phone" in told[0]
    assert "answered: no → yes" in told[1]


def test_a_time_in_an_event_is_one_that_people_read() -> None:
    me, ticket = rows.agent(), rows.ticket()
    due = ticket.created_at.replace(year=2031, microsecond=0)
    edits.edit_ticket(ticket, {"due_at": due}, by=rows.by(me))
    said = str(words_of_event(ticket.events.get(kind=EventKind.EDITED)))
    assert "due_at" not in said
    assert f'<time datetime="{due:%Y-%m-%dT%H:%M}' in said


def test_every_verb_that_the_desk_writes_into_the_book_has_its_words() -> None:
    assert {f"ticket {kind.value}" for kind in EventKind} | {f"ticket {word}" for word in WORD_OF.values()} <= SAID
