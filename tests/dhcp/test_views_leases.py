"""The pages of leases: found by anything, with their history, made reservations, released, as CSV."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.choices import ErrandState
from dhcp.models import Errand, Lease, Reservation
from hosts.facts.words import words
from tests import make
from tests.dhcp.clients import ALL, ANNE, BERT, HOUR, a_holding, a_lease, an_exchange
from tests.dhcp.sites import a_reservation, a_server, the_seed
from tests.hosts.api import wake_ups
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db
SEES = ("dhcp.view_lease",)


@pytest.fixture
def reader() -> Any:
    """Somebody who may do everything with clients of DHCP, everywhere."""
    return logged_in(make.user(permissions=ALL, all_organizations=True))


@pytest.mark.parametrize(
    "typed",
    ["192.168.1.14", "192.168.1.0/28", "0016.3E00.0001", "00:16:3e:00:00:01", "build-07", "UILD"],
    ids=["address", "network", "mac with dots", "mac", "name", "a part of the name"],
)
def test_a_lease_is_found_by_what_one_has(reader: Any, typed: str) -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14", ANNE, hostname="build-07")
    a_lease(server, "192.168.1.200", BERT, hostname="other")
    page = text_of(reader.get(url("dhcp:leases"), {"q": typed}))
    assert "192.168.1.14" in page
    assert "192.168.1.200" not in page


def test_filters_narrow_and_are_chips(reader: Any) -> None:
    server, other = the_seed(), a_server()
    a_lease(server, "192.168.1.14", vendor_class="PXEClient:Arch")
    a_lease(server, "192.168.1.15", BERT, state="abandoned")
    a_lease(other, "10.0.0.5")
    subnet = server.subnets.get(network="192.168.1.0/24")

    def shown(**query: object) -> set[str]:
        page = text_of(reader.get(url("dhcp:leases"), query))
        return {each for each in ("192.168.1.14", "192.168.1.15", "10.0.0.5") if f">{each}<" in page}

    assert shown() == {"192.168.1.14", "192.168.1.15", "10.0.0.5"}
    assert shown(state="abandoned") == {"192.168.1.15"}
    assert shown(server=other.pk) == {"10.0.0.5"}
    assert shown(subnet=subnet.pk) == {"192.168.1.14", "192.168.1.15"}
    assert shown(vendor="PXE") == {"192.168.1.14"}
    page = text_of(reader.get(url("dhcp:leases"), {"state": "abandoned", "q": "192.168."}))
    assert "Remove State: Abandoned" in page
    assert "Remove Search: 192.168." in page


def test_pages_are_found_by_key_and_cost_the_same(reader: Any) -> None:
    server = the_seed()
    a_lease(server, "10.0.0.1")
    reader.get(url("dhcp:leases"))
    with CaptureQueriesContext(connection) as little:
        reader.get(url("dhcp:leases"))
    for n in range(2, 120):
        a_lease(server, f"10.0.0.{n}", f"00:16:3e:00:01:{n:02x}")
    with CaptureQueriesContext(connection) as much:
        first = text_of(reader.get(url("dhcp:leases")))
    assert len(much) == len(little)
    assert ">10.0.0.50<" in first
    assert ">10.0.0.51<" not in first
    older = first.split('rel="next" href="?')[1].split('"')[0]
    second = text_of(reader.get(f"{url('dhcp:leases')}?{older}"))
    assert ">10.0.0.51<" in second
    assert ">10.0.0.50<" not in second


def test_nothing_yet_and_nothing_found_say_what_to_do(reader: Any) -> None:
    assert "No lease was read yet" in text_of(reader.get(url("dhcp:leases")))
    a_lease(a_server(), "10.0.0.1")
    page = text_of(reader.get(url("dhcp:leases"), {"q": "nobody"}))
    assert "No lease fits" in page
    assert "Why does it get no address?" in page


def test_a_lease_that_ran_out_is_not_said_to_be_held(reader: Any) -> None:
    a_lease(a_server(), "10.0.0.1", ends_at=timezone.now() - HOUR)
    page = text_of(reader.get(url("dhcp:leases")))
    assert "Ran out" in page
    assert 'data-state="active"' not in page


def test_the_csv_has_all_that_fit_and_no_formula(reader: Any) -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14", hostname="=cmd()", never_ends=True, ends_at=None)
    a_lease(server, "10.0.0.1", BERT)
    text = text_of(reader.get(url("dhcp:lease-export"), {"q": "192.168.1."}))
    lines = text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("address,state,mac")
    assert len(lines) == 2
    assert "'=cmd()" in lines[1]
    assert ",never," in lines[1]


def test_the_page_of_a_lease_tells_its_history(reader: Any) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14", hostname="anne")
    a_holding(
        server, "192.168.1.14", BERT, hours=50, ended_at=timezone.now() - HOUR * 9, is_open=False, hostname="bert"
    )
    a_holding(server, "192.168.1.14", ANNE, hostname="anne")
    a_holding(server, "192.168.1.77", ANNE, hours=90, ended_at=timezone.now() - HOUR * 80, is_open=False)
    an_exchange(server, ANNE)
    page = text_of(reader.get(url("dhcp:lease", row.pk)))
    for each in ("bert", BERT, "has it now", "192.168.1.77", "Got an address", "Make it a reservation"):
        assert each in page
    a_reservation(server, "anne", ANNE, "192.168.1.100")
    assert "See its reservation" in text_of(reader.get(url("dhcp:lease", row.pk)))


def test_the_page_of_a_lease_costs_the_same_with_much(reader: Any) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get(url("dhcp:lease", row.pk))
        return len(seen)

    queries()
    a_holding(server, "192.168.1.14")
    an_exchange(server)
    little = queries()
    for n in range(30):
        ended = timezone.now() - HOUR * n
        a_holding(server, "192.168.1.14", BERT, hours=n + 2, ended_at=ended, is_open=False)
        an_exchange(server, minutes=n + 5)
    assert queries() == little


def test_who_had_an_address_at_a_time(reader: Any) -> None:
    server = the_seed()
    ended = timezone.now() - HOUR * 2
    a_holding(server, "192.168.1.14", BERT, hours=9, ended_at=ended, is_open=False, hostname="bert")
    a_holding(server, "192.168.1.14", ANNE, hours=1, hostname="anne")
    at = timezone.localtime(timezone.now() - HOUR * 5).strftime("%Y-%m-%dT%H:%M:%S")
    page = text_of(reader.get(url("dhcp:lease-who"), {"address": "192.168.1.14", "at": at}))
    assert "bert" in page
    assert "anne" not in page
    assert "certain" in page
    assert "Nobody that the panel knows of" in text_of(
        reader.get(url("dhcp:lease-who"), {"address": "192.168.1.15", "at": at})
    )
    wrong = text_of(reader.get(url("dhcp:lease-who"), {"address": "hello", "at": at}))
    assert "valid" in wrong
    assert 'value="hello"' in wrong


def test_releasing_is_an_errand_whose_answer_is_shown(reader: Any, django_capture_on_commit_callbacks: Any) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14")
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        answer = reader.post(url("dhcp:lease-release", row.pk))
    errand = Errand.objects.get()
    assert woken == [("dhcp.run_errand", errand.pk)]
    assert errand.asked["address"] == "192.168.1.14"
    assert f"errand={errand.pk}" in answer["Location"]
    assert "is being released" in text_of(reader.get(answer["Location"]))
    piece = url("dhcp:errand-answer", errand.pk)
    assert reader.get(piece, HTTP_HX_REQUEST="true").status_code == 200
    why = words("%(server)s takes no orders: it has no OMAPI key.", server="gate")
    Errand.objects.filter(pk=errand.pk).update(state=ErrandState.FAILED, why=why)
    ended = reader.get(piece, HTTP_HX_REQUEST="true")
    assert ended.status_code == 286
    assert "gate takes no orders" in text_of(ended)
    assert Lease.objects.filter(pk=row.pk).exists()


def test_a_lease_is_a_reservation_after_one_click_and_save(reader: Any) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14", hostname="build-07")
    form = text_of(reader.get(url("dhcp:reservation-new", server.pk), {"lease": row.pk}))
    for each in ('value="build-07"', f'value="{ANNE}"', 'value="192.168.1.14"'):
        assert each in form
    answer = reader.post(
        url("dhcp:reservation-new", server.pk),
        {
            "name": "build-07", "mac": ANNE, "addresses": "192.168.1.14", "leaves_range": "on",
            "hostname": "build-07", "is_enabled": "on",
        },
    )  # fmt: skip
    assert answer.status_code == 302, text_of(answer)
    made = Reservation.objects.get()
    assert [each.address for each in made.addresses.all()] == ["192.168.1.14"]
    again = reader.get(url("dhcp:reservation-new", server.pk), {"lease": row.pk})
    assert again["Location"] == made.get_absolute_url()
    assert "build-07" in said(again)[0]


def test_nobody_sees_leases_of_others() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    row = a_lease(server, "192.168.1.14", hostname="secret")
    a_holding(server, "192.168.1.14", hostname="secret")
    errand = Errand.objects.create(server=server, kind="release", asked={"address": "192.168.1.14"})
    stranger = logged_in(make.user(permissions=ALL, organizations=[make.organization()]))
    assert "secret" not in text_of(stranger.get(url("dhcp:leases")))
    assert "secret" not in text_of(stranger.get(url("dhcp:lease-export")))
    at = timezone.localtime().strftime("%Y-%m-%dT%H:%M:%S")
    assert "secret" not in text_of(stranger.get(url("dhcp:lease-who"), {"address": "192.168.1.14", "at": at}))
    for page in (url("dhcp:lease", row.pk), url("dhcp:errand-answer", errand.pk)):
        assert stranger.get(page).status_code == 404
    assert stranger.post(url("dhcp:lease-release", row.pk)).status_code == 404
    assert stranger.get(url("dhcp:reservation-new", server.pk), {"lease": row.pk}).status_code == 404


@pytest.mark.parametrize("who", ["no permission", "customer"])
def test_the_pages_are_for_those_who_may_see_leases(who: str) -> None:
    row = a_lease(the_seed(), "192.168.1.14")
    person = make.user(all_organizations=True) if who == "no permission" else make.customer(permissions=ALL)
    client = logged_in(person)
    errand = Errand.objects.create(server=row.server, kind="ping", asked={"addresses": ["192.168.1.14"]})
    pages = (url("dhcp:leases"), url("dhcp:lease", row.pk), url("dhcp:lease-export"), url("dhcp:lease-who"))
    for page in (*pages, url("dhcp:errand-answer", errand.pk)):
        assert client.get(page).status_code == 403
    keeper = logged_in(make.user(permissions=("dhcp.view_reservation",), all_organizations=True))
    assert keeper.get(url("dhcp:errand-answer", errand.pk)).status_code == 200
    reader = logged_in(make.user(permissions=SEES, all_organizations=True))
    assert reader.post(url("dhcp:lease-release", row.pk)).status_code == 403
    assert Errand.objects.get() == errand


def test_leases_are_sorted_by_address_both_ways_and_counted() -> None:
    server = the_seed()
    for n in range(3):
        a_lease(server, f"192.168.1.{9 + n}")
    client = logged_in(make.admin())
    rising, falling = (text_of(client.get(f"{url('dhcp:leases')}{sort}")) for sort in ("", "?sort=-key"))
    assert rising.index("192.168.1.9<") < rising.index("192.168.1.10<") < rising.index("192.168.1.11<")
    assert falling.index("192.168.1.11<") < falling.index("192.168.1.10<") < falling.index("192.168.1.9<")
    assert '<span class="soft num">3</span>' in rising
    assert 'data-columned="dhcp-leases"' in rising
