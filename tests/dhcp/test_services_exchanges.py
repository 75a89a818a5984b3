"""Log lines become conversations: each once, whole however they were read, with what is wrong as findings."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from dhcp.choices import Outcome
from dhcp.facts.logs import LogLine
from dhcp.facts.reading import LogMark, LogNews
from dhcp.models import Exchange, Problem, Relay, Server
from dhcp.parse.log_lines import log_lines
from dhcp.services import exchanges
from dhcp.services.checks import is_told
from dhcp.services.exchanges import mark_of, record_log, record_relay_log
from dhcp.services.log_findings import SOURCE, conversation_of
from hosts.facts.words import plain
from tests import make
from tests.dhcp.lease_text import ANNE, BERT, NOON, a_server

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def said(*told: tuple[float, str]) -> list[LogLine]:
    """Lines by the seconds after noon."""
    text = [f"{(NOON + SECOND * at).isoformat()} gw dhcpd[1]: {line}" for at, line in told]
    return list(log_lines(text))


def bound(at: float, mac: str = ANNE, via: str = "eth0", ip: str = "10.0.0.5") -> list[tuple[float, str]]:
    return [
        (at, f"DHCPDISCOVER from {mac} via {via}"),
        (at + 1, f"DHCPOFFER on {ip} to {mac} (anne) via {via}"),
        (at + 1, f"DHCPREQUEST for {ip} (10.0.0.1) from {mac} (anne) via {via}"),
        (at + 1, f"DHCPACK on {ip} to {mac} (anne) via {via}"),
    ]


def read(server: Server, lines: list[LogLine], *, at: float, more: bool = False) -> int | None:
    since = mark_of(Server.objects.get(pk=server.pk))
    mark = LogMark(cursor=f"{since.cursor if since else ''}x")
    return record_log(server.pk, LogNews(tuple(lines), mark, more), since=since, now=NOON + SECOND * at)


def read_relay(relay: Relay, lines: list[LogLine], *, at: float) -> bool:
    since = mark_of(Relay.objects.get(pk=relay.pk))
    mark = LogMark(cursor=f"{since.cursor if since else ''}x")
    return record_relay_log(relay.pk, LogNews(tuple(lines), mark), since=since, now=NOON + SECOND * at)


def kept() -> list[tuple[str, str, int]]:
    return [(row.mac, row.outcome, len(row.lines)) for row in Exchange.objects.order_by("started_at", "mac")]


def test_a_conversation_is_kept_with_its_messages() -> None:
    server = a_server()
    assert read(server, said(*bound(0)), at=5) == 1
    row = Exchange.objects.get()
    assert (row.mac, row.ip, row.key, row.hostname, row.via) == (ANNE, "10.0.0.5", "40a000005", "anne", "eth0")
    assert (row.outcome, str(row.reason)) == (Outcome.BOUND, "The client has 10.0.0.5.")
    assert row.started_at == NOON
    assert [line["message"] for line in row.lines] == ["DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK"]
    assert conversation_of(row).lines[1].ip == "10.0.0.5"
    server.refresh_from_db()
    assert server.log_read_at == NOON + SECOND * 5


def test_a_conversation_that_is_read_in_parts_becomes_one() -> None:
    server, told = a_server(), bound(0)
    read(server, said(*told[:2]), at=2)
    assert kept() == [(ANNE, Outcome.UNFINISHED, 2)]
    read(server, [], at=4)
    read(server, said(*told[2:3]), at=6)
    read(server, said(*told[3:]), at=8)
    assert kept() == [(ANNE, Outcome.BOUND, 4)]
    assert read(server, [], at=9) == 0


def test_an_offer_that_nobody_took_is_told_when_time_has_passed_without_a_further_line() -> None:
    server = a_server()
    read(server, said(*bound(0)[:2]), at=2)
    assert read(server, [], at=60) == 1
    assert kept() == [(ANNE, Outcome.NO_REQUEST, 2)]
    read(server, [], at=600)
    assert kept() == [(ANNE, Outcome.NO_REQUEST, 2)]


def test_two_conversations_of_one_client_in_the_same_second_are_two() -> None:
    server = a_server()
    again = [(1, f"DHCPREQUEST for 10.0.0.5 from {ANNE} via eth0"), (1, f"DHCPACK on 10.0.0.5 to {ANNE} via eth0")]
    told = [(1, line) for _, line in bound(1)] + [(1, f"DHCPDISCOVER from {ANNE} via eth0")]
    read(server, said(*told, *again), at=5)
    assert [outcome for _, outcome, _ in kept()] == [Outcome.BOUND, Outcome.BOUND]


def test_of_two_workers_that_read_the_same_the_second_keeps_nothing() -> None:
    server = a_server()
    news = LogNews(tuple(said(*bound(0))), LogMark(cursor="a"))
    assert record_log(server.pk, news, since=None, now=NOON) == 1
    assert record_log(server.pk, news, since=None, now=NOON) is None
    assert record_log(server.pk + 999, news, since=None, now=NOON) is None


def test_a_relays_own_lines_join_the_servers_conversation_whichever_is_read_first() -> None:
    server, other = a_server(addresses=["10.0.0.1/24"]), a_server(addresses=["10.9.0.1/24"])
    relay = Relay.objects.create(host=make.host(), servers=["10.0.0.1"])
    forwarded = said(
        (-0.5, f"Forwarded BOOTREQUEST for {ANNE} to 10.0.0.1"),
        (0.5, f"Forwarded BOOTREPLY for {ANNE} to 10.0.0.5"),
    )
    own = bound(0, via="10.0.1.254")
    read_relay(relay, forwarded[:1], at=1)
    read(server, said(*own[:1]), at=1)
    read_relay(relay, forwarded[1:], at=2)
    read(server, said(*own[1:]), at=10)
    assert kept() == [(ANNE, Outcome.BOUND, 6)]
    assert Exchange.objects.get().relay == "10.0.1.254"
    other.refresh_from_db()
    assert other.log_rest == []


def test_what_was_told_of_a_relays_half_is_replaced_when_the_server_speaks() -> None:
    server = a_server(addresses=["10.0.0.1/24"])
    relay = Relay.objects.create(host=make.host(), servers=["10.0.0.1"])
    read_relay(relay, said((0, f"Forwarded BOOTREQUEST for {ANNE} to 10.0.0.1")), at=1)
    read(server, said(*bound(3, BERT)), at=20)
    assert (ANNE, Outcome.UNANSWERED, 1) in kept()
    read(server, said(*bound(21, via="10.0.1.254")), at=25)
    assert kept() == [(ANNE, Outcome.BOUND, 5), (BERT, Outcome.BOUND, 4)]


def test_findings_are_kept_while_they_are_seen_and_for_some_hours() -> None:
    server = a_server()
    full = "DHCPDISCOVER from {} via 10.0.1.254: network 10.0.1.0/24: no free leases"
    read(server, said((0, full.format(ANNE))), at=1)
    problem = Problem.objects.get(source=SOURCE, rule="dhcp.handshake.full")
    assert problem.subject == "10.0.1.0/24"
    read(server, said((1800, full.format(BERT))), at=1801)
    again = Problem.objects.get(rule="dhcp.handshake.full")
    assert (again.pk, again.found_at, again.seen_at) == (problem.pk, problem.found_at, NOON + SECOND * 1801)
    read(server, said(*bound(7200)), at=7205)
    assert Problem.objects.filter(rule="dhcp.handshake.full").exists()
    read(server, said(*bound(40_000)), at=40_005)
    assert not Problem.objects.filter(source=SOURCE).exists()


def test_what_happens_again_within_an_hour_counts_together() -> None:
    server = a_server()
    for number, at in enumerate((0, 300, 600)):
        mac = f"02:00:00:00:01:{number:02x}"
        read(server, said((at, f"DHCPREQUEST for 10.9.9.9 from {mac} via eth0: wrong network.")), at=at + 20)
        found = Problem.objects.filter(rule="dhcp.handshake.wrong-network").exists()
        assert found is (number == 2)


def test_old_conversations_are_forgotten() -> None:
    server = a_server()
    read(server, said(*bound(0)), at=5)
    assert exchanges.forget_exchanges(NOON + timedelta(days=29)) == 0
    assert exchanges.forget_exchanges(NOON + timedelta(days=31)) == 1


def test_why_a_log_could_not_be_read_is_shown_until_it_is() -> None:
    server = a_server()
    exchanges.note_log_unread(server.pk, plain("No journal."))
    assert str(Server.objects.get().log_why) == "No journal."
    read(server, [], at=0)
    assert str(Server.objects.get().log_why) == ""


@pytest.mark.parametrize("seed", range(5))
def test_read_in_any_pieces_the_conversations_are_those_of_one_reading(seed: int) -> None:
    chance = random.Random(seed)
    told: list[tuple[float, str]] = []
    for n in range(12):
        mac = f"02:00:00:00:02:{n % 5:02x}"
        told += bound(n * 200 + chance.random() * 20, mac)[: chance.choice([1, 2, 4, 4])]
    told.sort(key=lambda each: each[0])
    one, many = a_server(), a_server()
    read(one, said(*told), at=10_000)
    start = 0
    while start < len(told):
        stop = start + chance.randrange(1, 6)
        piece = told[start:stop]
        read(many, said(*piece), at=piece[-1][0] + chance.random())
        start = stop
    read(many, [], at=10_000)

    def of(server: Server) -> list[tuple[object, ...]]:
        rows = Exchange.objects.filter(server=server).order_by("started_at", "mac")
        return [(row.mac, row.started_at, row.ended_at, row.outcome, str(row.reason), row.lines) for row in rows]

    assert of(many) == of(one)


@pytest.mark.parametrize(("is_theirs", "count"), [(False, 1), (True, 0)], ids=["the house's", "of others"])
def test_a_relays_lines_go_to_no_server_of_another_organization(is_theirs: bool, count: int) -> None:
    """Both have a server at 10.0.0.1: private addresses are in use more than once."""
    owner = make.organization() if is_theirs else None
    server = a_server(addresses=["10.0.0.1/24"], host=make.host(organization=owner))
    relay = Relay.objects.create(host=make.host(organization=make.organization()), servers=["10.0.0.1"])
    read_relay(relay, said((0, f"Forwarded BOOTREQUEST for {ANNE} to 10.0.0.1")), at=1)
    server.refresh_from_db()
    assert len(server.log_rest) == count
    assert is_told(relay, server) is bool(count)


@pytest.mark.parametrize(
    "line",
    [
        f"DHCPDISCOVER from {ANNE} (a\0b) via eth0",
        f"DHCPDISCOVER from {ANNE} via e\0th0: network a\0b: no free leases",
        f"DHCPREQUEST for 10.0.0.5 (10.0.0.1) from {ANNE} via 10.0.0.1\0: wrong network.",
    ],
    ids=["a name", "an interface", "a note"],
)
def test_a_line_with_a_nul_is_kept_where_a_database_has_no_nul(line: str) -> None:
    server = a_server()
    assert read(server, said((0, line)), at=5) == 1
    row, rest = Exchange.objects.get(), Server.objects.get().log_rest
    assert "\0" not in "".join(map(str, [row.hostname, row.via, row.relay, row.lines, rest]))
