"""Findings: the list and its filters, and buttons that write a mend into the row that needs it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.models import Problem, Server
from dhcp.services.mending import is_mendable
from dhcp.services.taking_over import take_over
from tests import make
from tests.dhcp.dhcp_pages import operator
from tests.dhcp.sites import a_server, the_seed
from tests.hosts.pages import logged_in, said, text_of, url

pytestmark = pytest.mark.django_db
FAULTY = """
subnet 192.168.1.0 netmask 255.255.255.0 {
    range 192.168.1.10 192.168.1.20;
    default-lease-time 900;
    max-lease-time 600;
}
subnet 192.168.2.0 netmask 255.255.255.0 { range 192.168.2.0 192.168.2.10; }
host web { hardware ethernet 00:16:3e:cf:e6:3a; fixed-address 192.168.1.15; }
"""


def a_problem(server: Server, rule: str = "dhcp.subnet.routers", **more: Any) -> Problem:
    """A finding as a look keeps it."""
    now = timezone.now()
    values = {"source": "preflight", "subject": "s", "severity": "warning", "title": f"Title of {rule}", "why": "Why."}
    return Problem.objects.create(server=server, rule=rule, **{"found_at": now, "seen_at": now, **values, **more})


def test_the_gravest_come_first_and_filters_narrow() -> None:
    server = the_seed(host_name="dhcp01")
    a_problem(server, "dhcp.mac.twice")
    a_problem(server, "dhcp.log.silent", severity="critical", source="log")
    client = logged_in(operator())
    text = text_of(client.get(url("dhcp:problems")))
    assert text.index("dhcp.log.silent") < text.index("dhcp.mac.twice")
    assert "dhcp.mac.twice" not in text_of(client.get(url("dhcp:problems", query="severity=critical")))
    assert "dhcp.log.silent" not in text_of(client.get(url("dhcp:problems", query="source=preflight")))
    assert "No finding fits" in text_of(client.get(url("dhcp:problems", query="q=nothing")))


def test_nothing_wrong_is_said_so() -> None:
    assert "Nothing is wrong" in text_of(logged_in(operator()).get(url("dhcp:problems")))


def test_pages_are_turned_by_key_and_much_costs_what_little_costs() -> None:
    server = the_seed()
    a_problem(server, "first")
    client = logged_in(operator())
    client.get(url("dhcp:problems"))
    with CaptureQueriesContext(connection) as little:
        client.get(url("dhcp:problems"))
    for number in range(70):
        a_problem(server, f"rule-{number:02}", place_kind="subnet", place_name="192.168.1.0/24")
    with CaptureQueriesContext(connection) as much:
        text = text_of(client.get(url("dhcp:problems")))
    assert len(much) <= len(little) + 1 <= 25
    after = text.partition("?after=")[2].partition('"')[0]
    rest = text_of(client.get(f"{url('dhcp:problems')}?after={after}"))
    shown = [f"rule-{number:02}" for number in range(70) if f"rule-{number:02}" in text]
    others = [f"rule-{number:02}" for number in range(70) if f"rule-{number:02}" in rest]
    assert len(shown) + len(others) == 70
    assert not set(shown) & set(others)


def taken_over() -> Server:
    """A site starts from what it has, with what is wrong in it."""
    server = a_server("dhcp01")
    take_over(server, FAULTY, by=make.actor(), read_include=lambda _name: None)
    return server


def test_a_button_writes_another_address_into_the_reservation() -> None:
    row = taken_over().reservations.get()
    problem = Problem.objects.get(rule="dhcp.address.in-range")
    client = logged_in(operator())
    assert problem.mend_value in text_of(client.get(url("dhcp:problems")))
    answer = client.post(url("dhcp:mend", problem.pk))
    assert "It is written." in said(answer)[0]
    assert [each.address for each in row.addresses.all()] == [problem.mend_value]
    assert not Problem.objects.filter(rule="dhcp.address.in-range").exists()


def test_buttons_take_an_address_out_of_a_range_and_shorten_a_lease_time() -> None:
    server = taken_over()
    client = logged_in(operator())
    client.post(url("dhcp:mend", Problem.objects.get(rule="dhcp.range.edge").pk))
    other = server.subnets.get(network="192.168.2.0/24")
    assert str(other.pools.get().ranges.get()) == "192.168.2.1 – 192.168.2.10"
    client.post(url("dhcp:mend", Problem.objects.get(rule="dhcp.time.default-max").pk))
    assert server.subnets.get(network="192.168.1.0/24").default_lease_seconds == 600
    assert not Problem.objects.filter(rule__in=["dhcp.range.edge", "dhcp.time.default-max"]).exists()


def test_a_mend_for_what_has_changed_meanwhile_writes_nothing() -> None:
    server = taken_over()
    problem = Problem.objects.get(rule="dhcp.address.in-range")
    server.reservations.get().addresses.update(address="192.168.1.200")
    answer = logged_in(operator()).post(url("dhcp:mend", problem.pk))
    assert "Nothing was written" in said(answer)[0]
    assert server.reservations.get().addresses.get().address == "192.168.1.200"


def test_a_route_on_a_host_has_words_and_no_button() -> None:
    server = the_seed()
    problem = a_problem(
        server, "dhcp.server.no-route", place_kind="server", place_name=server.host.name, place_field="routes",
        mend_value="192.168.1.0/24 via 192.168.0.254", mend_words="Add a route",
    )  # fmt: skip
    assert not is_mendable(problem)
    text = text_of(logged_in(operator()).get(url("dhcp:problems")))
    assert "192.168.1.0/24 via 192.168.0.254" in text
    assert url("dhcp:mend", problem.pk) not in text


def test_findings_of_another_organization_are_nowhere() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    problem = a_problem(server, "theirs")
    client = logged_in(operator("Operator", make.organization()))
    assert "theirs" not in text_of(client.get(url("dhcp:problems")))
    assert client.post(url("dhcp:mend", problem.pk)).status_code == 404


def test_who_only_looks_mends_nothing_and_customers_see_nothing() -> None:
    problem = a_problem(the_seed())
    assert logged_in(operator("Viewer")).post(url("dhcp:mend", problem.pk)).status_code == 403
    assert logged_in(make.customer(permissions=["dhcp.view_problem"])).get(url("dhcp:problems")).status_code == 403
    assert logged_in(make.user()).get(url("dhcp:problems")).status_code == 403


def test_findings_are_sorted_and_come_as_a_table() -> None:
    server = the_seed()
    a_problem(server, "old-and-grave", severity="critical", found_at=timezone.now() - timedelta(days=2))
    a_problem(server, "new-and-small", severity="note", subject="=1+1")
    client = logged_in(operator())
    first = text_of(client.get(url("dhcp:problems")))
    newest = text_of(client.get(f"{url('dhcp:problems')}?sort=-found_at"))
    assert first.index("old-and-grave") < first.index("new-and-small")
    assert newest.index("new-and-small") < newest.index("old-and-grave")
    table = b"".join(client.get(f"{url('dhcp:problem-export')}?severity=note").streaming_content).decode()
    lines = table.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("note,Title of new-and-small,")
    assert ",'=1+1," in lines[1]
