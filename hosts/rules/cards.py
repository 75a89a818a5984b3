"""The facts of a host in; what each MAC of it belongs to out: its interfaces, and the functions it gives to guests."""

from __future__ import annotations

from hosts.facts.report import HostReport

NO_MAC = ("", "00:00:00:00:00:00", "fe:ff:ff:ff:ff:ff")


def cards_of(report: HostReport | None) -> dict[str, str]:
    """ "eth0", or "eth0 VF 3", by the MAC in lower case."""
    found: dict[str, str] = {}
    for link in (report.links if report else None) or ():
        found |= {mac.lower(): link.name for mac in (link.mac, link.permanent_mac) if mac.lower() not in NO_MAC}
        found |= {vf.mac.lower(): f"{link.name} VF {vf.index}" for vf in link.vfs if vf.mac.lower() not in NO_MAC}
    return found
