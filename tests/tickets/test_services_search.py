"""Searching tickets: by what was said, by whom, with what the person may see; and how it is kept up to date."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hosts.models import User
from hosts.services.audit import PANEL
from tests import make
from tests.tickets import rows
from tickets.choices import TicketState
from tickets.facts.verbs import NewEntry
from tickets.models import Entry, Ticket
from tickets.services import edits, search_walk, sharing, state, thread
from tickets.services import search as searching
from tickets.services.people import contact_for, save_contact
from tickets.services.search import all_changed, found, search

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return make.admin()


def numbers(user: User, words: str) -> set[str]:
    """The subjects that are found."""
    return set(search(user, words).values_list("subject", flat=True))


def numbers_of(user: User, words: str) -> set[str]:
    return set(search(user, words).values_list("number", flat=True))


@pytest.fixture
def some() -> dict[str, Ticket]:
    kim = contact_for("minsu.kim@corp.example", "김민수")
    return {
        "disk": rows.ticket("The disk is full", text="df says 100 % on /var", contact_id=kim.pk),
        "korean": rows.ticket("서버점검 일정 문의", text="다음주에 네트워크 장비를 교체합니다."),
        "lease": rows.ticket("No lease", text="dhcpd on node00123.example.net answers nobody's'; DROP"),
    }


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        pytest.param("disk", "disk", id="a word of the subject"),
        pytest.param("dhcp", "lease", id="how a word of an entry begins"),
        pytest.param("점검", "korean", id="two Korean syllables inside a word"),
        pytest.param("장비", "korean", id="two Korean syllables of an entry"),
        pytest.param("문", "korean", id="one Korean syllable"),
        pytest.param("네트워크 서버", "korean", id="words of the subject and of an entry in any order"),
        pytest.param("민수", "disk", id="a part of the owner's name"),
        pytest.param("corp.example", "disk", id="the domain of the owner's address"),
        pytest.param("minsu.kim@corp.example", "disk", id="an address"),
        pytest.param("김민수 full", "disk", id="the owner and a word"),
        pytest.param("node00123.example.net", "lease", id="a host"),
        pytest.param("'; drop", "lease", id="signs of SQL"),
    ],
)
def test_a_ticket_is_found_by(words: str, wanted: str, some, admin) -> None:
    assert numbers(admin, words) == {some[wanted].subject}


@pytest.mark.parametrize(
    "words",
    [
        "disk 점검",
        "nothing",
        "검점",
        "!!",
        "'",
        '"',
        "' OR 1=1",
        ":*",
        "disk & nobody",
        "NEAR(disk)",
        "person_1",
        "qq\x00",
    ],
)
def test_nothing_is_found_by_what_is_not_there_and_no_sign_breaks_a_search(words: str, some, admin) -> None:
    assert numbers(admin, words) == set()


def test_a_ticket_is_found_by_its_number_with_or_without_its_sign(some, admin) -> None:
    number = some["disk"].number
    assert numbers(admin, number) == numbers(admin, f"#{number}") == {some["disk"].subject}


def test_agents_find_only_what_they_may_see(some) -> None:
    inside, outside = rows.agent(), rows.agent(department=rows.department())
    assert numbers(inside.user, "disk") == {some["disk"].subject}
    assert numbers(outside.user, "disk") == set()
    assert numbers(make.user(), "disk") == set()


def test_deleted_tickets_are_not_found(some, admin) -> None:
    state.delete(some["disk"], by=PANEL)
    assert numbers(admin, "disk") == set()


class TestKept:
    """What is written is found at once, and what is gone no more."""

    def test_by_a_reply_a_note_and_a_remark(self, some, admin) -> None:
        agent = rows.agent()
        thread.post_reply(some["disk"], NewEntry(text="cleaned with logrotate"), by=rows.by(agent), agent=agent)
        thread.post_note(some["disk"], NewEntry(text="용량 증설 필요"), by=rows.by(agent), agent=agent)
        assert numbers(admin, "logrotate") == numbers(admin, "증설") == {some["disk"].subject}

    def test_by_another_subject_and_not_by_the_old_one(self, some, admin) -> None:
        edits.edit_ticket(some["disk"], {"subject": "Volume exhausted"}, by=PANEL)
        assert numbers(admin, "exhausted") == {"Volume exhausted"}
        assert numbers(admin, "disk") == set()

    def test_by_the_edited_words_of_an_entry_and_not_by_the_old_ones(self, some, admin) -> None:
        thread.edit_entry(some["disk"].entries.get(), "the password was here", by=PANEL)
        assert numbers(admin, "password") == {some["disk"].subject}
        assert numbers(admin, "df") == set()

    def test_by_a_contact_s_new_name_and_address(self, some, admin) -> None:
        kim = some["disk"].contact
        kim.name = "이영희"
        save_contact(kim, ["yh@new.example"], by=PANEL)
        assert numbers(admin, "영희") == numbers(admin, "yh@new.example") == {some["disk"].subject}
        assert numbers(admin, "민수") == set()

    def test_by_the_name_that_a_contact_gets_later(self, admin) -> None:
        ticket = rows.ticket("Hello", contact_id=contact_for("nameless@corp.example").pk)
        contact_for("nameless@corp.example", "박지훈")
        assert numbers(admin, "지훈") == {ticket.subject}

    def test_by_the_new_owner(self, some, admin) -> None:
        sharing.change_owner(some["disk"], contact_for("new@owner.example", "Olga"), by=PANEL, keeps_old=False)
        assert numbers(admin, "olga") == {some["disk"].subject}

    def test_a_merge_takes_the_words_along_and_an_unmerge_brings_them_back(self, some, admin) -> None:
        sharing.merge(some["disk"], [some["korean"]], by=PANEL)
        assert numbers(admin, "장비") == {some["disk"].subject}
        sharing.unmerge(Ticket.objects.get(pk=some["korean"].pk), by=PANEL)
        assert numbers(admin, "장비") == {some["korean"].subject}

    def test_a_split_takes_the_words_of_its_entries_along(self, some, admin) -> None:
        entry = thread.post_message(some["disk"], NewEntry(text="the printer burns"), by=PANEL)
        sharing.split(some["disk"], [entry], "Fire", by=PANEL)
        assert numbers(admin, "printer") == {"Fire"}

    def test_a_text_of_any_length_is_kept(self, some, admin) -> None:
        many = " ".join(f"w{number}ord" for number in range(20_000))
        for _ in range(4):
            thread.post_message(some["disk"], NewEntry(text=many + "𐐀" * 500), by=PANEL)
        assert numbers(admin, "w17ord") == {some["disk"].subject}

    def test_everything_can_be_found_out_anew(self, some, admin) -> None:
        Ticket.objects.filter(pk=some["disk"].pk).update(subject="From a dump")
        assert all_changed() == 3
        assert numbers(admin, "dump") == numbers(admin, "민수") == {"From a dump"}


class TestManyTickets:
    """Where more fit than are given, and where the queue is small."""

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch) -> None:
        monkeypatch.setattr(searching, "FEW", 3)
        monkeypatch.setattr(searching, "MOST_FOUND", 4)

    def test_the_newest_are_given(self, admin) -> None:
        made = rows.tickets(7)
        assert set(search(admin, "disk").values_list("pk", flat=True)) == {row.pk for row in made[-4:]}

    @pytest.mark.parametrize("first_look", [1, 3, 50], ids=["one by one", "a few at a time", "all at once"])
    @pytest.mark.parametrize("most_looked", [1, 50], ids=["then by the index", "by looking alone"])
    def test_the_newest_are_given_however_far_is_looked_back(self, admin, monkeypatch, first_look, most_looked) -> None:
        monkeypatch.setattr(search_walk, "FIRST_LOOK", first_look)
        monkeypatch.setattr(search_walk, "MOST_LOOKED", most_looked)
        made = rows.tickets(12)
        for each in made[3::2]:
            edits.edit_ticket(each, {"subject": "Printer"}, by=PANEL)
        assert numbers_of(admin, "printer") == {row.number for row in made[5::2]}
        assert numbers_of(admin, made[0].number) == {made[0].number}
        assert numbers_of(admin, "nowhere") == set()

    def test_who_sees_little_finds_their_newest(self, monkeypatch) -> None:
        monkeypatch.setattr(search_walk, "FIRST_LOOK", 2)
        agent = rows.agent(department=rows.department())
        made = rows.tickets(12)
        mine = [row.pk for row in made[:11:2]]
        Ticket.objects.filter(pk__in=mine).update(agent=agent)
        assert set(search(agent.user, "disk").values_list("pk", flat=True)) == set(mine[-4:])

    def test_what_narrows_the_tickets_is_taken_into_account_before_the_newest_are_chosen(self, admin) -> None:
        made = rows.tickets(9)
        for old in made[:2]:
            state.close(old, by=PANEL)
        closed = Ticket.objects.visible_to(admin).filter(state=TicketState.CLOSED)
        assert set(found(closed, "disk")) == {Ticket.objects.get(pk=row.pk) for row in made[:2]}

    def test_asking_costs_the_same_for_few_and_for_many(self, admin) -> None:
        rows.tickets(2)
        with CaptureQueriesContext(connection) as few:
            list(search(admin, "disk"))
        rows.tickets(12)
        with CaptureQueriesContext(connection) as many:
            list(search(admin, "disk"))
        assert len(few) <= 6
        assert len(many) <= 8


def test_without_words_there_are_all_tickets(some, admin) -> None:
    assert search(admin, "  ").count() == 3
    assert Entry.objects.count() == 3
