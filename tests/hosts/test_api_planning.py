"""What a program wants planned: commands, presets, bundles, and the same request twice."""

from __future__ import annotations

import base64

import pytest

from hosts.models import Change, Rollout
from tests import make
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db


def test_a_command_for_one_host_becomes_a_change_and_is_compared(django_capture_on_commit_callbacks):
    host = make.host()
    program = Program()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = program.post(
            "/changes/command/",
            {
                "hosts": [host.pk],
                "command": "systemctl restart nginx",
                "undo": "true",
                "why": "New TLS",
                "reference": "#7",
            },
        )
    assert answer.status_code == 201, answer.json()
    assert answer.json()["rollout"] is None
    change = Change.objects.get(pk=answer.json()["change"]["id"])
    assert change.activate[0]["argv"] == ["systemctl", "restart", "nginx"]
    assert (change.why, change.reference, change.planned_by) == ("New TLS", "#7", program.person)
    assert woken == [("compare_change", change.pk)]


def test_a_command_for_a_tag_becomes_a_rollout_in_the_manner_that_was_asked_for(django_capture_on_commit_callbacks):
    make.hosts(3, tags=["web"])
    make.host()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = Program().post(
            "/changes/command/",
            {"tag": "web", "command": "true", "manner": {"canary_count": 2, "batch_size": 1, "failures_allowed": 1}},
        )
    rollout = Rollout.objects.get(pk=answer.json()["rollout"]["id"])
    assert (rollout.canary_count, rollout.batch_size, rollout.failures_allowed) == (2, 1, 1)
    assert [name for name, _ in woken] == ["compare_change"] * 3
    assert set(rollout.changes.values_list("pk", flat=True)) == {pk for _, pk in woken}


def test_a_host_chosen_twice_gets_one_change():
    host = make.host(tags=["web"], roles=["web"])
    answer = Program().post("/changes/command/", {"hosts": [host.pk], "tag": "web", "role": "web", "command": "true"})
    assert answer.json()["change"]["host"]["id"] == host.pk


def test_a_preset_is_planned_with_the_values_of_each_host():
    host = make.host("web1")
    answer = Program().post(
        "/changes/preset/", {"hosts": [host.pk], "preset": "motd", "values": {"text": "This is {{ host.name }}.\n"}}
    )
    assert answer.status_code == 201, answer.json()
    file = Change.objects.get(pk=answer.json()["change"]["id"]).files.get()
    assert (file.path, file.wanted_content.read()) == ("/etc/motd", b"This is web1.\n")


def test_presets_are_listed_with_what_they_ask_for():
    presets = {preset["name"]: preset for preset in Program().get("/changes/presets/").json()}
    assert {"motd", "authorized_key", "sysctl", "package", "reboot"} <= set(presets)
    assert presets["package"]["fields"][0]["name"] == "name"


def test_a_bundle_carries_any_bytes_commands_and_a_guard():
    host = make.host()
    data = b"caf\xe9\0\n"
    answer = Program().post(
        "/changes/bundle/",
        {
            "hosts": [host.pk],
            "title": "Odd bytes",
            "files": [
                {"path": "/etc/odd", "base64": base64.b64encode(data).decode(), "mode": "0600", "is_secret": True},
                {"path": "/etc/gone", "is_absent": True},
                {"path": "/etc/empty", "text": ""},
            ],
            "check": [{"argv": ["test", "-s", "{staged}"], "timeout_seconds": 5}],
            "activate": [{"argv": ["echo", "a b", ""], "environment": {"LANG": "C"}}],
            "guard": {"seconds": 60},
        },
    )
    assert answer.status_code == 201, answer.json()
    bundle = Change.objects.get(pk=answer.json()["change"]["id"]).bundle()
    assert [(file.path, file.content, file.mode, file.secret) for file in bundle.files] == [
        ("/etc/odd", data, 0o600, True),
        ("/etc/gone", None, 0o644, False),
        ("/etc/empty", b"", 0o644, False),
    ]
    assert bundle.activate[0].argv == ("echo", "a b", "")
    assert bundle.activate[0].environment == (("LANG", "C"),)
    assert bundle.check[0].timeout_seconds == 5
    assert bundle.guard.seconds == 60


@pytest.mark.parametrize(
    ("path", "sent", "field"),
    [
        ("command", {"command": "true"}, "hosts"),
        ("command", {"hosts": [999999], "command": "true"}, "hosts"),
        ("command", {"role": "dns", "command": "true"}, "hosts"),
        ("command", {"command": "echo 'open"}, "command"),
        ("command", {"command": "  "}, "command"),
        ("preset", {"preset": "teapot"}, "preset"),
        ("preset", {"preset": "package", "values": {"name": "no such name!"}}, "name"),
        ("bundle", {"title": "x"}, None),
        ("bundle", {"title": "x", "files": [{"path": "etc/motd", "text": ""}]}, "path"),
        ("bundle", {"title": "x", "files": [{"path": "/etc/../etc/motd", "text": ""}]}, "path"),
        ("bundle", {"title": "x", "files": [{"path": "/a", "text": ""}, {"path": "/a", "text": ""}]}, "path"),
        ("bundle", {"title": "x", "files": [{"path": "/a"}]}, "files"),
        ("bundle", {"title": "x", "files": [{"path": "/a", "text": "", "is_absent": True}]}, "files"),
        ("bundle", {"title": "x", "files": [{"path": "/a", "base64": "%%%"}]}, "files"),
        ("bundle", {"title": "x", "files": [{"path": "/a", "text": "", "mode": "9999"}]}, "files"),
        ("bundle", {"title": "x", "activate": [{"argv": []}]}, "activate"),
    ],
    ids=[
        "no host", "host that is not there", "role that nobody has", "open quote", "empty command", "unknown preset",
        "bad value of a preset", "nothing to do", "relative path", "path with dots", "path twice",
        "file without content", "file with two contents", "not base64", "not a mode", "command without words",
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_refused_in_words_and_nothing_is_kept(path, sent, field):
    host = make.host()
    if not {"hosts", "role"} & set(sent) and field != "hosts":
        sent = {**sent, "hosts": [host.pk]}
    answer = Program().post(f"/changes/{path}/", sent)
    assert answer.status_code == 400, answer.json()
    assert answer.json().get("field") == field
    assert answer.json()["detail"]
    assert not Change.objects.exists()


def test_the_same_request_with_the_same_key_plans_once(django_capture_on_commit_callbacks):
    sent = {"hosts": [make.host().pk], "command": "true"}
    program = Program()
    first = program.post("/changes/command/", sent, once="deploy-7")
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        second = program.post("/changes/command/", sent, once="deploy-7")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["change"]["id"] == second.json()["change"]["id"]
    assert Change.objects.count() == 1
    assert woken == []


def test_the_same_key_for_another_request_is_refused():
    host = make.host()
    program = Program()
    program.post("/changes/command/", {"hosts": [host.pk], "command": "true"}, once="k")
    answer = program.post("/changes/command/", {"hosts": [host.pk], "command": "false"}, once="k")
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert Change.objects.count() == 1


def test_a_key_belongs_to_one_person():
    host = make.host()
    for program in (Program(), Program()):
        answer = program.post("/changes/command/", {"hosts": [host.pk], "command": "true"}, once="k")
        assert answer.status_code == 201


def test_a_request_that_failed_can_be_sent_again_with_its_key():
    program = Program()
    assert program.post("/changes/command/", {"role": "web", "command": "true"}, once="k").status_code == 400
    make.host(roles=["web"])
    assert program.post("/changes/command/", {"role": "web", "command": "true"}, once="k").status_code == 201


def test_a_rollout_is_found_again_by_its_key():
    make.hosts(2, roles=["web"])
    program = Program()
    answers = [program.post("/changes/command/", {"role": "web", "command": "true"}, once="k") for _ in range(2)]
    assert answers[0].json()["rollout"]["id"] == answers[1].json()["rollout"]["id"]
