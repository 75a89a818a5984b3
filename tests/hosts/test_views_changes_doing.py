"""The review page while a change moves, its buttons, and the page that opens a change."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.choices import ChangeState, HostState, RolloutState
from hosts.models import Change, Rollout
from hosts.templatetags.panel import relative, said, size, took
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.hosts.pages import said as messages

pytestmark = pytest.mark.django_db

SECRET = b"hunter2\n"


def press(client: Any, change: Change, verb: str, **data: str) -> Any:
    return client.post(url("change-decide", change.pk, verb), data)


def live(client: Any, change: Change, **has: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in has.items())
    return client.get(url("change-live", change.pk, query=query), headers={"HX-Request": "true"})


def marks_of(page: str) -> dict[str, str]:
    """What the browser sends with each question: the hidden fields of the poll."""
    poll = page.split('id="change-poll"')[1].split("</div>")[0]
    return {name: poll.split(f'name="{name}" value="')[1].split('"')[0] for name in ("state", "head", "rail", "after")}


class TestLive:
    """Pieces come only where they differ, and the asking ends with the change."""

    def test_nothing_new_is_an_empty_answer(self) -> None:
        change = make.change(state="applying")
        client = logged_in(make.admin())
        marks = marks_of(text_of(client.get(url("change-detail", change.pk))))
        assert live(client, change, **marks).status_code == 204

    def test_new_lines_come_alone(self) -> None:
        change = make.change(state="applying")
        client = logged_in(make.admin())
        marks = marks_of(text_of(client.get(url("change-detail", change.pk))))
        make.log_lines(change, 2)
        answer = text_of(live(client, change, **marks))
        assert "line 2" in answer
        assert 'id="change-head"' not in answer
        assert marks_of(answer)["after"] == "2"

    def test_the_difference_comes_by_itself_when_it_was_made(self) -> None:
        change = make.change(state="compared")
        answer = text_of(live(logged_in(make.admin()), change, state="planned", head="x", rail="x", after="0"))
        assert 'id="change-files" hx-swap-oob="true"' in answer
        assert "Waiting for approval ·" in answer

    def test_the_asking_ends_at_the_end(self) -> None:
        change = make.change(state="applied")
        answer = text_of(live(logged_in(make.admin()), change, state="applying", head="x", rail="x", after="0"))
        assert "hx-get" not in answer.split('id="change-poll"')[1].split(">")[0]


class TestButtons:
    """What a person decides."""

    @pytest.mark.parametrize(
        ("state", "verb", "after"),
        [
            pytest.param("compared", "approve", "approved", id="approve"),
            pytest.param("compared", "approve-apply", "queued", id="approve and apply"),
            pytest.param("approved", "apply", "queued", id="apply"),
            pytest.param("queued", "take-back", "approved", id="take back"),
            pytest.param("compared", "discard", "discarded", id="discard"),
        ],
    )
    def test_a_button_moves_the_change(self, state: str, verb: str, after: str) -> None:
        change = make.change(state=state)
        answer = press(logged_in(make.admin()), change, verb)
        change.refresh_from_db()
        assert (change.state, answer.status_code) == (after, 302)

    def test_planning_again_leads_to_the_new_change(self) -> None:
        change = make.change(state="refused")
        answer = press(logged_in(make.admin()), change, "plan-again")
        fresh = Change.objects.get(replaces=change)
        assert answer["Location"] == fresh.get_absolute_url()

    def test_putting_back_leads_to_a_change_of_its_own(self) -> None:
        change = make.change(state="applied")
        answer = press(logged_in(make.admin()), change, "put-back")
        assert answer["Location"] == Change.objects.get(puts_back=change).get_absolute_url()

    def test_pressing_too_late_says_so_and_changes_nothing(self) -> None:
        change = make.change(state="applied")
        answer = press(logged_in(make.admin()), change, "approve")
        assert any("cannot be approved" in words for words in messages(answer))
        change.refresh_from_db()
        assert change.state == ChangeState.APPLIED

    def test_a_button_pressed_in_place_answers_with_the_pieces(self) -> None:
        change = make.change(state="compared")
        answer = logged_in(make.admin()).post(
            url("change-decide", change.pk, "approve"), {"after": "0"}, headers={"HX-Request": "true"}
        )
        assert 'id="change-head"' in text_of(answer)
        assert "Approved, not applied yet" in text_of(answer)

    def test_a_changed_host_key_keeps_it_from_being_applied(self) -> None:
        change = make.change(make.host(state=HostState.KEY_CHANGED), "compared")
        press(logged_in(make.admin()), change, "approve-apply")
        change.refresh_from_db()
        assert change.state == ChangeState.COMPARED

    def test_a_change_of_a_rollout_is_applied_by_the_rollout(self) -> None:
        rollout = make.rollout([make.host()], RolloutState.PLANNED, changes="approved")
        page = text_of(logged_in(make.admin()).get(rollout.changes.get().get_absolute_url()))
        assert url("change-decide", rollout.changes.get().pk, "apply") not in page


class TestOpen:
    """The page that opens a change."""

    def test_one_host_makes_a_change(self) -> None:
        host = make.host()
        data = {
            "kind": "preset",
            "preset": "motd",
            "motd-text": "Hello {{ host.name }}",
            "host": host.pk,
            "mode": "0644",
        }
        answer = logged_in(make.admin()).post(url("change-new"), data)
        change = Change.objects.get()
        assert answer["Location"] == change.get_absolute_url()
        assert change.files.get().wanted_content.read() == f"Hello {host.name}\n".encode()

    def test_a_tag_makes_a_rollout_over_all_its_hosts(self) -> None:
        rack = make.tag("rack2")
        make.hosts(3, tags=[rack])
        data = {"kind": "command", "command": "uptime", "tag": rack.pk, "canary_count": "2", "mode": "0644"}
        logged_in(make.admin()).post(url("change-new"), data)
        rollout = Rollout.objects.get()
        assert (rollout.changes.count(), rollout.canary_count) == (3, 2)

    def test_a_file_is_put_there_as_it_was_typed(self) -> None:
        data = {
            "kind": "file", "path": "/etc/x.conf", "content": "a {{ b }}\r\n\r\n", "mode": "0600", "owner": "kim",
            "host": make.host().pk, "guard_seconds": "60", "check_command": "true {staged}",
        }  # fmt: skip
        logged_in(make.admin()).post(url("change-new"), data)
        file = Change.objects.get().files.get()
        assert (file.wanted_content.read(), file.mode, file.owner) == (b"a {{ b }}\n\n", 0o600, "kim")
        assert Change.objects.get().guard_seconds == 60

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            pytest.param({"kind": "command", "command": 'echo "'}, "Close every quote", id="open quote"),
            pytest.param({"kind": "file", "path": "etc/x"}, "not an absolute, plain path", id="relative path"),
            pytest.param({"kind": "file", "path": "/etc/x", "mode": "999"}, "is no mode", id="no octal mode"),
            pytest.param({"kind": "managed"}, "Choose a managed file", id="no managed file"),
            pytest.param(
                {"kind": "preset", "preset": "motd", "motd-text": "{{ host.nme }}"}, "Did you mean", id="variable"
            ),
        ],
    )
    def test_what_cannot_be_planned_is_said_at_its_field_and_kept(self, data: dict[str, str], words: str) -> None:
        host = make.host("xen01")
        typed = {"mode": "0644", **data, "host": str(host.pk), "why": "Because of the new rack"}
        answer = logged_in(make.admin()).post(url("change-new"), typed)
        page = text_of(answer)
        assert answer.status_code == 422
        assert words in page.replace("&quot;", '"')
        assert "Because of the new rack" in page
        assert f'name="host" value="{host.pk}"' in page
        assert not Change.objects.exists()

    def test_a_host_of_another_organization_cannot_be_named(self) -> None:
        theirs = make.host(organization=make.organization())
        me = make.operator(organizations=[make.organization()])
        data = {"kind": "command", "command": "uptime", "host": theirs.pk, "mode": "0644"}
        assert logged_in(me).post(url("change-new"), data).status_code == 422
        assert not Change.objects.exists()

    def test_the_preview_says_what_it_comes_to_and_keeps_nothing(self) -> None:
        host = make.host("xen01")
        data = {"kind": "preset", "preset": "motd", "motd-text": "Hello", "host": host.pk, "mode": "0644"}
        page = text_of(logged_in(make.admin()).post(url("change-new-preview"), data))
        assert "What it does on xen01" in page
        assert "Hello" in page
        assert not Change.objects.exists()

    def test_searching_leaves_out_what_was_picked(self) -> None:
        one, two = make.host("web01"), make.host("web02")
        page = text_of(logged_in(make.admin()).get(url("change-new-hosts", query=f"find=web&host={one.pk}")))
        assert two.name in page
        assert one.name not in page

    def test_who_may_not_plan_is_kept_out(self) -> None:
        assert logged_in(make.operator(role="Viewer")).get(url("change-new")).status_code == 403


class TestWords:
    """The marks that every page shares."""

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            pytest.param({"seconds": 2}, "just now", id="seconds"),
            pytest.param({"seconds": 40}, "40 s ago", id="under a minute"),
            pytest.param({"minutes": 3}, "3 min ago", id="minutes"),
            pytest.param({"hours": -2}, "in 2 h", id="to come"),
            pytest.param({"days": 1}, "1 day ago", id="one day"),
            pytest.param({"days": 5}, "5 days ago", id="days"),
        ],
    )
    def test_times_are_said_as_people_say_them(self, parts: dict[str, float], words: str) -> None:
        now = make.ago()
        assert relative(now - (now - make.ago(**parts)), now) == words

    def test_sizes_and_lengths_carry_units(self) -> None:
        assert [size(512), size(1536), took(0.003), took(1.62), took(125)] == [
            "512 B", "1.5 KiB", "3 ms", "1.6 s", "2 min 5 s",
        ]  # fmt: skip

    def test_a_stored_sentence_escapes_what_it_was_given(self) -> None:
        words = said(["heed", "Runs %(command)s on %(host)s.", {"command": "<b>", "host": "<i>"}])
        assert words == "Runs <code>&lt;b&gt;</code> on &lt;i&gt;."
