"""The desk's order over the API: who reads it, who changes it, what is refused, and that the book tells of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from hosts.models import AuditEntry
from tests import make
from tests.hosts.api import Program
from tests.tickets import rows
from tickets.choices import Permission, TicketState
from tickets.models import Agent, DeskSettings, SavedQueue, Schedule, Status
from tickets.services.house import desk

pytestmark = pytest.mark.django_db

SETTINGS: dict[str, dict[str, Any]] = {
    "departments": {"name": "Sales", "claims_by_answer": False},
    "teams": {"name": "Night"},
    "roles": {"name": "Readers", "permissions": ["note"]},
    "statuses": {"name": "Waiting", "state": "open"},
    "priorities": {"name": "Whenever", "urgency": 9},
    "help-topics": {"name": "Billing"},
    "slas": {"name": "Gold", "resolve_minutes": 60},
    "schedules": {"name": "Office", "time_zone": "Asia/Seoul", "hours": {"mon": [["9", "12"], ["13:00", "18:00"]]}},
    "sequences": {"name": "Sales numbers", "pattern": "S-####"},
    "template-sets": {"name": "Formal"},
    "canned-responses": {"title": "Hello", "text": "Dear %{recipient.name}"},
}


@pytest.fixture
def root() -> Program:
    desk()
    return Program(make.admin())


@pytest.mark.parametrize("path", SETTINGS)
def test_a_setting_is_made_read_changed_and_deleted(path: str, root: Program) -> None:
    made = root.post(f"/{path}/", SETTINGS[path])
    assert made.status_code == 201, made.json()
    where = f"/{path}/{made.json()['id']}/"
    name = "title" if path == "canned-responses" else "name"
    assert root.get(where).json() == made.json()
    changed = root.patch(where, {name: "Another name"})
    assert changed.json() == made.json() | {name: "Another name"}, changed.json()
    assert made.json()["id"] in [row["id"] for row in root.get(f"/{path}/").json()["results"]]
    assert root.delete(where).status_code == 204
    assert root.get(where).status_code == 404
    about = {"object_type": AuditEntry.objects.latest("pk").object_type, "object_id": str(made.json()["id"])}
    actions = AuditEntry.objects.filter(**about).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["create", "change", "delete"]


@pytest.mark.parametrize("path", [one for one in SETTINGS if one != "canned-responses"])
def test_a_setting_is_changed_by_who_has_the_permission_alone(path: str, root: Program) -> None:
    made = root.post(f"/{path}/", SETTINGS[path]).json()
    kind = {"help-topics": "helptopic", "template-sets": "templateset", "priorities": "priority"}.get(
        path, {"statuses": "status"}.get(path, path[:-1])
    )
    allowed = Program(make.user(permissions=[f"tickets.{verb}_{kind}" for verb in ("view", "change")]))
    agent = Program(rows.agent().user)
    for verb, answer in (
        ("post", agent.post(f"/{path}/", SETTINGS[path])),
        ("patch", agent.patch(f"/{path}/{made['id']}/", {"name": "x"})),
        ("delete", agent.delete(f"/{path}/{made['id']}/")),
        ("post", allowed.post(f"/{path}/", SETTINGS[path])),
        ("delete", allowed.delete(f"/{path}/{made['id']}/")),
    ):
        assert answer.status_code == 403, verb
    assert allowed.patch(f"/{path}/{made['id']}/", {"name": "Named anew"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("departments", {"name": "Support"}, ""),
        ("roles", {"name": "x", "permissions": ["fly"]}, "permissions"),
        ("slas", {"name": "Default"}, "name"),
        ("schedules", {"name": "x", "hours": {"mon": [["12:00", "09:00"]]}}, "hours"),
        ("schedules", {"name": "x", "hours": {"someday": [["09:00", "12:00"]]}}, "hours"),
        ("schedules", {"name": "x", "hours": {"mon": []}}, "hours"),
        ("sequences", {"name": "x", "pattern": "TICKET"}, "pattern"),
        ("sequences", {"name": "x", "pattern": "##", "kind": "random"}, "pattern"),
        ("teams", {"name": "x", "memberships": [{"gets_alerts": True}]}, "memberships"),
        ("canned-responses", {"title": "x", "text": "%{ticket.colour}"}, "text"),
    ],
    ids=[
        *("a name that is taken", "an unknown permission", "a second SLA of this name", "hours backwards"),
        *("no weekday", "no hour at all", "no digit", "too few digits", "nobody", "an unknown variable"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(path: str, sent: dict[str, Any], field: str, root: Program) -> None:
    answer = root.post(f"/{path}/", sent)
    assert answer.status_code == 400, answer.json()
    assert answer.json().get("field", "") == field


def test_a_department_is_not_put_below_itself_and_the_default_one_not_archived(root: Program) -> None:
    above = root.post("/departments/", {"name": "House"}).json()["id"]
    below = root.post("/departments/", {"name": "Floor", "parent": above}).json()["id"]
    assert root.patch(f"/departments/{above}/", {"parent": below}).json()["field"] == "parent"
    first = desk().department_id
    assert root.patch(f"/departments/{first}/", {"is_archived": True}).json()["field"] == "is_archived"
    assert root.delete(f"/departments/{first}/").json()["code"] == "in_use"
    assert root.post("/departments/", {"name": "Support", "parent": above}).status_code == 201


def test_a_status_takes_the_first_place_of_its_state_and_keeps_it(root: Program) -> None:
    old = Status.objects.get(state=TicketState.OPEN, is_first=True)
    made = root.post("/statuses/", {"name": "New", "state": "open", "is_first": True})
    assert made.status_code == 201, made.json()
    assert not Status.objects.get(pk=old.pk).is_first
    assert root.patch(f"/statuses/{made.json()['id']}/", {"is_first": False}).status_code == 403
    assert root.delete(f"/statuses/{made.json()['id']}/").status_code == 403


def test_numbers_only_go_up(root: Program) -> None:
    path = f"/sequences/{desk().sequence_id}/"
    now = root.get(path).json()["next_value"]
    assert root.patch(path, {"next_value": 5}).json()["next_value"] == now
    assert root.patch(path, {"next_value": now + 10}).json()["next_value"] == now + 10


def test_hours_are_kept_in_the_order_of_the_clock(root: Program) -> None:
    sent = {"name": "Office", "hours": {"mon": [["13:00", "18:00"], ["9", "12"]]}, "holidays": ["2026-12-25"] * 2}
    made = root.post("/schedules/", sent).json()
    assert (made["hours"], made["holidays"]) == ({"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}, ["2026-12-25"])
    assert Schedule.objects.get(name="Office").facts().week[0] == ((540, 720), (780, 1080))


def test_an_agent_is_made_of_a_person_and_gets_further_departments(root: Program) -> None:
    person, sales, night = make.user(name="Mina Park"), rows.department("Sales"), rows.department("Night")
    role = rows.role(Permission.REPLY).pk
    sent = {"user": person.pk, "department": desk().department_id, "role": role}
    made = root.post("/agents/", {**sent, "accesses": [{"department": sales.pk, "role": role}]})
    assert made.status_code == 201, made.json()
    assert (made.json()["name"], made.json()["accesses"]) == (
        "Mina Park",
        [{"department": sales.pk, "role": role, "gets_alerts": True}],
    )
    path = f"/agents/{made.json()['id']}/"
    assert root.post("/agents/", sent).json()["field"] == "user"
    assert root.patch(path, {"is_on_vacation": True}).json()["accesses"] == made.json()["accesses"]
    wanted = [{"department": night.pk, "role": role, "gets_alerts": False}]
    assert root.patch(path, {"accesses": wanted}).json()["accesses"] == wanted
    assert root.patch(path, {"accesses": wanted * 2}).json()["field"] == "accesses"
    assert root.patch(path, {"user": make.user().pk}).json()["field"] == "user"
    assert Agent.objects.get().accesses.get().department == night


def test_a_teams_members_are_replaced_together(root: Program) -> None:
    first, second = rows.agent(), rows.agent()
    made = root.post("/teams/", {"name": "Night", "lead": first.pk, "memberships": [{"agent": first.pk}]}).json()
    assert made["members"] == [first.pk]
    wanted = [{"agent": second.pk, "gets_alerts": False}]
    assert root.patch(f"/teams/{made['id']}/", {"memberships": wanted}).json()["memberships"] == wanted
    assert root.patch(f"/teams/{made['id']}/", {"name": "Late"}).json()["members"] == [second.pk]


def test_the_settings_of_the_desk_are_changed_by_name_and_the_matrix_line_by_line(root: Program) -> None:
    before = root.get("/desk-settings/").json()
    sent = {"close_after_days": 3, "alerts": {"ticket.alert": ["members", "admins", "members"]}}
    after = root.patch("/desk-settings/", sent).json()
    assert after["close_after_days"] == 3
    assert after["alerts"] == before["alerts"] | {"ticket.alert": ["admins", "members"]}
    assert after["name"] == before["name"]
    for wrong in ({"ticket.reply": ["admins"]}, {"ticket.alert": ["everybody"]}):
        assert root.patch("/desk-settings/", {"alerts": wrong}).json()["field"] == "alerts"
    assert DeskSettings.objects.get().alerts == after["alerts"]
    assert Program(rows.agent().user).get("/desk-settings/").status_code == 403
    reader = Program(make.user(permissions=["tickets.view_desksettings"]))
    assert reader.get("/desk-settings/").status_code == 200
    assert reader.patch("/desk-settings/", {"name": "x"}).status_code == 403


def test_an_agent_sets_how_they_answer_themselves() -> None:
    agent = rows.agent("Mina Park")
    program, queue = Program(agent.user), SavedQueue.objects.create(name="Disks", owner=agent, filters={})
    sent = {"signature": "Mina", "page_size": 20, "language": "ko", "default_queue": f"saved-{queue.pk}"}
    assert program.patch("/agents/me/", sent).json() == program.get("/agents/me/").json()
    agent.refresh_from_db()
    agent.user.refresh_from_db()
    assert (agent.signature, agent.page_size, agent.default_queue) == ("Mina", 20, f"saved-{queue.pk}")
    assert (agent.user.language, agent.user.name) == ("ko", "Mina Park")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"page_size": 5}, "page_size"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"default_queue": "saved-999"}, "default_queue"),
        ({"default_queue": "nonsense"}, "default_queue"),
    ],
    ids=["too few rows", "no time zone", "a queue of nobody", "no queue"],
)
def test_preferences_that_make_no_sense_are_refused(sent: dict[str, Any], field: str) -> None:
    answer = Program(rows.agent().user).patch("/agents/me/", sent)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_who_is_no_agent_has_no_preferences() -> None:
    assert Program(make.admin()).get("/agents/me/").status_code == 403


def test_every_list_of_the_desk_is_paged_by_key_with_the_newest_first(root: Program) -> None:
    for number in range(3):
        root.post("/help-topics/", {"name": f"Topic {number}", "position": 3 - number})
    assert reverse("api-help-topic-list") == "/api/v1/help-topics/"
    page = root.get("/help-topics/", page_size=2).json()
    rest = root.client.get(page["next"]).json()
    keys = [row["id"] for row in (*page["results"], *rest["results"])]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == 3
