"""A server of Kea for IPv6 in; where clients would throw its leases away out.

Source: RFC 8415, 21.6: a client discards an address whose preferred lifetime is longer than its valid one. Kea's own
preferred lifetime is an hour, whatever the valid one is; dhcpd takes five eighths of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from dhcp.facts.check import Check
from dhcp.facts.server import Server, Settings
from dhcp.facts.walk import walk
from dhcp.rules.advice import check
from dhcp.rules.preflight import place_of

USUAL = 3600
NAME = "preferred-lifetime"


def preferred(server: Server) -> Iterator[Check]:
    """Where the lease time, or the preferred one, is said itself and the two contradict each other."""
    for step in walk(server, clients=False):
        own, valid = step.declaration.settings, step.settings.times.default
        says = own.times.default is not None or _said(own) is not None
        seconds = _said(step.settings)
        seconds = USUAL if seconds is None else seconds
        if says and valid is not None and valid < seconds:
            yield check("dhcp.time.preferred", place_of(step.declaration, "default"), f"{valid} < {seconds}")


def _said(settings: Settings) -> int | None:
    written = [each.value for each in (*settings.parameters, *settings.kea) if each.name == NAME]
    return int(written[-1]) if written and written[-1].isdecimal() else None
