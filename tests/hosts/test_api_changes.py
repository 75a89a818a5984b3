"""Changes over the API: planned, read, decided on, followed."""

from __future__ import annotations

import base64

import pytest

from hosts.choices import ChangeState, FileKind
from hosts.facts.change import SeenFile, WantedFile
from hosts.models import AuditEntry, Change, HostFile, Rollout
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


def test_the_detail_shows_meaning_files_diff_and_steps():
    change = make.change(state=ChangeState.COMPARED)
    shown = Program().get(f"/changes/{change.pk}/").json()
    assert shown["state"] == {"value": "compared", "label": "Waiting for approval", "tone": "warn"}
    assert shown["files"][0]["diff"] == "-Old\n+Welcome\n"
    assert (shown["files"][0]["lines_added"], shown["files"][0]["lines_removed"]) == (1, 1)
    assert shown["files"][0]["mode"] == "0644"
    assert [step["name"] for step in shown["steps"]] == ["plan", "compare"]


def test_both_sides_of_a_file_can_be_fetched_in_full():
    change = make.change(state=ChangeState.COMPARED)
    shown = Program().get(f"/changes/{change.pk}/files/0/").json()
    assert base64.b64decode(shown["wanted_base64"]) == b"Welcome\n"
    assert base64.b64decode(shown["seen_base64"]) == b"Old\n"


def test_a_secret_file_shows_only_that_it_changed():
    file = WantedFile("/etc/secret", b"password=wanted\n", secret=True)
    change = make.change(
        state=ChangeState.COMPARED,
        proposal=make.proposal(files=[file]),
        seen=[make.seen("/etc/secret", b"password=seen\n")],
    )
    program = Program()
    shown = program.get(f"/changes/{change.pk}/")
    whole = program.get(f"/changes/{change.pk}/files/0/")
    assert (shown.json()["files"][0]["differs"], shown.json()["files"][0]["diff"]) == (True, None)
    assert whole.json()["wanted_base64"] is None
    assert b"password" not in shown.content + whole.content


def test_a_very_large_diff_is_cut_and_says_so():
    change = make.change(
        state=ChangeState.COMPARED, proposal=make.proposal(files=[WantedFile(make.MOTD, b"x\n" * 5_000)])
    )
    file = Program().get(f"/changes/{change.pk}/").json()["files"][0]
    assert file["is_diff_cut"] is True
    assert file["diff"].count("\n") == 1_000


def test_the_detail_is_read_with_few_queries(django_assert_max_num_queries):
    files = [WantedFile(f"/etc/file{number}", f"{number}\n".encode()) for number in range(20)]
    change = make.change(state=ChangeState.COMPARED, proposal=make.proposal(files=files))
    program = Program()
    with django_assert_max_num_queries(12):
        assert len(program.get(f"/changes/{change.pk}/").json()["files"]) == 20


def test_the_list_is_read_with_as_many_queries_for_many_as_for_few(django_assert_num_queries):
    program = Program()
    make.change()
    program.get("/changes/")
    with django_assert_num_queries(4):
        program.get("/changes/")
    for _ in range(12):
        make.change()
    with django_assert_num_queries(4):
        assert len(program.get("/changes/").json()["results"]) == 13


def test_the_list_is_filtered_by_state_host_and_whether_it_is_open():
    program = Program()
    waiting = make.change(state=ChangeState.COMPARED)
    done = make.change(state=ChangeState.APPLIED)
    failed = make.change(state=ChangeState.FAILED)

    def found(**query):
        return {row["id"] for row in program.get("/changes/", **query).json()["results"]}

    assert found(state=["compared", "failed"]) == {waiting.pk, failed.pk}
    assert found(open="true") == {waiting.pk}
    assert found(open="false") == {done.pk, failed.pk}
    assert found(host=done.host_id) == {done.pk}
    assert found(uuid=str(done.uuid)) == {done.pk}


def test_the_log_is_read_in_parts_and_says_where_to_go_on():
    change = make.change(state=ChangeState.APPLIED)
    make.log_lines(change, 5)
    program = Program()
    first = program.get(f"/changes/{change.pk}/log/", limit=3).json()
    assert [line["number"] for line in first["results"]] == [1, 2, 3]
    assert (first["next_after"], first["has_ended"]) == (3, False)
    rest = program.get(f"/changes/{change.pk}/log/", after=first["next_after"]).json()
    assert [line["number"] for line in rest["results"]] == [4, 5]
    assert rest["has_ended"] is True


@pytest.mark.parametrize("bad", ["x", "-1", "9" * 40, ""], ids=["a letter", "negative", "huge", "empty"])
def test_a_position_in_the_log_that_is_none_begins_at_the_start(bad):
    change = make.change()
    make.log_lines(change, 2)
    assert len(Program().get(f"/changes/{change.pk}/log/", after=bad).json()["results"]) == 2


def test_a_change_is_approved_applied_and_taken_back(django_capture_on_commit_callbacks):
    change = make.change(state=ChangeState.COMPARED)
    program = Program()
    assert program.post(f"/changes/{change.pk}/approve/").json()["state"]["value"] == "approved"
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = program.post(f"/changes/{change.pk}/apply/")
    assert (answer.status_code, answer.json()["state"]["value"]) == (202, "queued")
    assert woken == [("apply_change", change.pk)]
    assert program.post(f"/changes/{change.pk}/take-back/").json()["state"]["value"] == "approved"
    actions = AuditEntry.objects.filter(object_type="change").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["plan", "approve", "apply", "cancel apply"]
    assert set(
        AuditEntry.objects.exclude(action="plan").filter(object_type="change").values_list("via", "token_name")
    ) == {("api", "script")}


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("approve", "planned"),
        ("approve", "approved"),
        ("apply", "compared"),
        ("apply", "applying"),
        ("approve", "queued"),
        ("apply", "queued"),
        ("take-back", "compared"),
        ("take-back", "applying"),
        ("discard", "applied"),
        ("discard", "applying"),
        ("plan-again", "applying"),
        ("put-back", "failed"),
    ],
)
def test_what_the_state_does_not_allow_is_a_conflict(action, state):
    change = make.change(state=state)
    answer = Program().post(f"/changes/{change.pk}/{action}/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")
    change.refresh_from_db()
    assert change.state == state


def test_four_eyes_hold_here_too():
    program = Program()
    change = make.change(make.host(needs_second_person=True), ChangeState.COMPARED, by=program.person)
    answer = program.post(f"/changes/{change.pk}/approve/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert "four eyes" in answer.json()["detail"]
    assert Program().post(f"/changes/{change.pk}/approve/").status_code == 200


def test_a_change_is_discarded_with_a_reason():
    change = make.change(state=ChangeState.COMPARED)
    shown = Program().post(f"/changes/{change.pk}/discard/", {"why": "Not today"}).json()
    assert (shown["state"]["value"], shown["outcome_why"]) == ("discarded", "Not today")


def test_planning_again_discards_the_open_one_and_wakes_a_worker(django_capture_on_commit_callbacks):
    change = make.change(state=ChangeState.COMPARED)
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = Program().post(f"/changes/{change.pk}/plan-again/")
    fresh = answer.json()["change"]
    assert (answer.status_code, fresh["replaces"]) == (201, change.pk)
    assert woken == [("compare_change", fresh["id"])]
    change.refresh_from_db()
    assert change.state == ChangeState.DISCARDED


def test_putting_back_plans_the_old_content():
    change = make.change(state=ChangeState.APPLIED)
    answer = Program().post(f"/changes/{change.pk}/put-back/")
    back = Change.objects.get(pk=answer.json()["change"]["id"])
    assert back.puts_back == change
    assert back.files.get().wanted_content.read() == b"Old\n"


def test_drift_is_listed_looked_at_adopted_and_overwritten(django_capture_on_commit_callbacks):
    host = make.host()
    drifted = make.host_file(host, "/etc/a", data=b"ours\n", live=b"theirs\n")
    fine = make.host_file(host, "/etc/b")
    program = Program()
    assert [row["id"] for row in program.get("/files/", is_drifted="true").json()["results"]] == [drifted.pk]
    assert [row["id"] for row in program.get("/files/", is_drifted="false").json()["results"]] == [fine.pk]
    assert program.get(f"/files/{drifted.pk}/").json()["diff"] == "-ours\n+theirs\n"
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        assert program.post(f"/files/{drifted.pk}/look-again/").status_code == 202
        planned = program.post(f"/files/{drifted.pk}/overwrite/", {"why": "ours is right"})
    assert planned.status_code == 201, planned.json()
    change = Change.objects.get(pk=planned.json()["change"]["id"])
    assert (change.source, change.files.get().wanted_content.read()) == ("overwrite", b"ours\n")
    assert woken == [("look_for_drift", host.pk), ("compare_change", change.pk)]
    assert program.post(f"/files/{drifted.pk}/adopt/").json()["state"]["value"] == "adopted"
    assert HostFile.objects.get(pk=drifted.pk).content.read() == b"theirs\n"
    assert program.post(f"/files/{fine.pk}/adopt/").status_code == 409


def test_a_rollout_is_approved_started_stopped_and_started_again(django_capture_on_commit_callbacks):
    rollout = make.rollout(make.hosts(3), changes=ChangeState.COMPARED)
    program = Program()
    assert program.post(f"/rollouts/{rollout.pk}/start/").status_code == 403
    cells = program.post(f"/rollouts/{rollout.pk}/approve/").json()["changes"]
    assert [cell["state"]["value"] for cell in cells] == ["approved"] * 3
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        started = program.post(f"/rollouts/{rollout.pk}/start/")
    assert (started.status_code, started.json()["state"]["value"]) == (202, "running")
    assert woken == [("step_rollout", rollout.pk)]
    stopped = program.post(f"/rollouts/{rollout.pk}/stop/", {"why": "Lunch"}).json()
    assert (stopped["state"]["value"], stopped["stopped_why"]) == ("stopped", "Lunch")
    assert program.post(f"/rollouts/{rollout.pk}/stop/").status_code == 409
    assert program.post(f"/rollouts/{rollout.pk}/start/").status_code == 202


def test_rollouts_are_listed_and_read_with_few_queries(django_assert_max_num_queries):
    rollout = make.rollout(make.hosts(15))
    program = Program()
    with django_assert_max_num_queries(10):
        assert len(program.get(f"/rollouts/{rollout.pk}/").json()["changes"]) == 15
    with django_assert_max_num_queries(6):
        assert program.get("/rollouts/", state="planned").json()["results"][0]["id"] == rollout.pk


def test_a_managed_file_is_kept_previewed_planned_and_followed(django_capture_on_commit_callbacks):
    web = make.host("web1", roles=["web"])
    program = Program()
    kept = program.post(
        "/managed-files/", {"name": "Greeting", "path": "/etc/motd", "text": "I am {{ host.name }}.\n", "role": "web"}
    )
    assert kept.status_code == 201, kept.json()
    pk = kept.json()["id"]
    assert base64.b64decode(kept.json()["content_base64"]) == b"I am {{ host.name }}.\n"
    preview = program.get(f"/managed-files/{pk}/preview/{web.pk}/").json()
    assert base64.b64decode(preview["content_base64"]) == b"I am web1.\n"
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        planned = program.post(f"/managed-files/{pk}/plan/", {"why": "Be polite"})
    assert planned.status_code == 201, planned.json()
    assert woken == [("compare_change", planned.json()["change"]["id"])]
    changed = program.patch(f"/managed-files/{pk}/", {"text": "{{ host.nonsense }}"})
    assert changed.status_code == 200
    broken = program.get(f"/managed-files/{pk}/preview/{web.pk}/")
    assert (broken.status_code, broken.json()["code"]) == (400, "render_error")
    assert program.delete(f"/managed-files/{pk}/").status_code == 204


def test_copies_and_own_versions_of_a_managed_file_are_shown_and_dropped():
    host = make.host()
    managed = make.managed_file(hosts=[host])
    copy = make.host_file(host, managed=managed, live=b"theirs\n")
    program = Program()
    assert program.get(f"/managed-files/{managed.pk}/copies/").json()[0]["id"] == copy.pk
    program.post(f"/files/{copy.pk}/adopt/")
    own = program.get(f"/managed-files/{managed.pk}/overrides/").json()
    assert own[0]["host"]["id"] == host.pk
    assert program.delete(f"/managed-files/{managed.pk}/overrides/{own[0]['id']}/").status_code == 204
    assert program.get(f"/managed-files/{managed.pk}/overrides/").json() == []


def test_the_text_of_a_secret_managed_file_never_comes_back():
    host = make.host()
    program = Program()
    kept = program.post(
        "/managed-files/",
        {"name": "Key", "path": "/etc/key", "text": "hush-hush", "is_secret": True, "hosts": [host.pk]},
    )
    pk = kept.json()["id"]
    answers = [
        kept,
        program.get("/managed-files/"),
        program.get(f"/managed-files/{pk}/"),
        program.get(f"/managed-files/{pk}/preview/{host.pk}/"),
        program.get("/audit/"),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200]
    assert b"hush" not in b"".join(answer.content for answer in answers)


def test_a_seen_file_that_was_not_fetched_has_no_diff():
    change = make.change(
        state=ChangeState.COMPARED,
        seen=[SeenFile(make.MOTD, FileKind.FILE, "ab" * 32, 10_000_000, "root", "root", 0o644)],
    )
    assert Program().get(f"/changes/{change.pk}/").json()["files"][0]["diff"] is None
