"""Who can be named in a ticket, by which word, and that the word finds them again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.hosts.pages import logged_in, text_of, url
from tests.tickets import rows
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, Follower, Ticket
from tickets.services import assign, mentions, thread

pytestmark = pytest.mark.django_db


def test_those_who_see_a_ticket_are_those_to_whom_its_queue_shows_it() -> None:
    boss, other = rows.agent("Boss"), rows.department()
    boss.user.is_superuser = True
    boss.user.save()
    plain, limited, stranger = rows.agent(), rows.agent(only_assigned=True), rows.agent(department=other)
    guest, member, reader = (rows.agent(department=rows.department()) for _ in range(3))
    further = rows.agent(department=rows.department())
    rows.access(further, plain.department)
    ticket = rows.ticket()
    assign.assign(ticket, agent=limited, team=rows.team(member), by=rows.by(boss))
    assign.refer(ticket, agent=guest, by=rows.by(boss))
    assign.refer(ticket, department=reader.department, by=rows.by(boss))
    ticket.refresh_from_db()
    seen = {agent.pk for agent in mentions.seeing(ticket)}
    assert seen == {one.pk for one in Agent.objects.all() if ticket in Ticket.objects.visible_to(one.user)}
    assert stranger.pk not in seen
    assert len(seen) == 7


@pytest.mark.parametrize("typed", ["mina", "park", "mina.p", "MINA", ""])
def test_a_colleague_is_offered_by_any_part_of_the_name(typed: str) -> None:
    mina = rows.agent("Mina Park")
    assert ("mina.park", mina) in mentions.offered(rows.ticket(), typed, 8)


def test_two_with_the_same_beginning_are_named_by_their_whole_address() -> None:
    mina, other = rows.agent("Mina Park"), rows.agent("Mina Parker")
    other.user.email = "mina.park@other.example"
    other.user.save()
    found = {handle for handle, _agent in mentions.offered(rows.ticket(), "mina", 8)}
    assert found == {mina.user.email, "mina.park@other.example"}


def test_what_is_offered_finds_the_colleague_again() -> None:
    me, mina, ticket = rows.agent("Me Myself"), rows.agent("박 미나"), rows.ticket()
    ((handle, found),) = mentions.offered(ticket, "미나", 8)
    assert found == mina
    thread.post_note(ticket, NewEntry(text=f"@{handle} please look"), by=rows.by(me), agent=me)
    assert Follower.objects.get().agent == mina


def test_somebody_of_another_department_is_neither_offered_nor_told() -> None:
    me, ticket = rows.agent(), rows.ticket()
    far = rows.agent("Far Away", department=rows.department())
    assert far not in [agent for _handle, agent in mentions.offered(ticket, "far", 8)]
    thread.post_note(ticket, NewEntry(text="@far.away please look"), by=rows.by(me), agent=me)
    assert not Follower.objects.exists()


def test_many_colleagues_are_offered_in_few_queries() -> None:
    me, ticket = rows.agent("Mina Park"), rows.ticket()
    for _ in range(20):
        rows.agent()
    client = logged_in(me.user)
    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get(url("tickets:mentions", ticket.number, query="q=agent")))
    assert page.count("data-mentions") == 12
    assert len(asked) <= 25
    theirs = rows.ticket(department_id=rows.department().pk)
    assert client.get(url("tickets:mentions", theirs.number, query="q=a")).status_code == 404
