"""An interface, and the network of a relay by choice, in; a command out that succeeds where a DISCOVER gets an OFFER.

It takes no lease: nothing follows the OFFER, and the server forgets it after a while. dhcpd, dhcrelay and Kea read the
wire itself, also what their own host sends, so that the command may run on a client's host, on the relay, or on the
server: with `giaddr` it asks as the relay of that address would, and so shows as well that the server has a way back.
Needs perl (perl-base, on every Debian) and root.
"""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

from hosts.facts.change import Command

TEST_CLIENT = "02:52:44:00:00:01"
"""A locally administered MAC that no machine has."""


@cache
def _perl() -> str:
    return Path(__file__).with_name("on_host").joinpath("probe.pl").read_text()


def probe(interface: str, *, giaddr: str = "", mac: str = TEST_CLIENT, seconds: int = 15) -> Command:
    """For a bundle's `verify`. Ends with 0 after an OFFER, 1 without one in `seconds`, 2 where it cannot ask.

    `mac` may be that of a reservation, where the pools are for known clients only. ValueError for a `giaddr` that is
    no IPv4 address.
    """
    relay = str(IPv4Address(giaddr)) if giaddr else "-"
    argv = ("perl", "-e", _perl(), "--", interface, mac, relay, str(seconds))  # else "-e..." would be perl's own option
    return Command(argv, timeout_seconds=seconds + 10)
