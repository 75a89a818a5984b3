"""Rollouts, managed files and drift as pages."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.choices import DriftState, RolloutState
from hosts.models import Change, HostFile, ManagedFile, Override, Rollout
from hosts.services.copies import copies_of
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db

FORM = {"name": "Greeting", "path": "/etc/motd", "owner": "root", "group": "root", "mode": "0644", "content": "Hi\r\n"}


class TestRollouts:
    """A cell for each host, and the buttons."""

    def test_every_host_has_a_cell_that_leads_to_its_change(self) -> None:
        rollout = make.rollout(make.hosts(3), RolloutState.RUNNING)
        page = text_of(logged_in(make.admin()).get(rollout.get_absolute_url()))
        assert all(change.get_absolute_url() in page for change in rollout.changes.all())
        assert "Canary" in page

    def test_the_stop_button_is_there_while_it_runs_and_stops_it(self) -> None:
        rollout = make.rollout(make.hosts(2), RolloutState.RUNNING)
        client = logged_in(make.admin())
        assert url("rollout-decide", rollout.pk, "stop") in text_of(client.get(rollout.get_absolute_url()))
        client.post(url("rollout-decide", rollout.pk, "stop"))
        rollout.refresh_from_db()
        assert rollout.state == RolloutState.STOPPED

    def test_all_are_approved_at_once_and_then_it_starts(self) -> None:
        rollout = make.rollout(make.hosts(2), changes="compared")
        client = logged_in(make.admin())
        client.post(url("rollout-decide", rollout.pk, "approve"))
        client.post(url("rollout-decide", rollout.pk, "start"))
        rollout.refresh_from_db()
        assert rollout.state == RolloutState.RUNNING

    def test_starting_too_early_is_said_in_place(self) -> None:
        rollout = make.rollout(make.hosts(2), changes="compared")
        address = url("rollout-decide", rollout.pk, "start")
        answer = text_of(logged_in(make.admin()).post(address, headers={"HX-Request": "true"}))
        assert "not approved yet" in answer

    def test_the_grid_comes_again_only_when_something_moved(self) -> None:
        rollout = make.rollout(make.hosts(2), RolloutState.RUNNING)
        client = logged_in(make.admin())
        page = text_of(client.get(rollout.get_absolute_url()))
        mark = page.split("mark=")[1].split('"')[0]
        assert client.get(url("rollout-live", rollout.pk, query=f"mark={mark}")).status_code == 204
        rollout.changes.first().delete()
        assert client.get(url("rollout-live", rollout.pk, query=f"mark={mark}")).status_code == 200

    def test_somebody_without_the_right_cannot_stop_it(self) -> None:
        rollout = make.rollout(make.hosts(2), RolloutState.RUNNING)
        viewer = logged_in(make.operator(role="Viewer"))
        assert viewer.post(url("rollout-decide", rollout.pk, "stop")).status_code == 403

    def test_a_rollout_of_another_organization_is_not_found(self) -> None:
        rollout = make.rollout(make.hosts(2, organization=make.organization()), RolloutState.RUNNING)
        me = logged_in(make.operator(organizations=[make.organization()]))
        assert me.get(rollout.get_absolute_url()).status_code == 404
        assert rollout.get_absolute_url() not in text_of(me.get(url("rollout-list")))

    @pytest.mark.parametrize("count", [3, 12])
    def test_it_costs_the_same_queries_for_few_and_many_hosts(
        self, count: int, django_assert_max_num_queries: Any
    ) -> None:
        rollout = make.rollout(make.hosts(count), RolloutState.RUNNING, changes="applying")
        client = logged_in(make.admin())
        with django_assert_max_num_queries(14):
            client.get(rollout.get_absolute_url())
        with django_assert_max_num_queries(14):
            client.get(url("rollout-list"))


class TestManagedFiles:
    """The form, its preview, the copies and their plan."""

    def test_a_file_is_kept_as_typed(self) -> None:
        host = make.host()
        answer = logged_in(make.admin()).post(
            url("managed-file-new"), {**FORM, "host": host.pk, "variables": "who = Mina"}
        )
        managed = ManagedFile.objects.get()
        assert answer["Location"] == managed.get_absolute_url()
        assert (managed.body.read(), managed.variables) == (b"Hi\n", {"who": "Mina"})
        assert list(managed.hosts.all()) == [host]

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            pytest.param({"path": "motd"}, "absolute path", id="relative path"),
            pytest.param({"mode": "rw"}, "is no mode", id="no mode"),
            pytest.param({"variables": "nonsense"}, "NAME = value", id="no variable"),
            pytest.param({"check_command": 'x "'}, "Close every quote", id="open quote"),
        ],
    )
    def test_what_cannot_be_kept_is_said_and_stays_typed(self, typed: dict[str, str], words: str) -> None:
        answer = logged_in(make.admin()).post(url("managed-file-new"), {**FORM, "content": "Typed text", **typed})
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert "Typed text" in text_of(answer)

    def test_a_secret_text_is_not_sent_and_stays_when_left_empty(self) -> None:
        managed = make.managed_file(body="hunter2\n", is_secret=True)
        client = logged_in(make.admin())
        for name in ("managed-file-detail", "managed-file-edit"):
            assert "hunter2" not in text_of(client.get(url(name, managed.pk)))
        client.post(url("managed-file-edit", managed.pk), {**FORM, "content": "", "is_secret": "on"})
        managed.refresh_from_db()
        assert managed.body.read() == b"hunter2\n"

    def test_hosts_of_others_stay_when_somebody_edits_who_cannot_see_them(self) -> None:
        mine, theirs = make.organization(), make.organization()
        hidden = make.host(organization=theirs)
        managed = make.managed_file(organization=mine, hosts=[hidden])
        me = make.operator(organizations=[mine])
        logged_in(me).post(url("managed-file-edit", managed.pk), {**FORM, "organization": mine.pk})
        assert hidden in managed.hosts.all()

    def test_the_preview_shows_it_for_a_host_and_explains_an_unknown_variable(self) -> None:
        host = make.host("xen01")
        client = logged_in(make.admin())
        typed = {**FORM, "content": "On {{ host.name }}", "host": host.pk}
        assert "On xen01" in text_of(client.post(url("managed-file-preview"), typed))
        typed["content"] = "On {{ host.nam }}"
        assert "Did you mean" in text_of(client.post(url("managed-file-preview"), typed))

    def test_the_copies_tell_what_is_in_place_behind_drifted_and_missing(self) -> None:
        hosts = make.hosts(4)
        managed = make.managed_file(body="Hello {{ host.name }}\n", hosts=hosts)
        make.host_file(hosts[0], data=f"Hello {hosts[0].name}\n", managed=managed)
        make.host_file(hosts[1], data="Older\n", managed=managed)
        make.host_file(hosts[2], data=f"Hello {hosts[2].name}\n", live=b"Mine\n", managed=managed)
        found = {copy.host: (copy.is_behind, copy.is_drifted) for copy in copies_of(managed, make.admin(), most=9)}
        assert [found[host] for host in hosts] == [(False, False), (True, False), (False, True), (True, False)]

    def test_it_is_planned_for_all_hosts_or_for_those_behind(self) -> None:
        hosts = make.hosts(3)
        managed = make.managed_file(body="Hello\n", hosts=hosts)
        make.host_file(hosts[0], data="Hello\n", managed=managed)
        client = logged_in(make.admin())
        client.post(url("managed-file-plan", managed.pk), {"only": "behind"})
        assert Rollout.objects.get().changes.count() == 2
        client.post(url("managed-file-plan", managed.pk))
        assert Rollout.objects.latest("pk").changes.count() == 3

    def test_a_host_can_give_up_its_own_version(self) -> None:
        host = make.host()
        managed = make.managed_file(hosts=[host])
        own = Override.objects.create(managed_file=managed, host=host, content=make.content("own"))
        logged_in(make.admin()).post(url("managed-file-drop-own", own.pk))
        assert not Override.objects.exists()

    def test_a_file_of_another_organization_is_not_found(self) -> None:
        managed = make.managed_file(organization=make.organization())
        me = logged_in(make.operator(organizations=[make.organization()]))
        for name in ("managed-file-detail", "managed-file-edit"):
            assert me.get(url(name, managed.pk)).status_code == 404
        assert managed.name not in text_of(me.get(url("managed-file-list")))

    def test_a_viewer_sees_it_and_cannot_edit_it(self) -> None:
        managed = make.managed_file()
        viewer = logged_in(make.operator(role="Viewer"))
        assert viewer.get(managed.get_absolute_url()).status_code == 200
        assert viewer.get(url("managed-file-edit", managed.pk)).status_code == 403
        assert viewer.post(url("managed-file-delete", managed.pk)).status_code == 403

    @pytest.mark.parametrize("count", [2, 9])
    def test_its_page_costs_the_same_for_few_and_many_hosts(
        self, count: int, django_assert_max_num_queries: Any
    ) -> None:
        managed = make.managed_file(hosts=make.hosts(count))
        client = logged_in(make.admin())
        with django_assert_max_num_queries(16):
            client.get(managed.get_absolute_url())


class TestDrift:
    """What somebody changed on a host."""

    def test_only_drifted_files_are_listed(self) -> None:
        kept, drifted = make.host_file(path="/etc/kept"), make.host_file(path="/etc/drifted", live=b"x\n")
        page = text_of(logged_in(make.admin()).get(url("drift-list")))
        assert drifted.path in page
        assert kept.path not in page

    def test_its_page_shows_what_was_put_there_against_what_is_there(self) -> None:
        row = make.host_file(data="put there\n", live=b"edited by hand\n")
        page = text_of(logged_in(make.admin()).get(url("drift-detail", row.pk)))
        assert "put" in page
        assert "edited" in page
        assert 'class="l m"' in page
        assert 'class="l p"' in page

    def test_a_secret_is_not_shown(self) -> None:
        row = make.host_file(data="hunter2\n", live=b"swordfish\n", is_secret=True)
        page = text_of(logged_in(make.admin()).get(url("drift-detail", row.pk)))
        assert "hunter2" not in page
        assert "swordfish" not in page

    def test_adopting_keeps_what_is_there(self) -> None:
        row = make.host_file(live=b"edited\n")
        logged_in(make.admin()).post(url("drift-adopt", row.pk))
        row.refresh_from_db()
        assert (row.state, row.content.read()) == (DriftState.ADOPTED, b"edited\n")

    def test_overwriting_leads_to_a_change(self) -> None:
        row = make.host_file(live=b"edited\n")
        before = Change.objects.count()
        answer = logged_in(make.admin()).post(url("drift-overwrite", row.pk))
        assert Change.objects.count() == before + 1
        assert answer["Location"] == Change.objects.latest("pk").get_absolute_url()

    def test_overwriting_on_several_hosts_becomes_a_rollout(self) -> None:
        rows = [make.host_file(live=b"edited\n") for _ in range(2)]
        logged_in(make.admin()).post(url("drift-selected"), {"do": "overwrite", "file": [row.pk for row in rows]})
        assert Rollout.objects.get().changes.count() == 2

    def test_looking_again_says_at_how_many_hosts(self) -> None:
        make.host_file()
        answer = logged_in(make.admin()).post(url("drift-look"))
        assert said(answer) == ["Looking at the files of 1 host."]

    def test_files_of_another_organization_are_absent(self) -> None:
        row = make.host_file(make.host(organization=make.organization()), live=b"x\n")
        me = logged_in(make.operator(organizations=[make.organization()]))
        assert row.host.name not in text_of(me.get(url("drift-list")))
        for name in ("drift-adopt", "drift-overwrite"):
            assert me.post(url(name, row.pk)).status_code == 404
        me.post(url("drift-selected"), {"do": "adopt", "file": [row.pk]})
        assert HostFile.objects.get(pk=row.pk).state == DriftState.DRIFTED

    def test_a_viewer_cannot_decide(self) -> None:
        row = make.host_file(live=b"x\n")
        viewer = logged_in(make.operator(role="Viewer"))
        assert viewer.get(url("drift-detail", row.pk)).status_code == 200
        assert viewer.post(url("drift-adopt", row.pk)).status_code == 403
        assert viewer.post(url("drift-selected"), {"do": "overwrite", "file": [row.pk]}).status_code == 403

    def test_the_list_costs_few_queries(self, django_assert_max_num_queries: Any) -> None:
        for _ in range(6):
            make.host_file(live=b"x\n")
        client = logged_in(make.admin())
        with django_assert_max_num_queries(14):
            client.get(url("drift-list"))
