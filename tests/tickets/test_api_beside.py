"""What goes with a ticket over the API: an answer's steps and files, drafts, viewers, hosts, queues that were saved."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hosts.models import Host
from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import Permission, TicketState
from tickets.models import Agent, CannedResponse, Draft, OutgoingMail, Status, Ticket, Viewing
from tickets.services.house import desk

pytestmark = pytest.mark.django_db
PDF = {"name": "manual.pdf", "content_type": "application/pdf", "content": base64.b64encode(b"%PDF").decode()}


@pytest.fixture(autouse=True)
def vault(settings: Any, tmp_path: Any) -> None:
    """Files of this test only."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def agent() -> Agent:
    return rows.agent("Mina Park")


@pytest.fixture
def program(agent: Agent) -> Program:
    return Program(agent.user)


def resolved() -> int:
    desk()
    return Status.objects.get(state=TicketState.RESOLVED, is_first=True).pk


def test_an_entry_is_forwarded_with_files_and_the_ticket_resolved_in_the_same_step(program: Program) -> None:
    ticket = rows.ticket()
    entry = ticket.entries.get()
    sent = {"to": ["partner@else.example"], "text": "Yours?", "files": [PDF], "status": resolved()}
    for expected in (201, 200):
        note = program.client.post(
            f"/api/v1/entries/{entry.pk}/forward/", sent, format="json", headers={"Idempotency-Key": "f"}
        )
        assert note.status_code == expected, note.json()
    assert [one["name"] for one in note.json()["attachments"]] == ["manual.pdf"]
    mail = OutgoingMail.objects.get(kind="ticket.forward")
    assert [file.name for file in mail.letter().files] == ["manual.pdf"]
    assert Ticket.objects.get().state == TicketState.RESOLVED


def test_a_forward_that_may_not_close_the_ticket_is_not_sent(agent: Agent) -> None:
    agent.role = rows.role(Permission.FORWARD)
    agent.save()
    entry = rows.ticket().entries.get()
    sent = {"to": ["partner@else.example"], "files": [PDF], "status": resolved()}
    assert Program(agent.user).post(f"/entries/{entry.pk}/forward/", sent).status_code == 403
    assert not OutgoingMail.objects.filter(kind="ticket.forward").exists()


@pytest.mark.parametrize("verb", ["reply", "note"])
def test_what_is_said_hands_the_ticket_over_in_the_same_step_or_is_not_said(verb: str, program: Program) -> None:
    ticket, other = rows.ticket(), rows.agent()
    assert program.post(f"/tickets/{ticket.pk}/{verb}/", {"text": "Yours", "agent": other.pk}).status_code == 201
    assert Ticket.objects.get().agent == other
    Agent.objects.filter(pk=other.pk).update(is_on_vacation=True)
    Ticket.objects.update(agent=None)
    refused = program.post(f"/tickets/{ticket.pk}/{verb}/", {"text": "Yours", "agent": other.pk})
    assert refused.status_code == 400
    assert Ticket.objects.get().entries.count() == 2


def test_a_canned_response_keeps_its_files_and_an_answer_takes_them_along(program: Program) -> None:
    ticket = rows.ticket()
    made = program.post("/canned-responses/", {"title": "Manual", "text": "See below", "new_files": [PDF]}).json()
    assert [(one["name"], one["size"]) for one in made["files"]] == [("manual.pdf", 4)]
    path = f"/canned-responses/{made['id']}/"
    content = program.get(f"{path}files/{made['files'][0]['id']}/")
    assert b"".join(content.streaming_content) == b"%PDF"
    assert content["Content-Type"] == "application/octet-stream"
    said = program.post(f"/tickets/{ticket.pk}/reply/", {"text": "See below", "canned": [made["id"]]}).json()
    assert [one["name"] for one in said["attachments"]] == ["manual.pdf"]
    assert OutgoingMail.objects.get(kind="ticket.reply").letter().files[0].data == b"%PDF"
    changed = program.patch(path, {"dropped_files": [made["files"][0]["id"]]}).json()
    assert changed["files"] == []


def test_files_of_another_departments_canned_response_do_not_go_along(program: Program) -> None:
    there = rows.department()
    row = CannedResponse.objects.create(title="Theirs", text="x", department=there)
    root = Program(make.admin())
    assert root.patch(f"/canned-responses/{row.pk}/", {"new_files": [PDF]}).status_code == 200
    said = program.post(f"/tickets/{rows.ticket().pk}/reply/", {"text": "x", "canned": [row.pk]}).json()
    assert said["attachments"] == []


def test_a_canned_response_that_is_switched_off_can_be_switched_on_again(program: Program) -> None:
    made = program.post("/canned-responses/", {"title": "Old", "text": "x", "is_active": False}).json()
    path = f"/canned-responses/{made['id']}/"
    assert Program(rows.agent(role="View only").user).get(path).status_code == 404
    assert program.get(f"{path}filled/", ticket=rows.ticket().pk).status_code == 404
    assert program.patch(path, {"is_active": True}).json()["is_active"] is True


def test_a_draft_is_kept_for_each_kind_and_is_ones_own(program: Program, agent: Agent) -> None:
    path = f"/tickets/{rows.ticket().pk}/drafts/"
    for text in ("Dear", "Dear Kim"):
        assert program.put(path, {"kind": "response", "text": text}).status_code == 204
    program.put(path, {"kind": "note", "text": "Rack 4"})
    assert [(one["kind"], one["text"]) for one in program.get(path).json()] == [
        ("response", "Dear Kim"),
        ("note", "Rack 4"),
    ]
    assert Program(rows.agent().user).get(path).json() == []
    program.put(path, {"kind": "note", "text": " "})
    assert Draft.objects.get().kind == "response"
    assert program.put(path, {"kind": "message", "text": "x"}).json()["field"] == "kind"


def test_others_are_told_who_looks_and_who_writes(program: Program, agent: Agent) -> None:
    ticket, other = rows.ticket(), Program(rows.agent().user)
    path = f"/tickets/{ticket.pk}/viewers/"
    assert program.post(path, {"is_writing": True, "read_up_to": ticket.entries.get().pk}).status_code == 204
    assert program.get(path).json() == []
    [seen] = other.get(path).json()
    assert (seen["agent"], seen["name"], seen["is_writing"]) == (agent.pk, "Mina Park", True)
    Viewing.objects.update(seen_at=ticket.created_at.replace(year=2020))
    assert other.get(path).json() == []


def sees_hosts(program: Program, *organizations: Any) -> None:
    program.person.user_permissions.add(make.Permission.objects.get(codename="view_host"))
    program.person.organizations.set(organizations)


def of_haneul() -> Ticket:
    contact = rows.contact()
    contact.organization = make.organization("Haneul")
    contact.save()
    return rows.ticket(contact_id=contact.pk)


def test_a_ticket_is_about_one_host_more_and_one_less(program: Program) -> None:
    ticket = of_haneul()
    host, more = (make.host(organization=ticket.organization) for _ in range(2))
    sees_hosts(program, ticket.organization)
    path = f"/tickets/{ticket.pk}/hosts/"
    assert program.post(path, {"host": host.pk}).json()["hosts"] == [host.pk]
    assert sorted(program.post(path, {"host": more.pk}).json()["hosts"]) == sorted([host.pk, more.pk])
    assert program.delete(f"{path}{host.pk}/").json()["hosts"] == [more.pk]
    assert program.delete(f"{path}{host.pk}/").status_code == 404


@pytest.mark.parametrize("way", ["one more", "all of them"])
def test_a_ticket_is_not_about_a_host_of_another_organization(way: str, program: Program) -> None:
    ticket, host = of_haneul(), make.host(organization=make.organization())
    sees_hosts(program, ticket.organization, host.organization)
    if way == "one more":
        answer = program.post(f"/tickets/{ticket.pk}/hosts/", {"host": host.pk})
    else:
        answer = program.patch(f"/tickets/{ticket.pk}/", {"hosts": [host.pk]})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Host.objects.filter(tickets=ticket).exists()


def test_hosts_that_a_ticket_has_already_stay_though_they_do_not_fit(program: Program) -> None:
    ticket, old = of_haneul(), make.host(organization=make.organization())
    ticket.hosts.add(old)
    host = make.host(organization=ticket.organization)
    sees_hosts(program, ticket.organization, old.organization)
    answer = program.patch(f"/tickets/{ticket.pk}/", {"hosts": [old.pk, host.pk], "subject": "New"})
    assert answer.status_code == 200, answer.json()
    assert sorted(answer.json()["hosts"]) == sorted([old.pk, host.pk])


def test_a_saved_queue_gives_its_tickets_that_one_sees(program: Program, agent: Agent) -> None:
    wanted = rows.ticket("Disk full", agent_id=agent.pk)
    rows.ticket("Disk slow")
    rows.ticket("Disk gone", department_id=rows.department().pk)
    saved = {"name": "Disks", "filters": {"queue": "mine", "q": ["disk"], "agent": ["me"]}, "is_shared": True}
    path = f"/queues/{program.post('/queues/', saved).json()['id']}/tickets/"
    assert [row["id"] for row in program.get(path).json()["results"]] == [wanted.pk]
    assert Program(rows.agent().user).get(path).json()["results"] == []


def test_a_queue_that_keeps_nothing_gives_all_that_one_sees_by_pages(program: Program) -> None:
    tickets = rows.tickets(3)
    path = f"/queues/{program.post('/queues/', {'name': 'All'}).json()['id']}/tickets/"
    page = program.get(path, page_size=2).json()
    rest = program.client.get(page["next"]).json()
    assert [row["id"] for row in (*page["results"], *rest["results"])] == [one.pk for one in reversed(tickets)]
