"""Tasks on a ticket's page, and the columns of a saved queue: what is typed is kept, by whom it may be."""

from __future__ import annotations

import json

import pytest

from tests import make
from tests.hosts.pages import logged_in, said, text_of, url
from tests.tickets import rows
from tickets.models import Agent, SavedQueue, Task, Ticket
from tickets.services import work

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket() -> Ticket:
    """A ticket with a task."""
    found = rows.ticket()
    work.add_task(found, "Order a disk", by=make.actor())
    return found


class TestTasks:
    """Edited and taken off."""

    def test_agent_team_and_due_date_are_changed(self, ticket: Ticket) -> None:
        me = rows.agent("Mina Park")
        team, task = rows.team(me), ticket.tasks.get()
        fields = {"task": task.pk, "title": "Order two", "agent": me.pk, "team": team.pk, "due_at": "2031-05-06T10:30"}
        client = logged_in(me.user)
        assert said(client.post(url("tickets:do", ticket.number, "edit-task"), fields)) == ["Saved."]
        task.refresh_from_db()
        assert (task.title, task.agent, task.team) == ("Order two", me, team)
        assert task.due_at is not None
        assert f"{task.due_at:%Y-%m-%d %H:%M}" == "2031-05-06 10:30"
        page = text_of(client.get(ticket.get_absolute_url()))
        assert 'value="2031-05-06T10:30"' in page

    def test_what_was_not_sent_stays(self, ticket: Ticket) -> None:
        me, task = rows.agent(), ticket.tasks.get()
        work.edit_task(task, {"agent": me}, by=rows.by(me))
        fields = {"task": task.pk, "title": "Order two"}
        logged_in(me.user).post(url("tickets:do", ticket.number, "edit-task"), fields)
        task.refresh_from_db()
        assert (task.title, task.agent) == ("Order two", me)

    def test_a_task_without_a_title_is_refused(self, ticket: Ticket) -> None:
        fields = {"task": ticket.tasks.get().pk, "title": " "}
        answer = logged_in(rows.agent().user).post(url("tickets:do", ticket.number, "edit-task"), fields)
        assert "required" in said(answer)[0]
        assert Task.objects.get().title == "Order a disk"

    def test_it_is_taken_off(self, ticket: Ticket) -> None:
        fields = {"task": ticket.tasks.get().pk}
        logged_in(rows.agent().user).post(url("tickets:do", ticket.number, "delete-task"), fields)
        assert not Task.objects.exists()

    @pytest.mark.parametrize("verb", ["edit-task", "delete-task"])
    def test_who_may_not_manage_tasks_changes_none(self, ticket: Ticket, verb: str) -> None:
        client = logged_in(rows.agent(role=rows.role("reply")).user)
        assert "edit-task" not in text_of(client.get(ticket.get_absolute_url()))
        client.post(url("tickets:do", ticket.number, verb), {"task": ticket.tasks.get().pk, "title": "X"})
        assert Task.objects.get().title == "Order a disk"

    def test_a_task_of_another_ticket_is_not_touched(self, ticket: Ticket) -> None:
        other = rows.ticket()
        fields = {"task": ticket.tasks.get().pk, "title": "X"}
        answer = logged_in(rows.agent().user).post(url("tickets:do", other.number, "edit-task"), fields)
        assert said(answer) == ["This task is gone."]


class TestColumns:
    """Kept with the queue, not only in one browser."""

    def saved(self, me: Agent, columns: str) -> SavedQueue:
        fields = {"name": "Mine", "query": "queue=open", "columns": columns, "is_shared": "1"}
        logged_in(me.user).post(url("tickets:queue-save"), fields)
        return SavedQueue.objects.get()

    def test_a_saved_queue_keeps_the_columns_that_were_shown(self) -> None:
        me = rows.agent()
        rows.ticket(agent_id=me.pk)
        row = self.saved(me, "status,contact,nonsense")
        assert row.columns == ["contact", "status"]
        page = text_of(logged_in(rows.agent().user).get(url("tickets:queue", query=f"queue=saved-{row.pk}")))
        assert "data-columns-fixed" in page
        assert 'data-col="due" hidden' in page
        assert 'data-col="status" hidden' not in page

    def test_all_of_them_is_no_choice(self) -> None:
        assert self.saved(rows.agent(), "contact,agent,status,due,active").columns == []

    def test_the_owner_changes_them_and_nobody_else(self) -> None:
        me = rows.agent()
        row = self.saved(me, "")
        where = url("tickets:queue-columns", row.pk)
        assert logged_in(rows.agent().user).post(where, {"columns": "agent"}).status_code == 404
        assert logged_in(me.user).post(where, {"columns": "agent"}).status_code == 204
        row.refresh_from_db()
        assert json.dumps(row.columns) == '["agent"]'
