"""Tasks, canned responses, numbers and files."""

from __future__ import annotations

import pytest

from hosts.errors import BadInput, NotAllowed
from hosts.services.audit import PANEL
from tests.tickets import rows
from tickets.choices import NumberKind, Permission
from tickets.models import CannedResponse, OutgoingMail, Sequence, StoredFile, Task
from tickets.services import canned, files, work
from tickets.services.numbers import next_number

pytestmark = pytest.mark.django_db


def test_a_task_is_told_to_who_does_it_and_stands_in_the_thread() -> None:
    ticket, giver, doer = rows.ticket(), rows.agent(), rows.agent()
    task = work.add_task(ticket, " Swap the disk ", agent=doer, by=rows.by(giver))
    assert (task.title, task.department) == ("Swap the disk", ticket.department)
    assert list(OutgoingMail.objects.filter(kind="task.assignment.alert").values_list("agent", flat=True)) == [doer.pk]
    assert ticket.events.get(kind="task").data == {"title": "Swap the disk", "agent": str(doer)}


def test_a_task_is_done_and_undone() -> None:
    task = work.add_task(rows.ticket(), "Look", by=PANEL)
    assert work.set_done(task, is_done=True, by=PANEL).closed_at is not None
    assert work.set_done(task, is_done=False, by=PANEL).closed_at is None
    assert task.ticket.events.filter(kind="task").count() == 3
    work.set_done(task, is_done=False, by=PANEL)
    assert task.ticket.events.filter(kind="task").count() == 3


def test_a_task_that_changes_hands_is_told_of() -> None:
    agent = rows.agent()
    task = work.add_task(rows.ticket(), "Look", by=PANEL)
    work.edit_task(task, {"agent": agent, "title": "Look twice"}, by=PANEL)
    assert Task.objects.get().title == "Look twice"
    assert OutgoingMail.objects.filter(kind="task.assignment.alert", agent=agent).exists()


@pytest.mark.parametrize("verb", ["add", "edit", "done", "delete"])
def test_tasks_need_their_right(verb: str) -> None:
    ticket = rows.ticket()
    by = rows.by(rows.agent(role=rows.role(Permission.REPLY)))
    task = work.add_task(ticket, "Look", by=PANEL)
    verbs = {
        "add": lambda: work.add_task(ticket, "x", by=by),
        "edit": lambda: work.edit_task(task, {"title": "x"}, by=by),
        "done": lambda: work.set_done(task, is_done=True, by=by),
        "delete": lambda: work.delete_task(task, by=by),
    }
    with pytest.raises(NotAllowed, match="tasks"):
        verbs[verb]()
    assert Task.objects.get().closed_at is None


def test_a_task_without_a_title_is_none() -> None:
    with pytest.raises(BadInput):
        work.add_task(rows.ticket(), "  ", by=PANEL)
    task = work.add_task(rows.ticket(), "Look", by=PANEL)
    for changes in ({"title": ""}, {"ticket": task.ticket}):
        with pytest.raises(BadInput):
            work.edit_task(task, changes, by=PANEL)
    work.delete_task(task, by=PANEL)
    assert not Task.objects.exists()


def test_a_canned_response_is_filled_in_for_the_ticket() -> None:
    ticket = rows.ticket("Disk", contact_id=rows.contact("kim@example.com", "Kim").pk)
    row = CannedResponse(title="Hello", text="Dear %{recipient.name}, about %{ticket.subject}: %{ticket.team}done.")
    row = canned.save_canned(row, by=PANEL)
    assert canned.filled_for(row, ticket, by=rows.by(rows.agent())) == "Dear Kim, about Disk: done."


def test_canned_responses_are_for_their_departments_and_kept_by_who_may() -> None:
    ticket, agent = rows.ticket(), rows.agent(role="Limited access")
    for title, where in (("all", None), ("here", ticket.department), ("there", rows.department())):
        canned.save_canned(CannedResponse(title=title, text="x", department=where), by=PANEL)
    canned.save_canned(CannedResponse(title="off", text="x", is_active=False), by=PANEL)
    assert [row.title for row in canned.canned_for(agent.user, ticket)] == ["all", "here"]
    assert [row.title for row in canned.canned_for(agent.user)] == ["all", "here"]
    with pytest.raises(NotAllowed):
        canned.delete_canned(CannedResponse.objects.get(title="here"), by=rows.by(agent))


def test_a_canned_response_brings_its_files() -> None:
    file = files.keep("manual.pdf", "application/pdf", [b"%PDF"])
    row = canned.save_canned(CannedResponse(title="Manual", text="x"), by=PANEL, new_files=[file])
    attached = row.attached.get()
    assert (attached.name, attached.file.read()) == ("manual.pdf", b"%PDF")
    canned.save_canned(row, by=PANEL, dropped=[attached.pk])
    assert not row.attached.exists()


def test_numbers_count_up_and_step_over_those_that_are_taken() -> None:
    rows.ticket()
    sequence = Sequence.objects.get()
    Sequence.objects.update(next_value=100001)
    assert [next_number(sequence), next_number(sequence)] == ["100002", "100003"]


def test_random_numbers_have_the_length_of_their_pattern_and_grow_when_it_is_full() -> None:
    sequence = Sequence.objects.create(name="R", kind=NumberKind.RANDOM, pattern="R#")
    found = next_number(sequence)
    assert found[0] == "R"
    assert found[1] in "123456789"
    for digit in range(1, 10):
        ticket = rows.ticket()
        ticket.number = f"R{digit}"
        ticket.save()
    assert len(next_number(sequence)) == 3


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("", "file"),
        ("a\r\nb.txt", "a_b.txt"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
    ids=["folders", "nothing", "line breaks", "too long"],
)
def test_a_files_name_is_harmless(name: str, clean: str) -> None:
    assert files.clean_name(name) == clean


def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(monkeypatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with pytest.raises(BadInput, match="larger than"):
        files.keep("big.bin", "", [b"12345678", b"12345678"])
    assert not StoredFile.objects.exists()
