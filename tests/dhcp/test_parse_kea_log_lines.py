"""Kea's log lines, as Kea 2.2 wrote them, and the conversations they tell of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.choices import Message, Outcome
from dhcp.parse.log_lines import log_lines, log_text
from dhcp.rules.conversations import conversations
from dhcp.rules.handshakes import handshake_findings

MAC = "02:00:00:00:01:10"
WHO = f"[hwtype=1 {MAC}], cid=[01:02:00:00:00:01:10], tid=0x63605139"


def one(text: str):
    (found,) = log_lines([text])
    return found


@pytest.mark.parametrize(
    ("text", "message", "ip", "via", "note"),
    [
        (f"INFO  DHCP4_LEASE_ADVERT {WHO}: lease 192.0.2.10 will be advertised", "DHCPOFFER", "192.0.2.10", None, ""),
        (f"INFO  DHCP4_LEASE_OFFER {WHO}: lease 192.0.2.10 will be offered", "DHCPOFFER", "192.0.2.10", None, ""),
        (f"INFO  DHCP4_LEASE_ALLOC {WHO}: lease 192.0.2.10 has been allocated for 600 seconds", "DHCPACK", "192.0.2.10", None, ""),
        (f"INFO  DHCP4_LEASE_REUSE {WHO}: lease 192.0.2.10 has been reused for 90 seconds", "DHCPACK", "192.0.2.10", None, ""),
        (f"INFO  DHCP4_INIT_REBOOT {WHO}: client is in INIT-REBOOT state and requests address 192.0.2.10", "DHCPREQUEST", "192.0.2.10", None, ""),
        (f"INFO  DHCP4_RELEASE {WHO}: address 192.0.2.10 was released properly.", "DHCPRELEASE", "192.0.2.10", None, "found"),
        (f"INFO  DHCP4_DECLINE_LEASE Received DHCPDECLINE for addr 192.0.2.4 from client {WHO}. The lease will be unavailable for 86400 seconds.", "DHCPDECLINE", "192.0.2.4", None, "abandoned"),
        (f"ERROR DHCP4_PACKET_NAK_0001 {WHO}: failed to select a subnet for incoming packet, src 198.51.100.1, type DHCPDISCOVER", "DHCPDISCOVER", None, "198.51.100.1", "unknown subnet"),
        (f"DEBUG DHCP4_PACKET_NAK_0002 {WHO}: invalid address 192.0.2.77 requested by INIT-REBOOT", "DHCPNAK", "192.0.2.77", None, "wrong network"),
        (f"WARN  ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET {WHO}: failed to allocate an IPv4 lease in the subnet 192.0.2.0/24, subnet-id 1, shared network (none)", "DHCPDISCOVER", None, None, "network 192.0.2.0/24: no free leases"),
        (f"WARN  ALLOC_ENGINE_V4_ALLOC_FAIL_SHARED_NETWORK {WHO}: failed to allocate an IPv4 address in the shared network office: 2 subnets have no available addresses, 0 subnets have no matching pools", "DHCPDISCOVER", None, None, "network office: no free leases"),
        (f"DEBUG DHCP4_PACKET_RECEIVED {WHO}: DHCPDISCOVER (type 1) received from 0.0.0.0 to 255.255.255.255 on interface eth0", "DHCPDISCOVER", None, "eth0", ""),
        (f"DEBUG DHCP4_PACKET_RECEIVED {WHO}: DHCPDISCOVER (type 1) received from 192.168.1.254 to 192.168.0.1 on interface eth0", "DHCPDISCOVER", None, "192.168.1.254", ""),
        (f"DEBUG DHCP4_PACKET_RECEIVED {WHO}: DHCPREQUEST (type 3) received from 192.0.2.10 to 192.0.2.1 on interface eth0", "DHCPREQUEST", None, "eth0", ""),
        (f"DEBUG DHCP4_PACKET_SEND {WHO}: trying to send packet DHCPNAK (type 6) from 192.0.2.1:67 to 255.255.255.255:68 on interface eth0", "DHCPNAK", None, None, ""),
        (f"ERROR DHCP4_PACKET_SEND_FAIL {WHO}: failed to send DHCPv4 packet: no route", "send_packet", None, None, "failed to send DHCPv4 packet: no route"),
    ],
    ids=lambda value: value.split()[1] if isinstance(value, str) and "tid=" in value else None,
)  # fmt: skip
def test_a_line_of_kea_is_told_in_the_words_that_dhcpd_has_for_it(text, message, ip, via, note):
    found = one(text)
    assert (found.message, found.mac, found.ip, found.via, found.note) == (message, MAC, ip, via, note)


@pytest.mark.parametrize(
    "text",
    [
        f"WARN  ALLOC_ENGINE_V4_ALLOC_FAIL {WHO}: failed to allocate an IPv4 address after 2 attempt(s)",
        f"DEBUG DHCP4_SUBNET_SELECTED {WHO}: the subnet with ID 1 was selected for client assignments",
        f"DEBUG DHCP4_PACKET_SEND {WHO}: trying to send packet DHCPOFFER (type 2) from 192.0.2.1:67 to 192.0.2.10:68",
        f"INFO  DHCP4_LEASE_ALLOC {WHO}: something new",
        "INFO  DHCP4_STARTED Kea DHCPv4 server version 2.2.0 started",
        "INFO  DHCP4_LEASE_ALLOC [hwtype=1 " + MAC,
    ],
    ids=["said twice", "of no interest", "told by another line", "other words", "no client", "cut off"],
)
def test_other_lines_of_kea_are_passed_over(text):
    assert list(log_lines([text])) == []


def test_a_time_without_a_zone_is_of_the_zone_that_the_reader_was_told():
    line = f"2026-11-23 14:50:12.964 INFO  [kea-dhcp4.leases/1.2] DHCP4_LEASE_ADVERT {WHO}: lease 192.0.2.10 will be advertised"
    seoul = datetime(2026, 11, 23, 15, tzinfo=timezone(timedelta(hours=9)))
    (there,) = log_lines([line], seoul)
    assert one(line).at == datetime(2026, 11, 23, 14, 50, 12, tzinfo=UTC)
    assert there.at == datetime(2026, 11, 23, 5, 50, 12, tzinfo=UTC)


def test_an_offer_and_an_answer_are_one_conversation_though_kea_does_not_tell_of_the_request():
    text = f"DHCP4_LEASE_ADVERT {WHO}: lease 192.0.2.10 will be advertised\nDHCP4_LEASE_ALLOC {WHO}: lease 192.0.2.10 has been allocated for 600 seconds"
    (talk,) = conversations(log_text(text.encode()))
    assert (talk.mac, talk.outcome, talk.ip) == (MAC, Outcome.BOUND, "192.0.2.10")


def test_what_kea_refuses_gives_the_same_findings_as_dhcpd():
    full = f"ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET {WHO}: failed to allocate an IPv4 lease in the subnet 192.0.2.0/24, subnet-id 1, shared network (none)"
    unknown = f"DHCP4_PACKET_NAK_0001 {WHO}: failed to select a subnet for incoming packet, src 198.51.100.1, type DHCPDISCOVER"
    lines = log_text(f"{full}\n{unknown}".encode())
    found = {(one.id, one.subject) for one in handshake_findings(lines, conversations(lines))}
    assert {("dhcp.handshake.full", "192.0.2.0/24"), ("dhcp.handshake.unknown-subnet", "198.51.100.1")} <= found


def test_a_client_that_calls_itself_like_a_line_of_kea_is_still_dhcpds_client():
    found = one(f"DHCPDISCOVER from {MAC} (x [hwtype=1 y) via eth0")
    assert (found.message, found.hostname) == (Message.DISCOVER, "x [hwtype=1 y")


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_around_a_client_makes_the_reading_fail(before, after):
    log_text(f"{before}DHCP4_LEASE_ALLOC {WHO}{after}".encode("utf-8", "replace"))
