"""The list of hosts: filters, order, pages, bulk actions, saved filters."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from hosts.choices import HostState
from hosts.models import AuditEntry, Host, SavedFilter
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db


class TestList:
    """Filters, order, pages, what is done with selected ones."""

    def test_it_lists_hosts_with_their_state(self) -> None:
        make.host("xen01", roles=["xen"], tags=["rack-a"], site="Seoul")
        page = text_of(logged_in(make.admin()).get(url("host-list")))
        assert "xen01" in page
        assert "Reachable" in page
        assert "Xen dom0" in page

    def test_an_empty_panel_says_what_to_do_first(self) -> None:
        assert "No machine is in the panel yet" in text_of(logged_in(make.admin()).get(url("host-list")))

    def test_a_filter_that_nothing_fits_says_so(self) -> None:
        make.host("xen01")
        assert "No host fits" in text_of(logged_in(make.admin()).get(url("host-list", query="q=nothing")))

    def test_it_needs_a_permission(self) -> None:
        assert logged_in(make.user()).get(url("host-list")).status_code == 403

    def test_hosts_of_other_organizations_are_absent(self) -> None:
        mine = make.organization()
        make.host("ours", organization=mine)
        make.host("theirs", organization=make.organization(), site="Secretville", tags=["hush"])
        page = text_of(logged_in(make.operator(organizations=[mine])).get(url("host-list")))
        assert "ours" in page
        assert not [word for word in ("theirs", "Secretville", "hush") if word in page]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            pytest.param("state=unreachable", ["b"], id="state"),
            pytest.param("state=unreachable&state=reachable", ["a", "b", "c"], id="two states"),
            pytest.param("role=xen", ["a"], id="role"),
            pytest.param("site=Busan", ["c"], id="site"),
            pytest.param("tag=rack-a", ["a", "b"], id="tag"),
            pytest.param("tag=rack-a&state=unreachable", ["b"], id="tag and state"),
            pytest.param("reboot=on", ["c"], id="reboot pending"),
            pytest.param("drifted=on", ["b"], id="drifted"),
            pytest.param("findings=on", ["a"], id="findings"),
            pytest.param("maintenance=on", ["b"], id="maintenance"),
            pytest.param("q=192.0.2.77", ["c"], id="text in the address"),
            pytest.param("q=rack-a+busan", [], id="two words must both fit"),
            pytest.param("organization=none", ["a", "b", "c"], id="no organization"),
            pytest.param("state=nonsense", ["a", "b", "c"], id="a value that does not exist"),
        ],
    )
    def test_it_filters(self, query: str, names: list[str]) -> None:
        make.host("a", roles=["xen"], tags=["rack-a"], findings_count=2)
        make.host("b", state=HostState.UNREACHABLE, tags=["rack-a"], drifted_count=1, is_in_maintenance=True)
        make.host("c", site="Busan", needs_reboot=True, address="192.0.2.77")
        answer = logged_in(make.admin()).get(url("host-list", query=query))
        assert [host.name for host in answer.context["shown"].rows] == names

    def test_each_condition_is_a_chip_that_can_be_removed(self) -> None:
        make.host("a", site="Busan")
        answer = logged_in(make.admin()).get(url("host-list", query="q=a&state=reachable&site=Busan"))
        assert [(chip.words, chip.query) for chip in answer.context["chips"]] == [
            ("Search: a", "state=reachable&site=Busan"),
            ("State: Reachable", "q=a&site=Busan"),
            ("Site: Busan", "q=a&state=reachable"),
        ]

    @pytest.mark.parametrize("sort", ["name", "-name", "site", "-findings_count", "state"])
    def test_its_pages_together_hold_every_host_once(self, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hosts.views.host_list.PAGE_SIZE", 3)
        credential = make.credential()
        for number in range(10):
            make.host(f"h{number}", credential=credential, site="AB"[number % 2], findings_count=number % 3)
        client, seen, query = logged_in(make.admin()), [], f"sort={sort}"
        for _ in range(6):
            context = client.get(url("host-list", query=query)).context
            seen += [host.name for host in context["shown"].rows]
            if not context["shown"].after:
                break
            query = context["older"]
        assert sorted(seen) == [f"h{number}" for number in range(10)]

    def test_the_page_before_is_the_one_that_was_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hosts.views.host_list.PAGE_SIZE", 3)
        for number in range(7):
            make.host(f"h{number}")
        client = logged_in(make.admin())
        second = client.get(url("host-list", query=client.get(url("host-list")).context["older"])).context
        back = client.get(url("host-list", query=second["newer"])).context
        assert [host.name for host in back["shown"].rows] == ["h0", "h1", "h2"]
        assert not back["shown"].before

    def test_the_csv_holds_what_fits_and_no_formulas(self) -> None:
        make.host("xen01", site="Seoul", notes="=HYPERLINK()")
        make.host("xen02", site="Busan")
        answer = logged_in(make.admin()).get(url("host-export", query="site=Seoul"))
        rows = list(csv.DictReader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))
        assert [(row["name"], row["notes"]) for row in rows] == [("xen01", "'=HYPERLINK()")]

    def test_selected_hosts_go_into_maintenance_and_the_book_says_so(self) -> None:
        chosen, other = make.host("a"), make.host("b")
        answer = logged_in(make.admin()).post(url("host-selected"), {"do": "maintenance-on", "host": [chosen.pk]})
        assert answer.status_code == 302
        assert [Host.objects.get(pk=host.pk).is_in_maintenance for host in (chosen, other)] == [True, False]
        assert AuditEntry.objects.filter(action="maintenance on", object_id=str(chosen.pk)).exists()

    def test_all_that_fit_means_the_filter_and_nothing_else(self) -> None:
        make.host("a", site="Seoul")
        make.host("b", site="Busan")
        logged_in(make.admin()).post(url("host-selected"), {"do": "maintenance-on", "all": "1", "query": "site=Seoul"})
        assert list(Host.objects.filter(is_in_maintenance=True).values_list("name", flat=True)) == ["a"]

    def test_selecting_a_host_of_somebody_else_does_nothing(self) -> None:
        theirs = make.host(organization=make.organization())
        client = logged_in(make.operator(organizations=[make.organization()]))
        client.post(url("host-selected"), {"do": "maintenance-on", "host": [theirs.pk]})
        theirs.refresh_from_db()
        assert not theirs.is_in_maintenance

    def test_maintenance_needs_the_permission_to_change_hosts(self) -> None:
        host = make.host()
        client = logged_in(make.operator(role="Viewer"))
        assert client.post(url("host-selected"), {"do": "maintenance-on", "host": [host.pk]}).status_code == 403

    def test_a_change_is_opened_for_the_selected_ones(self) -> None:
        hosts = make.hosts(2)
        answer = logged_in(make.admin()).post(
            url("host-selected"), {"do": "change", "host": [host.pk for host in hosts]}
        )
        assert answer["Location"] == url("change-new", query="&".join(f"host={host.pk}" for host in hosts))

    def test_facts_are_asked_of_those_that_can_be_spoken_to(self, django_capture_on_commit_callbacks: Any) -> None:
        known, new = make.host("a"), make.host("b", key=False)
        with django_capture_on_commit_callbacks() as woken:
            answer = logged_in(make.admin()).post(url("host-selected"), {"do": "facts", "host": [known.pk, new.pk]})
        assert len(woken) == 1
        assert said(answer)[0] == "Reading the facts of 1 host."
        assert Host.objects.get(pk=known.pk).facts_asked_at is not None
        assert Host.objects.get(pk=new.pk).facts_asked_at is None

    def test_two_hundred_hosts_cost_no_more_queries_than_two(self, django_assert_max_num_queries: Any) -> None:
        for host in make.hosts(60, roles=["xen"], tags=["rack-a"]):
            assert host.pk
        client = logged_in(make.admin())
        with django_assert_max_num_queries(17):
            client.get(url("host-list"))


class TestSavedFilters:
    """Kept by name, shared by choice, deleted by their owner."""

    def test_one_is_kept_and_shown(self) -> None:
        make.host("a", site="Seoul")
        client = logged_in(make.admin())
        client.post(url("filter-save"), {"page": "hosts", "name": "In Seoul", "query": "site=Seoul"})
        assert "In Seoul" in text_of(client.get(url("host-list")))

    @pytest.mark.parametrize(("shared", "is_seen"), [("1", True), ("", False)], ids=["shared", "private"])
    def test_colleagues_see_the_shared_ones(self, shared: str, is_seen: bool) -> None:
        make.host("a")
        logged_in(make.admin()).post(
            url("filter-save"), {"page": "hosts", "name": "In Seoul", "query": "site=Seoul", "shared": shared}
        )
        assert ("In Seoul" in text_of(logged_in(make.operator()).get(url("host-list")))) is is_seen

    def test_nobody_deletes_what_somebody_else_shares(self) -> None:
        row = SavedFilter.objects.create(user=make.admin(), page="hosts", name="x", query="q=x", is_shared=True)
        assert logged_in(make.admin()).post(url("filter-delete", row.pk)).status_code == 404
        assert SavedFilter.objects.filter(pk=row.pk).exists()

    def test_a_filter_without_a_name_is_refused_in_words(self) -> None:
        answer = logged_in(make.admin()).post(url("filter-save"), {"page": "hosts", "name": " ", "query": "q=x"})
        assert said(answer) == ["Type a name for this filter."]
