"""The checks of a server before and after an edit in; what the edit is refused for out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dhcp.facts.check import Check
from hosts.choices import Severity

_SLIPS = frozenset(
    {
        "dhcp.mac.twice",
        "dhcp.client-id.twice",
        "dhcp.address.in-range",
        "dhcp.address.outside",
        "dhcp.address.name",
        "dhcp.range.reversed",
        "dhcp.time.min-max",
        "dhcp.number.octal",
        "dhcp.number.wraps",
    }
)
"""A server starts with these, and then does something else than was meant: nobody types them on purpose."""
_LATER = frozenset({"dhcp.subnet.none"})
"""A server is made before its first subnet; such a file is refused when it is to be sent."""


def added(before: Iterable[Check], after: Iterable[Check]) -> list[Check]:
    """What was not there before, however its place is called now."""
    known = Counter((each.finding.id, each.finding.subject) for each in before)
    found = []
    for each in after:
        key = (each.finding.id, each.finding.subject)
        if known[key]:
            known[key] -= 1
        else:
            found.append(each)
    return found


def refused(checks: Iterable[Check]) -> list[Check]:
    """Those that an edit must not bring in, the ones that stop a server before those that are slips."""
    grave = [each for each in checks if each.finding.severity == Severity.CRITICAL and each.finding.id not in _LATER]
    return grave + [each for each in checks if each.finding.id in _SLIPS]
