"""The page of a host with its tabs."""

from __future__ import annotations

from typing import Any

import pytest

from hosts.choices import ChangeState, DriftState, HostState
from hosts.facts.hardware import ArrayMember, MdArray
from hosts.facts.report import HostReport, System
from hosts.models import Host
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db

TABS = ("host-detail", "host-changes", "host-files", "host-network", "host-history", "host-card", "host-state")


def report(kernel: str = "6.1.0-37", member: str = "active") -> dict[str, Any]:
    array = MdArray(
        "md0", "active", "raid1", members=(ArrayMember("sda1", 0, "active"), ArrayMember("sdb1", 1, member))
    )
    return HostReport(
        system=System(hostname="xen01", os_name="Debian GNU/Linux 12", kernel=kernel), arrays=(array,)
    ).as_json()


class TestHostPage:
    """The tabs of a host."""

    @pytest.mark.parametrize("name", TABS)
    def test_every_tab_opens_for_a_host_without_anything(self, name: str) -> None:
        answer = logged_in(make.admin()).get(url(name, make.host().pk))
        assert answer.status_code in (200, 204)

    @pytest.mark.parametrize("name", TABS)
    def test_every_tab_is_absent_for_another_organization(self, name: str) -> None:
        host = make.host(organization=make.organization())
        client = logged_in(make.operator(organizations=[make.organization()]))
        assert client.get(url(name, host.pk)).status_code == 404

    @pytest.mark.parametrize("name", TABS)
    def test_every_tab_needs_a_permission(self, name: str) -> None:
        client = logged_in(make.user(all_organizations=True))
        assert client.get(url(name, make.host().pk)).status_code == 403

    def test_facts_findings_and_what_to_do_are_shown(self) -> None:
        host = make.host("xen01")
        finding = {
            "id": "md.degraded",
            "severity": "critical",
            "title": ["Array %(array)s is degraded", {"array": "md0"}],
            "why": ["One disk is gone.", {}],
            "what_to_do": ["Replace the disk.", {}],
        }
        make.facts_record(host, report(), findings=[finding])
        page = text_of(logged_in(make.admin()).get(url("host-detail", host.pk)))
        assert "Array md0 is degraded" in page
        assert "Replace the disk." in page
        assert "6.1.0-37" in page

    def test_facts_that_cannot_be_read_any_more_are_said_to_be_so(self) -> None:
        host = make.host()
        make.facts_record(host, {"system": 7})
        assert "The facts cannot be shown" in text_of(logged_in(make.admin()).get(url("host-detail", host.pk)))

    def test_text_of_the_host_is_never_taken_for_markup(self) -> None:
        host = make.host(notes="<script>alert(1)</script>", state=HostState.UNREACHABLE, state_why="<b>why</b>")
        page = text_of(logged_in(make.admin()).get(url("host-detail", host.pk)))
        assert "<script>alert(1)" not in page
        assert "<b>why</b>" not in page

    def test_the_history_compares_the_newest_two_and_any_two(self) -> None:
        host = make.host()
        first = make.facts_record(host, report("6.1.0-35"), first_at=make.ago(days=3), last_at=make.ago(days=2))
        make.facts_record(host, report("6.1.0-36"), first_at=make.ago(days=2), last_at=make.ago(days=1))
        last = make.facts_record(host, report("6.1.0-37", member="faulty"))
        client = logged_in(make.admin())
        assert "6.1.0-36 → 6.1.0-37" in text_of(client.get(url("host-history", host.pk)))
        page = text_of(client.get(url("host-history", host.pk, query=f"from={first.pk}&to={last.pk}")))
        assert "6.1.0-35 → 6.1.0-37" in page
        assert "active → faulty" in page

    def test_facts_of_another_host_cannot_be_compared_in(self) -> None:
        mine, theirs = make.host(), make.host()
        own = make.facts_record(mine, report("6.1.0-35"))
        other = make.facts_record(theirs, report("9.9.9"))
        page = text_of(logged_in(make.admin()).get(url("host-history", mine.pk, query=f"from={own.pk}&to={other.pk}")))
        assert "9.9.9" not in page

    def test_drifted_files_offer_adopt_and_overwrite(self) -> None:
        row = make.host_file(live=b"by hand\n")
        assert row.state == DriftState.DRIFTED
        page = text_of(logged_in(make.admin()).get(url("host-files", row.host_id)))
        assert url("drift-adopt", row.pk) in page
        assert url("drift-overwrite", row.pk) in page

    def test_maintenance_is_switched_and_switched_back(self) -> None:
        host, client = make.host(), logged_in(make.admin())
        for value, expected in (("1", True), ("0", False)):
            client.post(url("host-maintenance", host.pk), {"on": value})
            host.refresh_from_db()
            assert host.is_in_maintenance is expected

    def test_asking_for_facts_wakes_a_worker_and_the_page_waits(self, django_capture_on_commit_callbacks: Any) -> None:
        host, client = make.host(), logged_in(make.admin())
        with django_capture_on_commit_callbacks() as woken:
            client.post(url("host-ask-facts", host.pk))
        assert len(woken) == 1
        assert "Reading the facts" in text_of(client.get(url("host-state", host.pk)))
        Host.objects.filter(pk=host.pk).update(facts_asked_at=None)
        assert client.get(url("host-state", host.pk))["HX-Refresh"] == "true"

    def test_a_host_without_an_accepted_key_is_not_asked(self, django_capture_on_commit_callbacks: Any) -> None:
        host = make.host(key=False)
        with django_capture_on_commit_callbacks() as woken:
            answer = logged_in(make.admin()).post(url("host-ask-facts", host.pk))
        assert not woken
        assert "Decide about the key first" in said(answer)[0]

    def test_a_button_leads_back_to_pages_of_this_panel_only(self) -> None:
        host, client = make.host(), logged_in(make.admin())
        answer = client.post(url("host-maintenance", host.pk), {"on": "1", "next": "https://evil.example/"})
        assert answer["Location"] == host.get_absolute_url()
        answer = client.post(url("host-maintenance", host.pk), {"on": "1", "next": "/panel/hosts/?q=x"})
        assert answer["Location"] == "/panel/hosts/?q=x"

    @pytest.mark.parametrize("name", TABS)
    def test_a_long_life_costs_no_more_queries(self, name: str, django_assert_max_num_queries: Any) -> None:
        host = make.host(tags=["rack-a"], roles=["xen"])
        for _ in range(15):
            make.change(host, ChangeState.APPLIED)
            make.facts_record(host, report())
        client = logged_in(make.admin())
        with django_assert_max_num_queries(19):
            client.get(url(name, host.pk))

    def test_a_request_that_nobody_takes_up_says_where_to_look(self) -> None:
        host = make.host(facts_asked_at=make.ago(minutes=2))
        assert "a worker of the queue" in text_of(logged_in(make.admin()).get(url("host-state", host.pk)))
