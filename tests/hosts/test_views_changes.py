"""The list of changes and the review page: what a person is shown before deciding."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from hosts.facts.change import Bundle, Command, Guard, WantedFile
from hosts.facts.proposal import Proposal
from tests import make
from tests.hosts.pages import logged_in, text_of, url
from tests.hosts.pages import said as messages

pytestmark = pytest.mark.django_db

SECRET = b"hunter2\n"


class TestList:
    """Tabs, filters, pages, selected ones."""

    def test_a_tab_shows_only_its_states(self) -> None:
        waiting, done = make.change(state="compared"), make.change(state="applied")
        page = text_of(logged_in(make.admin()).get(url("change-list", query="view=waiting")))
        assert waiting.get_absolute_url() in page
        assert done.get_absolute_url() not in page

    def test_a_number_finds_its_change(self) -> None:
        first, second = make.change(), make.change()
        page = text_of(logged_in(make.admin()).get(url("change-list", query=f"q=%23{first.pk}")))
        assert first.get_absolute_url() in page
        assert f"#{second.pk}<" not in page

    def test_each_condition_is_a_chip_that_can_be_taken_away(self) -> None:
        host = make.host("xen01")
        page = text_of(logged_in(make.admin()).get(url("change-list", query=f"host={host.pk}&state=applied")))
        assert f'href="?host={host.pk}"' in page
        assert 'href="?state=applied"' in page

    def test_an_empty_panel_says_how_to_begin(self) -> None:
        page = text_of(logged_in(make.admin()).get(url("change-list")))
        assert "Open the first change" in page

    def test_selected_changes_are_approved_and_the_refused_ones_said(self) -> None:
        boss = make.operator()
        good = make.change(state="compared")
        own = make.change(make.host(needs_second_person=True), "compared", by=boss)
        answer = logged_in(boss).post(url("change-selected"), {"do": "approve", "change": [good.pk, own.pk]})
        good.refresh_from_db()
        own.refresh_from_db()
        assert (good.state, own.state) == ("approved", "compared")
        assert any("four eyes" in words for words in messages(answer))

    def test_csv_holds_every_change_and_no_formula(self) -> None:
        make.change(proposal=make.proposal('=cmd|"x"'))
        text = text_of(logged_in(make.admin()).get(url("change-export")))
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
        assert [row["title"] for row in rows] == ['\'=cmd|"x"']

    def test_changes_of_another_organization_are_absent(self) -> None:
        theirs = make.change(make.host(organization=make.organization()))
        me = make.operator(organizations=[make.organization()])
        assert theirs.get_absolute_url() not in text_of(logged_in(me).get(url("change-list")))

    def test_it_costs_few_queries_however_many_there_are(self, django_assert_max_num_queries: Any) -> None:
        host = make.host()
        for _ in range(12):
            make.change(host)
        client = logged_in(make.admin())
        with django_assert_max_num_queries(12):
            client.get(url("change-list"))


class TestReview:
    """What the page says before, while and after."""

    def test_it_shows_the_difference_and_asks_for_approval(self) -> None:
        change = make.change(state="compared", why="For the new rack", reference="#204-117")
        page = text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))
        assert "is untouched" in page
        assert "Welcome" in page
        assert "For the new rack" in page
        assert "Approve and apply" in page
        assert f"Waiting for approval · #{change.pk}" in page.split("</title>")[0]

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            pytest.param("refused", "is untouched", id="refused"),
            pytest.param("rolled_back", "has its old state back", id="rolled back"),
            pytest.param("failed", "needs a person", id="failed"),
            pytest.param("lost", "outcome is being looked up", id="lost"),
            pytest.param("applied", "has it", id="applied"),
        ],
    )
    def test_it_says_what_the_host_looks_like_now(self, state: str, words: str) -> None:
        change = make.change(state=state, outcome_why="The check ended with 1.")
        assert words in text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))

    def test_the_failed_step_is_open_with_what_it_said(self) -> None:
        change = make.change(state="refused", outcome_step="check", outcome_why="The check ended with 1.")
        make.step(change, "check", "failed", note="visudo ended with 1")
        make.log_lines(change, 3, step="check")
        page = text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))
        opened = page.split('class="open"')[1].split("</div>")[0]
        assert "visudo ended with 1" in opened
        assert "line 3" in opened

    def test_a_secret_is_never_shown(self) -> None:
        wanted = WantedFile("/etc/secret", SECRET, mode=0o600, secret=True)
        change = make.change(
            state="compared", proposal=make.proposal(files=[wanted]), seen=[make.seen("/etc/secret", b"swordfish\n")]
        )
        client = logged_in(make.admin())
        page = text_of(client.get(url("change-detail", change.pk)))
        assert "its text is not shown" in page
        assert "hunter2" not in page
        assert "swordfish" not in page
        assert client.get(url("change-file", change.pk, change.files.get().pk)).status_code == 404

    def test_owner_mode_new_and_removed_files_are_said(self) -> None:
        files = [
            WantedFile("/etc/new", b"x\n", mode=0o600),
            WantedFile("/etc/old", None),
            WantedFile("/etc/own", b"x\n"),
        ]
        seen = [
            make.seen("/etc/new", None),
            make.seen("/etc/old"),
            make.seen("/etc/own", b"x\n", owner="kim", mode=0o600),
        ]
        change = make.change(state="compared", proposal=make.proposal(files=files), seen=seen)
        page = text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))
        for words in ("new file", "is removed", "kim:root becomes root:root", "Mode 0600 becomes 0644"):
            assert words in page

    def test_what_is_in_a_file_cannot_become_part_of_the_page(self) -> None:
        evil = b"<script>alert(1)</script>\n"
        change = make.change(state="compared", proposal=make.proposal("<b>t", files=[WantedFile("/etc/<i>", evil)]))
        page = text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))
        assert "<script>alert" not in page
        assert "<b>t" not in page
        assert "/etc/<i>" not in page

    def test_the_chosen_view_is_remembered(self) -> None:
        change = make.change(state="compared")
        client = logged_in(make.admin())
        client.get(url("change-detail", change.pk, query="view=side"))
        assert 'class="diff wide"' in text_of(client.get(url("change-detail", change.pk)))

    def test_a_large_file_is_fetched_when_it_is_looked_at(self) -> None:
        big = b"".join(b"setting %d\n" % n for n in range(30_000))
        change = make.change(state="compared", proposal=make.proposal(files=[WantedFile("/etc/big", big)]))
        client = logged_in(make.admin())
        address = url("change-file", change.pk, change.files.get().pk)
        page = text_of(client.get(url("change-detail", change.pk)))
        assert address in page
        assert "setting 7<" not in page
        assert "more lines are not drawn" in text_of(client.get(address))

    def test_folded_lines_are_fetched_by_their_numbers(self) -> None:
        old = b"".join(b"line %d\n" % n for n in range(40))
        wanted = WantedFile("/etc/x", old + b"end\n")
        change = make.change(state="compared", proposal=make.proposal(files=[wanted]), seen=[make.seen("/etc/x", old)])
        address = url("change-file", change.pk, change.files.get().pk, query="low=0&high=5")
        answer = text_of(logged_in(make.admin()).get(address))
        assert answer.count('class="l same"') == 5

    def test_it_warns_where_somebody_edited_the_file_on_the_host(self) -> None:
        host = make.host()
        make.host_file(host, live=b"HANDS OFF\n")
        change = make.change(host, "compared")
        assert "this change overwrites that" in text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))

    def test_it_names_another_open_change_for_the_same_file(self) -> None:
        host = make.host()
        other, change = make.change(host, "compared"), make.change(host, "compared")
        page = text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))
        assert f"Change #{other.pk} is open and writes" in page

    def test_four_eyes_are_explained_to_the_planner_and_open_to_others(self) -> None:
        planner = make.admin()
        change = make.change(make.host(needs_second_person=True), "compared", by=planner)
        assert "somebody else has to approve it" in text_of(logged_in(planner).get(url("change-detail", change.pk)))
        assert "Approve and apply" in text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))

    def test_a_reboot_asks_for_the_name_of_the_host(self) -> None:
        bundle = Bundle(activate=(Command(("systemctl", "reboot")),), guard=Guard(600, reboots=True))
        change = make.change(make.host("xen01"), "compared", proposal=Proposal("Reboot", bundle))
        assert 'data-typed="xen01"' in text_of(logged_in(make.admin()).get(url("change-detail", change.pk)))

    def test_the_log_shows_its_end_and_gives_older_lines_on_demand(self) -> None:
        change = make.change(state="applied")
        make.log_lines(change, 620)
        client = logged_in(make.admin())
        page = text_of(client.get(url("change-detail", change.pk)))
        assert "line 620<" in page
        assert "line 100<" not in page
        assert "line 100<" in text_of(client.get(url("change-log", change.pk, query="before=121")))
        assert "line 1\n" in text_of(client.get(url("change-log-text", change.pk)))

    def test_a_page_of_another_organization_is_not_found(self) -> None:
        change = make.change(make.host(organization=make.organization()))
        client = logged_in(make.operator(organizations=[make.organization()]))
        for name in ("change-detail", "change-live", "change-log", "change-log-text"):
            assert client.get(url(name, change.pk)).status_code == 404
        assert client.post(url("change-decide", change.pk, "discard")).status_code == 404

    def test_without_the_permission_it_is_forbidden(self) -> None:
        change = make.change(state="compared")
        assert logged_in(make.user()).get(url("change-detail", change.pk)).status_code == 403
        viewer = make.operator(role="Viewer")
        assert logged_in(viewer).post(url("change-decide", change.pk, "approve")).status_code == 403
        assert "Approve and apply" not in text_of(logged_in(viewer).get(url("change-detail", change.pk)))

    def test_it_costs_few_queries(self, django_assert_max_num_queries: Any) -> None:
        host = make.host()
        for _ in range(8):
            make.change(host)
        change = make.change(host, "failed", outcome_step="activate")
        make.step(change, "activate", "failed")
        make.log_lines(change, 30)
        client = logged_in(make.operator())
        with django_assert_max_num_queries(20):
            client.get(url("change-detail", change.pk))
