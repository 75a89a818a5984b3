"""Log lines, and the conversations they tell of."""

from __future__ import annotations

import pytest

from dhcp.choices import Message, Outcome
from dhcp.parse.log_lines import log_lines
from dhcp.rules.conversations import conversations

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
