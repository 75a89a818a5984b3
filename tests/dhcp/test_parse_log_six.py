"""Log lines of DHCPv6, as dhcpd 4.4 and Kea 2.2 wrote them, and the conversations they tell of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dhcp.choices import Message, Outcome
from dhcp.facts.duid import mac_of_duid, mac_of_link_local
from dhcp.facts.ladder import BROKEN, MISSING
from dhcp.parse.log_lines import log_lines, log_text
from dhcp.rules.conversations import conversations
from dhcp.rules.handshakes import handshake_findings
from dhcp.rules.ladder import ladder

MAC, DUID = "02:00:00:00:01:10", "00:01:00:01:32:97:3e:81:02:00:00:00:01:10"
PEER, HIDDEN = "fe80::ff:fe00:110", "fe80::77"
UUID = "00:04:12:34:56:78:9a:bc:de:f0:12:34:56:78:9a:bc:de:f0"
KEA = f"duid=[{DUID}], tid=0x111111"


def came(kind: str, peer: str = PEER) -> str:
    return f"{kind} message from {peer} port 546, transaction ID 0x11111100"


def says(kind: str, duid: str = DUID, what: str = "NA: address 2001:db8:1::100") -> str:
    return f"{kind} {what} to client with duid {duid} iaid = 7 valid for 60 seconds"


def sent(kind: str, peer: str = PEER) -> str:
    return f"Sending {kind} to {peer} port 546"


GOT = [came("Solicit"), "Picking pool address 2001:db8:1::100", says("Advertise"), sent("Advertise")]
GOT += [came("Request"), says("Reply"), sent("Reply")]
FULL = "Unable to pick client address: no addresses available  - shared network lan: 2 total, 2 active,  0 abandoned"
THERE = "Relay-forward message from 2001:db8:1::5 port 547, link address 2001:db8:2::1, peer address fe80::77"
RELAYED = [THERE, says("Advertise"), "Sending Relay-reply to 2001:db8:1::5 port 547"]
RELAYED += [THERE, says("Reply"), "Sending Relay-reply to 2001:db8:1::5 port 547"]
OTHER = (
    f"Discarding Request from {PEER}; not our server identifier (CLIENTID {DUID}, SERVERID 00:01, server DUID 00:02)"
)
CASES = {
    "an address": (GOT, MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    "a prefix": (
        [came("Rebind"), says("Reply", what="PD: address 2001:db8:100::/56"), sent("Reply")],
        *(MAC, Outcome.BOUND, "The client has 2001:db8:100::/56."),
    ),
    "a renewal": ([came("Renew"), says("Reply"), sent("Reply")], MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    "a renewal that nobody answered, and then one that was": (
        [came("Renew"), came("Rebind"), says("Reply"), sent("Reply")],
        *(MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    ),
    "no free lease": (
        [came("Solicit"), FULL, sent("Advertise")],
        *(MAC, Outcome.REFUSED, "The pools of this network have no free lease."),
    ),
    "a lease that nobody knows": (
        [came("Renew"), sent("Reply")],
        *(MAC, Outcome.REFUSED, "The server answered without an address: it has no lease"),
    ),
    "whether it still fits": ([came("Confirm"), sent("Reply")], MAC, Outcome.ANSWERED, "The client asked whether"),
    "an address that somebody else has": (
        [*GOT, came("Decline"), f"Client {DUID} reports address 2001:db8:1::100 is already in use by another host!"],
        *(MAC, Outcome.DECLINED, "The client gave 2001:db8:1::100 back"),
    ),
    "another server": ([came("Request"), OTHER], MAC, Outcome.LEFT_TO_PEER, "The client asks another DHCP server"),
    "a relay": (RELAYED, MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    "a relay in no subnet": (
        [THERE, "No subnet found for link-address 2001:db8:2::1."],
        *(HIDDEN, Outcome.REFUSED, "No subnet is declared for the network"),
    ),
    "nothing but a question": ([came("Solicit")], MAC, Outcome.UNANSWERED, "The server said nothing"),
    "an offer that was not taken": (GOT[:4], MAC, Outcome.NO_REQUEST, "An offer was sent"),
    "a client without a MAC": (
        [*(came("Solicit", HIDDEN), says("Advertise", UUID), sent("Advertise", HIDDEN)), *(came("Request", HIDDEN), says("Reply", UUID))],
        *(UUID, Outcome.BOUND, "The client has"),
    ),
    "Kea": (
        [
            f"INFO DHCP6_LEASE_ADVERT {KEA}: lease for address 2001:db8:1::100 and iaid=7 will be advertised",
            f"INFO DHCP6_LEASE_ALLOC {KEA}: lease for address 2001:db8:1::100 and iaid=7 has been allocated for 60 seconds",
        ],
        *(MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    ),
    "Kea's renewal": (
        [f"INFO DHCP6_LEASE_RENEW {KEA}: lease for address 2001:db8:1::100 and iaid=7 has been allocated"],
        *(MAC, Outcome.BOUND, "The client has 2001:db8:1::100."),
    ),
    "Kea's prefix": (
        [f"INFO DHCP6_PD_LEASE_ALLOC {KEA}: lease for prefix 2001:db8:100::/56 and iaid=7 has been allocated"],
        *(MAC, Outcome.BOUND, "The client has 2001:db8:100::/56."),
    ),
    "Kea's full subnet": (
        [
            f"WARN ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET {KEA}: failed to allocate an IPv6 lease in the subnet 2001:db8::/64, subnet-id 1, shared network (none)"
        ],
        *(MAC, Outcome.REFUSED, "The pools of this network have no free lease."),
    ),
    "Kea's address that somebody else has": (
        [
            f"INFO DHCP6_DECLINE_LEASE Client {KEA} sent DECLINE for address 2001:db8:1::100 and the server marked it as declined."
        ],
        *(MAC, Outcome.DECLINED, "The client gave 2001:db8:1::100 back"),
    ),
    "Kea, asked at length": (
        [
            f"DEBUG DHCP6_PACKET_RECEIVED {KEA}: SOLICIT (type 1) received from fe80::1 to ff02::1:2 on interface eth0",
            f"DEBUG DHCP6_SUBNET_SELECTION_FAILED {KEA}: failed to select a subnet for incoming packet",
        ],
        *(MAC, Outcome.REFUSED, "No subnet is declared for the network"),
    ),
}  # fmt: skip
PAST = datetime(2026, 11, 23, 13, tzinfo=UTC)


def talk_of(lines: list[str]):
    stamped = [f"2026-11-23T12:00:0{n}.000000+00:00 gate dhcpd[7]: {line}" for n, line in enumerate(lines)]
    (found,) = conversations(log_text("\n".join(stamped).encode()), PAST)
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_conversation_of_dhcpv6_is_told_with_its_reason(case: str) -> None:
    lines, client, outcome, reason = CASES[case]
    found = talk_of(lines)
    assert (found.mac, found.outcome) == (client, outcome), found
    assert str(found.reason).startswith(reason)


def test_the_relays_link_is_where_it_came_in() -> None:
    assert (talk_of(RELAYED).relay, talk_of(RELAYED).duid) == ("2001:db8:2::1", DUID)


@pytest.mark.parametrize(
    ("lines", "message", "kind"),
    [
        ([came("Solicit")], "Advertise", MISSING),
        (GOT[:4], "Request", MISSING),
        ([came("Request")], "Reply", MISSING),
        ([came("Renew"), sent("Reply")], "Reply", BROKEN),
        ([came("Solicit"), FULL, sent("Advertise")], "Solicit", BROKEN),
    ],
    ids=["no offer", "not taken", "no answer", "nothing in it", "full"],
)
def test_the_ladder_breaks_where_it_went_wrong(lines: list[str], message: str, kind: str) -> None:
    rungs = [(rung.message, rung.kind) for rung in ladder(talk_of(lines)).rungs if rung.kind in (MISSING, BROKEN)]
    assert rungs == [(message, kind)]


def test_what_a_relay_says_stands_before_what_the_server_says() -> None:
    lines = [
        f"Relaying Solicit from {PEER} port 546 going up.",
        *GOT[:4],
        f"Relaying Advertise to {PEER} port 546 down.",
    ]
    found = ladder(talk_of(lines))
    assert [(rung.message, rung.source, rung.target) for rung in found.rungs[:4]] == [
        ("Relaying up", "client", "relay"),
        ("Solicit", "relay", "server"),
        ("Advertise", "server", "relay"),
        ("Relaying down", "relay", "client"),
    ]


def test_full_networks_and_unknown_ones_are_findings() -> None:
    lines = log_text("\n".join([came("Solicit"), FULL, sent("Advertise"), *CASES["a relay in no subnet"][0]]).encode())
    found = {(each.id, each.subject) for each in handshake_findings(lines, conversations(lines))}
    assert found == {("dhcp.handshake.full", "lan"), ("dhcp.handshake.unknown-subnet", "2001:db8:2::1")}


def test_what_says_nothing_of_an_attempt_is_in_no_conversation() -> None:
    quiet = [came("Information-request"), sent("Reply"), came("Release"), f"Client {DUID} releases address 2001:db8::1"]
    assert conversations(log_lines([*quiet, sent("Reply"), "Picking pool address 2001:db8:1::100"])) == []


def test_a_text_that_begins_within_a_message_is_read_from_there() -> None:
    first, second = log_lines([says("Reply"), sent("Reply"), came("Solicit")])
    assert (first.message, first.mac, first.iaid, second.message) == (Message.REPLY, MAC, "7", Message.SOLICIT)


@pytest.mark.parametrize(
    ("written", "mac"),
    [(DUID, MAC), ("00:03:00:01:02:00:00:00:01:10", MAC), (UUID, ""), ("00:01:00:06:32:97:3e:81:02:00:00:00:01:10", ""), ("", "")],
    ids=["with a time", "without one", "a UUID", "of another hardware", "nothing"],
)  # fmt: skip
def test_the_mac_in_a_duid(written: str, mac: str) -> None:
    assert mac_of_duid(written) == mac


@given(st.binary(min_size=6, max_size=6))
def test_the_mac_in_an_address_on_the_link(raw: bytes) -> None:
    packed = b"\xfe\x80" + bytes(6) + bytes([raw[0] ^ 2]) + raw[1:3] + b"\xff\xfe" + raw[3:]
    assert mac_of_link_local(":".join(packed[n : n + 2].hex() for n in range(0, 16, 2))) == raw.hex(":")
    assert mac_of_link_local("2001:db8::1") == mac_of_link_local("web") == ""


@given(
    st.lists(
        st.sampled_from([*GOT, *RELAYED, FULL, OTHER, "Client", "Sending Reply to", "iaid = "]) | st.text(max_size=60),
        max_size=20,
    )
)
def test_no_order_of_lines_makes_the_reading_fail(lines: list[str]) -> None:
    conversations(log_lines(lines))
