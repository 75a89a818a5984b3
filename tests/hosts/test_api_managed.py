"""Drift, rollouts and managed files over the API."""

from __future__ import annotations

import base64

import pytest

from hosts.choices import ChangeState, FileKind
from hosts.facts.change import SeenFile
from hosts.models import Change, HostFile
from tests import make
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db


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
