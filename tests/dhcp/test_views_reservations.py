"""The pages of reservations: listed with how they stand, written with live checks, switched, brought in and out."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.models import Errand, Reservation, Server
from tests import make
from tests.dhcp.clients import ALL, ANNE, BERT, a_lease, an_exchange
from tests.dhcp.sites import a_reservation, a_server, the_seed
from tests.hosts.api import wake_ups
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db
WEB = {"name": "web", "mac": ANNE, "addresses": "192.168.1.100", "hostname": "webserver01", "is_enabled": "on"}


@pytest.fixture
def keeper() -> Any:
    """Somebody who may do everything with clients of DHCP, everywhere."""
    return logged_in(make.user(permissions=ALL, all_organizations=True))


def names(page: str, *known: str) -> set[str]:
    return {each for each in known if f">{each}</a>" in page}


def test_reservations_are_listed_with_how_they_stand(keeper: Any) -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100", hostname="webserver01")
    a_reservation(server, "db", BERT, "192.168.1.101")
    an_exchange(server, ANNE, ip="192.168.1.100")
    a_lease(server, "192.168.1.101", "00:16:3e:00:00:99")
    page = text_of(keeper.get(url("dhcp:reservations")))
    for each in ("webserver01", "In use", "Taken by another", "00:16:3e:00:00:99"):
        assert each in page


def test_a_search_and_filters_narrow(keeper: Any) -> None:
    server, other = the_seed(), the_seed()
    acme = make.organization("Acme")
    a_reservation(server, "web", ANNE, "192.168.1.100", organization=acme)
    a_reservation(server, "db", BERT, "192.168.1.101", is_enabled=False)
    a_reservation(other, "far", BERT, "192.168.0.100", note="the old one")
    subnet = other.subnets.get(network="192.168.0.0/24")

    def shown(**query: object) -> set[str]:
        return names(text_of(keeper.get(url("dhcp:reservations"), query)), "web", "db", "far")

    assert shown() == {"web", "db", "far"}
    assert shown(q="192.168.1.0/24") == {"web", "db"}
    assert shown(q="0016.3e00.0002") == {"db", "far"}
    assert shown(q="OLD") == {"far"}
    assert shown(server=server.pk) == {"web", "db"}
    assert shown(organization=acme.pk) == {"web"}
    assert shown(enabled="no") == {"db"}
    assert shown(subnet=subnet.pk) == {"far"}


def test_the_list_costs_the_same_with_many(keeper: Any) -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            keeper.get(url("dhcp:reservations"))
        return len(seen)

    queries()
    little = queries()
    rows = Reservation.objects.bulk_create(
        Reservation(server=server, name=f"m{n}", mac=f"00:16:3e:00:02:{n:02x}") for n in range(60)
    )
    for n, row in enumerate(rows):
        row.addresses.create(address=f"192.168.1.{n + 30}")
    assert queries() == little


def test_a_reservation_is_saved_and_told_what_comes_next(keeper: Any) -> None:
    server = the_seed()
    answer = keeper.post(url("dhcp:reservation-new", server.pk), WEB)
    row = Reservation.objects.get()
    assert answer["Location"] == row.get_absolute_url()
    assert (row.mac, row.hostname, row.is_enabled) == (ANNE, "webserver01", True)
    assert "review the changes" in said(answer)[0]
    page = text_of(keeper.get(row.get_absolute_url()))
    assert 'value="192.168.1.100"' in page
    changed = keeper.post(row.get_absolute_url(), WEB | {"addresses": "192.168.1.100, 192.168.1.101", "hostname": ""})
    assert changed.status_code == 302
    assert [each.address for each in row.addresses.all()] == ["192.168.1.100", "192.168.1.101"]
    assert Server.objects.get().revision == server.revision + 4  # two subnets, then this twice


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"addresses": "192.168.1.15"}, "addresses", "lies in a range"),
        ({"addresses": "192.168.1.90"}, "addresses", "192.168.1.90"),
        ({"addresses": "10.9.9.9"}, "addresses", "lies in no subnet"),
        ({"mac": "00:16:3E:00:00:02"}, "mac", "00:16:3e:00:00:02"),
        ({"mac": "nonsense"}, "mac", "no MAC address"),
        ({"mac": ""}, "mac", "how the machine is known"),
        ({"name": "two words"}, "name", "one word"),
        ({"name": ""}, "name", "required"),
        ({"default_lease_seconds": "0600"}, "default_lease_seconds", "0600"),
    ],
    ids=["in a range", "address twice", "no subnet", "mac twice", "no mac", "nothing", "two words", "no name", "octal"],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    keeper: Any, typed: dict[str, str], field: str, words: str
) -> None:
    server = the_seed()
    a_reservation(server, "known", BERT, "192.168.1.90")
    answer = keeper.post(url("dhcp:reservation-new", server.pk), WEB | {"note": "the shop's front"} | typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page.split(f'id="id_{field}_wrong"')[1].split("</div>")[0].replace("&quot;", '"')
    assert "Not saved. What was typed is still here." in page
    assert "the shop&#x27;s front" in page
    assert Reservation.objects.count() == 1


def test_beside_the_fields_is_said_who_has_them(keeper: Any) -> None:
    server = the_seed()
    a_reservation(server, "known", BERT, "192.168.1.90")
    where = url("dhcp:reservation-remark", server.pk)
    assert "known has this MAC" in text_of(keeper.get(where, {"of": "mac", "mac": BERT}))
    page = text_of(keeper.get(where, {"of": "addresses", "addresses": "192.168.1.90"}))
    assert "reserved for known" in page
    assert 'data-take="192.168.1.1"' in page
    subnet = server.subnets.get(network="192.168.1.0/24")
    free = text_of(keeper.get(url("dhcp:reservation-free", server.pk), {"subnet": subnet.pk, "after": "192.168.1.9"}))
    assert 'data-take="192.168.1.21"' in free


def test_the_server_is_asked_whether_an_address_answers(keeper: Any, django_capture_on_commit_callbacks: Any) -> None:
    server = the_seed()
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        page = text_of(keeper.post(url("dhcp:reservation-ping", server.pk), WEB))
    errand = Errand.objects.get()
    assert woken == [("dhcp.run_errand", errand.pk)]
    assert url("dhcp:errand-answer", errand.pk) in page
    assert "no address" in text_of(keeper.post(url("dhcp:reservation-ping", server.pk), {"addresses": "web"}))
    answer = {"heard": [{"ip": "192.168.1.100", "heard": "answers", "mac": BERT}]}
    Errand.objects.update(state="done", answer=answer)
    assert "Somebody answers at 192.168.1.100" in text_of(keeper.get(url("dhcp:errand-answer", errand.pk)))


def test_selected_ones_are_switched_and_deleted_together(keeper: Any) -> None:
    server = the_seed()
    rows = [a_reservation(server, "a", ANNE, "192.168.1.100"), a_reservation(server, "b", BERT, "192.168.1.101")]
    chosen = {"reservation": [row.pk for row in rows], "query": "q=a"}
    answer = keeper.post(url("dhcp:reservation-selected"), chosen | {"do": "disable"})
    assert answer["Location"].endswith("?q=a")
    assert not Reservation.objects.filter(is_enabled=True).exists()
    keeper.post(url("dhcp:reservation-selected"), chosen | {"do": "enable"})
    assert Reservation.objects.filter(is_enabled=True).count() == 2
    assert "No reservation was selected" in said(keeper.post(url("dhcp:reservation-selected"), {"do": "enable"}))[-1]
    keeper.post(url("dhcp:reservation-selected"), chosen | {"do": "delete"})
    assert not Reservation.objects.exists()


def test_one_is_deleted_from_its_page(keeper: Any) -> None:
    row = a_reservation(the_seed(), "a", ANNE, "192.168.1.100")
    assert keeper.post(url("dhcp:reservation-delete", row.pk))["Location"] == url("dhcp:reservations")
    assert not Reservation.objects.exists()


def test_a_table_is_looked_at_first_and_comes_in_as_a_whole(keeper: Any) -> None:
    server = the_seed()
    a_reservation(server, "old", BERT, "192.168.1.101")
    text = f"이름,MAC,주소,비고\nweb-1,{ANNE},192.168.1.100,가게\nold,{BERT},192.168.1.102,\n"
    file = SimpleUploadedFile("list.csv", ("\ufeff" + text).encode())
    where = url("dhcp:reservation-import", server.pk)
    page = text_of(keeper.post(where, {"file": file}))
    for each in ("comes in", "changes", "192.168.1.101", "Take over 2 lines"):
        assert each in page
    assert Reservation.objects.count() == 1
    answer = keeper.post(where, {"text": text, "do": "import"})
    assert answer.status_code == 302
    assert "1 reservation came in. 1 was changed." in said(answer)[0]
    assert Reservation.objects.get(name="web-1").note == "가게"


def test_a_wrong_table_is_shown_with_its_lines_and_kept_for_mending(keeper: Any) -> None:
    server = the_seed()
    text = f"name,mac,address\nweb,{ANNE},192.168.1.100\nbad,nonsense,192.168.1.101\n"
    where = url("dhcp:reservation-import", server.pk)
    page = text_of(keeper.post(where, {"text": text, "do": "import"}))
    assert "cannot be taken over as it is" in page
    assert "no MAC address" in page
    assert "disabled" in page
    assert not Reservation.objects.exists()
    again = text_of(keeper.post(where, {"text": text, "do": "edit"}))
    assert "bad,nonsense" in again
    assert "no rows" in text_of(keeper.post(where, {"text": "name,mac\n"}))
    assert "paste the table" in text_of(keeper.post(where, {"text": " "}))


def test_where_there_is_one_server_only_nobody_has_to_choose(keeper: Any) -> None:
    server = the_seed()
    for name, leads_to in (
        ("reservation-choose", "reservation-new"),
        ("reservation-import-choose", "reservation-import"),
    ):
        assert keeper.get(url(f"dhcp:{name}"))["Location"] == url(f"dhcp:{leads_to}", server.pk)
    other = a_server("second")
    page = text_of(keeper.get(url("dhcp:reservation-choose")))
    assert url("dhcp:reservation-new", other.pk) in page


def test_the_csv_is_read_back_as_it_was(keeper: Any) -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100", note="가게, 앞")
    text = text_of(keeper.get(url("dhcp:reservation-export")))
    page = text_of(keeper.post(url("dhcp:reservation-import", server.pk), {"text": text}))
    assert "stays as it is" in page
    assert "Take over 0 lines" in page


def test_nobody_sees_or_changes_reservations_of_others() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    row = a_reservation(server, "secret", ANNE, "192.168.1.100")
    stranger = logged_in(make.user(permissions=ALL, organizations=[make.organization()]))
    assert "secret" not in text_of(stranger.get(url("dhcp:reservations")))
    assert "secret" not in text_of(stranger.get(url("dhcp:reservation-export")))
    for page in (
        url("dhcp:reservation", row.pk),
        url("dhcp:reservation-new", server.pk),
        url("dhcp:reservation-import", server.pk),
        url("dhcp:reservation-remark", server.pk),
        url("dhcp:reservation-free", server.pk),
    ):
        assert stranger.get(page).status_code == 404
    for page in (url("dhcp:reservation-delete", row.pk), url("dhcp:reservation-ping", server.pk)):
        assert stranger.post(page, WEB).status_code == 404
    stranger.post(url("dhcp:reservation-selected"), {"reservation": [row.pk], "do": "delete"})
    assert Reservation.objects.get() == row


def test_an_organization_sees_its_reservation_on_a_server_of_the_house_and_cannot_change_it() -> None:
    mine = make.organization()
    row = a_reservation(the_seed(), "web", ANNE, "192.168.1.100", organization=mine)
    owner = logged_in(make.user(permissions=ALL, organizations=[mine]))
    assert names(text_of(owner.get(url("dhcp:reservations"))), "web")
    page = text_of(owner.get(row.get_absolute_url()))
    assert "192.168.1.100" in page
    assert 'name="addresses"' not in page
    assert owner.post(row.get_absolute_url(), WEB | {"name": "mine"}).status_code == 404
    assert owner.post(url("dhcp:reservation-delete", row.pk)).status_code == 302
    assert Reservation.objects.filter(name="web").exists()


@pytest.mark.parametrize("who", ["no permission", "customer", "viewer"])
def test_only_those_who_may_write_reservations(who: str) -> None:
    server = the_seed()
    row = a_reservation(server, "web", ANNE, "192.168.1.100")
    rights = ("dhcp.view_reservation",) if who == "viewer" else () if who == "no permission" else ALL
    person = (
        make.customer(permissions=rights)
        if who == "customer"
        else make.user(permissions=rights, all_organizations=True)
    )
    client = logged_in(person)
    assert client.get(url("dhcp:reservations")).status_code == (200 if who == "viewer" else 403)
    for page in (url("dhcp:reservation-new", server.pk), url("dhcp:reservation-import", server.pk)):
        assert client.get(page).status_code == 403
    for page in (url("dhcp:reservation-delete", row.pk), url("dhcp:reservation-ping", server.pk)):
        assert client.post(page).status_code == 403
    for verb in ("enable", "delete"):
        answer = client.post(url("dhcp:reservation-selected"), {"reservation": [row.pk], "do": verb})
        assert answer.status_code == 403
    assert client.post(row.get_absolute_url(), WEB | {"name": "x"}).status_code in (403, 404)
    assert Reservation.objects.filter(name="web").exists()


def test_reservations_are_sorted_by_a_click_on_a_head_counted_and_turned_by_key() -> None:
    server = the_seed()
    for n in range(60):
        Reservation.objects.create(server=server, name=f"desk{n:02}", mac=f"02:00:00:00:01:{99 - n:02x}")
    client = logged_in(make.admin())
    first = text_of(client.get(f"{url('dhcp:reservations')}?sort=-mac"))
    assert '<span class="soft num">60</span>' in first
    assert 'aria-sort="descending"><a href="?sort=mac"' in first
    assert first.index("desk00") < first.index("desk01")
    after = first.partition("&amp;after=")[2].partition('"')[0]
    rest = text_of(client.get(f"{url('dhcp:reservations')}?sort=-mac&after={after}"))
    assert [f"desk{n:02}" for n in range(60) if f">desk{n:02}<" in rest] == [f"desk{n:02}" for n in range(50, 60)]
    assert 'data-columns="dhcp-reservations"' in first
    assert text_of(client.get(f"{url('dhcp:reservations')}?sort=password")).index("desk00")
