"""How many questions the desk's two great pages ask the database, and that it does not grow with what they show."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hosts.services.audit import PANEL
from tests.hosts.pages import logged_in, url
from tests.tickets import rows
from tickets.facts.verbs import NewEntry
from tickets.models import Agent, Ticket
from tickets.services import assign, thread
from tickets.services.rights import ensure_desk_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def me() -> Agent:
    """An agent with all rights, a team and a second department."""
    ensure_desk_roles()
    agent = rows.agent()
    agent.user.groups.add(Group.objects.get(name="Agent"))
    rows.team(agent)
    rows.access(agent, rows.department())
    return agent


def questions(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def talk(ticket: Ticket, agent: Agent, times: int) -> None:
    for _ in range(times):
        thread.post_reply(ticket, NewEntry(text="Try again."), by=rows.by(agent), agent=agent)
        thread.post_message(ticket, NewEntry(text="No.", contact_id=ticket.contact_id), by=PANEL)


def test_a_page_of_the_queue_asks_as_much_for_thirty_tickets_as_for_three(me: Agent) -> None:
    client, others, address = (
        logged_in(me.user),
        [rows.agent() for _ in range(3)],
        url("tickets:queue", query="queue=open"),
    )
    for other in others:
        assign.assign(rows.ticket(), agent=other, by=PANEL)
    few = questions(client, address)
    for number in range(27):
        talk(assign.assign(rows.ticket(), agent=others[number % 3], by=PANEL), others[number % 3], 1)
    assert questions(client, address) == few
    assert few <= 14


def test_a_ticket_asks_as_much_for_forty_entries_as_for_four(me: Agent) -> None:
    client, ticket = logged_in(me.user), rows.ticket()
    address = url("tickets:ticket", ticket.number, query="from=queue%3Dopen")
    talk(ticket, rows.agent(), 2)
    few = questions(client, address)
    talk(ticket, rows.agent(), 18)
    assert questions(client, address) == few
    assert few <= 20


def test_a_ticket_with_everything_asks_for_each_kind_of_thing_once(me: Agent) -> None:
    client, ticket, other = logged_in(me.user), rows.ticket(), rows.agent()
    address = url("tickets:ticket", ticket.number)
    bare = questions(client, address)
    for agent in (me, other, rows.agent()):
        assign.follow(ticket, agent, by=PANEL)
        assign.refer(ticket, agent=agent, by=PANEL)
    assert questions(client, address) <= bare + 2
