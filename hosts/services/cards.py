"""Facts of hosts in, whose a MAC is out: kept apart from the facts, which nobody can search through."""

from __future__ import annotations

from collections.abc import Iterable

from hosts.facts.report import HostReport
from hosts.models import Host, NetworkCard, User
from hosts.rules.cards import cards_of

LONGEST_MAC, LONGEST_NAME = 60, 60
_AT_ONCE = 500


def keep_cards(host: Host, report: HostReport) -> None:
    """The host has these and no others. Called inside the transaction of its facts."""
    wanted = {mac: name[:LONGEST_NAME] for mac, name in cards_of(report).items() if len(mac) <= LONGEST_MAC}
    known = dict(NetworkCard.objects.filter(host=host).values_list("mac", "name"))
    if wanted == known:
        return
    NetworkCard.objects.filter(host=host).exclude(mac__in=wanted).delete()
    NetworkCard.objects.bulk_create(
        [NetworkCard(host=host, mac=mac, name=name) for mac, name in wanted.items()],
        update_conflicts=True,
        unique_fields=["host", "mac"],
        update_fields=["name"],
    )


def cards_with(macs: Iterable[str], user: User) -> dict[str, NetworkCard]:
    """By MAC, of hosts that the person may see; of a MAC that two hosts show the one seen first."""
    wanted = sorted({mac.lower() for mac in macs if mac})
    found: dict[str, NetworkCard] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = NetworkCard.objects.visible_to(user).filter(mac__in=wanted[start : start + _AT_ONCE])
        for row in rows.select_related("host").order_by("-pk"):
            found[row.mac] = row
    return found
