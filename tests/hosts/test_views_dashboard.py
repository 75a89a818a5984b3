"""The page that says what needs one now, and the small numbers of the sidebar."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory

from hosts.choices import ChangeState, HostKeyState, HostState
from hosts.models import Host
from hosts.views import badges
from hosts.views.findings import worst_findings
from tests import make
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db


def finding(id_: str, severity: str, title: str) -> dict[str, Any]:
    return {"id": id_, "severity": severity, "title": [title, {}], "why": ["", {}], "what_to_do": ["", {}]}


def test_a_stranger_is_sent_to_the_login_and_comes_back() -> None:
    answer = Client().get(url("dashboard"))
    assert answer.status_code == 302
    assert answer["Location"].endswith("/panel/login/?next=/panel/")


def test_a_customer_gets_403() -> None:
    assert logged_in(make.customer()).get(url("dashboard")).status_code == 403


def test_an_empty_panel_shows_the_way_to_the_first_change() -> None:
    page = text_of(logged_in(make.admin()).get(url("dashboard")))
    assert "From here to the first change" in page
    assert "Make a credential" in page
    assert "Nothing waits for you" not in page


def test_steps_that_are_done_are_ticked() -> None:
    make.host("xen01")
    page = text_of(logged_in(make.admin()).get(url("dashboard")))
    assert page.count('<li class="done">') == 3
    assert url("change-new") in page


def test_a_calm_panel_says_so() -> None:
    make.change(state=ChangeState.APPLIED)
    assert "Nothing waits for you" in text_of(logged_in(make.admin()).get(url("dashboard")))


def test_a_changed_key_stands_on_top_with_both_fingerprints() -> None:
    make.change(state=ChangeState.APPLIED)
    host = make.host("xen01", state=HostState.KEY_CHANGED, state_why="another key")
    accepted = host.keys.get()
    offered = make.host_key(host, state=HostKeyState.OFFERED)
    page = text_of(logged_in(make.admin()).get(url("dashboard")))
    assert accepted.fingerprint in page
    assert offered.fingerprint in page
    assert page.index(offered.fingerprint) < page.index("Changes by day")


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        pytest.param(ChangeState.COMPARED, "</span>Waiting for approval", id="waiting for approval"),
        pytest.param(ChangeState.FAILED, "Did not hold", id="failed"),
        pytest.param(ChangeState.ROLLED_BACK, "Did not hold", id="rolled back"),
        pytest.param(ChangeState.LOST, "Did not hold", id="outcome unknown"),
    ],
)
def test_changes_that_need_somebody_are_listed(state: str, heading: str) -> None:
    change = make.change(state=state)
    page = text_of(logged_in(make.admin()).get(url("dashboard")))
    assert heading in page
    assert change.get_absolute_url() in page


def test_a_failed_change_that_was_planned_again_no_longer_nags() -> None:
    failed = make.change(state=ChangeState.FAILED)
    make.change(failed.host, ChangeState.APPLIED, replaces=failed)
    assert "Did not hold" not in text_of(logged_in(make.admin()).get(url("dashboard")))


def test_unreachable_hosts_say_since_when_and_why() -> None:
    make.change(state=ChangeState.APPLIED)
    make.host("xen01", state=HostState.UNREACHABLE, state_why="Connection refused.", state_since=make.ago(hours=3))
    page = text_of(logged_in(make.admin()).get(url("dashboard")))
    assert "</span>Unreachable" in page
    assert "Connection refused." in page
    assert "3 h ago" in page


def test_hosts_in_maintenance_do_not_nag() -> None:
    make.change(state=ChangeState.APPLIED)
    make.host("xen01", state=HostState.UNREACHABLE, is_in_maintenance=True)
    assert "</span>Unreachable" not in text_of(logged_in(make.admin()).get(url("dashboard")))


def test_nothing_of_another_organization_is_shown() -> None:
    mine, theirs = make.organization("Mine"), make.organization("Theirs")
    make.change(make.host("ours", organization=mine), ChangeState.COMPARED)
    make.change(make.host("secret-host", organization=theirs), ChangeState.FAILED)
    make.host("secret-two", organization=theirs, state=HostState.UNREACHABLE)
    page = text_of(logged_in(make.operator(organizations=[mine])).get(url("dashboard")))
    assert "ours" in page
    assert "secret" not in page


def test_somebody_who_may_only_see_hosts_sees_no_changes() -> None:
    change = make.change(state=ChangeState.COMPARED)
    viewer = make.user(permissions=["hosts.view_host"], all_organizations=True)
    page = text_of(logged_in(viewer).get(url("dashboard")))
    assert change.title not in page


def test_findings_are_gathered_with_the_gravest_first() -> None:
    hosts = make.hosts(3, findings_count=1)
    for host in hosts:
        make.facts_record(host, findings=[finding("reboot", "note", "A reboot is pending")])
    make.facts_record(hosts[0], findings=[finding("md.degraded", "critical", "Array md0 is degraded")], digest="newer")
    found = worst_findings(Host.objects.all())
    assert [(kind.severity, len(kind.hosts)) for kind in found] == [("critical", 1), ("note", 2)]


def test_the_running_card_asks_often_only_while_something_runs() -> None:
    client = logged_in(make.admin())
    assert "every 15s" in text_of(client.get(url("dashboard-running")))
    change = make.change(state=ChangeState.APPLYING)
    busy = text_of(client.get(url("dashboard-running")))
    assert "every 2s" in busy
    assert change.get_absolute_url() in busy


def test_the_running_card_sends_the_whole_page_to_the_login_when_that_expired() -> None:
    answer = Client().get(
        url("dashboard-running"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/panel/?a=1"}
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"].endswith("?next=/panel/%3Fa%3D1")


def test_the_page_takes_a_bounded_number_of_queries(django_assert_max_num_queries: Any) -> None:
    for host in make.hosts(12):
        make.change(host, ChangeState.COMPARED)
        make.change(host, ChangeState.FAILED)
    client = logged_in(make.admin())
    with django_assert_max_num_queries(39):
        client.get(url("dashboard"))


def test_badges_count_what_waits_and_are_empty_where_nothing_does() -> None:
    request = RequestFactory().get("/")
    request.user = make.admin()
    assert badges.changes_waiting(request) == ""
    assert badges.drifted(request) == ""
    make.change(state=ChangeState.COMPARED)
    make.host_file(live=b"by hand\n")
    assert badges.changes_waiting(request) == "1"
    assert badges.drifted(request) == "1"


def test_badges_leave_other_organizations_out() -> None:
    request = RequestFactory().get("/")
    request.user = make.operator(organizations=[make.organization()])
    make.change(state=ChangeState.COMPARED)
    assert badges.changes_waiting(request) == ""
