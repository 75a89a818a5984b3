"""What a lease file says becomes rows: all of a reading or nothing, once, with the history of who had what."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dhcp.facts.lease import LeaseNews
from dhcp.models import Holding, Lease, Peer, Server
from dhcp.parse.leases import leases
from dhcp.services.holdings import forget_holdings
from dhcp.services.leases import Recorded, note_unread, record_news
from hosts.facts.words import plain
from tests.dhcp.lease_text import ANNE, BERT, HOUR, NOON, a_server, news_of, read, record

pytestmark = pytest.mark.django_db


def kept(server: Server) -> dict[str, object]:
    return {row.address: row.facts() for row in Lease.objects.filter(server=server)}


def test_the_last_word_on_each_address_is_kept_with_the_mark() -> None:
    server = a_server()
    text = record("10.0.0.5", ANNE) + record("10.0.0.6", BERT) + record("10.0.0.5", ANNE, state="free")
    assert read(server, text) == Recorded(new=2)
    assert {row.address: row.state for row in Lease.objects.all()} == {"10.0.0.5": "free", "10.0.0.6": "active"}
    server.refresh_from_db()
    assert server.mark is not None
    assert server.mark.offset == len(text)
    assert server.leases_read_at == NOON


def test_only_what_changed_is_written() -> None:
    server = a_server()
    text = "".join(record(f"10.0.0.{n}", f"02:00:00:00:01:{n:02x}") for n in range(100))
    read(server, text)
    assert read(server, text, inode=2) == Recorded()
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert read(server, text, inode=3) == Recorded()
    assert not [query["sql"] for query in seen if "lease" in query["sql"].split("SET")[0] and "INSERT" in query["sql"]]
    assert read(server, text + record("10.0.0.7", "02:00:00:00:01:07", starts=NOON + HOUR / 2), inode=3) == Recorded(
        changed=1
    )


def test_addresses_that_a_rewritten_file_names_no_more_are_gone() -> None:
    server, other = a_server(), a_server()
    read(server, record("10.0.0.5", ANNE) + record("10.0.0.6", BERT))
    read(other, record("10.0.0.5", ANNE))
    assert read(server, record("10.0.0.6", BERT), inode=2) == Recorded(gone=1)
    assert set(kept(server)) == {"10.0.0.6"}
    assert set(kept(other)) == {"10.0.0.5"}
    assert Holding.objects.get(server=server, address="10.0.0.5").is_open is False


def test_of_two_workers_that_read_the_same_the_second_keeps_nothing() -> None:
    server = a_server()
    news = news_of(server, record("10.0.0.5", ANNE))
    assert record_news(server.pk, news, since=None, now=NOON) == Recorded(new=1)
    assert record_news(server.pk, news, since=None, now=NOON) is None
    assert record_news(server.pk + 999, news, since=None, now=NOON) is None


def test_a_file_read_in_parts_forgets_only_what_no_part_names() -> None:
    server = a_server()
    read(server, record("10.0.0.5", ANNE) + record("10.0.0.6", BERT) + record("10.0.0.7", BERT))
    before = Server.objects.get().mark
    found = news_of(server, record("10.0.0.5", ANNE), inode=2)
    first = LeaseNews(found.leases, found.mark, False, ())
    assert record_news(server.pk, first, since=before, now=NOON) == Recorded()
    last = news_of(server, record("10.0.0.5", ANNE) + record("10.0.0.6", BERT), inode=2)
    assert record_news(server.pk, last, since=found.mark, now=NOON, named={"10.0.0.5", "10.0.0.6"}) == Recorded(gone=1)


def test_damage_is_kept_until_the_file_is_read_anew_but_not_a_record_that_was_being_written() -> None:
    server = a_server()
    text = record("10.0.0.5", ANNE) + "}}} junk\n" + record("10.0.0.6", ANNE)
    read(server, text + "lease 10.0.0.7 {\n  starts")
    server.refresh_from_db()
    assert [each["offset"] for each in server.leases_damage] == [len(record("10.0.0.5", ANNE)), len(text)]
    read(server, text + record("10.0.0.7", BERT))
    server.refresh_from_db()
    assert [each["offset"] for each in server.leases_damage] == [len(record("10.0.0.5", ANNE))]
    assert set(kept(server)) == {"10.0.0.5", "10.0.0.6", "10.0.0.7"}
    read(server, record("10.0.0.5", ANNE), inode=2)
    server.refresh_from_db()
    assert server.leases_damage == []


def test_what_is_no_address_or_no_text_is_left_out_and_the_rest_is_kept() -> None:
    server = a_server()
    junk = b'lease 10.0.0.9 {\n  binding state very\0much-too-long-for-a-state;\n  client-hostname "a\\000b\xff";\n}\n'
    assert read(server, record("999.0.0.5", ANNE).encode() + junk + record("10.0.0.6", BERT).encode()) == Recorded(
        new=2
    )
    server.refresh_from_db()
    assert "999.0.0.5" in str(server.leases_damage)
    assert set(kept(server)) == {"10.0.0.9", "10.0.0.6"}


def test_an_address_and_a_prefix_that_begins_with_it_are_held_side_by_side() -> None:
    server = a_server(version=6)
    body = "{ cltt 1 2026/11/23 12:00:00; %s { binding state active; ends 1 2026/11/23 13:00:00; } }\n"
    text = 'ia-na "aaaaxyz" ' + body % "iaaddr 2001:db8::" + 'ia-pd "bbbbxyz" ' + body % "iaprefix 2001:db8::/56"
    assert read(server, text) == Recorded(new=2)
    assert Holding.objects.filter(is_open=True).count() == 2


def test_who_had_an_address_is_remembered_over_release_and_renewal() -> None:
    server = a_server()
    text = record("10.0.0.5", ANNE, hostname="anne")
    read(server, text)
    text += record("10.0.0.5", ANNE, starts=NOON + HOUR / 2)
    read(server, text, now=NOON + HOUR / 2)
    (one,) = Holding.objects.all()
    assert (one.began_at, one.until_at, one.is_open, one.hostname) == (NOON, NOON + HOUR * 1.5, True, "anne")
    text += record("10.0.0.5", ANNE, state="free", ends=NOON + HOUR)
    read(server, text, now=NOON + HOUR * 1.2)
    text += record("10.0.0.5", BERT, starts=NOON + HOUR * 2)
    read(server, text, now=NOON + HOUR * 2)
    first, second = Holding.objects.order_by("began_at")
    assert (first.mac, first.began_at, first.ended_at, first.is_open) == (ANNE, NOON, NOON + HOUR, False)
    assert (second.mac, second.began_at, second.ended_at, second.is_open) == (BERT, NOON + HOUR * 2, None, True)


def test_the_states_of_a_failover_pair_are_kept() -> None:
    server = a_server()
    Peer.objects.create(server=server, name="fo", address="10.0.0.1", peer_address="10.0.0.2")
    read(
        server,
        'failover peer "fo" state {\n  my state normal at 1 2026/11/23 06:14:02;\n'
        "  partner state partner-down at 1 2026/11/23 06:14:03;\n}\n",
    )
    peer = Peer.objects.get()
    assert (peer.state, peer.partner_state) == ("normal", "partner-down")
    assert peer.state_at is not None


def test_why_leases_could_not_be_read_is_shown_until_they_are() -> None:
    server = a_server()
    note_unread(server.pk, plain("No such file."))
    assert str(Server.objects.get().leases_why) == "No such file."
    read(server, "")
    assert str(Server.objects.get().leases_why) == ""


def test_holdings_that_ended_long_ago_are_forgotten_and_open_ones_are_not() -> None:
    server = a_server()
    read(server, record("10.0.0.5", ANNE) + record("10.0.0.6", BERT))
    read(server, record("10.0.0.6", BERT), inode=2, now=NOON + HOUR)
    assert forget_holdings(NOON + timedelta(days=399)) == 0
    assert forget_holdings(NOON + timedelta(days=500)) == 1
    assert [row.address for row in Holding.objects.all()] == ["10.0.0.6"]


@pytest.mark.parametrize("seed", range(6))
def test_after_any_appending_and_rewriting_the_rows_are_those_of_the_last_file(seed: int) -> None:
    chance, server = random.Random(seed), a_server()
    text, inode, now = "", 1, NOON
    for _ in range(12):
        now += timedelta(minutes=chance.randrange(1, 90))
        if chance.random() < 0.2:
            whole = leases(text.encode())
            inode += 1
            text = "".join(
                record(each.ip, each.mac or "", state=each.state or "", starts=each.starts_at, ends=each.ends_at)
                for each in whole
                if each.state != "free"
            )
        for _ in range(chance.randrange(0, 6)):
            text += record(
                f"10.0.0.{chance.randrange(8)}",
                chance.choice([ANNE, BERT]),
                state=chance.choice(["active", "active", "free", "abandoned"]),
                starts=now,
                ends=now + HOUR * chance.random(),
            )
        read(server, text, inode=inode, now=now)
        assert kept(server) == {each.ip: each for each in leases(text.encode())}
        held = {row.address: row.mac for row in Holding.objects.filter(is_open=True)}
        assert held == {ip: each.mac for ip, each in kept(server).items() if each.state == "active"}
    assert not Holding.objects.filter(is_open=True, ended_at__isnull=False).exists()
    assert not Holding.objects.filter(is_open=False, ended_at__isnull=True).exists()
