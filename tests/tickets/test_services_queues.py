"""What is in each queue and how many, for whom; and queues that people saved."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hosts.errors import BadInput, NotAllowed
from hosts.services.audit import PANEL
from tests import make
from tests.tickets import rows
from tickets.models import SavedQueue, Ticket
from tickets.services import queues, sharing, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_of_one() -> dict:
    agent = rows.agent()
    team = rows.team(agent)
    foreign = rows.department()
    tickets = {
        "plain": rows.ticket(),
        "answered": rows.ticket(),
        "overdue": rows.ticket(),
        "mine": rows.ticket(agent_id=agent.pk),
        "team": rows.ticket(team_id=team.pk),
        "resolved": rows.ticket(),
        "closed": rows.ticket(),
        "deleted": rows.ticket(),
        "foreign": rows.ticket(department_id=foreign.pk),
        "merged": rows.ticket(),
    }
    Ticket.objects.filter(pk=tickets["answered"].pk).update(is_answered=True)
    Ticket.objects.filter(pk=tickets["overdue"].pk).update(is_overdue=True)
    state.resolve(tickets["resolved"], by=PANEL)
    state.close(tickets["closed"], by=PANEL)
    state.delete(tickets["deleted"], by=PANEL)
    sharing.merge(tickets["closed"], [tickets["merged"]], by=PANEL)
    return {"agent": agent, **tickets}


WANTED = {
    "open": {"plain", "overdue", "mine", "team"},
    "answered": {"answered"},
    "overdue": {"overdue"},
    "mine": {"mine"},
    "teams": {"team"},
    "unassigned": {"plain", "answered", "overdue"},
    "resolved": {"resolved"},
    "closed": {"closed"},
}


@pytest.mark.parametrize("name", queues.QUEUES)
def test_a_queue_holds_what_its_name_says_and_its_count_says_the_same(name: str, desk_of_one) -> None:
    user = desk_of_one["agent"].user
    wanted = {desk_of_one[each].pk for each in WANTED[name]}
    assert set(queues.queue_of(user, name).values_list("pk", flat=True)) == wanted
    if name in queues.COUNTED:
        assert queues.counts(user)[name] == len(wanted)


def test_counting_all_queues_never_walks_all_tickets(desk_of_one) -> None:
    """Each count goes by an index, whatever the desk holds; osTicket's walks the whole table for each agent."""
    user = desk_of_one["agent"].user
    with CaptureQueriesContext(connection) as asked:
        queues.counts(user)
    counting = [each["sql"] for each in asked if "COUNT(" in each["sql"]]
    assert len(counting) == 2
    if connection.vendor == "sqlite":  # PostgreSQL decides by how full the table is
        for sql in counting:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
                plan = [row[3] for row in cursor.fetchall()]
            assert [line for line in plan if line.startswith("SEARCH tickets_ticket USING")], plan
            assert "SCAN tickets_ticket" not in plan


def test_somebody_who_is_no_agent_counts_nothing() -> None:
    rows.ticket()
    assert set(queues.counts(make.user()).values()) == {0}


def test_administrators_without_an_agents_row_see_all_but_own_nothing() -> None:
    rows.ticket()
    counted = queues.counts(make.admin())
    assert (counted["open"], counted["mine"], counted["teams"]) == (1, 0, 0)


def test_a_queue_is_saved_by_its_owner_alone() -> None:
    owner, other = rows.agent(), rows.agent()
    row = queues.save_queue(SavedQueue(name="Disks", owner=owner, filters={"text": "disk"}), by=rows.by(owner))
    row.name = "Mine now"
    with pytest.raises(NotAllowed):
        queues.save_queue(row, by=rows.by(other))
    with pytest.raises(NotAllowed):
        queues.delete_queue(row, by=rows.by(other))
    with pytest.raises(BadInput):
        queues.save_queue(SavedQueue(name="x", owner=owner, filters=["a"]), by=rows.by(owner))
    queues.delete_queue(SavedQueue.objects.get(), by=rows.by(owner))
    assert not SavedQueue.objects.exists()
