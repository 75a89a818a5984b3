"""Log lines, and the conversations they tell of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dhcp.choices import Message, Outcome
from dhcp.facts.logs import LogLine
from dhcp.parse.log_lines import log_lines, log_text
from dhcp.parse.log_stamps import stamp_time
from dhcp.rules.conversations import conversations
from dhcp.rules.handshakes import handshake_findings

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
STAMP = "Nov 23 06:14:02 gate dhcpd[71]: "


def one(text: str):
    (found,) = log_lines([text])
    return found


def test_a_discover_tells_client_name_and_relay():
    line = one(f"{STAMP}DHCPDISCOVER from {A} (web 1) via 192.0.2.1: network 192.0.2.0/24: no free leases")
    assert (line.message, line.mac, line.hostname, line.via) == (Message.DISCOVER, A, "web 1", "192.0.2.1")
    assert (line.stamp, line.note) == (STAMP.strip(), "network 192.0.2.0/24: no free leases")


@pytest.mark.parametrize(
    ("text", "message", "ip"),
    [
        (f"DHCPOFFER on 192.0.2.9 to {A} via eth0", "DHCPOFFER", "192.0.2.9"),
        (f"DHCPREQUEST for 192.0.2.9 (192.0.2.1) from {A} (x) via eth0: wrong network.", "DHCPREQUEST", "192.0.2.9"),
        (f"DHCPACK on 192.0.2.9 to {A} (x) via eth0", "DHCPACK", "192.0.2.9"),
        (f"DHCPACK to 192.0.2.9 ({A}) via eth0", "DHCPACK", "192.0.2.9"),
        (f"DHCPNAK on 192.0.2.9 to {A} via 192.0.2.1", "DHCPNAK", "192.0.2.9"),
        (f"DHCPRELEASE of 192.0.2.9 from {A} (x) via eth0 (found)", "DHCPRELEASE", "192.0.2.9"),
        (f"DHCPDECLINE of 192.0.2.9 from {A} via eth0: abandoned", "DHCPDECLINE", "192.0.2.9"),
        ("DHCPINFORM from 192.0.2.9 via eth0: not authoritative for subnet 192.0.2.0", "DHCPINFORM", "192.0.2.9"),
        (f"Forwarded BOOTREQUEST for {A} to 192.0.2.1", "Forwarded BOOTREQUEST", None),
        (f"Forwarded BOOTREPLY for {A} to 192.0.2.9", "Forwarded BOOTREPLY", "192.0.2.9"),
        ("DHCPDISCOVER on eth0 to 255.255.255.255 port 67 interval 3", "DHCPDISCOVER", None),
        ("DHCPREQUEST for 192.0.2.9 on eth0 to 255.255.255.255 port 67", "DHCPREQUEST", "192.0.2.9"),
        ("DHCPACK of 192.0.2.9 from 192.0.2.1", "DHCPACK", "192.0.2.9"),
        ("Abandoning IP address 192.0.2.9: pinged before offer", "Abandoning IP address", "192.0.2.9"),
        ("Packet from unknown subnet: 198.51.100.1", "Packet from unknown subnet", None),
        ("Reclaiming abandoned lease 192.0.2.9.", "Reclaiming abandoned lease", "192.0.2.9"),
        ("ICMP Echo reply while lease 192.0.2.9 valid.", "ICMP Echo reply while lease", "192.0.2.9"),
        (f"uid lease 192.0.2.9 for client {A} is duplicate on 192.0.2.0/24", "uid lease", "192.0.2.9"),
        ("No subnet declaration for eth0 (198.51.100.9).", "No subnet declaration for", None),
        ("5 bad udp checksums in 5 packets", "bad udp checksums", None),
        ("send_packet: Network is unreachable", "send_packet", None),
        ("failover peer fo: I move from normal to communications-interrupted", "failover peer", None),
        ("peer fo: disconnected", "disconnected", None),
        ("bind update on 192.0.2.9 from fo rejected: incoming update is older", "bind update on", "192.0.2.9"),
        (f"BOOTREQUEST from {A} via eth0: BOOTP from dynamic client and no dynamic leases", "BOOTREQUEST", None),
    ],
)
def test_each_line_of_server_relay_and_client_is_read(text, message, ip):
    assert (str(one(text).message), one(text).ip) == (message, ip)


def test_other_lines_are_passed_over():
    assert list(log_lines(["Wrote 0 leases to leases file.", "", "DHCPDISCOVER from nobody", "x" * 100_000])) == []


def talks(*lines: str):
    return conversations(log_lines(lines))


HANDSHAKE = (
    f"DHCPDISCOVER from {A} via 192.0.2.1",
    f"DHCPOFFER on 192.0.2.9 to {A} via 192.0.2.1",
    f"DHCPREQUEST for 192.0.2.9 (192.0.2.1) from {A} via 192.0.2.1",
    f"DHCPACK on 192.0.2.9 to {A} via 192.0.2.1",
)
LATER = f"DHCPRELEASE of 192.0.2.3 from {B} via eth0 (found)"


def test_four_messages_are_one_conversation_with_the_relay_it_came_through():
    (talk,) = talks(*HANDSHAKE)
    assert (talk.mac, talk.via, talk.ip, len(talk.lines)) == (A, "192.0.2.1", "192.0.2.9", 4)
    assert (talk.outcome, str(talk.reason)) == (Outcome.BOUND, "The client has 192.0.2.9.")


def test_clients_that_talk_at_the_same_time_are_kept_apart():
    mixed = [line for pair in zip(HANDSHAKE, [h.replace(A, B) for h in HANDSHAKE], strict=True) for line in pair]
    assert [(talk.mac, talk.outcome) for talk in talks(*mixed)] == [(A, Outcome.BOUND), (B, Outcome.BOUND)]


def test_a_renewal_is_a_conversation_of_its_own():
    assert [len(talk.lines) for talk in talks(*HANDSHAKE, *HANDSHAKE[2:])] == [4, 2]


@pytest.mark.parametrize(
    ("lines", "outcome", "part"),
    [
        pytest.param(HANDSHAKE[:2], Outcome.NO_REQUEST, "checksum offload", id="an offer that never arrives"),
        pytest.param(HANDSHAKE[:1], Outcome.UNANSWERED, "said nothing", id="silence"),
        pytest.param(
            [f"DHCPDISCOVER from {A} via eth0: network lan: no free leases"], Outcome.REFUSED, "no free", id="full"
        ),
        pytest.param(
            [f"DHCPREQUEST for 192.0.2.9 from {A} via eth0: wrong network.", f"DHCPNAK on 192.0.2.9 to {A} via eth0"],
            Outcome.REFUSED, "another network", id="wrong network",
        ),
        pytest.param(
            [f"DHCPREQUEST for 192.0.2.9 from {A} via eth0: ignored (unknown subnet)."],
            Outcome.REFUSED, "No subnet is declared", id="unknown subnet",
        ),
        pytest.param([f"DHCPNAK on 192.0.2.9 to {A} via eth0"], Outcome.REFUSED, "DHCPNAK", id="no words"),
    ],
)  # fmt: skip
def test_a_conversation_that_failed_tells_why(lines, outcome, part):
    (talk,) = talks(*lines, LATER)
    assert talk.outcome is outcome
    assert part in str(talk.reason)


def test_a_conversation_at_the_end_of_the_log_is_not_judged_yet():
    (talk,) = talks(*HANDSHAKE[:2])
    assert talk.outcome is Outcome.UNFINISHED


RELAYED = f"Forwarded BOOTREQUEST for {A} to 192.0.2.254"


@pytest.mark.parametrize(
    ("lines", "outcome", "part"),
    [
        pytest.param(
            [RELAYED, f"DHCPDISCOVER from {B} via eth0", LATER], Outcome.UNANSWERED, "does not arrive", id="never there"
        ),
        pytest.param([RELAYED, *HANDSHAKE[:2], LATER], Outcome.NO_REQUEST, "route back to 192.0.2.1", id="never back"),
        pytest.param(
            [RELAYED, *HANDSHAKE[:2], f"Forwarded BOOTREPLY for {A} to 192.0.2.9", LATER],
            Outcome.NO_REQUEST, "another server", id="back, and not taken",
        ),
        pytest.param([RELAYED, RELAYED], Outcome.RELAYED, "Only a relay's log", id="the relay's log alone"),
        pytest.param(
            [*HANDSHAKE, f"DHCPDECLINE of 192.0.2.9 from {A} via 192.0.2.1: abandoned"],
            Outcome.DECLINED, "another machine", id="declined",
        ),
        pytest.param(
            [HANDSHAKE[0], "ICMP Echo reply while lease 192.0.2.9 valid.",
             "Abandoning IP address 192.0.2.9: pinged before offer", LATER],
            Outcome.UNANSWERED, "answered a ping", id="pinged",
        ),
        pytest.param(
            [f"DHCPDISCOVER from {A} via eth0: load balance to peer fo"], Outcome.LEFT_TO_PEER, "partner", id="peer"
        ),
    ],
)  # fmt: skip
def test_what_the_relay_and_the_network_say_tells_where_it_was_lost(lines, outcome, part):
    talk = talks(*lines)[0]
    assert (talk.mac, talk.outcome) == (A, outcome)
    assert part in str(talk.reason)


def test_the_relay_is_told_and_an_interface_is_none():
    (relayed,), (direct,) = talks(*HANDSHAKE), talks(f"DHCPDISCOVER from {A} (pc) via eth0")
    assert (relayed.relay, direct.relay, direct.via, direct.hostname) == ("192.0.2.1", None, "eth0", "pc")


def test_a_client_that_was_silent_for_long_begins_anew():
    lines = [f"2026-11-23T06:1{minute}:00+00:00 gate dhcpd[7]: {HANDSHAKE[0]}" for minute in (0, 1, 5)]
    assert [len(talk.lines) for talk in talks(*lines)] == [2, 1]
    assert talks(*lines)[1].started_at == datetime(2026, 11, 23, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("Nov 23 06:14:02 gate dhcpd[71]:", datetime(2026, 11, 23, 6, 14, 2, tzinfo=UTC)),
        ("<30>Dec  1 06:14:02 gate dhcpd:", datetime(2025, 12, 1, 6, 14, 2, tzinfo=UTC)),
        ("Feb 29 00:00:00 gate dhcpd:", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-11-23T06:14:02.123456+09:00 gate dhcpd:", datetime(2026, 11, 22, 21, 14, 2, tzinfo=UTC)),
        ("2026-11-23T06:14:02+0000 gate dhcpd:", datetime(2026, 11, 23, 6, 14, 2, tzinfo=UTC)),
        ("1795413071.123456 gate dhcpd[1]:", datetime(2026, 11, 23, 5, 51, 11, tzinfo=UTC)),
        ("Foo 23 06:14:02 gate", None),
        ("2026-13-23T06:14:02Z gate", None),
        ("", None),
    ],
)
def test_a_stamp_tells_the_time(stamp, at):
    assert stamp_time(stamp, datetime(2026, 11, 23, 12, tzinfo=UTC)) == at


def found(*lines: str) -> list[tuple[str, str]]:
    read = list(log_lines(lines))
    return [(each.id, each.subject) for each in handshake_findings(read, conversations(read))]


OTHERS = [line.replace(A, B) for line in HANDSHAKE]


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        pytest.param([*HANDSHAKE[:2], *OTHERS[:2], LATER], ("dhcp.handshake.offer-lost", "192.0.2.1"), id="offers"),
        pytest.param([RELAYED, *OTHERS], ("dhcp.handshake.request-lost", "192.0.2.254"), id="requests"),
        pytest.param(
            [f"DHCPDISCOVER from {A} via 192.0.2.1: network 192.0.2.0/24: no free leases"],
            ("dhcp.handshake.full", "192.0.2.0/24"), id="full",
        ),
        pytest.param(
            ["Packet from unknown subnet: 198.51.100.1"], ("dhcp.handshake.unknown-subnet", "198.51.100.1"), id="subnet"
        ),
        pytest.param(
            [f"DHCPREQUEST for 192.0.2.9 from {A} via 198.51.100.1: ignored (unknown subnet)."],
            ("dhcp.handshake.unknown-subnet", "198.51.100.1"), id="a request of an unknown subnet",
        ),
        pytest.param(
            ["No subnet declaration for eth1 (no IPv4 addresses)."], ("dhcp.handshake.no-subnet", "eth1"), id="no subnet"
        ),
        pytest.param(
            ["5 bad udp checksums in 5 packets"],
            ("dhcp.handshake.checksum", "5 bad udp checksums in 5 packets"), id="checksums",
        ),
        pytest.param(
            ["send_packet: No route to host"], ("dhcp.handshake.unreachable", "No route to host"), id="no route"
        ),
        pytest.param(
            [f"DHCPREQUEST for 10.0.0.9 from {A} via eth0: wrong network."] * 3,
            ("dhcp.handshake.wrong-network", "eth0"), id="wrong network, again and again",
        ),
        pytest.param(
            ["Abandoning IP address 192.0.2.9: declined."], ("dhcp.handshake.conflict", "192.0.2.9"), id="conflict"
        ),
        pytest.param(["peer fo: disconnected"], ("dhcp.handshake.peer-lost", "fo"), id="peer"),
        pytest.param(
            [f"DHCPDISCOVER from {A} via eth0: peer holds all free leases"],
            ("dhcp.handshake.peer-holds-all", "eth0"), id="the peer has all",
        ),
        pytest.param(
            [f"uid lease 192.0.2.9 for client {A} is duplicate on 192.0.2.0/24"],
            ("dhcp.handshake.two-leases", A), id="two leases",
        ),
    ],
)  # fmt: skip
def test_what_a_person_should_know_is_a_finding(lines, finding):
    assert found(*lines) == [finding]


def test_a_good_handshake_and_one_lost_offer_are_no_findings():
    assert found(*HANDSHAKE, *OTHERS[:2], LATER) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([*HANDSHAKE, RELAYED, LATER]).map(str.encode), max_size=8))
def test_no_bytes_make_the_reading_fail(pieces):
    lines = log_text(b" ".join(pieces), datetime(2026, 11, 23, tzinfo=UTC))
    made = conversations(lines)
    assert len(handshake_findings(lines, made)) <= len(lines) * 3
    assert all(talk.lines and str(talk.reason) for talk in made)


STEPS = st.lists(
    st.sampled_from(
        [*HANDSHAKE, RELAYED, f"DHCPNAK on 192.0.2.9 to {A} via eth0", f"DHCPDISCOVER from {A} via eth0: x"]
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, STEPS, st.randoms(use_true_random=False))
def test_what_one_client_says_does_not_change_the_conversations_of_another(first, second, random):
    one, two = list(log_lines(first)), list(log_lines(line.replace(A, B) for line in second))
    mixed: list[LogLine] = []
    left, right = one[:], two[:]
    while left or right:
        mixed.append((left if left and (not right or random.random() < 0.5) else right).pop(0))
    begin = datetime(2026, 11, 23, tzinfo=UTC)
    mixed = [replace(line, at=begin + timedelta(seconds=number)) for number, line in enumerate(mixed)]
    for mac in (A, B):
        alone = conversations([line for line in mixed if line.mac == mac])
        among = [talk for talk in conversations(mixed) if talk.mac == mac]
        assert [talk.lines for talk in among] == [talk.lines for talk in alone]
    assert sum(len(talk.lines) for talk in conversations(mixed)) == len(mixed)
