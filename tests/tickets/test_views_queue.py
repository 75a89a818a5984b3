"""The queue: which tickets it shows to whom, filters, order, pages, news, bulk actions, queues of one's own."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.utils import timezone

from hosts.models import AuditEntry
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets import rows
from tickets.choices import Permission
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, OutgoingMail, SavedQueue, Ticket
from tickets.services import assign, state, thread

pytestmark = pytest.mark.django_db


def shown(client: Client, query: str = "") -> list[str]:
    """The subjects that a queue shows, in its order."""
    return [line.ticket.subject for line in client.get(url("tickets:queue", query=query)).context["lines"]]


class TestWho:
    """Agents see what is theirs to see; others nothing."""

    def test_strangers_are_sent_to_the_login(self) -> None:
        answer = Client().get(url("tickets:queue"))
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]

    def test_staff_who_are_no_agents_are_refused(self) -> None:
        assert logged_in(make.user()).get(url("tickets:queue")).status_code == 403

    def test_customers_are_refused(self) -> None:
        assert logged_in(make.customer()).get(url("tickets:queue")).status_code == 403

    def test_a_ticket_of_another_department_is_absent(self) -> None:
        me = rows.agent()
        rows.ticket("Ours")
        rows.ticket("Theirs", department_id=rows.department().pk)
        assert shown(logged_in(me.user)) == ["Ours"]

    def test_an_administrator_sees_every_department(self) -> None:
        rows.ticket("A", department_id=rows.department().pk)
        rows.ticket("B")
        assert sorted(shown(logged_in(make.admin()), "queue=open")) == ["A", "B"]


class TestQueues:
    """What is in which queue."""

    @pytest.fixture
    def me(self) -> Agent:
        me, mate = rows.agent("Mina Park"), rows.agent("Joon Lee")
        rows.team(me)
        mine, answered, done, closed, teams, late = (
            rows.ticket(name) for name in ("mine", "answered", "done", "closed", "teams", "late")
        )
        rows.ticket("nobody's")
        assign.claim(mine, me, by=rows.by(me))
        assign.claim(late, mate, by=rows.by(mate))
        thread.post_reply(answered, NewEntry(text="Yes."), by=rows.by(mate), agent=mate)
        state.resolve(done, by=rows.by(me))
        state.close(closed, by=rows.by(me))
        assign.assign(teams, team=me.teams.get(), by=rows.by(me))
        Ticket.objects.filter(pk=late.pk).update(is_overdue=True)
        return me

    @pytest.mark.parametrize(
        ("queue", "subjects"),
        [
            ("open", ["late", "mine", "nobody's", "teams"]),
            ("answered", ["answered"]),
            ("overdue", ["late"]),
            ("mine", ["mine"]),
            ("teams", ["teams"]),
            ("unassigned", ["nobody's"]),
            ("resolved", ["done"]),
            ("closed", ["closed"]),
            ("all", ["answered", "closed", "done", "late", "mine", "nobody's", "teams"]),
            ("no-such-queue", ["late", "mine", "nobody's", "teams"]),
        ],
    )
    def test_each_queue_holds_what_its_name_says(self, me: Agent, queue: str, subjects: list[str]) -> None:
        assert sorted(shown(logged_in(me.user), f"queue={queue}")) == subjects

    def test_the_counts_stand_at_the_side(self, me: Agent) -> None:
        shelves = logged_in(me.user).get(url("tickets:queue")).context["shelves"]
        counts = {shelf.name: shelf.count for shelf in shelves}
        assert (counts["open"], counts["mine"], counts["unassigned"], counts["closed"]) == (4, 1, 1, None)

    def test_the_agent_starts_with_the_queue_they_chose(self, me: Agent) -> None:
        Agent.objects.filter(pk=me.pk).update(default_queue="mine")
        assert shown(logged_in(Agent.objects.get(pk=me.pk).user)) == ["mine"]


class TestNarrowing:
    """Search, filters, chips, order."""

    @pytest.mark.parametrize(
        "words",
        ["%(number)s", "#%(number)s", "disk", "DISK full", "Haneul", "sky@customer.example", "sky@"],
        ids=["number", "number with its sign", "subject", "two words", "name", "address", "part of an address"],
    )
    def test_a_ticket_is_found_by(self, words: str) -> None:
        ticket = rows.ticket("The disk is full", contact_id=rows.contact("sky@customer.example", "Haneul Kim").pk)
        rows.ticket("Something else", contact_id=rows.contact("greta@baum.example", "Greta").pk)
        me = rows.agent()
        wanted = words % {"number": ticket.number}
        found = logged_in(me.user).get(url("tickets:queue"), {"q": wanted}).context["lines"]
        assert [line.ticket.pk for line in found] == [ticket.pk]

    def test_filters_show_as_chips_that_can_be_taken_away(self) -> None:
        me = rows.agent()
        mine = rows.ticket("mine")
        assign.claim(mine, me, by=rows.by(me))
        rows.ticket("other")
        answer = logged_in(me.user).get(url("tickets:queue", query="agent=me"))
        assert [line.ticket.subject for line in answer.context["lines"]] == ["mine"]
        assert [(chip.words, chip.query) for chip in answer.context["chips"]] == [("Agent: Me", "")]

    def test_nobody_is_a_choice_too(self) -> None:
        me = rows.agent()
        assign.claim(rows.ticket("mine"), me, by=rows.by(me))
        rows.ticket("nobody's")
        assert shown(logged_in(me.user), "agent=none") == ["nobody's"]

    def test_the_tag_filter_shows_each_ticket_once(self) -> None:
        ticket = rows.ticket("tagged")
        ticket.tags.set([make.tag("dhcp"), make.tag("relay")])
        rows.ticket("plain")
        assert shown(logged_in(rows.agent().user), "tag=dhcp&tag=relay") == ["tagged"]

    @pytest.mark.parametrize(
        ("sort", "subjects"),
        [("subject", ["a", "b", "c"]), ("-subject", ["c", "b", "a"]), ("due", ["b", "a", "c"]), ("nonsense", None)],
    )
    def test_it_is_sorted_by(self, sort: str, subjects: list[str] | None) -> None:
        made = {name: rows.ticket(name) for name in ("a", "b", "c")}
        now = timezone.now()
        Ticket.objects.filter(pk=made["b"].pk).update(due_at=now)
        Ticket.objects.filter(pk=made["a"].pk).update(due_at=now + timedelta(hours=1))
        Ticket.objects.filter(pk=made["c"].pk).update(due_at=None, sla_due_at=None)
        found = shown(logged_in(rows.agent().user), f"sort={sort}")
        assert found == subjects if subjects else len(found) == 3

    @pytest.mark.parametrize("sort", ["-active_at", "subject", "due", "urgency"])
    def test_pages_by_key_show_everything_once(self, sort: str) -> None:
        me = rows.agent(page_size=3)
        rows.tickets(8)
        client, query, seen = logged_in(me.user), f"sort={sort}", []
        for _ in range(3):
            context = client.get(url("tickets:queue", query=query)).context
            seen += [line.ticket.pk for line in context["lines"]]
            query = context["older"]
        assert sorted(seen) == sorted(Ticket.objects.values_list("pk", flat=True))
        assert not context["shown"].after

    def test_an_empty_desk_says_what_to_do_first(self) -> None:
        assert "No ticket yet" in text_of(logged_in(rows.agent().user).get(url("tickets:queue")))

    def test_a_filter_that_nothing_fits_says_so(self) -> None:
        rows.ticket()
        assert "No ticket fits" in text_of(logged_in(rows.agent().user).get(url("tickets:queue", query="q=zzz")))

    def test_fifty_tickets_cost_no_more_queries_than_one(self, django_assert_max_num_queries: Any) -> None:
        me = rows.agent()
        for ticket in rows.tickets(50):
            ticket.tags.add(make.tag("dhcp"))
        client = logged_in(me.user)
        with django_assert_max_num_queries(14):
            client.get(url("tickets:queue"))

    def test_the_filters_are_read_when_they_are_opened_and_hold_till_then(self) -> None:
        me = rows.agent()
        rows.ticket().tags.add(make.tag("dhcp"))
        client = logged_in(me.user)
        page = text_of(client.get(url("tickets:queue", query="tag=dhcp")))
        assert '<input type="hidden" name="tag" value="dhcp">' in page
        assert 'type="checkbox" name="tag"' not in page
        for address in (
            url("tickets:queue-filters", query="tag=dhcp"),
            url("tickets:queue", query="tag=dhcp&filters=1"),
        ):
            assert '<input type="checkbox" name="tag" value="dhcp" checked>' in text_of(client.get(address))

    def test_what_a_customer_calls_a_ticket_is_escaped(self) -> None:
        rows.ticket("<script>alert(1)</script>", contact_id=rows.contact("x@y.example", "<img src=x onerror=1>").pk)
        page = text_of(logged_in(rows.agent().user).get(url("tickets:queue")))
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page


class TestUnreadAndNews:
    """What came since one looked."""

    def test_a_ticket_is_unread_until_it_was_opened(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        client = logged_in(me.user)
        assert client.get(url("tickets:queue")).context["lines"][0].is_unread
        client.get(url("tickets:ticket", ticket.number))
        assert not client.get(url("tickets:queue")).context["lines"][0].is_unread
        thread.post_message(ticket, NewEntry(text="Hello?", contact_id=ticket.contact_id), by=rows.by(me))
        assert client.get(url("tickets:queue")).context["lines"][0].is_unread

    def test_looking_at_the_preview_does_not_count_as_read(self) -> None:
        me, ticket = rows.agent(), rows.ticket(text="My disk is full")
        client = logged_in(me.user)
        assert "My disk is full" in text_of(client.get(url("tickets:preview", ticket.number)))
        assert client.get(url("tickets:queue")).context["lines"][0].is_unread

    def test_news_tell_how_many_moved_in_this_queue(self) -> None:
        me = rows.agent()
        rows.ticket("old")
        since = timezone.now().isoformat()
        rows.ticket("new")
        rows.ticket("elsewhere", department_id=rows.department().pk)
        answer = logged_in(me.user).get(url("tickets:queue-news"), {"since": since, "query": "queue=open"})
        assert "1 new" in text_of(answer)

    def test_no_news_are_no_line(self) -> None:
        rows.ticket()
        answer = logged_in(rows.agent().user).get(
            url("tickets:queue-news"), {"since": timezone.now().isoformat(), "query": ""}
        )
        assert "new:" not in text_of(answer)
        assert 'id="shelves"' in text_of(answer)


class TestSelected:
    """Bulk actions: each ticket on its own."""

    def do(self, who: Agent, verb: str, chosen: list[Ticket], **fields: Any) -> list[str]:
        numbers = [ticket.number for ticket in chosen]
        answer = logged_in(who.user).post(url("tickets:selected"), {"do": verb, "ticket": numbers, **fields})
        assert answer.status_code == 302
        return said(answer)

    def test_claimed_tickets_are_mine_and_the_book_says_so(self) -> None:
        me = rows.agent()
        chosen, other = rows.tickets(2), rows.ticket()
        assert self.do(me, "claim", chosen) == ["Done for 2 tickets."]
        assert set(me.tickets.all()) == set(chosen)
        assert other not in me.tickets.all()
        assert AuditEntry.objects.filter(actor=me.user, action="ticket assigned").count() == 2

    def test_they_are_assigned_to_somebody_else(self) -> None:
        me, mate, ticket = rows.agent(), rows.agent(), rows.ticket()
        self.do(me, "assign", [ticket], agent=mate.pk)
        ticket.refresh_from_db()
        assert ticket.agent == mate

    def test_they_move_to_another_department(self) -> None:
        me, ticket, network = rows.agent(), rows.ticket(), rows.department("Network")
        self.do(me, "transfer", [ticket], department=network.pk)
        ticket.refresh_from_db()
        assert ticket.department == network

    def test_they_are_tagged_and_keep_their_tags(self) -> None:
        me, ticket = rows.agent(), rows.ticket()
        ticket.tags.add(make.tag("old"))
        self.do(me, "tags", [ticket], tags="dhcp, relay")
        assert sorted(tag.name for tag in ticket.tags.all()) == ["dhcp", "old", "relay"]

    def test_one_that_is_refused_does_not_hold_up_the_others(self) -> None:
        me, fine, busy = rows.agent(), rows.ticket(), rows.ticket()
        busy.tasks.create(title="Order a disk", department=busy.department)
        resolved = state.first_status("resolved")
        words = self.do(me, "status", [fine, busy], status=resolved.pk)
        assert [Ticket.objects.get(pk=one.pk).state for one in (fine, busy)] == ["resolved", "open"]
        assert words[0] == "Done for 1 ticket."
        assert words[1].startswith("1 ticket was left as it is")

    def test_a_ticket_that_one_may_not_see_is_left_alone(self) -> None:
        me, theirs = rows.agent(), rows.ticket(department_id=rows.department().pk)
        assert self.do(me, "claim", [theirs]) == ["No ticket was selected. Tick some, then choose what to do."]
        theirs.refresh_from_db()
        assert theirs.agent is None

    def test_a_role_without_the_permission_changes_nothing(self) -> None:
        me, ticket = rows.agent(role=rows.role(Permission.REPLY)), rows.ticket()
        words = self.do(me, "claim", [ticket])
        assert "Your role does not allow this here" in words[0]
        ticket.refresh_from_db()
        assert ticket.agent is None

    def test_nothing_is_mailed_where_all_were_refused(self) -> None:
        me, ticket = rows.agent(role=rows.role(Permission.REPLY)), rows.ticket()
        before = OutgoingMail.objects.count()
        self.do(me, "claim", [ticket])
        assert OutgoingMail.objects.count() == before


class TestCsv:
    """The queue as a file."""

    def test_it_holds_what_fits_and_no_formulas(self) -> None:
        rows.ticket("=HYPERLINK()")
        rows.ticket("hidden", department_id=rows.department().pk)
        answer = logged_in(rows.agent().user).get(url("tickets:queue-export", query="queue=open"))
        found = list(csv.DictReader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))
        assert [row["subject"] for row in found] == ["'=HYPERLINK()"]


class TestOwnQueues:
    """Filters under a name."""

    def keep(self, who: Agent, query: str, **fields: str) -> Any:
        return logged_in(who.user).post(url("tickets:queue-save"), {"name": "Disks", "query": query, **fields})

    def test_one_is_kept_with_its_base_filters_and_order(self) -> None:
        me = rows.agent()
        rows.ticket("disk a")
        state.close(rows.ticket("disk b"), by=rows.by(me))
        rows.ticket("net")
        answer = self.keep(me, "queue=open&q=disk&sort=subject")
        row = SavedQueue.objects.get()
        assert (row.sort, row.filters) == ("subject", {"q": ["disk"], "queue": "open"})
        assert parse_qs(answer["Location"].partition("?")[2])["queue"] == [f"saved-{row.pk}"]
        assert shown(logged_in(me.user), f"queue=saved-{row.pk}") == ["disk a"]

    @pytest.mark.parametrize(("shared", "is_seen"), [("1", True), ("", False)], ids=["shared", "private"])
    def test_colleagues_see_the_shared_ones(self, shared: str, is_seen: bool) -> None:
        me, mate = rows.agent(), rows.agent()
        rows.ticket()
        self.keep(me, "q=disk", is_shared=shared)
        assert ("Disks" in text_of(logged_in(mate.user).get(url("tickets:queue")))) is is_seen

    def test_a_private_queue_of_somebody_else_shows_the_open_one(self) -> None:
        me, mate = rows.agent(), rows.agent()
        rows.ticket("net")
        self.keep(me, "q=disk")
        assert shown(logged_in(mate.user), f"queue=saved-{SavedQueue.objects.get().pk}") == ["net"]

    def test_nobody_deletes_the_queue_of_somebody_else(self) -> None:
        me, mate = rows.agent(), rows.agent()
        self.keep(me, "q=disk", is_shared="1")
        row = SavedQueue.objects.get()
        assert logged_in(mate.user).post(url("tickets:queue-delete", row.pk)).status_code == 404
        assert logged_in(me.user).post(url("tickets:queue-delete", row.pk)).status_code == 302
        assert not SavedQueue.objects.exists()

    def test_a_queue_without_a_name_is_refused_in_words(self) -> None:
        answer = self.keep(rows.agent(), "q=disk", name="  ")
        assert said(answer)
        assert not SavedQueue.objects.exists()
