"""A conversation becomes a ladder: who said what to whom, and where it broke."""

from __future__ import annotations

import pytest

from dhcp.facts.ladder import BROKEN, MISSING, Ladder
from dhcp.parse.log_lines import log_lines
from dhcp.rules.conversations import conversations
from dhcp.rules.ladder import ladder

MAC = "00:16:3e:ee:92:cd"
STAMP = "2026-11-23T12:00:0{}+00:00 gw {}: {}"


def drawn(*said: str, relay: bool = False) -> Ladder:
    """Of lines that a second lies between; with a later line of another client, so that the log does not end there."""
    lines = [
        STAMP.format(at, "dhcrelay[1]" if "Forwarded" in text else "dhcpd[1]", text) for at, text in enumerate(said)
    ]
    lines.append("2026-11-23T12:05:00+00:00 gw dhcpd[1]: DHCPDISCOVER from 00:16:3e:00:00:99 via eth0")
    return ladder(conversations(list(log_lines(lines)))[0])


def ways(found: Ladder) -> list[tuple[str, str, str]]:
    return [(rung.message, rung.source, rung.target) for rung in found.rungs]


def test_a_whole_handshake_goes_to_and_fro() -> None:
    found = drawn(
        f"DHCPDISCOVER from {MAC} via eth0",
        f"DHCPOFFER on 192.168.0.10 to {MAC} via eth0",
        f"DHCPREQUEST for 192.168.0.10 from {MAC} via eth0",
        f"DHCPACK on 192.168.0.10 to {MAC} via eth0",
    )
    assert found.parties == ("client", "server")
    assert ways(found) == [
        ("DHCPDISCOVER", "client", "server"),
        ("DHCPOFFER", "server", "client"),
        ("DHCPREQUEST", "client", "server"),
        ("DHCPACK", "server", "client"),
    ]
    assert [rung.seconds for rung in found.rungs] == [0, 1, 2, 3]
    assert {rung.kind for rung in found.rungs} == {"said"}


@pytest.mark.parametrize(
    ("said", "kind", "message", "way"),
    [
        (("DHCPDISCOVER from {mac} via eth0",), MISSING, "DHCPOFFER", ("server", "client")),
        (
            ("DHCPDISCOVER from {mac} via eth0", "DHCPOFFER on 10.0.0.5 to {mac} via eth0"),
            MISSING,
            "DHCPREQUEST",
            ("client", "server"),
        ),
        (("DHCPREQUEST for 10.0.0.5 from {mac} via eth0",), MISSING, "DHCPACK", ("server", "client")),
        (
            ("DHCPDISCOVER from {mac} via eth0: network 10.0.0.0/24: no free leases",),
            BROKEN,
            "DHCPDISCOVER",
            ("client", "server"),
        ),
        (
            ("DHCPREQUEST for 10.0.0.5 from {mac} via eth0: wrong network.", "DHCPNAK on 10.0.0.5 to {mac} via eth0"),
            BROKEN,
            "DHCPNAK",
            ("server", "client"),
        ),
    ],
    ids=["no offer", "offer not taken", "no answer to a request", "no free lease", "refused"],
)
def test_the_broken_step_is_marked_with_its_reason(said, kind, message, way) -> None:
    found = drawn(*(each.format(mac=MAC) for each in said))
    wrong = [rung for rung in found.rungs if rung.kind != "said"]
    assert [(rung.kind, rung.message, (rung.source, rung.target)) for rung in wrong] == [(kind, message, way)]
    assert wrong[0].why is not None


def test_a_relay_without_a_log_is_a_party_that_says_nothing() -> None:
    found = drawn(f"DHCPDISCOVER from {MAC} via 192.168.1.254", f"DHCPOFFER on 192.168.1.10 to {MAC} via 192.168.1.254")
    assert found.parties == ("client", "relay", "server")
    assert ways(found)[0] == ("DHCPDISCOVER", "client", "server")


def test_with_the_relays_log_its_lines_are_the_clients_side() -> None:
    found = drawn(
        f"Forwarded BOOTREQUEST for {MAC} to 192.168.0.1",
        f"DHCPDISCOVER from {MAC} via 192.168.1.254",
        f"DHCPOFFER on 192.168.1.10 to {MAC} via 192.168.1.254",
    )
    assert ways(found) == [
        ("Forwarded BOOTREQUEST", "client", "relay"),
        ("DHCPDISCOVER", "relay", "server"),
        ("DHCPOFFER", "server", "relay"),
        ("Forwarded BOOTREPLY", "relay", "client"),
    ]
    assert found.rungs[-1].kind == MISSING
