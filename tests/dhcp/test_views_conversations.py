"""One search tells why a machine has no address; its conversations are ladders; the palette knows the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dhcp.choices import Outcome
from dhcp.models import Problem
from dhcp.views.palette import found
from hosts.facts.words import words
from tests import make
from tests.dhcp.clients import ALL, ANNE, BERT, a_lease, an_exchange, line
from tests.dhcp.sites import a_reservation, the_seed
from tests.hosts.pages import logged_in, text_of, url

pytestmark = pytest.mark.django_db
FULL = words("The pools of this network have no free lease.")


@pytest.fixture
def reader() -> Any:
    """Somebody who sees all of DHCP's clients, everywhere."""
    return logged_in(make.user(permissions=ALL, all_organizations=True))


def refused(server: Any, mac: str = ANNE, **more: Any) -> Any:
    at = timezone.now()
    lines = [line("DHCPDISCOVER", at, mac, via="192.168.1.254", note="network 192.168.1.0/24: no free leases")]
    said = {"outcome": Outcome.REFUSED, "reason": FULL, "lines": lines, "ip": "", "relay": "192.168.1.254"}
    return an_exchange(server, mac, **(said | more))


@pytest.mark.parametrize("typed", [ANNE, "0016.3e00.0001", "anne"], ids=["mac", "mac with dots", "host name"])
def test_one_search_says_why_with_all_that_is_known(reader: Any, typed: str) -> None:
    server = the_seed()
    refused(server, hostname="anne", via="192.168.1.254")
    a_reservation(server, "annes-box", ANNE, "192.168.1.100", is_enabled=False)
    a_lease(server, "192.168.1.14", ANNE, hostname="anne", state="expired")
    Problem.objects.create(
        server=server, source="log", rule="dhcp.handshake.full", subject="192.168.1.0/24", severity="critical",
        title=words("The network is full"), found_at=timezone.now(), seen_at=timezone.now(),
    )  # fmt: skip
    page = text_of(reader.get(url("dhcp:exchanges"), {"q": typed}))
    for each in ("Its last attempt failed", "no free lease", "annes-box", "192.168.1.14", "The network is full"):
        assert each in page


def test_a_machine_nobody_heard_of_is_told_so(reader: Any) -> None:
    server = the_seed()
    an_exchange(server, BERT)
    page = text_of(reader.get(url("dhcp:exchanges"), {"q": ANNE}))
    assert "its requests do not arrive" in page
    assert "No conversation fits" in page


def test_conversations_are_narrowed_by_outcome_and_time(reader: Any) -> None:
    server = the_seed()
    an_exchange(server, ANNE, minutes=5)
    refused(server, BERT, minutes=600)

    def shown(**query: object) -> set[str]:
        page = text_of(reader.get(url("dhcp:exchanges"), query))
        return {each for each in (ANNE, BERT) if f">{each}</a>" in page}

    assert shown() == {ANNE, BERT}
    assert shown(outcome="refused") == {BERT}
    hour_ago = timezone.localtime(timezone.now() - timezone.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert shown(since=hour_ago) == {ANNE}
    assert shown(until=hour_ago) == {BERT}


def test_a_conversation_is_a_ladder_with_the_broken_step(reader: Any) -> None:
    row = refused(the_seed())
    page = text_of(reader.get(row.get_absolute_url()))
    ladder = page.split('class="ladder')[1].split("</table>")[0]
    assert "Relay" in ladder
    assert 'class="rung broken"' in ladder
    assert "DHCPDISCOVER" in ladder
    assert "no free lease" in ladder.split('class="why"')[1]
    assert "no free leases" in ladder


def test_what_never_came_is_drawn_too(reader: Any) -> None:
    at = timezone.now()
    row = an_exchange(
        the_seed(), outcome=Outcome.UNANSWERED, reason=words("The server said nothing to the client."),
        lines=[line("DHCPDISCOVER", at, via="eth0")],
    )  # fmt: skip
    page = text_of(reader.get(row.get_absolute_url()))
    assert 'class="rung missing"' in page
    assert "never came" in page


def test_pages_cost_the_same_with_much(reader: Any) -> None:
    server = the_seed()
    row = an_exchange(server)
    a_lease(server, "192.168.1.14")
    a_reservation(server, "web", BERT, "192.168.1.100")

    def queries(page: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get(page)
        return len(seen)

    pages = (url("dhcp:exchanges"), url("dhcp:exchanges", query=f"q={ANNE}"), row.get_absolute_url())
    an_exchange(server, minutes=3)
    for page in pages:
        queries(page)
    little = [queries(page) for page in pages]
    for n in range(70):
        an_exchange(server, minutes=n + 10)
    assert [queries(page) for page in pages] == little
    assert max(little) < 30


def test_nothing_yet_says_what_this_is(reader: Any) -> None:
    assert "No conversation was read yet" in text_of(reader.get(url("dhcp:exchanges")))


def test_nobody_sees_conversations_of_others() -> None:
    server = the_seed(host=make.host(organization=make.organization()))
    row = an_exchange(server, hostname="secret")
    a_reservation(server, "secret-box", ANNE, "192.168.1.100")
    stranger = logged_in(make.user(permissions=ALL, organizations=[make.organization()]))
    for query in ({}, {"q": ANNE}, {"q": "secret"}):
        page = text_of(stranger.get(url("dhcp:exchanges"), query))
        assert ">secret" not in page
        assert "secret-box" not in page
    assert stranger.get(row.get_absolute_url()).status_code == 404


def test_without_their_permissions_leases_and_reservations_are_left_out() -> None:
    server = the_seed()
    an_exchange(server)
    a_lease(server, "192.168.1.77")
    a_reservation(server, "secret-box", ANNE, "192.168.1.100")
    reader = logged_in(make.user(permissions=("dhcp.view_exchange",), all_organizations=True))
    page = text_of(reader.get(url("dhcp:exchanges"), {"q": ANNE}))
    assert "secret-box" not in page
    assert url("dhcp:leases") not in page


@pytest.mark.parametrize("who", ["no permission", "customer"])
def test_the_pages_are_for_those_who_may_see_conversations(who: str) -> None:
    row = an_exchange(the_seed())
    person = make.user(all_organizations=True) if who == "no permission" else make.customer(permissions=ALL)
    for page in (url("dhcp:exchanges"), row.get_absolute_url()):
        assert logged_in(person).get(page).status_code == 403


def palette(term: str, **person: Any) -> list[str]:
    request = RequestFactory().get("/")
    request.user = make.user(permissions=person.pop("permissions", ALL), **person)
    return [result.title for result in found(request, term)]


def test_the_palette_finds_leases_reservations_and_subnets() -> None:
    server = the_seed()
    a_lease(server, "192.168.1.14", ANNE, hostname="build-07")
    a_reservation(server, "web", BERT, "192.168.1.100")
    assert "192.168.1.14" in palette("build-0", all_organizations=True)
    assert "192.168.1.14" in palette("0016.3e00.0001", all_organizations=True)
    assert {"192.168.1.0/24", "192.168.1.14"} <= set(palette("192.168.1.14", all_organizations=True))
    assert "web" in palette("192.168.1.100", all_organizations=True)
    assert "Leases" in palette("leas", all_organizations=True)
    assert "Why does it get no address?" in palette("192.168.1.14", all_organizations=True)
    assert palette("192.168.1.14", organizations=[make.organization()]) == []
    assert palette("192.168.1.14", permissions=(), all_organizations=True) == []
