"""Tasks, canned responses, contacts, bans, queues and webhooks over the API."""

from __future__ import annotations

import pytest

from hosts.models import Organization
from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import Permission
from tickets.models import CannedResponse, Contact, SavedQueue, Webhook, WebhookDelivery
from tickets.services.house import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program(rows.agent().user)


def test_a_task_from_made_to_done(program: Program) -> None:
    ticket = rows.ticket()
    made = program.post("/tasks/", {"ticket": ticket.pk, "title": "Look"}, once="t")
    assert made.status_code == 201, made.json()
    assert program.post("/tasks/", {"ticket": ticket.pk, "title": "Look"}, once="t").status_code == 200
    path = f"/tasks/{made.json()['id']}/"
    assert program.patch(path, {"title": "Look twice"}).json()["title"] == "Look twice"
    assert program.post(f"{path}done/", {}).json()["closed_at"] is not None
    assert program.get("/tasks/", is_done="true").json()["results"][0]["title"] == "Look twice"
    assert program.get("/tasks/", is_done="false").json()["results"] == []
    assert program.delete(path).status_code == 204


def test_a_task_cannot_be_put_on_a_foreign_ticket(program: Program) -> None:
    foreign = rows.ticket(department_id=rows.department().pk)
    answer = program.post("/tasks/", {"ticket": foreign.pk, "title": "x"})
    assert (answer.status_code, answer.json()["field"]) == (400, "ticket")


def test_a_canned_response_is_kept_and_filled_in(program: Program) -> None:
    ticket = rows.ticket("Disk")
    made = program.post("/canned-responses/", {"title": "Hello", "text": "About %{ticket.subject}"})
    assert made.status_code == 201, made.json()
    path = f"/canned-responses/{made.json()['id']}/"
    assert program.get(f"{path}filled/", ticket=ticket.pk).json() == {"text": "About Disk"}
    foreign = rows.ticket(department_id=rows.department().pk)
    assert program.get(f"{path}filled/", ticket=foreign.pk).status_code == 404
    assert program.get(f"{path}filled/", ticket="x").status_code == 404
    assert program.patch(path, {"text": "Hi"}).json()["text"] == "Hi"
    assert program.delete(path).status_code == 204


def test_canned_responses_need_their_right(program: Program) -> None:
    writer = Program(rows.agent(role=rows.role(Permission.REPLY)).user)
    assert writer.post("/canned-responses/", {"title": "x", "text": "y"}).status_code == 403
    assert not CannedResponse.objects.exists()


def test_a_contact_is_made_found_and_changed() -> None:
    program = Program(rows.agent().user)
    program.person.all_organizations = True
    program.person.save()
    made = program.post("/contacts/", {"name": "Kim", "emails": ["kim@example.com", "k@home.example"]})
    assert made.status_code == 201, made.json()
    assert program.get("/contacts/", email="K@home.example").json()["results"][0]["name"] == "Kim"
    changed = program.patch(f"/contacts/{made.json()['id']}/", {"phone": "02-123"}).json()
    assert (changed["phone"], changed["emails"]) == ("02-123", ["kim@example.com", "k@home.example"])
    taken = program.post("/contacts/", {"name": "Lee", "emails": ["kim@example.com"]})
    assert (taken.status_code, taken.json()["field"]) == (400, "emails")


def test_contacts_of_foreign_organizations_are_not_shown(program: Program) -> None:
    theirs = Contact.objects.create(name="Kim", organization=Organization.objects.create(name="Theirs"))
    assert program.get("/contacts/").json()["results"] == []
    assert program.get(f"/contacts/{theirs.pk}/").status_code == 404
    assert program.patch(f"/contacts/{theirs.pk}/", {"name": "x"}).status_code == 404


def test_an_address_is_banned_and_let_in_again(program: Program) -> None:
    made = program.post("/bans/", {"pattern": "@spam.example"})
    assert (made.status_code, program.post("/bans/", {"pattern": "@spam.example"}).json()["id"]) == (
        201,
        made.json()["id"],
    )
    assert program.delete(f"/bans/{made.json()['id']}/").status_code == 204
    assert (
        Program(rows.agent(role="Expanded access").user).post("/bans/", {"pattern": "a@b.example"}).status_code == 403
    )


def test_a_queue_is_ones_own_unless_it_is_shared(program: Program) -> None:
    made = program.post("/queues/", {"name": "Disks", "filters": {"q": ["disk"]}})
    assert made.status_code == 201, made.json()
    path = f"/queues/{made.json()['id']}/"
    other = Program(rows.agent().user)
    assert other.get(path).status_code == 404
    program.patch(path, {"is_shared": True})
    assert other.get(path).json()["filters"] == {"q": ["disk"]}
    assert other.patch(path, {"name": "Mine"}).status_code == 403
    assert program.delete(path).status_code == 204
    assert not SavedQueue.objects.exists()


def test_a_webhook_shows_its_key_once_and_its_log_to_administrators() -> None:
    root = Program(make.admin())
    made = root.post("/webhooks/", {"name": "chat", "url": "https://chat.example/in", "events": ["created"]})
    assert made.status_code == 201, made.json()
    key = made.json()["signing_key"]
    assert len(key) >= 40
    path = f"/webhooks/{made.json()['id']}/"
    changed = root.patch(path, {"name": "chat 2"})
    assert changed.json()["name"] == "chat 2"
    assert key not in (changed.content + root.get("/webhooks/").content + root.get("/audit/").content).decode()
    rows.ticket()
    [delivery] = root.get("/webhooks/deliveries/", state="waiting").json()["results"]
    WebhookDelivery.objects.update(state="failed", tries=8)
    assert root.post(f"/webhooks/deliveries/{delivery['id']}/again/").json()["tries"] == 0
    assert root.delete(path).status_code == 204
    assert not Webhook.objects.exists()


def test_a_webhook_gets_a_new_key_which_is_shown_once() -> None:
    root = Program(make.admin())
    made = root.post("/webhooks/", {"name": "chat", "url": "https://chat.example/in"}).json()
    path = f"/webhooks/{made['id']}/"
    fresh = root.post(f"{path}renew/").json()["signing_key"]
    assert len(fresh) >= 40
    assert fresh != made["signing_key"]
    assert Webhook.objects.get().secret.open().decode() == fresh
    assert "signing_key" not in root.get(path).json()
    assert Program(rows.agent().user).post(f"{path}renew/").status_code == 404


def test_webhooks_are_for_administrators_alone(program: Program) -> None:
    desk()
    refused = program.post("/webhooks/", {"name": "x", "url": "https://x.example/"})
    assert refused.status_code == 403
    assert program.get("/webhooks/").json()["results"] == []


@pytest.mark.parametrize("path", ["departments", "teams", "agents", "statuses", "priorities", "help-topics", "slas"])
def test_the_order_of_the_desk_is_read_by_agents_and_changed_by_nobody_here(path: str, program: Program) -> None:
    rows.team()
    listed = program.get(f"/{path}/")
    assert listed.status_code == 200
    assert program.post(f"/{path}/", {"name": "x"}).status_code in (403, 405)
    assert Program(make.user()).get(f"/{path}/").json()["results"] == []
