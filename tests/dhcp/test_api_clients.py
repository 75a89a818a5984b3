"""Reservations, leases, conversations and the one answer to "why has it no address" over the API."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.choices import Outcome
from dhcp.models import Errand, Reservation
from hosts.facts.words import words
from tests import make
from tests.dhcp.clients import ALL, ANNE, BERT, HOUR, a_holding, a_lease, an_exchange, line
from tests.dhcp.sites import a_reservation, a_server, the_seed
from tests.hosts.api import Program, wake_ups

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    """An administrator's."""
    return Program(make.admin())


def found(answer: Any) -> list[str]:
    return [row["address"] for row in answer.json()["results"]]


def test_reservations_come_change_and_go(program: Program) -> None:
    server = the_seed()
    body = {
        "server": server.pk, "name": "web", "mac": "0016.3E00.0001", "addresses": ["192.168.1.100"],
        "hostname": "webserver01", "options": [{"name": "domain-name", "values": ["example.org"]}],
    }  # fmt: skip
    made = program.post("/dhcp/reservations/", body, once="web")
    assert made.status_code == 201, made.json()
    assert program.post("/dhcp/reservations/", body, once="web").status_code == 200
    assert (made.json()["mac"], made.json()["addresses"]) == (ANNE, ["192.168.1.100"])
    one = f"/dhcp/reservations/{made.json()['id']}/"
    off = program.patch(one, {"is_enabled": False})
    assert (off.json()["is_enabled"], off.json()["addresses"]) == (False, ["192.168.1.100"])
    moved = program.patch(one, {"addresses": ["192.168.1.14"], "leaves_range": True})
    assert moved.json()["addresses"] == ["192.168.1.14"], moved.json()
    assert program.delete(one).status_code == 204
    assert not Reservation.objects.exists()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"mac": BERT}, "mac"),
        ({"mac": "nonsense"}, "mac"),
        ({"mac": ""}, "mac"),
        ({"addresses": ["192.168.1.101"]}, "addresses"),
        ({"addresses": ["192.168.1.15"]}, "addresses"),
        ({"addresses": ["10.9.9.9"]}, "addresses"),
        ({"name": ""}, "name"),
        ({"organization": 999}, "organization"),
    ],
    ids=["mac twice", "no mac", "nothing", "address twice", "in a range", "no subnet", "no name", "no organization"],
)
def test_a_wrong_reservation_is_refused_with_its_field(program: Program, sent: dict[str, Any], field: str) -> None:
    server = the_seed()
    a_reservation(server, "known", BERT, "192.168.1.101")
    body = {"server": server.pk, "name": "web", "mac": ANNE, "addresses": ["192.168.1.100"], **sent}
    answer = program.post("/dhcp/reservations/", body)
    assert (answer.status_code, answer.json().get("field")) == (400, field), answer.json()
    assert Reservation.objects.count() == 1


def test_reservations_are_searched(program: Program) -> None:
    server = the_seed()
    acme = make.organization("Acme")
    a_reservation(server, "web", ANNE, "192.168.1.100", organization=acme)
    a_reservation(server, "off", BERT, "192.168.1.101", is_enabled=False)

    def names(**query: Any) -> set[str]:
        return {row["name"] for row in program.get("/dhcp/reservations/", **query).json()["results"]}

    assert names() == {"web", "off"}
    assert names(q="00:16:3E:00:00:01") == names(organization=acme.pk) == names(is_enabled="true") == {"web"}
    assert names(q="192.168.1.101") == names(is_enabled="false") == {"off"}
    assert program.get("/dhcp/reservations/", server=999).json()["field"] == "server"


def test_a_table_goes_out_and_comes_in_by_lines(program: Program) -> None:
    server = the_seed()
    a_reservation(server, "web", ANNE, "192.168.1.100", note="가게")
    answer = program.get("/dhcp/reservations/export/")
    text = b"".join(answer.streaming_content).decode()
    assert "가게" in text
    more = text + f"{server},db,{BERT},,192.168.1.101,,,yes,\r\n"
    sent = {"server": server.pk, "base64": base64.b64encode(more.encode()).decode(), "is_trial": True}
    trial = program.post("/dhcp/reservations/import/", sent).json()
    assert [(each["line"], each["kind"]) for each in trial["lines"]] == [(2, "same"), (3, "new")]
    assert not trial["is_done"]
    assert Reservation.objects.count() == 1
    assert program.post("/dhcp/reservations/import/", sent | {"is_trial": False}).json()["is_done"]
    wrong = program.post("/dhcp/reservations/import/", {"server": server.pk, "text": f"x,{ANNE},192.168.1.15\n"}).json()
    assert not wrong["is_done"]
    assert "range" in " ".join(wrong["lines"][0]["why"])
    assert Reservation.objects.count() == 2


def test_leases_are_found_by_anything_and_paged_by_address(program: Program) -> None:
    server, other = the_seed(), a_server()
    for n in range(10, 70):
        a_lease(server, f"192.168.1.{n}", f"00:16:3e:00:02:{n:02x}", hostname=f"build-{n}", vendor_class="udhcp")
    a_lease(other, "10.0.0.1", ANNE, state="abandoned")
    first = program.get("/dhcp/leases/", page_size=50)
    assert found(first)[:2] == ["10.0.0.1", "192.168.1.10"]
    second = program.client.get(first.json()["next"])
    assert found(second)[-1] == "192.168.1.69"
    assert len(found(second)) == 11
    assert found(program.get("/dhcp/leases/", q="0016.3e00.020a")) == ["192.168.1.10"]
    assert found(program.get("/dhcp/leases/", q="192.168.1.64/29")) == [f"192.168.1.{n}" for n in range(64, 70)]
    assert found(program.get("/dhcp/leases/", q="build-11")) == ["192.168.1.11"]
    assert found(program.get("/dhcp/leases/", state="abandoned")) == ["10.0.0.1"]
    assert found(program.get("/dhcp/leases/", server=other.pk)) == ["10.0.0.1"]
    assert len(found(program.get("/dhcp/leases/", vendor="udh"))) == 50
    assert program.get("/dhcp/leases/", state="sleeping").json()["field"] == "state"
    assert first.json()["results"][1]["state"] == {"value": "active", "label": "Leased", "tone": "run"}


def test_a_lease_tells_its_history_and_who_had_the_address(program: Program) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14", ANNE)
    ended = timezone.now() - HOUR * 2
    a_holding(server, "192.168.1.14", BERT, hours=9, ended_at=ended, is_open=False)
    a_holding(server, "192.168.1.14", ANNE)
    a_holding(server, "192.168.1.77", ANNE, hours=20, ended_at=timezone.now() - HOUR * 19, is_open=False)
    history = program.get(f"/dhcp/leases/{row.pk}/history/").json()
    assert [(each["address"], each["mac"]) for each in history] == [
        ("192.168.1.14", ANNE), ("192.168.1.14", BERT), ("192.168.1.77", ANNE),
    ]  # fmt: skip
    at = (timezone.now() - HOUR * 5).isoformat()
    (had,) = program.get("/dhcp/leases/who-had/", address="192.168.1.14", at=at).json()
    assert (had["holding"]["mac"], had["is_certain"]) == (BERT, True)
    assert program.get("/dhcp/leases/who-had/", address="web", at=at).json()["field"] == "address"


def test_a_lease_is_released_and_reserved(program: Program, django_capture_on_commit_callbacks: Any) -> None:
    server = the_seed()
    row = a_lease(server, "192.168.1.14", ANNE, hostname="build-07")
    with wake_ups(django_capture_on_commit_callbacks) as woken:
        asked = program.post(f"/dhcp/leases/{row.pk}/release/")
    errand = Errand.objects.get()
    assert (asked.status_code, woken) == (201, [("dhcp.run_errand", errand.pk)])
    made = program.post(f"/dhcp/leases/{row.pk}/reserve/", {}, once="r")
    assert made.status_code == 201, made.json()
    assert (made.json()["name"], made.json()["addresses"]) == ("build-07", ["192.168.1.14"])
    assert program.post(f"/dhcp/leases/{row.pk}/reserve/", {}, once="r").status_code == 200
    assert program.post(f"/dhcp/leases/{row.pk}/reserve/", {}).status_code == 409


def test_conversations_are_ladders(program: Program) -> None:
    server, at = the_seed(), timezone.now()
    row = an_exchange(
        server, outcome=Outcome.UNANSWERED, reason=words("The server said nothing to the client."),
        lines=[line("DHCPDISCOVER", at, via="eth0")],
    )  # fmt: skip
    an_exchange(server, BERT, minutes=90)
    listed = program.get("/dhcp/conversations/").json()["results"]
    assert [each["mac"] for each in listed] == [ANNE, BERT]
    assert "rungs" not in listed[0]
    narrowed = program.get("/dhcp/conversations/", outcome="unanswered").json()["results"]
    assert [each["mac"] for each in narrowed] == [ANNE]
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    assert len(program.get("/dhcp/conversations/", since=since).json()["results"]) == 1
    one = program.get(f"/dhcp/conversations/{row.pk}/").json()
    assert [(each["message"], each["kind"]) for each in one["rungs"]] == [
        ("DHCPDISCOVER", "said"), ("DHCPOFFER", "missing"),
    ]  # fmt: skip
    assert one["rungs"][1]["why"] == "The server said nothing to the client."
    assert one["outcome"]["tone"] == "bad"


def test_one_question_says_why(program: Program) -> None:
    server = the_seed()
    an_exchange(server, outcome=Outcome.REFUSED, reason=words("The pools of this network have no free lease."))
    a_reservation(server, "web", ANNE, "192.168.1.100", is_enabled=False)
    answer = program.get("/dhcp/diagnose/", q=ANNE).json()
    assert answer["answers"][0].startswith("Its last attempt failed")
    assert "web is switched off" in " ".join(answer["answers"])
    assert [row["name"] for row in answer["reservations"]] == ["web"]
    assert program.get("/dhcp/diagnose/").json()["field"] == "q"


def test_lists_cost_the_same_with_many(program: Program) -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14")
    a_reservation(server, "web", ANNE, "192.168.1.100")
    an_exchange(server)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert program.get(path).status_code == 200
        return len(seen)

    paths = ("/dhcp/leases/", "/dhcp/reservations/", "/dhcp/conversations/")
    queries(paths[0])  # the first request of a minute notes that the key was used
    little = [queries(path) for path in paths]
    for n in range(30, 70):
        a_lease(server, f"192.168.1.{n}", f"00:16:3e:00:03:{n:02x}")
        an_exchange(server, minutes=n)
    rows = [Reservation(server=server, name=f"m{n}", mac=f"00:16:3e:00:04:{n:02x}") for n in range(40)]
    for n, row in enumerate(Reservation.objects.bulk_create(rows)):
        row.addresses.create(address=f"192.168.1.{n + 120}")
    assert [queries(path) for path in paths] == little


def test_what_belongs_to_others_is_not_there() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    lease, talk = a_lease(server, "192.168.1.14"), an_exchange(server)
    row = a_reservation(server, "web", ANNE, "192.168.1.100")
    a_holding(server, "192.168.1.14")
    stranger = Program(make.user(permissions=ALL, organizations=[make.organization()]))
    for path in (
        f"leases/{lease.pk}/",
        f"leases/{lease.pk}/history/",
        f"conversations/{talk.pk}/",
        f"reservations/{row.pk}/",
    ):
        assert stranger.get(f"/dhcp/{path}").status_code == 404
    for path in (f"leases/{lease.pk}/release/", f"leases/{lease.pk}/reserve/"):
        assert stranger.post(f"/dhcp/{path}", {}).status_code == 404
    assert stranger.delete(f"/dhcp/reservations/{row.pk}/").status_code == 404
    for path in ("leases", "conversations", "reservations"):
        assert stranger.get(f"/dhcp/{path}/").json()["results"] == []
    at = timezone.now().isoformat()
    assert stranger.get("/dhcp/leases/who-had/", address="192.168.1.14", at=at).json() == []
    answer = stranger.get("/dhcp/diagnose/", q=ANNE).json()
    assert (answer["leases"], answer["reservations"], answer["exchanges"]) == ([], [], [])
    table = {"server": server.pk, "text": f"x,{BERT},192.168.1.120\n"}
    assert stranger.post("/dhcp/reservations/import/", table).json()["field"] == "server"
    assert b"web" not in b"".join(stranger.get("/dhcp/reservations/export/").streaming_content)


@pytest.mark.parametrize("who", ["reads only", "viewer", "customer"])
def test_only_those_who_may(who: str) -> None:
    server = the_seed()
    lease = a_lease(server, "192.168.1.14")
    views = ("dhcp.view_lease", "dhcp.view_reservation", "dhcp.view_exchange")
    person = {
        "reads only": lambda: make.admin(),
        "viewer": lambda: make.user(permissions=views, all_organizations=True),
        "customer": lambda: make.customer(permissions=ALL),
    }[who]()
    program = Program(person, ("read",) if who == "reads only" else make.SCOPES)
    for path in ("leases/", "reservations/", "conversations/", "reservations/export/"):
        assert program.get(f"/dhcp/{path}").status_code == (403 if who == "customer" else 200)
    for path in ("reservations/", "reservations/import/", f"leases/{lease.pk}/release/", f"leases/{lease.pk}/reserve/"):
        assert program.post(f"/dhcp/{path}", {"server": server.pk, "text": "x"}).status_code == 403
    assert not Errand.objects.exists()


def test_parts_that_one_may_not_see_are_left_out_of_the_answer() -> None:
    server = the_seed()
    an_exchange(server)
    a_reservation(server, "web", ANNE, "192.168.1.100")
    reader = Program(make.user(permissions=("dhcp.view_exchange",), all_organizations=True))
    answer = reader.get("/dhcp/diagnose/", q=ANNE).json()
    assert answer["reservations"] == []
    assert len(answer["exchanges"]) == 1
