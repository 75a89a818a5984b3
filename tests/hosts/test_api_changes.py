"""Changes over the API: read, decided on, followed."""

from __future__ import annotations

import base64

import pytest

from hosts.choices import ChangeState
from hosts.facts.change import WantedFile
from hosts.models import AuditEntry, Change
from tests import make
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db


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
