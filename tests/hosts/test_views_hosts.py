"""The list of hosts, the page of a host with its tabs, its form, and the palette."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from hosts.choices import ChangeState, DriftState, HostState
from hosts.facts.hardware import ArrayMember, MdArray
from hosts.facts.report import HostReport, System
from hosts.models import AuditEntry, Host, SavedFilter
from hosts.views.palette import found
from tests import make
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db

TABS = ("host-detail", "host-changes", "host-files", "host-network", "host-history", "host-card", "host-state")
FORM = {"name": "xen09", "address": "192.0.2.9", "port": "22", "username": "root", "site": "Seoul"}


def report(kernel: str = "6.1.0-37", member: str = "active") -> dict[str, Any]:
    array = MdArray(
        "md0", "active", "raid1", members=(ArrayMember("sda1", 0, "active"), ArrayMember("sdb1", 1, member))
    )
    return HostReport(
        system=System(hostname="xen01", os_name="Debian GNU/Linux 12", kernel=kernel), arrays=(array,)
    ).as_json()


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
        with django_assert_max_num_queries(16):
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
        with django_assert_max_num_queries(18):
            client.get(url(name, host.pk))


class TestForm:
    """Add, change and delete a host."""

    def test_a_host_is_added_and_its_key_asked_for(self, django_capture_on_commit_callbacks: Any) -> None:
        with django_capture_on_commit_callbacks() as woken:
            answer = logged_in(make.admin()).post(
                url("host-new"), {**FORM, "roles": ["xen", "web"], "tag_words": "rack-a, pilot"}
            )
        host = Host.objects.get(name="xen09")
        assert answer["Location"] == host.get_absolute_url()
        assert host.roles == ["xen", "web"]
        assert {tag.name for tag in host.tags.all()} == {"rack-a", "pilot"}
        assert host.state == HostState.NEW
        assert len(woken) == 1

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            pytest.param({"name": "xen 09"}, "Letters, digits, dots, hyphens.", id="blank in the name"),
            pytest.param({"address": "1.2.3.4; rm"}, "An IPv4 or IPv6 address", id="no address"),
            pytest.param({"port": "99999"}, "65535", id="no port"),
            pytest.param({"use_sudo": "on"}, "root needs no sudo", id="sudo for root"),
            pytest.param({"name": "taken"}, "already exists", id="name in use"),
            pytest.param({"tag_words": "x" * 70}, "longer than 64", id="long tag"),
        ],
    )
    def test_an_error_stands_at_its_field_and_nothing_typed_is_lost(self, change: dict[str, str], words: str) -> None:
        make.host("taken")
        typed = {**FORM, "notes": "typed with care", **change}
        answer = logged_in(make.admin()).post(url("host-new"), typed)
        page = text_of(answer)
        assert answer.status_code == 200
        assert words in page
        assert "typed with care" in page
        assert not Host.objects.filter(address="192.0.2.9").exists()

    def test_a_circle_of_jump_hosts_is_said_at_the_field(self) -> None:
        first = make.host("first")
        second = make.host("second", jump_host=first)
        fields = {"name": "first", "address": first.address, "port": first.port, "username": "root"}
        answer = logged_in(make.admin()).post(url("host-edit", first.pk), {**fields, "jump_host": second.pk})
        assert "leads back to first" in str(answer.context["form"].errors["jump_host"])

    def test_another_address_means_another_way(self) -> None:
        host = make.host("xen01", address="192.0.2.1", port=22)
        fields = {"name": "xen01", "address": "192.0.2.99", "port": 22, "username": "root"}
        logged_in(make.admin()).post(url("host-edit", host.pk), fields)
        host.refresh_from_db()
        assert (host.address, host.state) == ("192.0.2.99", HostState.NEW)

    def test_choices_hold_only_what_one_may_see(self) -> None:
        mine, theirs = make.organization("Mine"), make.organization("Theirs")
        make.credential("their key", organization=theirs)
        make.host("their-bastion", organization=theirs)
        page = text_of(logged_in(make.operator(organizations=[mine])).get(url("host-new")))
        assert not [word for word in ("Theirs", "their key", "their-bastion") if word in page]

    def test_a_credential_of_another_organization_is_refused(self) -> None:
        mine = make.organization()
        foreign = make.credential(organization=make.organization())
        client = logged_in(make.operator(organizations=[mine]))
        answer = client.post(url("host-new"), {**FORM, "organization": mine.pk, "credential": foreign.pk})
        assert "credential" in answer.context["form"].errors
        assert not Host.objects.exists()

    @pytest.mark.parametrize("name", ["host-new", "host-import"])
    def test_a_viewer_adds_nothing(self, name: str) -> None:
        assert logged_in(make.operator(role="Viewer")).post(url(name), FORM).status_code == 403

    def test_a_name_in_use_is_said_while_it_is_typed(self) -> None:
        host, client = make.host("xen01"), logged_in(make.admin())
        assert "already" in text_of(client.get(url("host-taken", query="name=XEN01")))
        assert not text_of(client.get(url("host-taken", query=f"name=xen01&own={host.pk}"))).strip()

    def test_deleting_needs_the_typed_name(self) -> None:
        host, client = make.host("xen01"), logged_in(make.admin())
        client.post(url("host-delete", host.pk), {"name": "xen02"})
        assert Host.objects.filter(pk=host.pk).exists()
        client.post(url("host-delete", host.pk), {"name": "xen01"})
        assert not Host.objects.filter(pk=host.pk).exists()

    def test_a_host_with_changes_in_the_record_stays(self) -> None:
        host = make.change(state=ChangeState.APPLIED).host
        answer = logged_in(make.admin()).post(url("host-delete", host.pk), {"name": host.name})
        assert "has changes in the record" in said(answer)[0]
        assert Host.objects.filter(pk=host.pk).exists()


class TestPalette:
    """What the command palette finds."""

    def titles(self, user: Any, term: str) -> list[str]:
        request = RequestFactory().get("/")
        request.user = user
        return [result.title for result in found(request, term)]

    @pytest.mark.parametrize("term", ["xen01", "192.0.2.40", "rack-a", "seoul"])
    def test_a_host_by_name_address_tag_or_site(self, term: str) -> None:
        make.host("xen01", address="192.0.2.40", tags=["rack-a"], site="Seoul")
        make.host("other", address="198.51.100.1")
        assert self.titles(make.admin(), term) == ["xen01"]

    def test_a_change_by_its_number_or_title(self) -> None:
        change = make.change(proposal=make.proposal("Greet whoever logs in"))
        assert str(change) in self.titles(make.admin(), f"#{change.pk}")
        assert str(change) in self.titles(make.admin(), "greet")

    def test_a_managed_file_by_its_path(self) -> None:
        make.managed_file("Greeting", path="/etc/motd")
        assert self.titles(make.admin(), "motd") == ["Greeting"]

    def test_nothing_of_another_organization(self) -> None:
        host = make.host("xen01", organization=make.organization())
        change = make.change(host)
        user = make.operator(organizations=[make.organization()])
        assert self.titles(user, "xen01") == []
        assert self.titles(user, str(change.pk)) == []

    def test_nothing_without_a_permission_or_a_login(self) -> None:
        make.host("xen01")
        assert self.titles(make.user(all_organizations=True), "xen01") == []
        assert self.titles(AnonymousUser(), "xen01") == []
